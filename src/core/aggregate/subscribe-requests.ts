/**
 * SUBSCRIBE and UNSUBSCRIBE on the shared connection. Each newcomer has a SUBSCRIBE with a Subscription Identifier of its own: what is retained comes
 * with it. Where messages name no subscriptions, newcomers are served one filter at a time (nested-filters.ts).
 */

import { sharedKey } from '../contract/stored-records.ts';
import { isFilterCondemned } from './condemned.ts';
import { renew } from './doubted-session.ts';
import { waitsForEchoes } from './echoes.ts';
import { askersAmong, NOT_YET, newFetch } from './fetch-again.ts';
import { type Hub, isShare, NOBODY } from './hub.ts';
import { bestFirst, lift, meetShares, wantedQos } from './lift.ts';
import { keepsQos, ownerOfSubscribe } from './lowered-filters.ts';
import { NOT_GRANTED, SharedFilter } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';
import { uncover } from './uncover.ts';

/** SUBSCRIBEs, and UNSUBSCRIBEs, that are out at a time. */
const AT_A_TIME = 64;

/** A SUBSCRIBE is to be sent for a filter. */
export function want(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  lift(filter, hub);
  const isFetch = !link.identifies && filter.hasNews;
  (isFetch ? link.toFetch : link.toSubscribe).add(filter);
  sendSubscribes(hub);
}

/** Whatever may go out does. UNSUBSCRIBE comes behind: what stood for other filters stands until they have subscriptions of their own. */
export function sendSubscribes(hub: Hub): void {
  const { link } = hub;
  if (link.toSubscribe.size + link.toFetch.size + link.toUnsubscribe.size === 0) {
    return;
  }
  const mayGo = (): boolean => link.subscribing < AT_A_TIME && isOpen(hub);
  for (const filter of link.toSubscribe) {
    if (!mayGo()) {
      return;
    }
    if (link.identifies || !filter.hasNews || !link.fetch) {
      link.toSubscribe.delete(filter);
      sendIfWanted(filter, hub);
    } else if (filter.members.size === 0 || filter.atBroker) {
      link.toSubscribe.delete(filter);
      link.toFetch.add(filter);
    } // else those who have it wait as well: UNSUBSCRIBE for what stands for it comes behind
  }
  for (const filter of link.toFetch) {
    if (!mayGo() || link.fetch || waitsForEchoes(filter, hub)) {
      break;
    }
    link.toFetch.delete(filter);
    sendIfWanted(filter, hub);
  }
  if (isOpen(hub)) {
    sendUnsubscribes(hub);
  }
}

/** Not in the quiet second after a break, and not beside a filter on which the connection may have broken (I-42). */
function isOpen({ link }: Hub): boolean {
  return link.phase === 'up' && link.probeUntil === undefined && !(link.suspects[0] instanceof SharedFilter);
}

function sendIfWanted(filter: SharedFilter, hub: Hub): void {
  if (isFilterCondemned(filter.filter, 'gateway', hub)) {
    restoreLater(filter, hub);
  } else if (keepsQos(filter, hub) && filter.newcomers.size === 0) {
    hub.link.later.add(filter);
  } else if (filter.request === undefined && !filter.isUnused) {
    sendSubscribe(filter, hub);
  }
}

/**
 * I-97: nothing waits for it any more. Clients that have it keep it: it is asked for again on the next connection. What it stood for is asked for by itself: the
 * broker may well take that.
 */
export function restoreLater(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  link.restoring.delete(filter);
  if (filter.granted !== undefined || filter.covered || filter.members.size === 0) {
    return;
  }
  link.refused.add(filter);
  for (const narrow of uncover(filter, hub)) {
    link.restoring.add(narrow);
  }
}

/** SUBSCRIBE, for all that wait for one. */
export function sendSubscribe(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  meetShares(filter, hub);
  const qos = keepsQos(filter, hub) ? (filter.granted ?? 0) : wantedQos(filter, hub);
  const isNews = filter.hasNews && !isShare(filter.filter); // I-94
  const newcomers = filter.takeNewcomers();
  const { askers, ofQos0 } = askersAmong(newcomers);
  if (isNews && link.identifies) {
    filter.nextGeneration(askers, ofQos0);
  } else if (isNews) {
    link.fetch = newFetch(filter, askers, ofQos0);
  }
  renew(filter, isNews && link.identifies, hub);
  const packetId = link.takePacketId({ is: 'subscribe', filter });
  const isThere = filter.atBroker;
  const owner = ownerOfSubscribe(filter, qos, hub);
  filter.request = { packetId, newcomers, isThere };
  filter.asked = qos;
  filter.atBroker = true;
  departsNoMore(filter.filter, hub);
  link.subscribing++;
  saveFilter(filter, isThere, hub);
  const named = link.identifies ? { identifier: filter.identifier, ...owner } : {};
  const retained = isNews ? {} : { withoutRetained: true as const };
  const { connection } = link;
  hub.emit({ type: 'upstream-subscribe', connection, packetId, filter: filter.filter, qos, ...named, ...retained });
}

/** UNSUBSCRIBE to the broker, now or when the connection stands. `isLeft`: of the filter (FilterState). */
export function endFilter(filter: string, hub: Hub, isLeft = false): void {
  if (isLeft) {
    hub.link.endsByRecord.add(filter);
  }
  oweUnsubscribe(filter, hub);
  sendSubscribes(hub);
}

/** Until its answer it is owed, after a restart too. */
export function oweUnsubscribe(filter: string, hub: Hub): void {
  hub.departing.set(filter, 0);
  hub.link.toUnsubscribe.add(filter);
}

