/**
 * Where messages name no subscriptions mosquitto sends one copy, with the QoS of the filter that it finds first: a narrower one before a wider one, and
 * shared ones last. So a filter that is found before another one has its QoS, and has it before the other one is granted (I-95).
 */

import type { Qos } from '../../codec/message.ts';
import { type Hub, isShare, topicsOf } from './hub.ts';
import type { SharedFilter } from './shared-filter.ts';

/** The highest QoS that anybody has asked for; where messages name no subscriptions, also for what it stands for, and for what is found behind it. */
export function wantedQos(filter: SharedFilter, { link, filters }: Hub): Qos {
  let { wanted } = filter;
  if (!link.identifies) {
    wanted = highest(wanted, filter.coverQos);
    filters.covering(filter.filter, (wide) => {
      wanted = highest(wanted, wide.atBroker ? wide.asked : 0, wide.newcomers.size > 0 ? wide.wanted : 0);
    });
  }
  return wanted;
}

/** A filter is to be asked for: those that are found before it are asked for with its QoS, and go out first. */
export function lift(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  if (link.identifies) {
    return;
  }
  const qos = wantedQos(filter, hub);
  if (filter.atBroker && filter.asked >= qos) {
    return;
  }
  const raise = (other: SharedFilter): void => {
    if (other.atBroker && other.asked < qos) {
      link.toSubscribe.add(other);
    }
  };
  if (!isShare(filter.filter)) {
    hub.filters.coveredBy(filter.filter, raise);
    return;
  }
  const found = (other: SharedFilter): void => {
    other.coverQos = highest(other.coverQos, qos);
    raise(other);
  };
  const topics = topicsOf(filter.filter);
  const same = hub.filters.get(topics);
  if (same) {
    found(same);
  }
  hub.filters.covering(topics, found);
  hub.filters.coveredBy(topics, found);
}

/** A filter is asked for: it will be found before shared ones. */
export function meetShares(filter: SharedFilter, hub: Hub): void {
  if (hub.link.identifies || hub.shares.size === 0 || isShare(filter.filter)) {
    return;
  }
  const meet = (group: Iterable<SharedFilter>): void => {
    for (const share of group) {
      filter.coverQos = highest(filter.coverQos, share.wanted);
    }
  };
  meet(hub.sharedTopics.get(filter.filter) ?? []);
  hub.sharedTopics.covering(filter.filter, meet);
  hub.sharedTopics.coveredBy(filter.filter, meet);
}

/**
 * The broker is asked for all filters anew: where messages name no subscriptions, the ones with the highest QoS go first. What comes meanwhile by those that
 * are there is for the clients of the others as well, and would come to them with less than they have been granted (I-177).
 */
export function bestFirst(hub: Hub): void {
  const { identifies, toSubscribe } = hub.link;
  if (identifies) {
    return;
  }
  const byQos: Readonly<Record<Qos, SharedFilter[]>> = { 0: [], 1: [], 2: [] };
  for (const filter of toSubscribe) {
    byQos[wantedQos(filter, hub)].push(filter);
  }
  toSubscribe.clear();
  for (const filter of [...byQos[2], ...byQos[1], ...byQos[0]]) {
    toSubscribe.add(filter);
  }
}

function highest(...all: readonly Qos[]): Qos {
  return Math.max(...all) as Qos;
}
