/** Subscriptions of clients (3.1, 3.7): those of the shared connection are counted by reference, with the highest QoS that is asked for. */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamSubscribe } from '../contract/effect.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import { sharedKey } from '../contract/stored-records.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { fetchGranted, fetchPonged, nest, uncover } from './nested-filters.ts';
import { isGraceOver } from './relays.ts';
import type { Newcomer, SharedFilter } from './shared-filter.ts';
import { endFilter, sendSubscribes, want, wantedQos } from './subscribe-requests.ts';

/** MQTT 5: quota exceeded, which the client hears as congestion. */
const BUSY = 0x97;

/** SUBSCRIBE of a session. */
export function receiveSubscribe(member: Member, subscribe: UpstreamSubscribe, hub: Hub): void {
  const { connection, packetId, qos: asked, again = false } = subscribe;
  if (isGraceOver(hub) && !again) {
    hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode: BUSY }); // 3.5 item 7
    return;
  }
  const filter = hub.filter(subscribe.filter) ?? hub.addFilter(subscribe.filter);
  const grant = member.grants.get(filter.filter);
  const isKnown = again && grant !== undefined;
  if (isKnown && (filter.granted !== undefined || filter.covered)) {
    hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode: grant.qos });
    return;
  }
  filter.newcomers.push({ member, connection, packetId, asked, again: isKnown });
  member.asking.add(filter.filter);
  want(filter, hub);
}

/** UNSUBSCRIBE of a session: from now on it gets nothing for this filter, whatever is on its way. */
export function receiveUnsubscribe(member: Member, filter: string, hub: Hub): void {
  const known = hub.filter(filter);
  if (known) {
    leaveFilter(member, known, hub);
  }
}

/** A client has no subscriptions any more. */
export function leaveAll(member: Member, hub: Hub): void {
  for (const filter of new Set([...member.grants.keys(), ...member.asking.keys()])) {
    receiveUnsubscribe(member, filter, hub);
  }
}

function leaveFilter(member: Member, filter: SharedFilter, hub: Hub): void {
  member.grants.delete(filter.filter);
  member.asking.delete(filter.filter);
  filter.members.delete(member);
  filter.newcomers = filter.newcomers.filter((newcomer) => newcomer.member !== member);
  for (const askers of filter.askers.values()) {
    askers.delete(member);
  }
  review(filter, hub);
}

/** Nobody has it any more, or nobody with so high a QoS. */
function review(filter: SharedFilter, hub: Hub): void {
  if (filter.request !== undefined || filter.newcomers.length > 0 || hub.link.fetch?.filter === filter) {
    return; // reviewed when that is over
  }
  if (filter.members.size > 0) {
    if (filter.granted !== undefined && wantedQos(filter, hub) < filter.asked) {
      want(filter, hub);
    }
    return;
  }
  if (hub.filter(filter.filter) !== filter) {
    return;
  }
  hub.link.toSubscribe.delete(filter);
  hub.link.toFetch.delete(filter);
  hub.link.restoring.delete(filter);
  uncover(filter, hub);
  hub.removeFilter(filter);
  if (filter.granted !== undefined || hub.link.phase !== 'up') {
    endFilter(filter.filter, hub);
  } else if (!hub.departing.has(filter.filter)) {
    hub.store([{ key: sharedKey('filter', filter.filter), record: undefined }]);
  }
}

/** SUBACK. */
export function subscribed(filter: SharedFilter, { packetId, reasonCode }: UpstreamSubscribed, hub: Hub): void {
  const { request } = filter;
  if (request?.packetId !== packetId) {
    return;
  }
  hub.link.subscribing--;
  filter.request = undefined;
  if (reasonCode <= 2) {
    filter.granted = reasonCode as Qos;
    filter.covered = false;
  }
  for (const newcomer of request.newcomers) {
    answer(newcomer, filter, reasonCode, hub);
  }
  hub.link.restoring.delete(filter);
  if (!fetchGranted(filter, hub)) {
    settle(filter, hub);
  }
  sendSubscribes(hub);
}

/** PINGRESP: the newcomers of a filter may have all that is retained. */
export function sharedPonged(hub: Hub): void {
  const filter = fetchPonged(hub);
  if (filter) {
    settle(filter, hub);
    sendSubscribes(hub);
  }
}

/** What has come up while a SUBSCRIBE was out. */
function settle(filter: SharedFilter, hub: Hub): void {
  if (filter.newcomers.length > 0) {
    want(filter, hub);
    return;
  }
  review(filter, hub);
  if (filter.members.size > 0) {
    nest(filter, hub);
  }
}

/** The client hears what it is granted; not where it has left meanwhile. */
function answer(newcomer: Newcomer, filter: SharedFilter, reasonCode: number, hub: Hub): void {
  const { member, connection, packetId, asked } = newcomer;
  if (member.connection !== connection || !member.asking.delete(filter.filter)) {
    return;
  }
  if (reasonCode > 2) {
    hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode });
    return;
  }
  const qos = Math.min(asked, reasonCode) as Qos;
  const order = member.grants.get(filter.filter)?.order ?? ++hub.lastOrder;
  member.grants.set(filter.filter, { asked, qos, order });
  filter.members.set(member, asked);
  hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode: qos });
}

/** The broker closes the connection on this SUBSCRIBE, or the grace time is over: whoever waits for it is refused. */
export function refuseNewcomers(filter: SharedFilter, reasonCode: number, hub: Hub): void {
  for (const newcomer of filter.newcomers.splice(0)) {
    answer(newcomer, filter, reasonCode, hub);
  }
  review(filter, hub);
}

/** The grace time is over: nobody waits for SUBACK any more (3.5 item 7). */
export function refuseAllNewcomers(hub: Hub): void {
  for (const filter of [...hub.link.toSubscribe, ...hub.link.toFetch]) {
    refuseNewcomers(filter, BUSY, hub);
  }
}
