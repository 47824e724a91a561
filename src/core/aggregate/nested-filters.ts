/**
 * Where the broker does not name the subscriptions that a message comes for (MQTT 3.1.1, or 5 without Subscription Identifiers): a filter that is
 * covered by a wider one has no subscription of its own, so that no message comes twice; what is retained is fetched for newcomers of one filter at a
 * time. Filters that cross (`a/+` and `+/b`) are what the broker makes of them (I-95, I-96).
 */

import type { Millis } from '../contract/link.ts';
import { askIfDrained, isDrained } from './drained.ts';
import { NOT_YET } from './fetch-again.ts';
import { formerNamesProven } from './former-names.ts';
import { type Hub, NOBODY } from './hub.ts';
import { settleIfCrowded } from './settlement.ts';
import type { SharedFilter } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';
import { oweUnsubscribe, sendSubscribes } from './subscribe-requests.ts';
import { mayStand, raise } from './uncover.ts';
import { copiesProven } from './unproven-copies.ts';

/** So long after SUBACK newcomers of other filters have their turn: other messages may never cease, or the disk take nothing that the broker waits for. */
const LONGEST_FETCH: Millis = 10_000;

/** The same where acknowledgements wait for the disk, and PINGREQ behind them (I-38): what is retained comes right behind SUBACK, if it comes. */
const HELD_FETCH: Millis = 500;

/** Fetches that are remembered beyond that time; the oldest goes. */
const MOST_LATE = 64;

/** SUBACK for newcomers: what is retained comes before the answer to this PINGREQ. True where there is something to wait for. */
export function fetchGranted(filter: SharedFilter, isGranted: boolean, hub: Hub): boolean {
  const { link } = hub;
  if (link.fetch?.filter !== filter) {
    const late = isGranted
      ? link.lateFetches.find((one) => one.filter === filter && one.granted === NOT_YET)
      : undefined;
    if (late) {
      late.granted = link.grants;
      late.isKept = (filter.granted ?? 0) > 0;
      askIfDrained(hub);
    }
    return false;
  }
  if (!isGranted) {
    link.fetch = undefined;
    return false;
  }
  link.fetch.granted = link.grants;
  link.fetch.isKept = (filter.granted ?? 0) > 0;
  link.fetch.until = hub.now + (link.heldOwners.has(NOBODY) ? HELD_FETCH : LONGEST_FETCH);
  settleIfCrowded(hub);
  askIfDrained(hub);
  return true;
}

/** The answer to PINGREQ will not come soon. */
export function fetchIsHeld({ link, now }: Hub): void {
  if (link.fetch?.until !== undefined) {
    link.fetch.until = Math.min(link.fetch.until, now + HELD_FETCH);
  }
}

/**
 * PINGRESP, or the longest time is over. The filter for which all that is retained is here, or whose newcomers keep others waiting no more; undefined:
 * there is none, or more may come.
 */
export function fetchEnded(hub: Hub, isDue: boolean): SharedFilter | undefined {
  const { link } = hub;
  const grants = link.drain?.grants ?? 0;
  if (!isDue) {
    if (!isDrained(hub)) {
      return undefined;
    }
    endLateFetches(grants, hub);
    copiesProven(hub);
    formerNamesProven(hub);
  }
  const { fetch } = link;
  if (fetch === undefined || (!isDue && (fetch.granted === 0 || fetch.granted > grants))) {
    askIfDrained(hub);
    return undefined;
  }
  link.fetch = undefined;
  if (isDue) {
    fetch.granted ||= NOT_YET;
    link.lateFetches = [...link.lateFetches, fetch].slice(-MOST_LATE);
  }
  return fetch.filter;
}

/** The broker has nothing left of what was granted up to this SUBACK. */
function endLateFetches(grants: number, hub: Hub): void {
  const { link } = hub;
  const ended = link.lateFetches.filter(({ granted }) => granted <= grants);
  if (ended.length === 0) {
    return;
  }
  link.lateFetches = link.lateFetches.filter(({ granted }) => granted > grants);
  for (const { filter } of ended) {
    if (hub.filter(filter.filter) === filter) {
      saveFilter(filter, true, hub);
    }
  }
}

/** A filter is granted: it is covered by a wider one, or covers narrower ones, which need no subscription of their own then. */
export function nest(filter: SharedFilter, hub: Hub): void {
  if (hub.link.identifies || filter.granted === undefined || hub.shares.has(filter.filter)) {
    return;
  }
  const wide = widerThan(filter, hub);
  if (wide && mayStand(wide, hub)) {
    raise(wide, [filter], hub);
    cover(filter, hub);
    sendSubscribes(hub);
    return;
  }
  if (wide) {
    wide.nestsAgain = true; // it may be gone when its answer comes, or nobody have it
  }
  const narrower: SharedFilter[] = [];
  hub.filters.coveredBy(filter.filter, (narrow) => {
    if (narrow.request !== undefined) {
      narrow.nestsAgain = true;
    } else if (narrow.granted !== undefined && hub.link.fetch?.filter !== narrow && filter.brings(narrow.needed)) {
      narrower.push(narrow);
    }
  });
  raise(filter, narrower, hub);
  for (const narrow of narrower) {
    cover(narrow, hub);
  }
  sendSubscribes(hub); // not before all are covered: one of them may be asked for once more, and UNSUBSCRIBE must not come behind that
}

function widerThan(filter: SharedFilter, hub: Hub): SharedFilter | undefined {
  let found: SharedFilter | undefined;
  hub.filters.covering(filter.filter, (wide) => {
    if (wide.brings(filter.needed) && (found === undefined || found.members.size === 0)) {
      found = wide;
    }
  });
  return found;
}

/** Another one stands for it. */
function cover(filter: SharedFilter, hub: Hub): void {
  filter.coverNeeds = filter.needed;
  filter.covered = true;
  filter.granted = undefined;
  filter.atBroker = false;
  oweUnsubscribe(filter.filter, hub);
}
