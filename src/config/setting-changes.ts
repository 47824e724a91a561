/** What is different where settings and pre-defined topics are read again (I-112): what counts at once, and what needs a restart. */

import { credentialsText } from './credentials-text.ts';
import { isLiveName } from './live-settings.ts';
import type { LoadedSettings } from './load.ts';
import type { PredefinedTopics } from './predefined-topics-file.ts';
import type { Settings, TransportSettings } from './schema.ts';
import { secretFileOf } from './secret-files.ts';
import { ANY_INDEX, pathText, SETTINGS, type Setting, type SettingPath } from './setting-list.ts';
import { type TopicChanges, topicChanges } from './topic-changes.ts';
import { valueAt } from './value-at.ts';
import { valueText } from './value-text.ts';

/** They count as a whole. */
const ACCESS = 'access';

/** What is in the file counts, too. */
const CREDENTIALS = 'upstream.credentials';

/** Secrets that count at once, but are of use only beside what needs a restart. */
const BESIDE: Readonly<Record<string, readonly SettingPath[]>> = {
  'upstream.password': [
    ['upstream', 'url'],
    ['upstream', 'username'],
  ],
  'upstream.psk.key': [
    ['upstream', 'url'],
    ['upstream', 'psk', 'identity'],
  ],
};

/** One setting that counts with another value. `from` and `to`: for people; undefined where it is a secret, or the content of a file. */
export interface SettingChange {
  /** Path, such as `clients.maxInflight`. */
  readonly setting: string;
  readonly what: 'value' | 'secret' | 'file';
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface SettingChanges {
  /** What counts from now on: of settings that need a restart the value with which the gateway runs. */
  readonly settings: Settings;
  readonly predefinedTopics: PredefinedTopics;
  readonly pskKeys: LoadedSettings['pskKeys'];
  readonly credentials: LoadedSettings['credentials'];
  readonly changed: readonly SettingChange[];
  readonly topics: TopicChanges;
  /** Paths of settings that are another in the files than in the gateway, and need a restart. */
  readonly needsRestart: readonly string[];
}

type Loaded = Pick<
  LoadedSettings,
  'settings' | 'origins' | 'predefinedTopics' | 'contents' | 'pskKeys' | 'credentials'
>;

/** `running`: what counts now. `loaded`: what the files say. */
export function settingChanges(running: Loaded, loaded: Loaded): SettingChanges {
  const settings = structuredClone(running.settings) as Settings;
  const changed: SettingChange[] = [];
  const needsRestart: string[] = [];
  // What nobody has written follows from other settings, which are named.
  const isDerived = (name: string): boolean =>
    [running, loaded].every(({ origins }) => (origins.get(name) ?? 'default') === 'default');
  const look = (setting: Setting, path: SettingPath): void => {
    const [before, after] = [valueAt(running.settings, path), valueAt(loaded.settings, path)];
    if (isSame(before, after)) {
      const name = pathText(path);
      if (running.contents.get(name) !== loaded.contents.get(name)) {
        changed.push({ setting: name, what: 'file', from: undefined, to: undefined });
      }
    } else if (countsAtOnce(setting, path, running.settings, loaded.settings)) {
      setAt(settings, path, after);
      changed.push(changeOf(setting, path, before, after));
    } else if (!isDerived(pathText(path))) {
      needsRestart.push(pathText(path));
    }
  };
  const lookAtList = (list: string): void => {
    const path = list.split('.');
    if (!isLiveName(list) || opensPage(path, running.settings, loaded.settings)) {
      needsRestart.push(list);
      return;
    }
    setAt(settings, path, valueAt(loaded.settings, path));
    changed.push(listChange(list, valueAt(running.settings, path), valueAt(loaded.settings, path)));
  };
  const single = SETTINGS.filter(({ path }) => !path.includes(ANY_INDEX) && path[0] !== ACCESS);
  for (const setting of single) {
    look(setting, setting.path);
  }
  for (const list of listsOfMaps()) {
    if (
      list !== 'transports' &&
      !list.startsWith(ACCESS) &&
      !isSame(valueAt(running.settings, list.split('.')), valueAt(loaded.settings, list.split('.')))
    ) {
      lookAtList(list);
    }
  }
  needsRestart.push(...lookAtTransports(running.settings.transports, loaded.settings.transports, look));
  if (!isSame(running.settings.access, loaded.settings.access)) {
    setAt(settings, [ACCESS], loaded.settings.access);
    changed.push(accessChange(running.settings, loaded.settings));
  }
  const { credentials } = loaded;
  if (!isSame(running.credentials, credentials)) {
    changed.push(...credentialsChange(running.credentials, credentials, changed));
  }
  const topics = topicChanges(running.predefinedTopics, loaded.predefinedTopics);
  const { predefinedTopics, pskKeys } = loaded;
  return { settings, predefinedTopics, pskKeys, credentials, changed, topics, needsRestart };
}

/** Rules are told of by their number. */
function accessChange(before: Settings, after: Settings): SettingChange {
  const textOf = ({ access }: Settings): string =>
    access === undefined ? 'not set' : `${access.rules.length + access.fileRules.length} rules, else ${access.default}`;
  return { setting: ACCESS, what: 'value', from: textOf(before), to: textOf(after) };
}

/** Rules are told of by their number, and by the names of those that are others now; a file that is another one has been told of. */
function credentialsChange(
  before: LoadedSettings['credentials'],
  after: LoadedSettings['credentials'],
  told: readonly SettingChange[],
): readonly SettingChange[] {
  if (told.some(({ setting }) => setting === CREDENTIALS)) {
    return [];
  }
  const [from, to] = [credentialsText(before), credentialsText(after)];
  return [
    from === to
      ? { setting: CREDENTIALS, what: 'file', from: undefined, to: undefined }
      : { setting: CREDENTIALS, what: 'value', from, to },
  ];
}

/** A secret that stands in a file of its own, or that is looked at for each connection, may be another one while the gateway runs; where nothing that goes with it waits for a restart. */
function countsAtOnce({ path: name, kind }: Setting, path: SettingPath, before: Settings, after: Settings): boolean {
  const stays = (at: SettingPath): boolean => isSame(valueAt(before, at), valueAt(after, at));
  const file = secretFileOf(path);
  const beside = BESIDE[pathText(path)];
  const isReplaced =
    kind.secret === true && stays(file) && (beside !== undefined || valueAt(after, file) !== undefined);
  const live = isReplaced || (isLiveName(pathText(name)) && beside === undefined);
  return live && (beside ?? []).every(stays) && !opensPage(path, before, after);
}

/**
 * Whether the last credentials of the status page go: nobody would be asked who he is any more, at an address that was only opened because
 * somebody is. That needs a restart, which looks at both.
 */
function opensPage(path: SettingPath, before: Settings, after: Settings): boolean {
  const isAsked = ({ http }: Settings): boolean => http.users.length > 0 || http.token !== undefined;
  const isOfUsers = path[1] === 'users' || path[1] === 'token' || path[1] === 'tokenFile';
  return path[0] === 'http' && isOfUsers && isAsked(before) && !isAsked(after);
}

/** A list is told of by the names of its entries; where those are the same, what has changed of them is secret. */
function listChange(setting: string, before: unknown, after: unknown): SettingChange {
  const names = (list: unknown): string =>
    (Array.isArray(list) ? list : []).map(({ name }: { readonly name: string }) => name).join(', ') || 'none';
  const [from, to] = [names(before), names(after)];
  return from === to
    ? { setting, what: 'secret', from: undefined, to: undefined }
    : { setting, what: 'value', from, to };
}

/** Another number of transports, one of another type, or in the place of another, is another gateway: nothing of them counts before a restart. */
function lookAtTransports(
  running: readonly TransportSettings[],
  loaded: readonly TransportSettings[],
  look: (setting: Setting, path: SettingPath) => void,
): string[] {
  if (
    running.length !== loaded.length ||
    running.some(({ type }, at) => type !== loaded[at]?.type) ||
    running.some((one, at) => loaded.some((other, place) => place !== at && isSameTransport(one, other)))
  ) {
    return ['transports'];
  }
  for (const [index, { type }] of running.entries()) {
    for (const setting of SETTINGS) {
      if (setting.path[0] === 'transports' && setting.variant === type) {
        look(
          setting,
          setting.path.map((key) => (key === ANY_INDEX ? index : key)),
        );
      }
    }
  }
  return [];
}

/** By what it is called, or where it is: who has it in another place of the list has moved it. */
function isSameTransport(one: TransportSettings, other: TransportSettings): boolean {
  const placeOf = (transport: TransportSettings): unknown =>
    ['host', 'port', 'path'].map((key) => valueAt(transport, [key]));
  const isSomewhere = 'path' in one || ('port' in one && one.port !== 0);
  return (
    (one.name !== undefined && one.name === other.name) ||
    (isSomewhere && one.type === other.type && isSame(placeOf(one), placeOf(other)))
  );
}

/** Lists whose entries have settings of their own, such as `http.users`. */
function listsOfMaps(): ReadonlySet<string> {
  return new Set(
    SETTINGS.flatMap(({ path }) => {
      const at = path.indexOf(ANY_INDEX);
      return at < 0 ? [] : [pathText(path.slice(0, at))];
    }),
  );
}

function changeOf(setting: Setting, path: SettingPath, before: unknown, after: unknown): SettingChange {
  const name = pathText(path);
  return setting.kind.secret === true
    ? { setting: name, what: 'secret', from: undefined, to: undefined }
    : { setting: name, what: 'value', from: valueText(setting, before), to: valueText(setting, after) };
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function setAt(settings: Settings, path: SettingPath, value: unknown): void {
  const place = valueAt(settings, path.slice(0, -1)) as Record<string | number, unknown>;
  place[path.at(-1) ?? ''] = value;
}
