/**
 * A message that names a filter of which the record was lost (I-167): the broker has taken it under an identifier that an earlier process has given, and no
 * record explains. It goes by its topic to the filters that match and whose former names nobody knows. Where these are several, copies of one message cannot
 * be told apart: the first one stands for all of them that may have come with its QoS.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import type { Hub } from './hub.ts';
import { openCopies, sameCopies } from './same-copies.ts';
import type { SharedFilter } from './shared-filter.ts';
import { saveFilter } from './stored-askers.ts';
import { type FilterName, identifierOf, readIdentifier } from './subscription-identifier.ts';

/** The message, with the names of the filters for which it may be. */
export function withFormerNames(input: UpstreamMessage, hub: Hub): UpstreamMessage {
  const { lostNames, link } = hub;
  const { identifiers } = input;
  if (lostNames.size === 0 || identifiers === undefined || !link.identifies) {
    return input;
  }
  const names = identifiers.map(readIdentifier);
  if (!names.some(({ slot }) => isUnexplained(slot, hub))) {
    return input;
  }
  const former = mayBeFor(input, names, hub).map((filter) =>
    identifierOf({ slot: filter.slot, generation: lostNames.generationOf(filter) ?? 0 }),
  );
  return former.length === 0 ? input : { ...input, identifiers: [...identifiers, ...former] };
}

/** Neither a filter that is there, nor one of this process, nor one that a record has told of: also what everybody has left since is known by that. */
export function isUnexplained(slot: number, { bySlot, lostNames, slots }: Hub): boolean {
  return !bySlot.has(slot) && !lostNames.isKnown(slot) && !slots.isGiven(slot);
}

function mayBeFor(input: UpstreamMessage, names: readonly FilterName[], hub: Hub): readonly SharedFilter[] {
  const { topic, qos, retain } = input;
  const had = retain ? undefined : openCopies(sameCopies(input, hub), names)?.names;
  const found: SharedFilter[] = [];
  const find = (filter: SharedFilter): void => {
    if (hub.lostNames.has(filter) && !had?.some(({ slot }) => slot === filter.slot)) {
      found.push(filter);
    }
  };
  hub.filters.match(topic, find);
  hub.sharedTopics.match(topic, (shares) => [...shares].forEach(find));
  const likely = found.filter(({ wanted }) => wanted > 0 === qos > 0);
  return likely.length > 0 ? likely : found;
}

/** The broker has nothing left of what it had taken before it granted them anew. */
export function formerNamesProven(hub: Hub): void {
  for (const filter of hub.lostNames.keys()) {
    if (filter.grantedAs > 0 && filter.grantedAs <= hub.link.proven) {
      hub.lostNames.delete(filter);
      saveFilter(filter, true, hub);
    }
  }
}
