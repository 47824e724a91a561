/** How much may wait for clients of the shared connection (3.7 item 4), and what goes where it is too much. */

import { type Hub, weightOf } from './hub.ts';
import type { Member, SharedMessage } from './member.ts';
import { dropWaiting } from './parcels.ts';

const TOO_MUCH = 'too many messages wait for the client';
const TOO_MUCH_IN_ALL = 'too many messages wait for all clients together, most of them for this one';

/**
 * I-99. Where too much waits for a client its oldest goes: with QoS 0 where there is too much of that, or anything of it. Where too much waits for all
 * together the oldest of the client goes that has most. What was above a limit before, for the limit is lower now, stays (I-112). `before`: octets
 * that waited for all clients before `added` came, of QoS 0 and of anything.
 */
export function makeRoom(
  member: Member,
  added: SharedMessage,
  before: { readonly qos0: number; readonly all: number },
  hub: Hub,
): void {
  const { queue, sleepBufferOctetsInAll } = hub.settings.sessions;
  if (isTooMuch(member, hub.settings.sessions)) {
    const most = mostFor(member, added, hub.settings.sessions);
    while (isTooMuch(member, most)) {
      const next = member.traffic.qos0Messages > 0 ? member.queue.find(({ qos }) => qos === 0) : member.queue[0];
      if (next === undefined) {
        break;
      }
      dropWaiting(next, TOO_MUCH, hub);
    }
  }
  while (hub.qos0Octets > Math.max(sleepBufferOctetsInAll, before.qos0) && hub.waitingQos0.first) {
    dropWaiting(hub.waitingQos0.first.entry, TOO_MUCH_IN_ALL, hub);
  }
  while (hub.queuedOctets > Math.max(queue.octetsInAll, before.all) && hub.waiting.first) {
    dropWaiting(hub.waiting.first.entry, TOO_MUCH_IN_ALL, hub);
  }
}

/** What may wait for one client. */
interface MemberLimits {
  readonly queue: { readonly messages: number; readonly octets: number };
  readonly sleepBufferMessages: number;
  readonly sleepBufferOctets: number;
}

function isTooMuch(
  { traffic: { queue: waiting, octets, qos0Messages, qos0Octets } }: Member,
  limits: MemberLimits,
): boolean {
  const { queue, sleepBufferMessages, sleepBufferOctets } = limits;
  return (
    waiting.length > queue.messages ||
    octets > queue.octets ||
    qos0Messages > sleepBufferMessages ||
    qos0Octets > sleepBufferOctets
  );
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
