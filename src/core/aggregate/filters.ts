/** Subscriptions of clients (3.1, 3.7): those of the shared connection are counted by reference, with the highest QoS that is asked for. */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamSubscribe } from '../contract/effect.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import { sharedKey } from '../contract/stored-records.ts';
import { filterProblem } from '../steps/broker-limits.ts';
import { AWAY, PACKET_TOO_LARGE, QUOTA_EXCEEDED } from '../steps/return-codes.ts';
import { GIVEN_UP, isFilterCondemned } from './condemned.ts';
import { countsAnew } from './drained.ts';
import { echoes, leavesEcho } from './echoes.ts';
import { forgetFetches } from './fetch-again.ts';
import type { Hub } from './hub.ts';
import { wantedQos } from './lift.ts';
import type { Member, Newcomer } from './member.ts';
import { fetchEnded, fetchGranted, nest } from './nested-filters.ts';
import type { SharedFilter } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';
import { choosesCopies, keepOwed } from './stored-owed.ts';
import { endFilter, restoreLater, sendSubscribes, want } from './subscribe-requests.ts';
import { uncover, uncoverMore } from './uncover.ts';
import { copiesFollow } from './unproven-copies.ts';

/** What a session hears of its SUBSCRIBE. */
type SubAck = Pick<UpstreamSubscribed, 'reasonCode' | 'unreachable'>;

/** Filters for which UNSUBSCRIBE is owed while further ones are taken. */
const MOST_DEPARTING = 16_384;

/** SUBSCRIBE of a session. */
export function receiveSubscribe(member: Member, subscribe: UpstreamSubscribe, hub: Hub): void {
  const { connection, packetId, qos: asked, again: restores = false } = subscribe;
  const answerWith = (reasonCode: number): void => {
    hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode });
  };
  const grant = restores ? member.grants.get(subscribe.filter) : undefined;
  const refuse = (reasonCode: number): void => answerWith(grant?.qos ?? reasonCode); // I-97: the client keeps what it has
  if (isFilterCondemned(subscribe.filter, 'newcomer', hub)) {
    refuse(GIVEN_UP);
    return;
  }
  if (hub.isGraceOver && !restores) {
    hub.tell({ type: 'upstream-subscribed', connection, packetId, ...AWAY });
    return;
  }
  if (isTooMuch(subscribe.filter, hub)) {
    refuse(PACKET_TOO_LARGE);
    return;
  }
  const filter = hub.filter(subscribe.filter) ?? newFilter(subscribe.filter, hub);
  if (filter === undefined) {
    refuse(QUOTA_EXCEEDED);
    return;
  }
  const again = grant !== undefined;
  if (again && (filter.granted !== undefined || filter.covered)) {
    answerWith(grant.qos);
    return;
  }
  const newcomer = { member, connection, packetId, asked, again, restores, answered: false, gone: false };
  filter.wait(newcomer);
  member.asking.set(filter.filter, [...(member.asking.get(filter.filter) ?? []), newcomer]);
  want(filter, hub);
}

/** One that nobody had; undefined: there are too many, or the broker answers UNSUBSCRIBE for none of those that went. */
function newFilter(filter: string, hub: Hub): SharedFilter | undefined {
  return hub.departing.size < MOST_DEPARTING || hub.departing.has(filter) ? hub.addFilter(filter) : undefined;
}

/** I-44: the broker would close the connection. A session may know other limits: those of the connection on which it came, or none after a restart. */
function isTooMuch(filter: string, { link }: Hub): boolean {
  return link.phase === 'up' && filterProblem({ limits: link.limits, mount: '' }, filter) !== undefined;
}

/** The connection stands: what its broker does not take is not asked for (I-44). Clients that have it keep it, as in I-97. */
export function refuseTooMuch(hub: Hub): void {
  const { link } = hub;
  for (const filter of [...link.toSubscribe, ...link.toFetch]) {
    if (isTooMuch(filter.filter, hub)) {
      link.toSubscribe.delete(filter);
      link.toFetch.delete(filter);
      link.suspects = link.suspects.filter((suspect) => suspect !== filter);
      restoreLater(filter, hub);
      refuseNewcomers(filter, PACKET_TOO_LARGE, hub);
    }
  }
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
  for (const newcomer of member.asking.get(filter.filter) ?? []) {
    newcomer.gone = true;
    filter.waitNoMore(newcomer);
  }
  member.asking.delete(filter.filter);
  if (choosesCopies(member, hub) && member.grants.has(filter.filter)) {
    hub.awaitsRecords(); // copies for it are acknowledged, and the broker is told, when the client does without it after a crash as well
    filter.isLeft = true;
  }
  member.grants.delete(filter.filter);
  keepOwed(member, hub);
  filter.leave(member);
  filter.forgetAsks(member);
  forgetFetches(member, filter, hub);
  review(filter, hub);
}

/** Nobody has it any more, or it is wanted with another QoS. */
export function review(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  if (filter.request !== undefined || filter.newcomers.size > 0 || link.fetch?.filter === filter) {
    return; // reviewed when that is over
  }
  if (filter.members.size > 0) {
    if (filter.granted !== undefined && wantedQos(filter, hub) !== filter.asked) {
      want(filter, hub);
    }
    return;
  }
  if (hub.filter(filter.filter) !== filter) {
    return;
  }
  link.toSubscribe.delete(filter);
  link.toFetch.delete(filter);
  const isOwed = link.restoring.delete(filter);
  link.refused.delete(filter);
  for (const narrow of uncover(filter, hub)) {
    if (isOwed) {
      link.restoring.add(narrow); // the broker has lost what stood for it (3.4)
    }
  }
  leavesEcho(filter, hub);
  const mayBeThere = filter.atBroker || hub.lostNames.has(filter);
  hub.removeFilter(filter);
  if (mayBeThere) {
    endFilter(filter.filter, hub, filter.isLeft);
  } else if (!hub.departing.has(filter.filter)) {
    hub.store([{ key: sharedKey('filter', filter.filter), record: undefined }]);
  }
}

