/**
 * Poison on the shared connection (3.5 item 8, I-42): after a break what was out goes one at a time, and everybody else waits, until the one is found
 * on which the broker closes, with the gateway's own connection as the witness. It is refused, and nobody else.
 */

import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { reasonLiesIn } from '../steps/broker-faults.ts';
import { condemn, condemnFilter, GIVEN_UP } from './condemned.ts';
import { refuseNewcomers, sharedPonged } from './filters.ts';
import type { Hub } from './hub.ts';
import { ownName } from './own-name.ts';
import { completed, finish, refusal, sendRelay } from './relay-traffic.ts';
import { SharedFilter } from './shared-filter.ts';
import type { SharedSuspect } from './shared-link.ts';
import { forgetDeparted, restoreLater, sendSubscribe, sendUnsubscribe } from './subscribe-requests.ts';

/** The next connection shows for so long that it stands without any of them. */
const QUIET: Millis = 1_000;
/** A broker that drops everybody has dropped the own connection by then, too. */
export const FALLS_TOO: Millis = 1_000;
/** What the broker has neither answered nor closed on for so long is no poison. */
const PROBE_LIMIT: Millis = 10_000;
/** PUBREL and UNSUBSCRIBE, which nearly never are poison, hold up nobody before more connections than this have broken with one of them out. */
const MAY_FALL = 2;
/** PUBREL, and a publish of which the client has PUBREC, are given up when so many have (I-42): the client was told that it may forget the message. */
const RELEASE_FALLS = 8;

/** A connection that stood broke: what was out on it is suspected, or accused. */
export function suspectUnanswered(lost: UpstreamLost, hub: Hub): void {
  const { link, now } = hub;
  const { probe, upSince: since } = link;
  link.probe = undefined;
  link.probeUntil = undefined;
  const reason = reasonLiesIn(lost);
  if (reason === 'no-packet') {
    return;
  }
  const all = unanswered(hub, lost);
  const out = all.filter((suspect) => fallsOf(suspect, hub) > MAY_FALL);
  const isNamed = reason === 'a-packet' && all.length === 1; // PUBREL and UNSUBSCRIBE beside it may be meant: then the witness decides (I-111)
  const [first, ...others] = isNamed ? all : out;
  const alone = others.length === 0 && (isNamed || first === probe) ? first : undefined;
  if (alone !== undefined) {
    link.accused = { suspect: alone, since, at: now + (isNamed ? 0 : FALLS_TOO), proven: isNamed };
  }
  const suspects = [...new Set([...out, ...link.suspects])];
  const isFilter = (suspect: SharedSuspect): boolean => suspect instanceof SharedFilter;
  link.suspects = [...suspects.filter(isFilter), ...suspects.filter((suspect) => !isFilter(suspect))];
}

/** What the broker may have closed on, for it has not answered. What waits for the disk has not gone out (I-38). */
export function unanswered({ link }: Hub, { connection, kept }: UpstreamLost): SharedSuspect[] {
  const out = new Set<SharedSuspect>();
  for (const [packetId, use] of link.uses) {
    if (kept?.packetIds.has(packetId)) {
      continue;
    }
    if (use.is === 'subscribe' || use.is === 'unsubscribe') {
      out.add(use.filter);
    } else if (use.is === 'relay' && use.relay.sentOn === connection) {
      out.add(use.relay);
    }
  }
  return [...out];
}

/** Counts one more break, of those that matter. */
function fallsOf(suspect: SharedSuspect, { link }: Hub): number {
  if (typeof suspect === 'string') {
    const falls = (link.leaveFalls.get(suspect) ?? 0) + 1;
    link.leaveFalls.set(suspect, falls);
    return falls;
  }
  if (suspect instanceof SharedFilter || !suspect.received) {
    return Number.POSITIVE_INFINITY;
  }
  return ++suspect.releaseFalls;
}

/** By now the own connection would have fallen as well, if nothing had been wrong with the one that is accused. */
export function judge(hub: Hub): void {
  const { accused } = hub.link;
  if (accused === undefined || hub.now < accused.at) {
    return;
  }
  hub.link.accused = undefined;
  if (accused.proven || hub.link.witnessedSince(accused.since)) {
    hub.link.attempts = 0; // why it broke is known, and gone: nobody else is to wait longer for that
    if (!accused.proven && mayBeChance(accused.suspect)) {
      return;
    }
    hub.link.suspects = hub.link.suspects.filter((suspect) => suspect !== accused.suspect);
    giveUp(accused.suspect, hub);
  }
}

/** It stays the first of the suspected then. */
function mayBeChance(suspect: SharedSuspect): boolean {
  if (typeof suspect === 'string' || suspect instanceof SharedFilter || !(suspect.received || suspect.told)) {
    return false;
  }
  suspect.releaseFalls += suspect.received ? 0 : 1; // else it is counted already
  return suspect.releaseFalls < RELEASE_FALLS;
}

