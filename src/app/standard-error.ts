/** What the command line knows of its outputs. */
import type { LogOutput } from '../observe/log-output.ts';
import { standardError } from '../observe/standard-output.ts';
import { systemClock } from './system-clock.ts';

export { isJournal } from '../observe/standard-output.ts';

/** Standard error for any number of lines: what nobody reads is lost, and told when somebody reads again. */
export function standardErrorLines(): LogOutput {
  return standardError(systemClock);
}
