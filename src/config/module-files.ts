import { accessSync, constants, statSync } from 'node:fs';
import type { Complaint } from './issue-problem.ts';
import type { SettingPath } from './setting-list.ts';
import type { SettingsTree } from './settings-tree.ts';
import { reasonOf } from './text-file.ts';

/** One complaint for each module that is not there. `absolute`: the path that is meant by what is written at a place. */
export function moduleComplaints(
  tree: Pick<SettingsTree, 'valueAt'>,
  absolute: (path: SettingPath, written: string) => string,
): Complaint[] {
  const transports = tree.valueAt(['transports']);
  return (Array.isArray(transports) ? [...transports.keys()] : []).flatMap((index): Complaint[] => {
    const path = ['transports', index, 'module'];
    const written = tree.valueAt(['transports', index, 'type']) === 'module' ? tree.valueAt(path) : undefined;
    if (typeof written !== 'string' || written === '') {
      return [];
    }
    const reason = unreadable(absolute(path, written));
    return reason === undefined
      ? []
      : [{ path, others: [], part: 'value', message: `cannot load the module ${written}: ${reason}` }];
  });
}

function unreadable(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile() ? undefined : 'it is no file';
  } catch (error) {
    return reasonOf(error);
  }
}
