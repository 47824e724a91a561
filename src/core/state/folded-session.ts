/**
 * A session whose client sleeps, or is away, is two strings (fold.ts), of which one is that of many: most sessions are that, most of the time, and what a session is made of takes ten
 * times as much memory. Only one that has nothing under way is folded, and whatever is asked of it unfolds it. Nothing is lost on the way: what cannot be
 * written keeps it from being folded.
 */

import type { ClientState } from '../contract/client-state.ts';
import type { Millis } from '../contract/link.ts';
import { type Folded, Folding, Unfolding } from '../topics/fold.ts';
import { TopicRegistry } from '../topics/topic-registry.ts';
import { foldFinished, unfoldFinished } from './client-publish-state.ts';
import { foldConnection, unfoldConnection } from './folded-connection.ts';
import type { Path } from './path.ts';
import { SessionParts } from './session-parts.ts';
import { newSleepState, type SleepState } from './sleep-state.ts';
import type { WrittenSession } from './stored-state.ts';
import type { WillState } from './will.ts';

/** Whoever may be folded up. */
export type Foldables = Set<{ fold(now: Millis): void }>;

/** In the place of what is not folded. */
export const NOT_FOLDED: Folded = { shape: '', values: '' };

/** What of a session is never folded, and stays as it is while the rest is. */
export interface Unfolded {
  readonly path: Path;
  readonly state: ClientState;
  readonly will: WillState;
}

const OWN = [
  ...(['isNew', 'cleanSession', 'keepAlive', 'lastHeard', 'heard', 'undelivered', 'held', 'probes'] as const),
  ...(['asksClean', 'lastTopic', 'lastOctets'] as const),
] as const;

const COUNTERS = ['published', 'delivered', 'dropped'] as const;

const SLEEP = ['duration', 'until', 'delivered', 'barrier', 'silences', 'over', 'broker'] as const;

const WRITTEN = [
  ...(['pathKey', 'state', 'cleanSession', 'keepAlive', 'sleepDuration', 'lastHeard', 'epoch', 'msgIdsTo'] as const),
  ...(['mount', 'prefix', 'subscriptionsDoubted', 'shared', 'ownSince', 'owesSession', 'bridged', 'identity'] as const),
] as const;

const STORED = ['erase', 'unsynced'] as const;

/** As all are before anything happens: what differs from it is written. */
const FRESH = new SessionParts(new TopicRegistry(0, 0));
const FRESH_SLEEP = newSleepState(0);

/** The parts of a session as strings; undefined: something is under way, or cannot be written. */
export function fold(parts: SessionParts, unfolded: Unfolded): Folded | undefined {
  const { stored, sleep, topics, subscribing, msgIds, upstream, counters } = parts;
  const isWillStored = stored.will !== undefined;
  const isUnderWay = parts.attempt ?? parts.accepted ?? parts.willUpdate ?? parts.farewell;
  const { repeatable } = parts;
  if (
    isUnderWay !== undefined ||
    repeatable === undefined ||
    !upstream.isIdle ||
    (isWillStored && !isSameWill(stored.will, unfolded.will))
  ) {
    return undefined; // before many names are written for nothing
  }
  const folding = new Folding();
  folding.fields(parts, FRESH, OWN);
  folding.fields(counters, FRESH.counters, COUNTERS);
  topics.fold(folding);
  msgIds.fold(folding);
  foldConnection(upstream, folding);
  subscribing.fold(folding);
  foldFinished(repeatable, folding);
  folding.list(sleep === undefined ? [] : [true]);
  folding.fields<SleepState>(sleep ?? FRESH_SLEEP, FRESH_SLEEP, SLEEP);
  folding.fields(stored, FRESH.stored, STORED);
  folding.list(stored.session === undefined ? [isWillStored] : [isWillStored, true]);
  const likely = likelyWritten(parts, unfolded);
  folding.fields<WrittenSession>(stored.session ?? likely, likely, WRITTEN);
  return folding.folded;
}

/** The parts of a session as they were. */
export function unfold(folded: Folded, unfolded: Unfolded): SessionParts {
  const unfolding = new Unfolding(folded);
  const parts = new SessionParts(new TopicRegistry(0, 0));
  unfolding.fields(parts, OWN);
  unfolding.fields(parts.counters, COUNTERS);
  parts.topics.unfold(unfolding);
  parts.msgIds.unfold(unfolding);
  unfoldConnection(parts.upstream, unfolding);
  parts.subscribing.unfold(unfolding);
  parts.repeat(unfoldFinished(unfolding));
  const [sleeps] = unfolding.list();
  const sleep = newSleepState(0);
  unfolding.fields<SleepState>(sleep, SLEEP);
  parts.sleep = sleeps === true ? sleep : undefined;
  unfolding.fields(parts.stored, STORED);
  const [isWillStored, isStored] = unfolding.list();
  const { topic, message } = unfolded.will;
  parts.stored.will = isWillStored === true ? { topic, message } : undefined;
  const written = likelyWritten(parts, unfolded);
  unfolding.fields<WrittenSession>(written, WRITTEN);
  parts.stored.session = isStored === true ? written : undefined;
  return parts;
}

function isSameWill(one: Pick<WillState, 'topic' | 'message'> | undefined, other: WillState): boolean {
  return one?.topic === other.topic && one?.message === other.message;
}

/** What the store is likely to have of the session: what is written here is where it has something else. */
function likelyWritten(parts: SessionParts, { path, state }: Unfolded): WrittenSession {
  const { cleanSession, keepAlive, lastHeard, sleep, topics, msgIds, upstream } = parts;
  return {
    pathKey: path.key,
    state,
    cleanSession,
    keepAlive,
    sleepDuration: sleep?.duration,
    lastHeard,
    epoch: topics.epoch,
    msgIdsTo: msgIds.reserved,
    mount: upstream.mount || undefined,
    prefix: upstream.prefix || undefined,
    subscriptionsDoubted: undefined,
    shared: upstream.shared || undefined,
    ownSince: upstream.ownSince,
    owesSession: undefined,
    bridged: undefined,
    identity: undefined,
  };
}

/** A session that was unfolded is not folded up again at once. */
export interface Pause {
  readonly length: Millis;
  /** Undefined: nobody has looked yet when that is. */
  until: Millis | undefined;
}

/** Octets of its strings, about, from which on it takes longer to make and to read than what else a frame costs. */
const LONG = 1_024;

const LONGEST_PAUSE: Millis = 60_000;

/** So many milliseconds as the strings are long; undefined: they are short, and cost little. */
export function pauseBehind({ shape, values }: Folded): Pause | undefined {
  const length = shape.length + values.length;
  return length < LONG ? undefined : { length: Math.min(length, LONGEST_PAUSE), until: undefined };
}
