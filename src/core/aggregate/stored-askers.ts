/** For whom what is retained may still be on its way (3.7 item 2): kept with the filter, so that a restart loses it for nobody (I-96). */

import { type StoredAsker, type StoredFilter, sharedKey } from '../contract/stored-records.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import type { AskersSeen } from './asked-filter.ts';
import { newFetch } from './fetch-again.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { outlives } from './settlement.ts';
import type { SharedFilter } from './shared-filter.ts';

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
  const record = {
    ...({ kind: 'filter', filter: name, identifier, qos } as const),
    ...(askers.length > 0 && { askers }),
    ...(hub.lostNames.has(filter) && { nameless: true as const }),
  };
  const write = { key: sharedKey('filter', name), record };
  if (isThere) {
    hub.store([write]);
  } else {
    hub.storeSoon(write);
  }
}

function askersOf(filter: SharedFilter, hub: Hub): StoredAsker[] {
  const all: Found = { kept: [], looked: 0 };
  const ofQos0: Found = { kept: [], looked: 0 };
  for (const subscribe of hub.link.identifies ? generationsOf(filter) : fetchesOf(filter, hub)) {
    const { askers, askersOfQos0, which } = subscribe;
    for (const member of lasting(askers.keys(), all, hub)) {
      const shown = shows(subscribe, filter, member) ? { shows: true as const } : {};
      all.kept.push({ clientId: member.clientId, qos: askers.get(member) ?? 0, ...which, ...shown });
    }
    for (const { clientId } of lasting(askersOfQos0, ofQos0, hub)) {
      ofQos0.kept.push({ clientId, qos: 0, ...which, ofQos0: true });
    }
  }
  return [...all.kept, ...ofQos0.kept];
}

/** A SUBSCRIBE that may not have brought all of it. */
interface Subscribe {
  readonly askers: AskersSeen;
  readonly askersOfQos0: Iterable<Member>;
  readonly which: Pick<StoredAsker, 'generation' | 'awaits'>;
  readonly isGranted: boolean;
  readonly isKept: boolean;
}

/** The last one first. */
function* generationsOf(filter: SharedFilter): Generator<Subscribe> {
  for (const generation of [...filter.generations].reverse()) {
    const unproven = filter.unproven.get(generation);
    yield {
      askers: filter.askersOf(generation),
      askersOfQos0: filter.askersOfQos0(generation),
      which: { generation, ...(unproven && { awaits: true }) },
      isGranted: unproven?.grants !== Number.POSITIVE_INFINITY,
      isKept: unproven?.isKept ?? false,
    };
  }
}

function* fetchesOf(filter: SharedFilter, { link: { fetch, lateFetches } }: Hub): Generator<Subscribe> {
  for (const one of fetch === undefined ? lateFetches : [fetch, ...lateFetches]) {
    if (one.filter === filter) {
      const { askers, askersOfQos0, granted, isKept } = one;
      yield { askers, askersOfQos0, which: {}, isGranted: granted > 0, isKept };
    }
  }
}

/** That it has been granted the subscription shows of a client that had none before. That one is on the disk anyway, and SUBACK needs no write of its own here. */
function shows({ isGranted, isKept }: Subscribe, { filter }: SharedFilter, member: Member): boolean {
  if (isGranted) {
    return isKept;
  }
  const restores = member.isAsking && (member.asking.get(filter) ?? []).some((newcomer) => newcomer.restores);
  return !member.grants.has(filter) && !restores;
}

interface Found {
  readonly kept: StoredAsker[];
  looked: number;
}

/** Those that are to be kept, as long as there is room. */
function* lasting(members: Iterable<Member>, found: Found, hub: Hub): Generator<Member> {
  for (const member of members) {
    if (found.kept.length >= KEPT || found.looked++ >= LOOKS) {
      return;
    }
    if (outlives(member, hub)) {
      yield member;
    }
  }
}

/**
 * After a start: what comes with the identifiers of their SUBSCRIBEs is for them; where messages named no subscriptions what comes until the broker has nothing left.
 * Nobody who has left.
 */
export function restoreAskers(filter: SharedFilter, { askers = [] }: StoredFilter, hub: Hub): void {
  const fetch = newFetch(filter, new SmallMap(), new SmallSet());
  if (askers.length >= KEPT) {
    doubtGrants(filter, filter.members.keys()); // there may have been more
  }
  for (const asker of [...askers].reverse()) {
    const { clientId, qos, generation, ofQos0 } = asker;
    const member = hub.members.get(clientId);
    const grant = member?.grants.get(filter.filter);
    if (member === undefined || grant === undefined) {
      continue;
    }
    if (asker.awaits) {
      doubtGrants(filter, [member]);
    }
    const isShown = asker.shows === true && grant.qos > 0;
    if (generation !== undefined) {
      restoreAsker(filter, generation, member, asker, isShown, hub);
    } else if (ofQos0) {
      fetch.askersOfQos0.add(member);
    } else {
      fetch.askers.set(member, qos);
      fetch.isKept ||= isShown;
    }
  }
  if (fetch.askers.size + fetch.askersOfQos0.size > 0) {
    hub.link.lateFetches.push(fetch);
  }
}

/** What waits at the broker may be older than this subscription, and have come for another filter alone (I-168). */
function doubtGrants({ filter }: SharedFilter, members: Iterable<Member>): void {
  for (const member of members) {
    const grant = member.grants.get(filter);
    if (grant) {
      grant.countedIn = 0;
    }
  }
}

function restoreAsker(
  filter: SharedFilter,
  generation: number,
  member: Member,
  { qos, awaits, ofQos0 }: StoredAsker,
  isShown: boolean,
  { link }: Hub,
): void {
  if (ofQos0) {
    filter.addAskerOfQos0(generation, member);
  } else {
    filter.addAsker(generation, member, qos);
  }
  if (awaits) {
    const isKept = isShown || (filter.unproven.get(generation)?.isKept ?? false);
    filter.awaitCopies(generation, { grants: 0, isKept, isAsked: false });
    link.unproven.add(filter);
  }
}
