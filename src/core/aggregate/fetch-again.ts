/** Who gets what is retained by a SUBSCRIBE: those who have asked for the filter, and those for whom the broker is asked once more (I-96, I-141). */

import type { Qos } from '../../codec/message.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import type { Askers, AskersSeen } from './asked-filter.ts';
import type { Hub } from './hub.ts';
import type { Member, Newcomer } from './member.ts';
import type { SharedFilter } from './shared-filter.ts';
import type { Fetch } from './shared-link.ts';

/** Those who may not have had all that is retained get it once more. */
export function fetchAgain(filter: SharedFilter, askers: AskersSeen, hub: Hub): void {
  for (const member of askers.keys()) {
    waitAgain(filter, member, { asked: askers.get(member) ?? 0 });
  }
  hub.link.toFetch.add(filter);
}

/** The same for those who may not have had what is retained with QoS 0. */
export function fetchQos0Again(filter: SharedFilter, askers: Iterable<Member>, hub: Hub): void {
  for (const member of askers) {
    waitAgain(filter, member, { asked: filter.members.get(member) ?? 0, ofQos0: true });
    hub.link.toFetch.add(filter);
  }
}

function waitAgain(filter: SharedFilter, member: Member, asks: Pick<Newcomer, 'asked' | 'ofQos0'>): void {
  const { connection } = member;
  const newcomer = {
    member,
    connection,
    packetId: 0,
    again: false,
    restores: false,
    answered: true,
    gone: false,
    ...asks,
  };
  filter.wait(newcomer);
  member.asking.set(filter.filter, [...(member.asking.get(filter.filter) ?? []), newcomer]);
}

/** Who is to get what is retained. Who has asked anew gets all of it. */
export function askersAmong(newcomers: readonly Newcomer[]): {
  readonly askers: Askers;
  readonly ofQos0: SmallSet<Member>;
} {
  const askers = new SmallMap<Member, Qos>();
  const ofQos0 = new SmallSet<Member>();
  for (const newcomer of newcomers) {
    if (newcomer.ofQos0) {
      ofQos0.add(newcomer.member);
    } else if (!newcomer.again) {
      askers.set(newcomer.member, newcomer.asked);
    }
  }
  for (const member of askers.keys()) {
    ofQos0.delete(member);
  }
  return { askers, ofQos0 };
}

/** `granted` of one that another one has followed before SUBACK came. */
export const NOT_YET = Number.POSITIVE_INFINITY;

/** SUBSCRIBE for these goes out, or has gone out in an earlier process. */
export function newFetch(filter: SharedFilter, askers: Askers, askersOfQos0: SmallSet<Member>): Fetch {
  const until = Number.POSITIVE_INFINITY;
  return { filter, askers, askersOfQos0, topics: new Set(), granted: 0, until, isKept: false, asked: 'nothing' };
}

/** What the broker may know of the gateway when a connection stands. */
export type KnownSession = 'kept' | 'doubted' | 'lost';

/** I-147. The connection is another one: the same as in unproven-copies.ts, where messages name no subscriptions. */
export function fetchBroken(session: KnownSession, hub: Hub): void {
  const { link } = hub;
  const broken = link.lateFetches.filter(({ filter }) => hub.filter(filter.filter) === filter);
  for (const fetch of broken) {
    const { filter, askers, askersOfQos0, asked, isKept } = fetch;
    fetchQos0Again(filter, askersOfQos0.keys(), hub);
    askersOfQos0.clear();
    if (isKept && session === 'kept') {
      fetchQos0Again(filter, asked === 'nothing' ? askers.keys() : [], hub);
      fetch.asked = asked === 'nothing' ? 'qos0' : asked;
    } else if (asked !== 'all' && askers.size > 0) {
      fetchAgain(filter, askers, hub);
      fetch.asked = 'all';
    }
  }
  link.lateFetches = session === 'lost' ? [] : broken.filter(({ askers }) => askers.size > 0);
}

/** What is retained is not for this client any more. */
export function forgetFetches(member: Member, filter: SharedFilter, { link }: Hub): void {
  for (const fetch of link.fetch ? [...link.lateFetches, link.fetch] : link.lateFetches) {
    if (fetch.filter === filter) {
      fetch.askers.delete(member);
      fetch.askersOfQos0.delete(member);
    }
  }
}
