/** Who gets what is retained by a SUBSCRIBE: those who have asked for the filter, and those for whom the broker is asked once more (I-96, I-141). */

import type { Qos } from '../../codec/message.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import type { Hub } from './hub.ts';
import type { Member, Newcomer } from './member.ts';
import type { Askers, SharedFilter } from './shared-filter.ts';

/** Those who may not have had all that is retained get it once more. */
export function fetchAgain(filter: SharedFilter, askers: Askers, hub: Hub): void {
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

/** Who is to get what is retained. Who has asked anew gets all of it; only where messages name subscriptions it is known with which of them the rest comes. */
export function askersAmong(
  newcomers: readonly Newcomer[],
  { link }: Hub,
): { readonly askers: Askers; readonly ofQos0: SmallSet<Member> } {
  const askers = new SmallMap<Member, Qos>();
  const ofQos0 = new SmallSet<Member>();
  for (const newcomer of newcomers) {
    if (newcomer.ofQos0 && link.identifies) {
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
