/** The gateway's own connection as the witness of what becomes of others (I-40): whether the broker was there, and how soon it is tried again. */

import type { Millis } from '../contract/link.ts';
import type { Turn } from './turn.ts';

/** Longest pause of the own connection while somebody waits for the broker who must not wait long. */
const URGENT_PAUSE: Millis = 5_000;

/** Whether the own connection has stood throughout, from `since` on: whatever fell meanwhile fell alone. */
export function ownStoodSince(since: Millis, turn: Turn): boolean {
  const { phase, upSince } = turn.shared.gatewayLink.upstream;
  return phase === 'up' && upSince <= since;
}

/** Somebody waits for the broker until `until`: meanwhile it is tried every five seconds at least. */
export function urge(until: Millis, turn: Turn): void {
  const { reachability, gatewayLink } = turn.shared;
  reachability.urgentUntil = Math.max(reachability.urgentUntil, until);
  const next = gatewayLink.timers.get('reconnect');
  if (next !== undefined && next.at > turn.now + URGENT_PAUSE) {
    turn.deadlines.set(gatewayLink, 'reconnect', turn.now + URGENT_PAUSE);
  }
}

/** A pause of the own connection, shortened where somebody waits. */
export function ownPause(pause: Millis, turn: Turn): Millis {
  return turn.now < turn.shared.reachability.urgentUntil ? Math.min(pause, URGENT_PAUSE) : pause;
}
