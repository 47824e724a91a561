/** Where sessions are kept, and where they may have been kept before. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathText, SETTINGS, type SettingPath } from './setting-list.ts';
import type { Assignment } from './settings-tree.ts';

/** Set by systemd where a unit has `StateDirectory=`: folders that are the service's own, separated by colons. */
const STATE_VARIABLE = 'STATE_DIRECTORY';

export const SESSIONS_PATH: SettingPath = ['sessions', 'path'];

/** The first folder of `STATE_DIRECTORY` as default of `sessions.path`: put before whatever else the environment sets. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>>): Assignment | undefined {
  const [folder = ''] = (environment[STATE_VARIABLE] ?? '').split(':');
  return folder === ''
    ? undefined
    : { path: SESSIONS_PATH, value: folder, origin: 'environment', source: STATE_VARIABLE };
}

export interface SessionsPlace {
  /** `sessions.path` as it was written, or comes from the environment. */
  readonly written: unknown;
  /** Name of the variable that it comes from. */
  readonly source: string | undefined;
  /** The folder that is used. */
  readonly used: string;
  /** The file with the settings, as the user named it. */
  readonly file: string | undefined;
  readonly workingFolder: string;
  /** Folders in which the gateway may have been started before. */
  readonly startFolders: readonly string[];
}

/**
 * Folders in which the sessions may be instead of the one that is used: a relative path, and the default that `STATE_DIRECTORY` replaces,
 * depend on where the gateway was started, and with which file. None where the path is absolute, or no path.
 */
export function otherSessionFolders(place: SessionsPlace): readonly string[] {
  const { written, source, used, file, workingFolder, startFolders } = place;
  const name = written === undefined || source === STATE_VARIABLE ? defaultPath() : written;
  if (typeof name !== 'string' || isAbsolute(name) || name === 'memory') {
    return [];
  }
  const beside = file === undefined ? [] : [dirname(resolve(workingFolder, file))];
  const folders = [workingFolder, ...beside, ...startFolders].map((folder) => resolve(folder, name));
  return [...new Set(folders)].filter((folder) => folder !== used);
}

function defaultPath(): unknown {
  return SETTINGS.find(({ path }) => pathText(path) === pathText(SESSIONS_PATH))?.defaultValue;
}