/** SUBACK. */
export function subscribed(filter: SharedFilter, { packetId, reasonCode }: UpstreamSubscribed, hub: Hub): void {
  const { request } = filter;
  const { link } = hub;
  if (request?.packetId !== packetId) {
    return;
  }
  link.subscribing--;
  filter.request = undefined;
  const isNew = filter.granted === undefined;
  if (reasonCode <= 2) {
    grantsOne(filter, isNew, hub);
    filter.nestsAgain ||= reasonCode > (filter.granted ?? 0);
    if (filter.granted === 0 && reasonCode > 0) {
      countsAnew(filter);
    }
    filter.granted = reasonCode as Qos;
    filter.covered = false;
    uncoverMore(filter, hub);
    if (link.fetch?.filter !== filter) {
      echoes(filter, hub);
    }
  } else if (isNew) {
    filter.atBroker = false;
  }
  for (const newcomer of request.newcomers) {
    answer(newcomer, filter, { reasonCode }, hub);
  }
  restoreLater(filter, hub);
  copiesFollow(filter, reasonCode <= 2, hub);
  if (!fetchGranted(filter, reasonCode <= 2, hub)) {
    settle(filter, isNew, hub);
  }
  sendSubscribes(hub);
}

/** Which messages have a copy for it is found out where that matters (copies.ts). */
function grantsOne(filter: SharedFilter, isNew: boolean, { link }: Hub): void {
  link.grants++;
  if (isNew) {
    filter.grantedAs = link.grants;
    link.toProve = link.identifies && filter.members.size > 0 ? link.grants : link.toProve;
  }
}

/** PINGRESP: the newcomers of a filter may have all that is retained. `isDue`: they have had time enough. */
export function sharedPonged(hub: Hub, isDue = false): void {
  const filter = fetchEnded(hub, isDue);
  if (filter) {
    saveFilter(filter, true, hub);
    settle(filter, true, hub);
  }
  sendSubscribes(hub);
}

/** What has come up while a SUBSCRIBE was out. `isNew`: the broker had not granted it before. */
function settle(filter: SharedFilter, isNew: boolean, hub: Hub): void {
  filter.nestsAgain ||= isNew;
  if (filter.newcomers.size > 0) {
    want(filter, hub);
    return;
  }
  if (filter.request !== undefined) {
    return; // it is being raised: SUBACK means that it is there
  }
  if (filter.members.size > 0 && filter.nestsAgain) {
    filter.nestsAgain = false;
    nest(filter, hub); // before it is lowered: it has the QoS of what it stands for from now on (I-95)
  }
  review(filter, hub);
}

/** The client hears what it is granted; not where it has left meanwhile. */
function answer(newcomer: Newcomer, filter: SharedFilter, said: SubAck, hub: Hub): void {
  const { reasonCode } = said;
  const { member, connection, packetId, asked, gone, answered } = newcomer;
  if (gone) {
    return;
  }
  newcomer.answered = true;
  const others = (member.asking.get(filter.filter) ?? []).filter((one) => one !== newcomer);
  if (others.length > 0) {
    member.asking.set(filter.filter, others);
  } else {
    member.asking.delete(filter.filter);
    member.rest();
  }
  if (answered || member.connection !== connection) {
    filter.forgetAsker(member);
    return; // its session has a new one, and has forgotten that it asked (I-53)
  }
  if (reasonCode > 2) {
    filter.forgetAsker(member);
    const kept = newcomer.again ? member.grants.get(filter.filter)?.qos : undefined; // I-97
    hub.tell({
      type: 'upstream-subscribed',
      connection,
      packetId,
      ...(kept === undefined ? said : { reasonCode: kept }),
    });
    return;
  }
  const qos = Math.min(asked, reasonCode) as Qos;
  const { slot } = filter;
  const { link } = hub;
  const former = member.grants.get(filter.filter);
  const { countedIn = 0, since = filter.serial } = former ?? {};
  member.grants.set(filter.filter, { asked, qos, slot, since, countedIn, grantedAs: link.grants });
  link.toProve = link.identifies && member.grants.size > 1 ? link.grants : link.toProve;
  if (choosesCopies(member, hub)) {
    hub.awaitsRecords(); // of two copies the worse one is acknowledged when the client has the better filter after a crash as well
    filter.isLeft ||= former !== undefined && qos < former.qos;
  }
  keepOwed(member, hub);
  filter.join(member, asked);
  hub.tell({ type: 'upstream-subscribed', connection, packetId, reasonCode: qos });
}

/** The broker closes the connection on this SUBSCRIBE: whoever waits for it is refused. */
export function refuseNewcomers(filter: SharedFilter, reasonCode: number, hub: Hub): void {
  for (const newcomer of filter.takeNewcomers()) {
    answer(newcomer, filter, { reasonCode }, hub);
  }
  review(filter, hub);
}

/** I-98. The grace time is over: nobody waits for SUBACK any more (3.5 item 7), save a session that asks for what its client has. */
export function refuseAllNewcomers(hub: Hub): void {
  for (const filter of [...hub.link.toSubscribe, ...hub.link.toFetch]) {
    for (const newcomer of filter.takeNewcomers()) {
      if (newcomer.restores || newcomer.answered) {
        filter.wait(newcomer);
      } else {
        answer(newcomer, filter, AWAY, hub);
      }
    }
    review(filter, hub);
  }
}
