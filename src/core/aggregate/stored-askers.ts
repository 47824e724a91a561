/** For whom what is retained may still be on its way (3.7 item 2): kept with the filter, so that a restart loses it for nobody (I-96). */

import type { Qos } from '../../codec/message.ts';
import { type StoredAsker, type StoredFilter, sharedKey } from '../contract/stored-records.ts';
import { SmallMap } from '../topics/small-map.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { outlives } from './settlement.ts';
import type { Askers, SharedFilter } from './shared-filter.ts';

/** Clients that are kept for one filter, those that asked last. */
const KEPT = 64;

/** Clients that are looked at for those: most may be clean, and each further SUBSCRIBE for the filter would look at all of them. */
const LOOKS = 1_024;

/**
 * Writes what the broker is asked for, and for whom. `isThere`: the disk knows that the broker may have it. What the broker has and the disk does not
 * know of would never end after a loss of power.
 */
export function saveFilter(filter: SharedFilter, isThere: boolean, hub: Hub): void {
  const { filter: name, identifier, asked: qos } = filter;
  const askers = askersOf(filter, hub);
  const record = { kind: 'filter', filter: name, identifier, qos, ...(askers.length > 0 && { askers }) } as const;
  const write = { key: sharedKey('filter', name), record };
  if (isThere) {
    hub.store([write]);
  } else {
    hub.storeSoon(write);
  }
}

function askersOf(filter: SharedFilter, hub: Hub): StoredAsker[] {
  const { fetch, lateFetches, identifies } = hub.link;
  const found: Found = { kept: [], looked: 0 };
  if (identifies) {
    for (const generation of [...filter.askers.keys()].reverse()) {
      const awaits = filter.unproven.has(generation) ? { awaits: true as const } : {};
      keep(found, filter.askers.get(generation), { generation, ...awaits }, hub);
    }
  } else {
    for (const late of fetch === undefined ? lateFetches : [fetch, ...lateFetches]) {
      keep(found, late.filter === filter ? late.askers : undefined, {}, hub);
    }
  }
  return found.kept;
}

interface Found {
  readonly kept: StoredAsker[];
  looked: number;
}

function keep(
  found: Found,
  askers: Askers | undefined,
  which: Pick<StoredAsker, 'generation' | 'awaits'>,
  hub: Hub,
): void {
  const { kept } = found;
  for (const member of askers?.keys() ?? []) {
    if (kept.length >= KEPT || found.looked++ >= LOOKS) {
      return;
    }
    if (outlives(member, hub)) {
      kept.push({ clientId: member.clientId, qos: askers?.get(member) ?? 0, ...which });
    }
  }
}

/**
 * After a start: what comes with the identifiers of their SUBSCRIBEs is for them. Returns those for whom it is asked for again, because messages named no
 * subscriptions; nobody who has left.
 */
export function restoreAskers(filter: SharedFilter, { askers = [] }: StoredFilter, hub: Hub): Askers {
  const again = new SmallMap<Member, Qos>();
  for (const { clientId, qos, generation, awaits } of [...askers].reverse()) {
    const member = hub.members.get(clientId);
    if (member?.grants.has(filter.filter)) {
      const asked = generation === undefined ? again : filter.askersOf(generation);
      asked.set(member, qos);
      if (generation !== undefined && awaits) {
        filter.awaitCopies(generation, 0);
        hub.link.unproven.add(filter);
      }
    }
  }
  return again;
}
