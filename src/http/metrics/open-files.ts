import { readdirSync, statSync } from 'node:fs';
import type { Millis } from '../../ports/clock.ts';

/** Where the kernel does not tell their number, they are counted no more often: that takes as long as there are files. */
const COUNTED_EACH: Millis = 60_000;

const FOLDER = '/proc/self/fd';

let countedAt: Millis = Number.NEGATIVE_INFINITY;
let counted: number | undefined;

/** Files and sockets that the process has open; undefined where the system does not tell. `now`: milliseconds on a clock that does not go back. */
export function openFiles(now: Millis): number | undefined {
  try {
    const { size } = statSync(FOLDER); // Linux 6.2 and newer
    if (size > 0) {
      return size;
    }
    if (now - countedAt >= COUNTED_EACH) {
      countedAt = now;
      counted = readdirSync(FOLDER).length - 1; // without the folder itself
    }
    return counted;
  } catch {
    return undefined;
  }
}