function sendUnsubscribes(hub: Hub): void {
  const { link } = hub;
  if (link.toSubscribe.size > 0) {
    return;
  }
  for (const filter of link.toUnsubscribe) {
    if (link.unsubscribing >= AT_A_TIME) {
      return;
    }
    if (link.endsByRecord.has(filter) && link.heldOwners.has(NOBODY)) {
      link.toUnsubscribe.delete(filter);
      link.later.add(filter);
    } else if (!link.suspects.includes(filter)) {
      sendUnsubscribe(filter, hub);
    }
  }
}

/** UNSUBSCRIBE for one that is owed it. */
export function sendUnsubscribe(filter: string, hub: Hub): void {
  const { link } = hub;
  const { connection } = link;
  link.toUnsubscribe.delete(filter);
  link.unsubscribing++;
  const packetId = link.takePacketId({ is: 'unsubscribe', filter });
  hub.departing.set(filter, packetId);
  const owner = link.endsByRecord.has(filter) ? { owner: NOBODY } : {};
  hub.emit({ type: 'upstream-unsubscribe', connection, packetId, filter, ...owner });
}

/** UNSUBACK. The filter may have been subscribed and left again meanwhile. */
export function filterEnded(filter: string, packetId: number, hub: Hub): void {
  hub.link.unsubscribing--;
  hub.link.leaveFalls.delete(filter);
  if (hub.departing.get(filter) === packetId) {
    forgetDeparted(filter, hub);
  }
  sendSubscribes(hub);
}

/** The broker has it no more, or does not let it go. */
export function forgetDeparted(filter: string, hub: Hub): void {
  departsNoMore(filter, hub);
  hub.store([{ key: sharedKey('filter', filter), record: undefined }]);
}

function departsNoMore(filter: string, { departing, link }: Hub): void {
  departing.delete(filter);
  link.toUnsubscribe.delete(filter);
  link.leaveFalls.delete(filter);
  link.endsByRecord.delete(filter);
  link.later.delete(filter);
}

/** It has waited for the disk, and has not gone out (held-owners.ts). */
export function takeBackSubscribe(filter: SharedFilter, hub: Hub): void {
  hub.link.subscribing--;
  filter.atBroker = filter.request?.isThere ?? filter.atBroker;
  filter.asked = filter.granted ?? filter.asked;
  takeBack(filter, hub);
}

/** The same; not where SUBSCRIBE has come behind it. */
export function takeBackUnsubscribe(filter: string, packetId: number, hub: Hub): void {
  hub.link.unsubscribing--;
  if (hub.departing.get(filter) === packetId) {
    oweUnsubscribe(filter, hub);
  }
}

/** The connection broke: what it was asked for is asked for again. Returns filters whose newcomers may have left meanwhile. */
export function takeBackRequests(hub: Hub): readonly SharedFilter[] {
  const { link } = hub;
  const filters: SharedFilter[] = [];
  link.subscribing = 0;
  link.unsubscribing = 0;
  for (const [packetId, use] of link.uses) {
    if (use.is === 'subscribe') {
      takeBack(use.filter, hub);
      filters.push(use.filter);
    }
    if (use.is === 'subscribe' || use.is === 'unsubscribe') {
      link.uses.delete(packetId);
    }
  }
  const { fetch } = link;
  const lateFetches = link.lateFetches.filter(({ granted }) => granted !== NOT_YET); // that one's SUBSCRIBE goes out again
  link.lateFetches = lateFetches;
  link.fetch = undefined;
  if (fetch && fetch.granted > 0) {
    link.lateFetches = [...lateFetches, fetch];
    filters.push(fetch.filter);
  }
  return filters;
}

function takeBack(filter: SharedFilter, { link }: Hub): void {
  const { request } = filter;
  const later = filter.takeNewcomers();
  filter.request = undefined;
  if (filter.unproven.get(filter.generation)?.grants === Number.POSITIVE_INFINITY) {
    filter.awaitNoCopies(filter.generation); // they wait once more
  }
  for (const newcomer of [...(request?.newcomers ?? []), ...later]) {
    if (!newcomer.gone) {
      filter.wait(newcomer);
    }
  }
  link.toSubscribe.add(filter);
}

/** What stands for it is back before anything is published, though nobody may have that itself any more. */
function awaitCover(narrow: SharedFilter, { filters, link }: Hub): void {
  filters.covering(narrow.filter, (wide) => {
    if (!wide.covered) {
      link.restoring.add(wide);
    }
  });
}

/**
 * The broker has no subscriptions, or may have none (3.4). `lost`: nothing is published before they are back. `isGone`: it has none that were to end,
 * either.
 */
export function restoreFilters(lost: boolean, hub: Hub, isGone: boolean): void {
  const { link } = hub;
  for (const filter of hub.allFilters()) {
    if (lost) {
      filter.granted = undefined;
    }
    if (isGone) {
      filter.atBroker = false;
      filter.grantedAs = NOT_GRANTED;
    }
    if (!filter.covered || filter.hasNews) {
      link.toSubscribe.add(filter);
      if (lost && filter.members.size > 0) {
        link.restoring.add(filter);
      }
    }
    if (lost && filter.covered && filter.members.size > 0) {
      awaitCover(filter, hub);
    }
  }
  if (lost) {
    bestFirst(hub);
  }
  if (isGone) {
    for (const filter of [...hub.departing.keys()]) {
      forgetDeparted(filter, hub);
    }
    link.toUnsubscribe.clear();
  }
}
