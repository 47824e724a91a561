import type { RestoredRecord } from '../core/contract/stored-records.ts';
import type { Millis } from '../ports/clock.ts';

/** The latest time that a store knows of: the running time is stored now and then only. */
export function latestTime(records: readonly RestoredRecord[]): Millis {
  let latest = 0;
  for (const record of records) {
    if (record.kind === 'runtime') {
      latest = Math.max(latest, record.millis);
    } else if (record.kind === 'session') {
      latest = Math.max(latest, record.lastHeard, record.goneSince ?? 0);
    } else if (record.kind === 'message' || record.kind === 'withheld') {
      latest = Math.max(latest, record.at);
    }
  }
  return latest;
}
