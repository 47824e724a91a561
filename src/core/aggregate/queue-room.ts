/** How much may wait for clients of the shared connection (3.7 item 4), and what goes where it is too much. */

import type { Qos } from '../../codec/message.ts';
import type { Hub } from './hub.ts';
import { type Member, type Parcel, type SharedMessage, weightOf } from './member.ts';
import { dropWaiting, leave } from './parcels.ts';
import { isStoodFor } from './repetitions.ts';

const TOO_MUCH = 'too many messages wait for the client';
const TOO_MUCH_IN_ALL = 'too many messages wait for all clients together, most of them for this one';

/** What may wait for one client. */
interface MemberLimits {
  readonly queue: { readonly messages: number; readonly octets: number };
  readonly sleepBufferMessages: number;
  readonly sleepBufferOctets: number;
}

/** A limit, as the settings name it. */
type Limit =
  | 'sessions.queue.messages'
  | 'sessions.queue.octets'
  | 'sessions.sleepBufferMessages'
  | 'sessions.sleepBufferOctets';

/** Why a message could not wait even if nothing else did: all that waits would have to go for it (I-99). Undefined: it may. */
export function tooLargeToWait(message: SharedMessage, qos: Qos, { settings }: Hub): string | undefined {
  const { queue, sleepBufferOctets, sleepBufferOctetsInAll } = settings.sessions;
  const octets = weightOf({ message });
  const limits = [
    ['the client', 'sessions.queue.octets', queue.octets, true],
    ['the client', 'sessions.sleepBufferOctets', sleepBufferOctets, qos === 0],
    ['all clients together', 'sessions.queue.octetsInAll', queue.octetsInAll, true],
    ['all clients together', 'sessions.sleepBufferOctetsInAll', sleepBufferOctetsInAll, qos === 0],
  ] as const;
  const exceeded = limits.find(([, , most, counts]) => counts && octets > most);
  return exceeded && `it is larger than what may wait for ${exceeded[0]} (${exceeded[1]}: ${exceeded[2]})`;
}

/**
 * I-99. Where too much waits for a client its oldest goes: with QoS 0 where there is too much of that, or anything of it. Where too much waits for all
 * together the oldest of the client goes that has most. What may be waiting twice goes before that (I-161). What was above a limit before, for the limit is
 * lower now, stays (I-112). `before`: octets that waited for all clients before `added` came, of QoS 0 and of anything.
 */
export function makeRoom(
  member: Member,
  added: SharedMessage,
  before: { readonly qos0: number; readonly all: number },
  hub: Hub,
): void {
  const { queue, sleepBufferOctetsInAll } = hub.settings.sessions;
  if (exceeded(member, hub.settings.sessions)) {
    const most = mostFor(member, added, hub.settings.sessions);
    for (let limit = exceeded(member, most); limit; limit = exceeded(member, most)) {
      const next = nextOf(member, limit, hub);
      if (next === undefined) {
        break;
      }
      goes(next, added, TOO_MUCH, limitText(limit, hub), hub);
    }
  }
  while (hub.qos0Octets > Math.max(sleepBufferOctetsInAll, before.qos0) && hub.waitingQos0.first) {
    const limit = `sessions.sleepBufferOctetsInAll: ${sleepBufferOctetsInAll}`;
    goes(hub.waitingQos0.first.entry, added, TOO_MUCH_IN_ALL, limit, hub);
  }
  while (hub.queuedOctets > Math.max(queue.octetsInAll, before.all) && hub.waiting.first) {
    const next = hub.repetitions.first() ?? hub.waiting.first.entry;
    goes(next, added, TOO_MUCH_IN_ALL, `sessions.queue.octetsInAll: ${queue.octetsInAll}`, hub);
  }
}

function nextOf(member: Member, limit: Limit, hub: Hub): Parcel | undefined {
  const hasQos0 = member.traffic.qos0Messages > 0;
  const isOfQos0 = limit.startsWith('sessions.sleepBuffer');
  const twice = isOfQos0 ? undefined : hub.repetitions.first(member.clientId);
  return twice ?? (hasQos0 ? member.queue.find(({ qos }) => qos === 0) : member.queue[0]);
}

/** A message that may be waiting twice goes without a word: the one that came first is there. */
function goes(parcel: Parcel, added: SharedMessage, reason: string, limit: string, hub: Hub): void {
  if (isStoodFor(parcel)) {
    leave(parcel, hub);
    return;
  }
  const oldest = parcel.qos === 0 ? 'the oldest with QoS 0' : 'the oldest';
  dropWaiting(parcel, `${reason} (${limit}): ${parcel.message === added ? 'the new one' : oldest} goes`, hub);
}

/** The first limit that is exceeded. */
function exceeded(
  { traffic: { queue: waiting, octets, qos0Messages, qos0Octets } }: Member,
  limits: MemberLimits,
): Limit | undefined {
  const { queue, sleepBufferMessages, sleepBufferOctets } = limits;
  if (qos0Messages > sleepBufferMessages) {
    return 'sessions.sleepBufferMessages';
  }
  if (qos0Octets > sleepBufferOctets) {
    return 'sessions.sleepBufferOctets';
  }
  if (waiting.length > queue.messages) {
    return 'sessions.queue.messages';
  }
  return octets > queue.octets ? 'sessions.queue.octets' : undefined;
}

function limitText(limit: Limit, { settings: { sessions } }: Hub): string {
  const most = {
    'sessions.queue.messages': sessions.queue.messages,
    'sessions.queue.octets': sessions.queue.octets,
    'sessions.sleepBufferMessages': sessions.sleepBufferMessages,
    'sessions.sleepBufferOctets': sessions.sleepBufferOctets,
  }[limit];
  return `${limit}: ${most}`;
}

/** The limits, or what was there before `added` came, where that is more. */
function mostFor(
  { traffic: { queue: waiting, octets, qos0Messages, qos0Octets } }: Member,
  added: SharedMessage,
  limits: MemberLimits,
): MemberLimits {
  const newest = waiting.at(-1);
  const [one, weight] = newest?.message === added ? [1, weightOf(newest)] : [0, 0];
  const [oneQos0, weightQos0] = newest?.qos === 0 ? [one, weight] : [0, 0];
  return {
    queue: {
      messages: Math.max(limits.queue.messages, waiting.length - one),
      octets: Math.max(limits.queue.octets, octets - weight),
    },
    sleepBufferMessages: Math.max(limits.sleepBufferMessages, qos0Messages - oneQos0),
    sleepBufferOctets: Math.max(limits.sleepBufferOctets, qos0Octets - weightQos0),
  };
}
