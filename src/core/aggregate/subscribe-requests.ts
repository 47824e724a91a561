/**
 * SUBSCRIBE and UNSUBSCRIBE on the shared connection. Each newcomer has a SUBSCRIBE with a Subscription Identifier of its own: what is retained comes
 * with it. Where messages name no subscriptions, newcomers are served one filter at a time (nested-filters.ts).
 */

import type { Qos } from '../../codec/message.ts';
import { sharedKey } from '../contract/stored-records.ts';
import { SmallSet } from '../state/small-map.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import type { Newcomer, SharedFilter } from './shared-filter.ts';

/** SUBSCRIBEs that are out at a time. */
const AT_A_TIME = 64;

/** A SUBSCRIBE is to be sent for a filter. */
export function want(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  const isFetch = !link.identifies && hasNews(filter);
  (isFetch ? link.toFetch : link.toSubscribe).add(filter);
  sendSubscribes(hub);
}

function hasNews({ newcomers }: SharedFilter): boolean {
  return newcomers.some(({ again }) => !again);
}

/** Whatever may go out does. */
export function sendSubscribes(hub: Hub): void {
  const { link } = hub;
  const mayGo = (): boolean => link.phase === 'up' && link.subscribing < AT_A_TIME && link.suspects.length === 0;
  for (const filter of link.toSubscribe) {
    if (!mayGo()) {
      return;
    }
    link.toSubscribe.delete(filter);
    if (link.identifies || !hasNews(filter)) {
      sendIfWanted(filter, hub);
    } else {
      link.toFetch.add(filter);
    }
  }
  for (const filter of link.toFetch) {
    if (!mayGo() || link.fetch) {
      return;
    }
    link.toFetch.delete(filter);
    sendIfWanted(filter, hub);
  }
}

function sendIfWanted(filter: SharedFilter, hub: Hub): void {
  if (filter.request === undefined && !filter.isUnused) {
    sendSubscribe(filter, hub);
  }
}

/** SUBSCRIBE, for all that wait for one and may be served now. */
export function sendSubscribe(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  const qos = wantedQos(filter, hub);
  const newcomers = takeNewcomers(filter, hub);
  const askers = new SmallSet<Member>();
  for (const { member, again } of newcomers) {
    if (!again) {
      askers.add(member);
    }
  }
  const isNews = askers.size > 0;
  if (isNews && link.identifies) {
    filter.nextGeneration();
    filter.askers.set(filter.generation, askers);
  } else if (isNews) {
    link.fetch = { filter, askers: new Set(askers.keys()), topics: new Set(), granted: false };
  }
  const packetId = link.takePacketId({ is: 'subscribe', filter });
  filter.request = { packetId, asked: qos, newcomers };
  filter.asked = qos;
  hub.departing.delete(filter.filter);
  link.subscribing++;
  saveFilter(filter, hub);
  const named = link.identifies ? { identifier: filter.identifier } : {};
  const retained = isNews ? {} : { withoutRetained: true as const };
  const { connection } = link;
  hub.emit({ type: 'upstream-subscribe', connection, packetId, filter: filter.filter, qos, ...named, ...retained });
}

/** Where what is retained is being fetched for another filter, those who want what is retained here wait for their turn. */
function takeNewcomers(filter: SharedFilter, { link }: Hub): readonly Newcomer[] {
  const { newcomers } = filter;
  filter.newcomers = [];
  if (link.identifies || !link.fetch) {
    return newcomers;
  }
  filter.newcomers = newcomers.filter(({ again }) => !again);
  if (filter.newcomers.length > 0) {
    link.toFetch.add(filter);
  }
  return newcomers.filter(({ again }) => again);
}

/** The highest QoS that anybody has asked for; where a filter stands for narrower ones, for those as well. */
export function wantedQos(filter: SharedFilter, hub: Hub): Qos {
  let qos = filter.wanted;
  if (!hub.link.identifies) {
    hub.filters.coveredBy(filter.filter, (narrow) => {
      qos = narrow.wanted > qos ? narrow.wanted : qos;
    });
  }
  return qos;
}

function saveFilter({ filter, identifier, asked: qos }: SharedFilter, hub: Hub): void {
  hub.store([{ key: sharedKey('filter', filter), record: { kind: 'filter', filter, identifier, qos } }]);
}

/** UNSUBSCRIBE to the broker, now or when the connection stands; until its answer it is owed, after a restart too. */
export function endFilter(filter: string, hub: Hub): void {
  hub.departing.add(filter);
  if (hub.link.phase === 'up') {
    unsubscribe(filter, hub);
  }
}

export function unsubscribe(filter: string, hub: Hub): void {
  const { link } = hub;
  const packetId = link.takePacketId({ is: 'unsubscribe', filter });
  hub.emit({ type: 'upstream-unsubscribe', connection: link.connection, packetId, filter });
}

/** UNSUBACK. */
export function filterEnded(filter: string, hub: Hub): void {
  if (hub.departing.delete(filter)) {
    hub.store([{ key: sharedKey('filter', filter), record: undefined }]);
  }
}

/** The connection broke: what it was asked for is asked for again. */
export function takeBackRequests(hub: Hub): void {
  const { link } = hub;
  link.subscribing = 0;
  link.fetch = undefined;
  for (const [packetId, use] of link.uses) {
    if (use.is === 'subscribe') {
      const { filter } = use;
      filter.newcomers = [...(filter.request?.newcomers ?? []), ...filter.newcomers];
      filter.request = undefined;
      link.toSubscribe.add(filter);
    }
    if (use.is === 'subscribe' || use.is === 'unsubscribe') {
      link.uses.delete(packetId);
    }
  }
}

/** The broker has no subscriptions, or may have none (3.4). `lost`: nothing is published before they are back. */
export function restoreFilters(lost: boolean, hub: Hub): void {
  const { link } = hub;
  for (const filter of hub.allFilters()) {
    if (lost) {
      filter.granted = undefined;
    }
    if (!filter.covered || hasNews(filter)) {
      link.toSubscribe.add(filter);
      if (lost) {
        link.restoring.add(filter);
      }
    }
  }
  if (lost) {
    for (const filter of hub.departing) {
      filterEnded(filter, hub);
    }
  }
}
