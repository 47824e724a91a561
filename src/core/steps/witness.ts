/** The gateway's own connection as the witness of what becomes of others (I-40): whether the broker was there, and how soon it is tried again. */

import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Turn } from './turn.ts';

/** What clients are sent away for where the broker is not there, in the log. */
export const UNREACHABLE = 'the broker cannot be reached';

/** Why a publish or subscription is refused that the broker, or the hub for it, has answered. */
export function refusedBy(unreachable: true | undefined): string {
  return unreachable ? UNREACHABLE : 'the broker refused it';
}

/** Longest pause of the own connection while somebody waits for the broker who must not wait long. */
const URGENT_PAUSE: Millis = 5_000;

/** Shortest time between the beginnings of two attempts of the own connection, however many grace times end. */
const SHORTEST_PAUSE: Millis = 1_000;

/** Whether the own connection has stood throughout, from `since` on: whatever fell meanwhile fell alone. */
export function ownStoodSince(since: Millis, turn: Turn): boolean {
  const { phase, upSince } = turn.shared.gatewayLink.upstream;
  return phase === 'up' && upSince <= since;
}

/**
 * The same, and it came up before `time`, not in that moment: else the connection beside it may have had no quiet second, which tells other reasons for
 * its end apart (I-70).
 */
export function ownStoodBefore(time: Millis, turn: Turn): boolean {
  const { phase, upSince } = turn.shared.gatewayLink.upstream;
  return phase === 'up' && upSince < time;
}

/** Whether the own connection stands, and did not at that time: an attempt of then says nothing of now. */
function ownCameBackSince(since: Millis, turn: Turn): boolean {
  const { phase, upSince } = turn.shared.gatewayLink.upstream;
  return phase === 'up' && upSince > since;
}

/** Whether the broker is there, and was not at that time, as the own connection or that of a client has found out (I-40). */
export function cameBackSince(since: Millis, turn: Turn): boolean {
  const { anyUp, foundAt } = turn.shared.reachability;
  return ownCameBackSince(since, turn) || (anyUp && foundAt > since);
}

/** Attempts in a row that the broker closes on CONNECT before that is refused (I-43). */
export const CLOSED_LIMIT = 2;

/** Whether the broker has closed an attempt on CONNECT, which it has got, while the own connection stood (I-43). `begunAt`: of the attempt. */
export function closedOnConnect({ ours, unsent }: UpstreamLost, begunAt: Millis, turn: Turn): boolean {
  return !ours && !unsent && ownStoodSince(begunAt, turn);
}

/** Somebody waits for the broker until `until`: meanwhile it is tried every five seconds at least. */
export function urge(until: Millis, turn: Turn): void {
  const { reachability, gatewayLink } = turn.shared;
  reachability.urgentUntil = Math.max(reachability.urgentUntil, until);
  const next = turn.deadlines.get(gatewayLink, 'reconnect');
  if (next !== undefined && next > turn.now + URGENT_PAUSE) {
    turn.deadlines.set(gatewayLink, 'reconnect', turn.now + URGENT_PAUSE);
  }
}

/**
 * A grace time is over and the broker is away: the own connection's attempt decides, the one that is under way or one that begins now, a
 * second after the last one at the earliest. When that is (I-41).
 */
export function askBroker(turn: Turn): Millis {
  const { gatewayLink } = turn.shared;
  const { phase, begunAt } = gatewayLink.upstream;
  if (phase !== 'waiting') {
    return turn.now;
  }
  const next = turn.deadlines.get(gatewayLink, 'reconnect') ?? Number.POSITIVE_INFINITY;
  const at = Math.max(turn.now, begunAt + SHORTEST_PAUSE);
  if (next <= at) {
    return next;
  }
  turn.deadlines.set(gatewayLink, 'reconnect', at);
  return at;
}

/** A pause of the own connection, shortened where somebody waits. */
export function ownPause(pause: Millis, turn: Turn): Millis {
  return turn.now < turn.shared.reachability.urgentUntil ? Math.min(pause, URGENT_PAUSE) : pause;
}