function giveUp(suspect: SharedSuspect, hub: Hub): void {
  if (typeof suspect === 'string') {
    if (hub.departing.has(suspect)) {
      noteGivenUp('', 'UNSUBSCRIBE', suspect, 0, hub);
      forgetDeparted(suspect, hub); // what comes for it is for nobody
    }
    return;
  }
  if (suspect instanceof SharedFilter) {
    const [first] = suspect.newcomers.keys();
    const [owner] = suspect.members.keys();
    const whose = first?.member ?? owner;
    if (whose) {
      noteGivenUp(whose.clientId, 'SUBSCRIBE', suspect.filter, 0, hub);
    }
    hub.link.toSubscribe.delete(suspect);
    hub.link.toFetch.delete(suspect);
    condemnFilter(suspect.filter, suspect.granted !== undefined, hub);
    restoreLater(suspect, hub);
    suspect.atBroker = suspect.granted !== undefined; // else it never got there, and UNSUBSCRIBE would be as bad
    refuseNewcomers(suspect, GIVEN_UP, hub);
    return;
  }
  if (suspect.ended) {
    return;
  }
  const { topic, payload, member, willOf, received } = suspect;
  const { clientId, link } = willOf ?? { clientId: member.clientId, link: undefined };
  noteGivenUp(clientId, received ? 'PUBREL' : 'PUBLISH', topic, payload.length, hub, link);
  if (received) {
    completed(suspect, hub); // the broker has had the message, and whatever it knows of it leads nowhere
    return;
  }
  condemn(suspect, hub);
  finish(suspect, refusal(suspect, GIVEN_UP), hub);
}

function noteGivenUp(
  clientId: string,
  message: 'PUBLISH' | 'PUBREL' | 'SUBSCRIBE' | 'UNSUBSCRIBE',
  name: string,
  octets: number,
  hub: Hub,
  link = clientId === '' ? '' : hub.sessions.linkOf(clientId),
): void {
  hub.note({ type: 'poison-given-up', clientId, link, message, topic: ownName(clientId, name, hub), octets });
}

/** The connection stands: what is suspected goes one at a time, after a second in which nothing does. */
export function beginProbing({ link, now }: Hub): void {
  if (link.suspects.length > 0 || link.accused) {
    link.probeUntil = now + QUIET;
  }
}

/** The time of the one that is out is over, or the quiet second is. */
export function probeDue(hub: Hub): void {
  judge(hub);
  endProbe(hub);
}

/** The broker has answered something. */
export function probeAnswered(answered: SharedSuspect, hub: Hub): void {
  if (hub.link.probe === answered) {
    endProbe(hub);
  }
}

function endProbe(hub: Hub): void {
  const { link } = hub;
  if (link.probe) {
    link.suspects = link.suspects.filter((suspect) => suspect !== link.probe);
    link.probe = undefined;
  }
  link.probeUntil = undefined;
  probeNext(hub);
}

/** The next suspect goes out; a publish not before the broker has all subscriptions again (3.4). */
export function probeNext(hub: Hub): void {
  const { link } = hub;
  if (link.probe || link.probeUntil !== undefined || link.accused) {
    return;
  }
  for (let next = link.suspects[0]; next !== undefined && link.phase === 'up'; next = link.suspects[0]) {
    if (typeof next === 'object' && !(next instanceof SharedFilter) && link.restoring.size > 0) {
      return;
    }
    if (isOpen(next, hub)) {
      link.probe = next;
      link.probeUntil = hub.now + PROBE_LIMIT;
      sendAlone(next, hub);
      if (isOpen(next, hub)) {
        return;
      } // else: this broker does not take it, and has not heard of it
      link.probe = undefined;
      link.probeUntil = undefined;
    }
    link.suspects.shift();
  }
}

/** Whether it is still to come to its end. */
function isOpen(suspect: SharedSuspect, hub: Hub): boolean {
  if (typeof suspect === 'string') {
    return hub.departing.has(suspect) && (hub.filter(suspect)?.covered ?? true); // else SUBSCRIBE is next
  }
  return suspect instanceof SharedFilter ? !suspect.isUnused : !suspect.ended;
}

function sendAlone(suspect: SharedSuspect, hub: Hub): void {
  const { link } = hub;
  if (typeof suspect === 'string') {
    sendUnsubscribe(suspect, hub);
  } else if (suspect instanceof SharedFilter) {
    link.toSubscribe.delete(suspect);
    link.toFetch.delete(suspect);
    if (link.fetch && suspect.hasNews) {
      sharedPonged(hub, true); // what is retained for the one before may still be on its way (I-96)
    }
    sendSubscribe(suspect, hub);
  } else {
    sendRelay(suspect, hub);
  }
}
