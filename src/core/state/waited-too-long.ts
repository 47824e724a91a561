/** What the log says of a message that has waited in an aggregating gateway for longer than `sessions.queue.age`. */

import { formatDuration, type Millis } from '../contract/units.ts';

export function waitedTooLong(age: Millis): string {
  return `it has waited for too long (sessions.queue.age: ${formatDuration(age)})`;
}
