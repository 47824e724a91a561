/**
 * Groups (`$share/…`) among the clients of the shared connection: which of them gets a message (I-94), and who gets what waits for one that leaves (I-139).
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamAcknowledge } from '../contract/effect.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import { type Hub, isShare } from './hub.ts';
import type { Member, Parcel } from './member.ts';
import { count, enqueue, hand, leaveQueue, sessionAcknowledged } from './parcels.ts';
import { makeRoom, tooLargeToWait } from './queue-room.ts';
import { keep, outlives, parcelGone, parcelWrite } from './settlement.ts';
import type { SharedFilter } from './shared-filter.ts';

/** Members of a shared subscription that are looked at for one that is there. */
const LOOKED_AT = 64;

/**
 * I-94. The gateway is one member of the group, and picks one of its own: one that is there, also where it is busy, before one that sleeps, and that before one
 * that is away. `mayTake`: the others come last of all.
 */
export function oneOf(
  share: SharedFilter,
  topic: string,
  hub: Hub,
  mayTake: (member: Member) => boolean = anybody,
): Member | undefined {
  const { members } = share;
  const seen: Member[] = [];
  let chosen: Member | undefined;
  let busy: Member | undefined;
  let sleeper: Member | undefined;
  for (const member of members.keys()) {
    seen.push(member);
    if (member.connection !== 0 && mayTake(member) && hub.sessions.mayRead(member.clientId, topic)) {
      if (hub.sessions.isAsleep(member.clientId)) {
        sleeper ??= member;
      } else if (member.waiting === 0) {
        chosen = member;
        break;
      } else {
        busy ??= member;
      }
    }
    if (seen.length === LOOKED_AT) {
      break;
    }
  }
  const isFit = (one: Member): boolean => mayTake(one) && hub.sessions.mayRead(one.clientId, topic);
  chosen ??= busy ?? sleeper ?? seen.find(isFit) ?? seen[0];
  for (const member of [...seen.filter((one) => one !== chosen), ...(chosen ? [chosen] : [])]) {
    share.join(member, members.get(member) ?? 0); // it comes last: the next message is another one's, also where all of them have been looked at
  }
  return chosen;
}

const anybody = (): boolean => true;

/** Who of a group gets the message by it: QoS 0 is for one that is connected, and not what the broker had sent before (I-93). */
export function takersOf(
  group: string,
  { qos, dup }: Pick<UpstreamMessage, 'qos' | 'dup'>,
): (member: Member) => boolean {
  return ({ grants, connection }) => qosIn(grants, group, qos) > 0 || (connection !== 0 && !dup);
}

function qosIn(grants: Member['grants'], group: string, qos: Qos): Qos {
  return Math.min(grants.get(group)?.qos ?? 0, qos) as Qos;
}

/** The plain filters of a client, and its groups: before they end. */
export function groupsOf({ grants }: Member): {
  readonly plain: readonly string[];
  readonly groups: readonly string[];
} {
  const filters = [...grants.keys()];
  return { plain: filters.filter((filter) => !isShare(filter)), groups: filters.filter(isShare) };
}

/**
 * I-139. A client is out of a group: another one gets what waits for it here. What its session has been handed comes back where the client has not heard of it
 * (`giveBack`). `others`: filters of the client that bring it the same.
 */
export function leaveGroup(member: Member, group: string, others: Iterable<string>, hub: Hub): void {
  const kept = [...others];
  const isOfGroup = ({ received, message: { topic } }: Parcel): boolean =>
    !received && matchesFilter(group, topic) && !kept.some((other) => matchesFilter(other, topic));
  for (const parcel of member.waiting > 0 ? [...member.queue] : []) {
    if (parcel.packetId === 0 && isOfGroup(parcel)) {
      passOn(parcel, group, hub);
    }
  }
  for (const parcel of member.handed.values()) {
    parcel.group = isOfGroup(parcel) ? group : parcel.group;
  }
  member.rest();
}

/** A session that had been in groups is over: what it has been handed with QoS 1 may go to another one as well. */
export function endGroups(member: Member, { plain, groups }: ReturnType<typeof groupsOf>, hub: Hub): void {
  for (const group of groups) {
    leaveGroup(member, group, plain, hub);
  }
  for (const parcel of groups.length > 0 ? [...member.handed.values()] : []) {
    if (parcel.group !== undefined && parcel.qos === 1) {
      passOn(parcel, parcel.group, hub);
    }
  }
}

/** A session gives back what its client has not heard of, for it is out of the group: another one gets it, or this one where there is none. */
export function givenBack(member: Member, given: UpstreamAcknowledge, hub: Hub): void {
  const parcel = member.handed.get(given.packetId);
  if (parcel?.group === undefined) {
    sessionAcknowledged(member, given, hub);
    return;
  }
  if (!passOn(parcel, parcel.group, hub)) {
    waitAgain(parcel, hub);
  }
  hand(member, hub);
}

/** False where it stays with the client: nobody else is there for it. */
function passOn(parcel: Parcel, group: string, hub: Hub): boolean {
  const { message } = parcel;
  const share = hub.shares.get(group);
  const mayTake = takersOf(group, message);
  const next = share && oneOf(share, message.topic, hub, mayTake);
  const mayRead = next && hub.sessions.mayRead(next.clientId, message.topic);
  if (next === undefined || !mayRead || next === parcel.member || !mayTake(next)) {
    return false;
  }
  const qos = qosIn(next.grants, group, message.qos);
  if (tooLargeToWait(message, qos, hub) !== undefined) {
    return false; // the limits are lower now
  }
  const before = { qos0: hub.qos0Octets, all: hub.queuedOctets };
  const hasIt = message.parcels.size > 1 && [...message.parcels.keys()].some(({ member }) => member === next);
  if (!hasIt) {
    const { retain, payload } = message;
    const anew = { packetId: 0, stored: false, awaited: false, group: undefined, repeats: undefined };
    const passed: Parcel = { ...parcel, member: next, qos, retain, ...anew };
    message.parcels.add(passed);
    enqueue(passed, hub);
    if (qos > 0 && (payload === undefined || outlives(next, hub))) {
      keep(message, [passed], hub);
    }
  }
  leaveQueue(parcel, hub);
  parcel.member.handed.delete(parcel.packetId);
  parcelGone(parcel, hub);
  hand(next, hub);
  makeRoom(next, message, before, hub);
  return true;
}

/** It waits for the same client, where it was in the order of what came. */
function waitAgain(parcel: Parcel, hub: Hub): void {
  const { member, message } = parcel;
  leaveQueue(parcel, hub);
  member.handed.delete(parcel.packetId);
  message.handedParcels--;
  parcel.packetId = 0;
  parcel.group = undefined;
  const at = member.queue.findIndex((other) => other.message.number > message.number);
  member.queue.splice(at < 0 ? member.queue.length : at, 0, parcel);
  hub.messages.set(message.number, message);
  count(parcel, 1, hub);
  if (parcel.stored) {
    hub.store([parcelWrite(parcel, parcel)]);
  }
}
