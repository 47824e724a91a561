/**
 * PUBLISH of the broker on the shared connection: for which clients it is, and with which QoS each gets it (3.7 items 1, 2 and 7: the broker judges
 * the gateway, and no client).
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { SmallMap } from '../topics/small-map.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import type { AskersSeen } from './asked-filter.ts';
import { hasCopy } from './drained.ts';
import { oneOf, takersOf } from './groups.ts';
import { type Hub, isShare } from './hub.ts';
import type { Grant, Member } from './member.ts';
import { type Copies, isWantedStill } from './open-copies.ts';
import { outlives } from './settlement.ts';
import type { SharedFilter } from './shared-filter.ts';
import type { Fetch } from './shared-link.ts';
import { type FilterName, readIdentifier } from './subscription-identifier.ts';

/** Granted QoS of each client that gets it. */
export type Audience = Pick<SmallMap<Member, Qos>, 'get' | 'keys' | 'size'>;

/**
 * Whom a message is for. A client gets it once, however many of its filters match, with the highest QoS that was granted for one of them. Where the
 * message names subscriptions, it is a copy for those alone: a client gets that of the filter with its highest QoS, of two the older one.
 */
export function audienceOf(message: UpstreamMessage, hub: Hub, copies?: Copies): Audience {
  const { identifiers, retain } = message;
  const audience = new SmallMap<Member, Qos>();
  if (!hub.link.identifies || identifiers === undefined) {
    if (retain) {
      for (const late of hub.link.lateFetches) {
        addAskers(late, message, audience);
      }
      addAskers(hub.link.fetch, message, audience);
    } else {
      addByTopic(message, hub, audience);
    }
    return audience;
  }
  const names = identifiers.map(readIdentifier);
  if (copies) {
    copies.reliesOnRecords = hub.link.endsByRecord.size > 0 && names.some(({ slot }) => !hub.bySlot.has(slot)); // it may be of one of those
  }
  const owed = copies ? addOwed(names, message, copies, hub, audience) : undefined;
  for (const { slot, generation } of names) {
    const filter = hub.bySlot.get(slot);
    if (filter === undefined || !matchesFilter(filter.filter, message.topic)) {
      continue; // of one that nobody has any more, and of which no record was left: a restart may have given its slot to another one
    }
    if (copies) {
      addByFilter(filter, { message, names, copies, owed, serial: filter.serialOf(generation) }, hub, audience);
    } else {
      addOf(filter.askersOf(generation), audience);
      addOfQos0(filter.askersOfQos0(generation), message, audience);
      if (hub.lostNames.generationOf(filter) === generation) {
        addOf(grantedBefore(filter), audience); // I-167: who has asked is not known
      }
    }
  }
  copies?.judged.push(...names.map(({ slot }) => slot));
  return audience;
}

/** It is owed to them by this copy (open-copies.ts), whatever their filters are now. Returns who has been thought of. */
function addOwed(
  names: readonly FilterName[],
  message: UpstreamMessage,
  { decided }: Copies,
  hub: Hub,
  audience: SmallMap<Member, Qos>,
): ReadonlySet<Member> {
  const thought = new Set<Member>();
  for (const name of names) {
    const serial = hub.bySlot.get(name.slot)?.serialOf(name.generation) ?? Number.POSITIVE_INFINITY;
    for (const owed of hub.owed.take(message, name, serial)) {
      if (isWantedStill(owed)) {
        const { member, qos, rest } = owed;
        thought.add(member);
        audience.set(member, qos);
        decided.set(member, decided.get(member) ?? { by: message, ...rest });
      }
    }
  }
  return thought;
}

/** What is retained comes for a new subscription, and is for those who asked for it. What has QoS 0 is of none that broke with its connection (I-147). */
function addAskers(fetch: Fetch | undefined, message: UpstreamMessage, audience: SmallMap<Member, Qos>): void {
  const { topic, qos } = message;
  const isLeft = qos === 0 && fetch?.asked !== 'nothing';
  if (fetch && !isLeft && !fetch.topics.has(topic) && matchesFilter(fetch.filter.filter, topic)) {
    fetch.topics.add(topic);
    addOf(fetch.askers, audience);
    addOfQos0(fetch.askersOfQos0, message, audience);
  }
}

