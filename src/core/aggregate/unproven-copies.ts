/**
 * Where messages name subscriptions what is retained is known by the SUBSCRIBE that brings it. Whether all of it has come for a newcomer nobody says: it has when
 * the broker has nothing left of before (drained.ts). Where the connection breaks until then the broker is asked for it once more, for those newcomers alone (I-96):
 * for what comes with QoS 0 where its session has the rest still (I-141), else for all of it.
 */

import { fetchAgain, fetchQos0Again, type KnownSession } from './fetch-again.ts';
import type { Hub } from './hub.ts';
import { outlives } from './settlement.ts';
import type { SharedFilter, Unproven } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';

/** SUBACK of a SUBSCRIBE that was for newcomers. */
export function copiesFollow(filter: SharedFilter, isGranted: boolean, { link }: Hub): void {
  const generation = filter.generation;
  if (filter.unproven.get(generation)?.grants !== Number.POSITIVE_INFINITY) {
    return; // of one that was for nobody new: it brings nothing
  }
  if (isGranted) {
    filter.awaitCopies(generation, { grants: link.grants, isKept: (filter.granted ?? 0) > 0, isAsked: false });
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
      if ((filter.unproven.get(generation)?.grants ?? 0) <= link.proven) {
        filter.awaitNoCopies(generation);
        const askers = [...filter.askersOf(generation).keys(), ...filter.askersOfQos0(generation)];
        isStored ||= askers.some((member) => outlives(member, hub));
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
 * The connection is another one: what was still to come went with the broker's session, or may have (I-52); with the session that is there only what has
 * QoS 0, which goes with a connection (I-141). That session brings the rest still, to those who asked then.
 */
export function fetchUnproven(session: KnownSession, hub: Hub): void {
  for (const filter of hub.link.unproven) {
    for (const generation of [...filter.unproven.keys()]) {
      const unproven = filter.unproven.get(generation);
      if (unproven && hub.filter(filter.filter) === filter) {
        fetchGeneration(filter, generation, { ...unproven, isKept: unproven.isKept && session === 'kept' }, hub);
        if (session === 'lost') {
          filter.forgetAskers(generation);
        }
      } else {
        filter.awaitNoCopies(generation);
      }
    }
    if (filter.unproven.size === 0) {
      hub.link.unproven.delete(filter);
    }
  }
}

function fetchGeneration(filter: SharedFilter, generation: number, unproven: Unproven, hub: Hub): void {
  fetchQos0Again(filter, filter.takeAskersOfQos0(generation), hub);
  const askers = filter.askersOf(generation);
  if (askers.size > 0 && unproven.isKept && hub.link.identifies) {
    fetchQos0Again(filter, unproven.isAsked ? [] : askers.keys(), hub);
    filter.awaitCopies(generation, { ...unproven, isAsked: true });
    return;
  }
  if (askers.size > 0) {
    fetchAgain(filter, askers, hub);
  }
  filter.awaitNoCopies(generation);
}
