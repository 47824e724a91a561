/**
 * PUBLISH of the broker on the shared connection: for which clients it is, and with which QoS each gets it (3.7 items 1, 2 and 7: the broker judges
 * the gateway, and no client).
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { SmallMap } from '../topics/small-map.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import { hasCopy } from './drained.ts';
import { type Hub, isShare } from './hub.ts';
import type { Grant, Member } from './member.ts';
import { type Askers, readIdentifier, type SharedFilter } from './shared-filter.ts';
import type { Fetch } from './shared-link.ts';

/** Members of a shared subscription that are looked at for one that is there. */
const LOOKED_AT = 64;

/** Granted QoS of each client that gets it. */
export type Audience = Pick<SmallMap<Member, Qos>, 'get' | 'keys'>;

/**
 * Whom a message is for. A client gets it once, however many of its filters match, with the highest QoS that was granted for one of them. Where the
 * message names subscriptions, it is a copy for those alone: a client gets that of the filter with its highest QoS, of two the older one.
 */
export function audienceOf(message: UpstreamMessage, hub: Hub): Audience {
  const { identifiers, retain } = message;
  const audience = new SmallMap<Member, Qos>();
  if (!hub.link.identifies || identifiers === undefined) {
    if (retain) {
      for (const late of hub.link.lateFetches) {
        addAskers(late, message.topic, audience);
      }
      addAskers(hub.link.fetch, message.topic, audience);
    } else {
      addByTopic(message.topic, hub, audience);
    }
    return audience;
  }
  for (const identifier of identifiers) {
    const { slot, generation } = readIdentifier(identifier);
    const filter = hub.bySlot.get(slot);
    if (filter === undefined || !matchesFilter(filter.filter, message.topic)) {
      continue; // of one that nobody has any more, and of which no record was left: a restart may have given its slot to another one
    }
    if (retain) {
      addOf(filter.askers.get(generation), audience);
    } else {
      addByFilter(filter, filter.serialOf(generation), message, hub, audience);
    }
  }
  return audience;
}

/** What is retained comes for a new subscription, and is for those who asked for it. */
function addAskers(fetch: Fetch | undefined, topic: string, audience: SmallMap<Member, Qos>): void {
  if (fetch && !fetch.topics.has(topic) && matchesFilter(fetch.filter.filter, topic)) {
    fetch.topics.add(topic);
    addOf(fetch.askers, audience);
  }
}

/** With the QoS that they asked for with that SUBSCRIBE, of which SUBACK may not have come yet. Who has left is none of them any more. */
function addOf(askers: Askers | undefined, audience: SmallMap<Member, Qos>): void {
  for (const member of askers?.keys() ?? []) {
    const asked = askers?.get(member) ?? 0;
    if (asked >= (audience.get(member) ?? 0)) {
      audience.set(member, asked);
    }
  }
}

/** A copy for one filter: for the clients that had it by then, and for which that filter is the best of those that match. */
function addByFilter(
  filter: SharedFilter,
  serial: number,
  message: UpstreamMessage,
  hub: Hub,
  audience: SmallMap<Member, Qos>,
): void {
  const { topic, qos } = message;
  if (hub.shares.get(filter.filter) === filter) {
    addOneOf(filter, topic, hub, audience);
    return;
  }
  for (const member of filter.members.keys()) {
    const grant = member.grants.get(filter.filter);
    if (grant === undefined || grant.since > serial) {
      continue; // I-100
    }
    if (isBest(member, grant, message, hub)) {
      audience.set(member, grant.qos);
    }
    if (qos > 0 || filter.granted === 0) {
      grant.countedIn = hub.link.epoch; // QoS 0 may overtake what waits at the broker
    }
  }
}

/**
 * Others that match and are better have a copy of their own: where the broker is known to have had them by then, or it has come (copies.ts). A copy with QoS 0
 * overtakes better ones that wait at the broker, so it is none to wait with, nor to take.
 */
function isBest(member: Member, grant: Grant, { topic, qos: sent, dup }: UpstreamMessage, hub: Hub): boolean {
  if (member.grants.size === 1) {
    return true;
  }
  for (const filter of member.grants.keys()) {
    const other = member.grants.get(filter);
    const isThere =
      other && (sent === 0 ? mayHaveCopy(other, hub) : hasCopy(other, dup, hub) || hasCopyFor(other, hub));
    if (isThere && isBetter(other, grant) && !isShare(filter) && matchesFilter(filter, topic)) {
      return false;
    }
  }
  return true;
}

/** Whether the broker may send copies for this subscription. */
export function mayHaveCopy({ slot }: Grant, { bySlot }: Hub): boolean {
  return bySlot.get(slot)?.mayBeThere ?? false;
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

/** I-94. A shared subscription: the gateway is one member of the group, and picks one of its own: one that is there, also where it is busy, before one that sleeps, and that before one that is away. */
function addOneOf(share: SharedFilter, topic: string, hub: Hub, audience: SmallMap<Member, Qos>): void {
  const { filter, members } = share;
  const seen: Member[] = [];
  let chosen: Member | undefined;
  let busy: Member | undefined;
  let sleeper: Member | undefined;
  for (const member of members.keys()) {
    seen.push(member);
    if (member.connection !== 0 && hub.sessions.mayRead(member.clientId, topic)) {
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
  for (const member of seen) {
    share.join(member, members.get(member) ?? 0); // it comes last: the next message is another one's
  }
  chosen ??= busy ?? sleeper ?? seen.find(({ clientId }) => hub.sessions.mayRead(clientId, topic)) ?? seen[0];
  const grant = chosen?.grants.get(filter);
  if (chosen && grant) {
    audience.set(chosen, Math.max(grant.qos, audience.get(chosen) ?? 0) as Qos);
  }
}

/** The broker does not say for which filters: for all that match. */
function addByTopic(topic: string, hub: Hub, audience: SmallMap<Member, Qos>): void {
  hub.filters.match(topic, (filter) => {
    for (const member of filter.members.keys()) {
      const grant = member.grants.get(filter.filter);
      if (grant && grant.qos >= (audience.get(member) ?? 0)) {
        audience.set(member, grant.qos);
      }
    }
  });
  hub.sharedTopics.match(topic, (shares) => {
    for (const share of shares) {
      addOneOf(share, topic, hub, audience);
    }
  });
}