/** With the QoS that they asked for with that SUBSCRIBE, of which SUBACK may not have come yet. Who has left is none of them any more. */
function addOf(askers: AskersSeen, audience: SmallMap<Member, Qos>): void {
  for (const member of askers.keys()) {
    const asked = askers.get(member) ?? 0;
    if (asked >= (audience.get(member) ?? 0)) {
      audience.set(member, asked);
    }
  }
}

/** Who had it when the process began. */
function grantedBefore({ filter, members }: SharedFilter): AskersSeen {
  const granted = new SmallMap<Member, Qos>();
  for (const member of members.keys()) {
    const grant = member.grants.get(filter);
    if (grant?.since === Number.NEGATIVE_INFINITY) {
      granted.set(member, grant.qos);
    }
  }
  return granted;
}

/** Those who have had the rest, or get it by another SUBSCRIBE (I-141). */
function addOfQos0(askers: Iterable<Member>, { qos }: UpstreamMessage, audience: SmallMap<Member, Qos>): void {
  for (const member of qos === 0 ? askers : []) {
    audience.set(member, audience.get(member) ?? 0);
  }
}

/** A copy, and what is known of the others. */
interface Copy {
  readonly message: UpstreamMessage;
  readonly names: readonly FilterName[];
  readonly copies: Copies;
  /** Who has been thought of (addOwed). */
  readonly owed: ReadonlySet<Member> | undefined;
  /** SUBSCRIBE for the filter that it names. */
  readonly serial: number;
}

/** A copy for one filter: for the clients that had it by then, and for which that filter is the best of those that match. */
function addByFilter(filter: SharedFilter, copy: Copy, hub: Hub, audience: SmallMap<Member, Qos>): void {
  const { qos } = copy.message;
  if (hub.shares.get(filter.filter) === filter) {
    addOneOf(filter, copy.message, hub, audience);
    return;
  }
  copy.copies.reliesOnRecords ||= filter.isLeft;
  for (const member of filter.members.keys()) {
    const grant = member.grants.get(filter.filter);
    if (grant === undefined || grant.since > copy.serial) {
      continue; // I-100
    }
    const granted = copy.owed?.has(member) ? undefined : gotAs(member, grant, copy, hub);
    if (granted !== undefined) {
      audience.set(member, granted);
    } else if (!copy.owed?.has(member)) {
      copy.copies.reliesOnRecords ||= outlives(member, hub);
    }
    if (qos > 0 || filter.granted === 0) {
      grant.countedIn = hub.link.epoch; // QoS 0 may overtake what waits at the broker
    }
  }
}

/**
 * The granted QoS with which a client gets the message by this copy; undefined: by another one. That is decided with the first copy that is for it, and stays so
 * while its filters change: another copy is owed to it, or brings it nothing (I-137).
 */
function gotAs(member: Member, grant: Grant, { message, names, copies }: Copy, hub: Hub): Qos | undefined {
  const former = copies.decided.get(member);
  if (former === undefined && member.grants.size === 1 && !member.isAsking) {
    return grant.qos;
  }
  if (former && former.by !== message) {
    if (former.unsure.includes(grant.slot)) {
      copies.skipped.set(member, grant.slot);
      return undefined;
    }
    if (former.sure.includes(grant.slot)) {
      return undefined;
    }
  }
  const { best, qos, grants, sure, unsure } = othersOf(member, grant, message, hub);
  copies.decided.set(member, { by: message, sure, unsure });
  if (best === grant) {
    return qos;
  }
  if (copies.skipped.get(member) === best.slot) {
    copies.skipped.delete(member);
    return qos;
  }
  const isOpen = (slot: number): boolean => !copies.judged.includes(slot) && !names.some((name) => name.slot === slot);
  if (isOpen(best.slot)) {
    const rest = { sure: sure.filter(isOpen), unsure: unsure.filter(isOpen) };
    hub.owed.owe(message, best, { member, qos: best.qos, since: best.since, grants, rest });
  }
  return undefined;
}

