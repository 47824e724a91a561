import type { SessionSummary } from '../../src/ports/sessions.ts';

interface Queueing {
  queued(): { readonly messages: number; readonly octets: number };
  clientIds(): Iterable<string>;
  summary(clientId: string): SessionSummary | undefined;
  readonly openPublishes: { readonly size: number; readonly octets: number };
}

/** Throws where the running totals of what waits are not what adding up the sessions gives. */
export function checkQueues(core: Queueing): void {
  let waiting = 0;
  let inFlight = 0;
  for (const clientId of core.clientIds()) {
    const summary = core.summary(clientId);
    waiting += summary?.waiting ?? 0;
    inFlight += summary?.inFlight ?? 0;
  }
  const { size, octets: taken } = core.openPublishes;
  if (size !== inFlight || taken < 0 || (size === 0 && taken !== 0)) {
    throw new Error(`${inFlight} publishes are under way; the totals are ${size} publishes and ${taken} octets`);
  }
  const { messages, octets } = core.queued();
  if (messages !== waiting || octets < 0 || (messages === 0 && octets !== 0)) {
    throw new Error(`${waiting} messages wait; the totals are ${messages} messages and ${octets} octets`);
  }
}
