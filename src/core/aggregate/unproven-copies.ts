/**
 * Where messages name subscriptions what is retained is known by the SUBSCRIBE that brings it. Whether all of it has come for a newcomer nobody says: it has when
 * the broker has nothing left of before (drained.ts). Where the connection breaks until then the broker is asked for it once more, for those newcomers alone (I-96).
 */

import type { Hub } from './hub.ts';
import { outlives } from './settlement.ts';
import type { SharedFilter } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';
import { fetchAgain } from './subscribe-requests.ts';

/** SUBACK of a SUBSCRIBE that was for newcomers. */
export function copiesFollow(filter: SharedFilter, isGranted: boolean, { link }: Hub): void {
  const generation = filter.generation;
  if (!filter.unproven.has(generation)) {
    return;
  }
  if (isGranted) {
    filter.awaitCopies(generation, link.grants);
    link.unproven.add(filter);
    link.toProve = link.grants;
  } else {
    filter.awaitNoCopies(generation);
  }
}

/** The broker has nothing left of what was granted up to some SUBACK. */
export function copiesProven(hub: Hub): void {
  const { link } = hub;
  for (const filter of link.unproven) {
    let isStored = false;
    for (const generation of [...filter.unproven.keys()]) {
      if ((filter.unproven.get(generation) ?? 0) <= link.proven) {
        filter.awaitNoCopies(generation);
        isStored ||= [...filter.askersOf(generation).keys()].some((member) => outlives(member, hub));
      }
    }
    if (filter.unproven.size === 0) {
      link.unproven.delete(filter);
    }
    if (isStored && hub.filter(filter.filter) === filter) {
      saveFilter(filter, true, hub);
    }
  }
}

/**
 * The connection is another one: the broker may have lost its session, and with it what is still to come, or that with QoS 0, which goes with a connection (I-141). What
 * comes of before all the same is not for those who are asked for once more.
 */
export function fetchUnproven(hub: Hub): void {
  for (const filter of hub.link.unproven) {
    for (const generation of [...filter.unproven.keys()]) {
      if (hub.filter(filter.filter) === filter) {
        const askers = filter.askersOf(generation);
        if (askers.size > 0) {
          fetchAgain(filter, askers, hub);
        }
        filter.askers.delete(generation);
      }
      filter.awaitNoCopies(generation);
    }
  }
  hub.link.unproven.clear();
}
