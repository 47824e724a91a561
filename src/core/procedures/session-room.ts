/**
 * How many clients there may be (S-7, N-1, I-22, I-49). Sessions have one limit, and clients that are still in the will dialogue of their first
 * CONNECT another, so that strangers who begin and never finish take no session from anybody. Neither has quotas: many sensors may share one
 * address. Where room is needed it is made at the host that has most.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import { hostKey, type Path } from '../state/path.ts';
import { type Session, where } from '../state/session.ts';
import { abandonAttempt, endSession } from '../steps/endings.ts';
import { forget } from '../steps/forgetting.ts';
import { mayGiveWay } from '../steps/giving-way.ts';
import { partDone } from '../steps/parts.ts';
import type { Refusal } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';

/** Why there is no room for another session from this path; undefined: there is, or can be made. Changes nothing. */
export function roomRefusal(path: Path, turn: Turn): Refusal | undefined {
  const { admitted, held } = turn.directory;
  if (held.size >= turn.settings.sessions.limit) {
    return { returnCode: RETURN_CODE.congestion, reason: `${held.size} clients wait for the disk` };
  }
  if (admitted < turn.settings.sessions.limit || candidate(path, turn) || isInReserve(path, turn)) {
    return undefined;
  }
  return { returnCode: RETURN_CODE.congestion, reason: `there are ${admitted} sessions already` };
}

/** Makes room for another session from this path where there is none; why not, where it cannot be made. */
export function makeRoom(path: Path, turn: Turn): Refusal | undefined {
  const { directory, settings } = turn;
  const { limit } = settings.sessions;
  while (directory.admitted >= limit && directory.held.size < limit) {
    const session = candidate(path, turn);
    if (session === undefined) {
      break;
    }
    if (mayGiveWay(session)) {
      turn.current = session;
      turn.note({ type: 'session-expired', ...where(session), reason: 'room was made for another client' });
      forget(session, turn);
      partDone(turn);
    } else {
      directory.withdraw(session);
    }
  }
  return roomRefusal(path, turn);
}

/**
 * One host has more than half of all sessions, and none to give: hosts that have few (of a hundred places less than one) share an eighth more, so that
 * it locks nobody out. Nothing is forgotten for that: a subscription, once acknowledged, is kept.
 */
function isInReserve(path: Path, { directory, settings }: Turn): boolean {
  const { limit } = settings.sessions;
  const host = hostKey(path);
  const crowding = directory.hostAbove(limit / 2);
  const isFew = directory.countOf(host) * 100 < limit;
  return crowding !== undefined && crowding !== host && isFew && directory.admitted < limit + Math.floor(limit / 8);
}

/**
 * Nobody makes room at a host that has less than his own has: a flood pushes out its own. What belongs to an identity gives way to that one alone
 * (I-117).
 */
function candidate(path: Path, turn: Turn): Session | undefined {
  const host = hostKey(path);
  const first = turn.directory.givesWayTo(host);
  return first === undefined || first.count < turn.directory.countOf(host) ? undefined : first.entry;
}

/** A client without a session begins a will dialogue: where there are too many of them, the oldest of the host that has most is given up. */
export function beginDialogue(session: Session, turn: Turn): void {
  turn.directory.addHalfOpen(session);
  const { halfOpen } = turn.directory;
  for (let surplus = halfOpen.size - turn.settings.sessions.maxHalfOpen; surplus > 0; surplus--) {
    const oldest = halfOpen.first?.entry;
    if (oldest === undefined || oldest === session) {
      return;
    }
    turn.current = oldest;
    turn.note({ type: 'connect-abandoned', ...where(oldest), reason: 'too many will dialogues are under way' });
    abandonAttempt(oldest, turn);
    endSession(oldest, turn);
    partDone(turn);
  }
}

/** The will dialogue of a client is over: it needs a session from now on. Why it can have none; undefined: it has one. */
export function endDialogue(session: Session, turn: Turn): Refusal | undefined {
  if (!turn.directory.halfOpen.has(session)) {
    return undefined;
  }
  const refusal = makeRoom(session.path, turn);
  if (refusal === undefined) {
    turn.directory.admit(session);
  }
  turn.current = session;
  return refusal;
}
