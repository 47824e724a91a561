/** Which single settings there are in settings that are complete. */
import type { ParsedSettings, Settings } from './schema.ts';
import { ANY_INDEX, SETTINGS, type SettingPath } from './setting-list.ts';
import { valueAt } from './value-at.ts';

/** The paths of all single settings that settings can have: those of lists for each entry, those of optional parts only where they are present. */
export function settingPathsOf(settings: ParsedSettings | Settings): SettingPath[] {
  const paths: SettingPath[] = [];
  for (const [index, { path }] of SETTINGS.entries()) {
    const listDepth = path.indexOf(ANY_INDEX);
    if (path[0] === 'access') {
      paths.push(...pathsOfAccess(settings.access, path));
    } else if (listDepth === -1) {
      paths.push(path);
    } else if (path[0] === 'http') {
      paths.push(
        ...settings.http.users.map((_user, position) => path.map((key) => (key === ANY_INDEX ? position : key))),
      );
    } else if (SETTINGS[index - 1]?.path[0] !== path[0]) {
      paths.push(...pathsOfTransports(settings));
    }
  }
  return paths;
}

/** Of rules only what is there: nobody looks for the rest, of thousands. */
function pathsOfAccess(access: ParsedSettings['access'] | Settings['access'], path: readonly string[]): SettingPath[] {
  if (access === undefined || !path.includes(ANY_INDEX)) {
    return access === undefined ? [] : [path];
  }
  return access.rules
    .map((_rule: unknown, position: number) => path.map((key) => (key === ANY_INDEX ? position : key)))
    .filter((own) => valueAt({ access } as unknown as Settings, own) !== undefined);
}

function pathsOfTransports(settings: ParsedSettings | Settings): SettingPath[] {
  return settings.transports.flatMap((transport, index) => {
    const hasMulticast = 'multicast' in transport && transport.multicast !== undefined;
    const own = SETTINGS.filter(
      ({ path, variant }) => variant === transport.type && (path[2] !== 'multicast' || hasMulticast),
    );
    return own.map(({ path }) => path.map((key) => (key === ANY_INDEX ? index : key)));
  });
}
