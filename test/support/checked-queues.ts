import type { SessionView } from '../../src/ports/sessions.ts';

interface Queueing {
  queued(): { readonly messages: number; readonly octets: number };
  sessions(): Iterable<SessionView>;
}

/** Throws where the running totals of what waits are not what adding up the sessions gives. */
export function checkQueues(core: Queueing): void {
  let waiting = 0;
  for (const view of core.sessions()) {
    waiting += view.waiting;
  }
  const { messages, octets } = core.queued();
  if (messages !== waiting || octets < 0 || (messages === 0 && octets !== 0)) {
    throw new Error(`${waiting} messages wait; the totals are ${messages} messages and ${octets} octets`);
  }
}
