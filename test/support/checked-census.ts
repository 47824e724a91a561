import { isDeepStrictEqual } from 'node:util';
import type { Census, SessionSummary } from '../../src/ports/sessions.ts';

interface Counting {
  census(): Census;
  clientIds(): Iterable<string>;
  summary(clientId: string): SessionSummary | undefined;
}

/** Throws where the running totals of a core are not what counting its sessions gives. */
export function checkCensus(core: Counting): void {
  const counted: Record<string, number> = {};
  for (const clientId of core.clientIds()) {
    const { transport, state } = core.summary(clientId) ?? { transport: '', state: '' };
    counted[`${transport} ${state}`] = (counted[`${transport} ${state}`] ?? 0) + 1;
  }
  const told = Object.fromEntries(
    [...core.census()].flatMap(([transport, states]) =>
      Object.entries(states).flatMap(([state, count]) => (count === 0 ? [] : [[`${transport} ${state}`, count]])),
    ),
  );
  if (!isDeepStrictEqual(told, counted)) {
    throw new Error(`The census says ${JSON.stringify(told)}, the sessions are ${JSON.stringify(counted)}`);
  }
}
