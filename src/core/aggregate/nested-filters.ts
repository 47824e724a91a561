/**
 * Where the broker does not name the subscriptions that a message comes for (MQTT 3.1.1, or 5 without Subscription Identifiers): a filter that is
 * covered by a wider one has no subscription of its own, so that no message comes twice; what is retained is fetched for newcomers of one filter at a
 * time. Filters that cross (`a/+` and `+/b`) are what the broker makes of them.
 */

import type { Hub } from './hub.ts';
import type { SharedFilter } from './shared-filter.ts';
import { endFilter, sendSubscribe, sendSubscribes, wantedQos } from './subscribe-requests.ts';

/** SUBACK for newcomers: what is retained comes before the answer to this PINGREQ. True where there is something to wait for. */
export function fetchGranted(filter: SharedFilter, hub: Hub): boolean {
  const { link } = hub;
  if (link.fetch?.filter !== filter) {
    return false;
  }
  link.fetch.granted = true;
  ping(hub);
  return true;
}

function ping(hub: Hub): void {
  hub.emit({ type: 'upstream-ping', connection: hub.link.connection });
}

/** PINGRESP. The filter for which all that is retained is here; undefined: there is none, or more may come, for the broker waits for us. */
export function fetchPonged(hub: Hub): SharedFilter | undefined {
  const { fetch } = hub.link;
  if (!fetch?.granted) {
    return undefined;
  }
  for (const { safe, qos } of hub.byPacketId.values()) {
    if (qos === 1 || !safe) {
      ping(hub);
      return undefined;
    }
  }
  hub.link.fetch = undefined;
  return fetch.filter;
}

/** A filter is granted: it is covered by a wider one, or covers narrower ones, which need no subscription of their own then. */
export function nest(filter: SharedFilter, hub: Hub): void {
  if (hub.link.identifies || filter.granted === undefined || hub.shares.has(filter.filter)) {
    return;
  }
  const wide = widerThan(filter, hub);
  if (wide) {
    if (wide.asked < wantedQos(wide, hub)) {
      sendAgain(wide, hub);
    }
    cover(filter, hub);
    return;
  }
  const narrower: SharedFilter[] = [];
  hub.filters.coveredBy(filter.filter, (narrow) => {
    if (narrow.granted !== undefined && narrow.request === undefined && hub.link.fetch?.filter !== narrow) {
      narrower.push(narrow);
    }
  });
  if (narrower.length > 0 && filter.asked < wantedQos(filter, hub)) {
    sendAgain(filter, hub);
  }
  for (const narrow of narrower) {
    cover(narrow, hub);
  }
}

function widerThan(filter: SharedFilter, hub: Hub): SharedFilter | undefined {
  let found: SharedFilter | undefined;
  hub.filters.covering(filter.filter, (wide) => {
    if (wide.granted !== undefined) {
      found ??= wide;
    }
  });
  return found;
}

/** With another QoS: before UNSUBSCRIBE for those that it stands for. */
function sendAgain(filter: SharedFilter, hub: Hub): void {
  if (filter.request === undefined) {
    sendSubscribe(filter, hub);
  } else {
    hub.link.toSubscribe.add(filter);
  }
}

function cover(filter: SharedFilter, hub: Hub): void {
  filter.covered = true;
  filter.granted = undefined;
  endFilter(filter.filter, hub);
}

/** Nobody has a filter any more: those that it stood for get subscriptions of their own, before its UNSUBSCRIBE. */
export function uncover(filter: SharedFilter, hub: Hub): void {
  if (hub.link.identifies || filter.covered || hub.shares.has(filter.filter)) {
    return;
  }
  const alone: SharedFilter[] = [];
  hub.filters.coveredBy(filter.filter, (narrow) => {
    if (narrow.covered && !isCoveredBesides(narrow, filter, hub)) {
      alone.push(narrow);
    }
  });
  for (const narrow of alone) {
    narrow.covered = false;
    if (hub.link.phase === 'up' && narrow.request === undefined) {
      sendSubscribe(narrow, hub);
    } else {
      hub.link.toSubscribe.add(narrow);
    }
  }
  sendSubscribes(hub);
}

function isCoveredBesides(narrow: SharedFilter, but: SharedFilter, hub: Hub): boolean {
  let found = false;
  hub.filters.covering(narrow.filter, (wide) => {
    found ||= wide !== but && !wide.covered && wide.members.size > 0;
  });
  return found;
}