interface Others {
  /** By whose copy the client gets the message. */
  best: Grant;
  /** The highest one that is granted for any that may have a copy. */
  qos: Qos;
  /** All that match. */
  readonly grants: Map<string, Grant>;
  /** Slots of others (Decision). */
  readonly sure: number[];
  readonly unsure: number[];
}

/**
 * Others that match and are better have a copy of their own: where the broker is known to have had them by then, or it has come (copies.ts). A copy with QoS 0
 * overtakes better ones that wait at the broker, so it is none to wait with, nor to take.
 */
function othersOf(member: Member, grant: Grant, { topic, qos: sent, dup }: UpstreamMessage, hub: Hub): Others {
  const others: Others = { best: grant, qos: grant.qos, grants: new Map(), sure: [], unsure: [] };
  for (const filter of member.grants.keys()) {
    const other = member.grants.get(filter);
    if (other === undefined || isShare(filter) || !matchesFilter(filter, topic)) {
      continue;
    }
    others.grants.set(filter, other);
    if (other === grant || !mayHaveCopy(other, hub)) {
      continue;
    }
    const isKnown = hasCopy(other, dup, hub) || hasCopyFor(other, hub);
    (isKnown ? others.sure : others.unsure).push(other.slot);
    others.qos = other.qos > others.qos ? other.qos : others.qos;
    if ((isKnown || sent === 0) && isBetter(other, others.best)) {
      others.best = other;
    }
  }
  for (const filter of member.isAsking ? member.asking.keys() : []) {
    const asked = hub.filter(filter);
    if (asked?.atBroker && !member.grants.has(filter) && !isShare(filter) && matchesFilter(filter, topic)) {
      others.unsure.push(asked.slot); // SUBACK may come before its copy
    }
  }
  return others;
}

/** Whether the broker may send copies for this subscription. */
export function mayHaveCopy({ slot }: Grant, { bySlot, lostNames }: Hub): boolean {
  const filter = bySlot.get(slot);
  return filter !== undefined && (filter.mayBeThere || lostNames.has(filter));
}

/** Whether a copy of this message has come that a client gets by this subscription. */
export function hasCopyFor({ slot, since }: Grant, { copies, bySlot }: Hub): boolean {
  const name = copies?.names.find((one) => one.slot === slot);
  return name !== undefined && (bySlot.get(slot)?.serialOf(name.generation) ?? 0) >= since;
}

/** Of two with the same QoS the older one counts. */
export function isBetter(one: Grant, other: Grant): boolean {
  return one.qos > other.qos || (one.qos === other.qos && one.slot < other.slot);
}

/** I-94. A shared subscription: one of the clients that have it. */
function addOneOf(share: SharedFilter, message: UpstreamMessage, hub: Hub, audience: SmallMap<Member, Qos>): void {
  const chosen = oneOf(share, message.topic, hub, takersOf(share.filter, message));
  const grant = chosen?.grants.get(share.filter);
  if (chosen && grant) {
    audience.set(chosen, Math.max(grant.qos, audience.get(chosen) ?? 0) as Qos);
  }
}

/** The broker does not say for which filters: for all that match. */
function addByTopic(message: UpstreamMessage, hub: Hub, audience: SmallMap<Member, Qos>): void {
  hub.filters.match(message.topic, (filter) => {
    for (const member of filter.members.keys()) {
      const grant = member.grants.get(filter.filter);
      if (grant && grant.qos >= (audience.get(member) ?? 0)) {
        audience.set(member, grant.qos);
      }
    }
  });
  hub.sharedTopics.match(message.topic, (shares) => {
    for (const share of shares) {
      addOneOf(share, message, hub, audience);
    }
  });
}
