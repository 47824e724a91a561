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
  if (!identifies) {
    for (const late of fetch === undefined ? lateFetches : [fetch, ...lateFetches]) {
      keep(found, late.filter === filter ? late.askers : undefined, () => ({}), hub);
    }
    return found.kept;
  }
  const last = [...filter.askers.keys()].reverse();
  for (const generation of last) {
    keep(found, filter.askers.get(generation), (member) => asksWith(filter, generation, member), hub);
  }
  const foundOfQos0: Found = { kept: [], looked: 0 };
  for (const generation of last) {
    const asks = { generation, ...awaits(filter, generation), ofQos0: true } as const;
    keep(foundOfQos0, ofQos0(filter, generation), () => asks, hub);
  }
  return [...found.kept, ...foundOfQos0.kept];
}

/** What else is known of one who asked. */
type Asks = Omit<StoredAsker, 'clientId' | 'qos'>;

function asksWith(filter: SharedFilter, generation: number, member: Member): Asks {
  return { generation, ...awaits(filter, generation), ...(shows(filter, generation, member) && { shows: true }) };
}

function awaits(filter: SharedFilter, generation: number): Pick<Asks, 'awaits'> {
  return filter.unproven.has(generation) ? { awaits: true } : {};
}

/** That it has been granted it shows the subscription of a client that had none before. That one is on the disk anyway, and SUBACK needs no write of its own here. */
function shows({ filter, unproven }: SharedFilter, generation: number, member: Member): boolean {
  const { grants, isKept = false } = unproven.get(generation) ?? {};
  if (grants !== Number.POSITIVE_INFINITY) {
    return isKept;
  }
  const restores = member.isAsking && (member.asking.get(filter) ?? []).some((newcomer) => newcomer.restores);
  return !member.grants.has(filter) && !restores;
}

function ofQos0(filter: SharedFilter, generation: number): Askers {
  const askers: Askers = new SmallMap();
  for (const member of filter.askersOfQos0(generation)) {
    askers.set(member, 0);
  }
  return askers;
}

interface Found {
  readonly kept: StoredAsker[];
  looked: number;
}

function keep(found: Found, askers: Askers | undefined, asksOf: (member: Member) => Asks, hub: Hub): void {
  const { kept } = found;
  for (const member of askers?.keys() ?? []) {
    if (kept.length >= KEPT || found.looked++ >= LOOKS) {
      return;
    }
    if (outlives(member, hub)) {
      kept.push({ clientId: member.clientId, qos: askers?.get(member) ?? 0, ...asksOf(member) });
    }
  }
}

/**
 * After a start: what comes with the identifiers of their SUBSCRIBEs is for them. Returns those for whom it is asked for again, because messages named no
 * subscriptions; nobody who has left.
 */
export function restoreAskers(filter: SharedFilter, { askers = [] }: StoredFilter, hub: Hub): Askers {
  const again = new SmallMap<Member, Qos>();
  for (const asker of [...askers].reverse()) {
    const { clientId, qos, generation } = asker;
    const member = hub.members.get(clientId);
    const grant = member?.grants.get(filter.filter);
    if (member && grant && generation === undefined) {
      again.set(member, qos);
    } else if (member && grant && generation !== undefined) {
      restoreAsker(filter, generation, member, asker);
      if (asker.awaits) {
        const isKept = (filter.unproven.get(generation)?.isKept ?? false) || (asker.shows === true && grant.qos > 0);
        filter.awaitCopies(generation, { grants: 0, isKept, isAsked: false });
        hub.link.unproven.add(filter);
      }
    }
  }
  return again;
}

function restoreAsker(filter: SharedFilter, generation: number, member: Member, { qos, ofQos0 }: StoredAsker): void {
  if (ofQos0) {
    filter.addAskerOfQos0(generation, member);
  } else {
    filter.askersOf(generation).set(member, qos);
  }
}
