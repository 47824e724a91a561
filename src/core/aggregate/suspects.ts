/**
 * Poison on the shared connection (3.5 item 8, I-42): after a break what was out goes one at a time, and everybody else waits, until the one is found
 * on which the broker closes, with the gateway's own connection as the witness. It is refused, and nobody else.
 */

import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { reasonLiesIn } from '../steps/broker-faults.ts';
import { condemn, condemnFilter, GIVEN_UP } from './condemned.ts';
import { refuseNewcomers } from './filters.ts';
import type { Hub } from './hub.ts';
import { finish, refusal, sendRelay } from './relay-traffic.ts';
import { SharedFilter } from './shared-filter.ts';
import type { SharedSuspect } from './shared-link.ts';
import { restoreLater, sendSubscribe } from './subscribe-requests.ts';

/** The next connection shows for so long that it stands without any of them. */
const QUIET: Millis = 1_000;
/** A broker that drops everybody has dropped the own connection by then, too. */
export const FALLS_TOO: Millis = 1_000;
/** What the broker has neither answered nor closed on for so long is no poison. */
const PROBE_LIMIT: Millis = 10_000;

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
  const out = [...new Set(unanswered(hub, lost))];
  const isNamed = reason === 'a-packet';
  const [first] = out;
  const alone = out.length === 1 && (isNamed || first === probe) ? first : undefined;
  if (alone) {
    link.accused = { suspect: alone, since, at: now + (isNamed ? 0 : FALLS_TOO), proven: isNamed };
  }
  const suspects = [...new Set([...out, ...link.suspects])];
  const isFilter = (suspect: SharedSuspect): boolean => suspect instanceof SharedFilter;
  link.suspects = [...suspects.filter(isFilter), ...suspects.filter((suspect) => !isFilter(suspect))];
}

/** What the broker may have closed on: publishes and SUBSCRIBEs without an answer. What waits for the disk has not gone out (I-38). */
function unanswered({ link }: Hub, { connection, kept }: UpstreamLost): SharedSuspect[] {
  const out: SharedSuspect[] = [];
  for (const [packetId, use] of link.uses) {
    if (kept?.packetIds.has(packetId)) {
      continue;
    }
    if (use.is === 'subscribe') {
      out.push(use.filter);
    } else if (use.is === 'relay' && !use.relay.received && use.relay.sentOn === connection) {
      out.push(use.relay);
    }
  }
  return out;
}

/** By now the own connection would have fallen as well, if nothing had been wrong with the one that is accused. */
export function judge(hub: Hub): void {
  const { accused } = hub.link;
  if (accused === undefined || hub.now < accused.at) {
    return;
  }
  hub.link.accused = undefined;
  if (accused.proven || hub.link.witnessedSince(accused.since)) {
    hub.link.suspects = hub.link.suspects.filter((suspect) => suspect !== accused.suspect);
    giveUp(accused.suspect, hub);
    hub.link.attempts = 0; // why it broke is known, and gone: nobody else is to wait longer for that
  }
}

function giveUp(suspect: SharedSuspect, hub: Hub): void {
  if (suspect instanceof SharedFilter) {
    const [first] = suspect.newcomers.keys();
    const [owner] = suspect.members.keys();
    const whose = first?.member ?? owner;
    if (whose) {
      noteGivenUp(whose.clientId, 'SUBSCRIBE', suspect.filter, 0, hub);
    }
    hub.link.toSubscribe.delete(suspect);
    hub.link.toFetch.delete(suspect);
    condemnFilter(suspect.filter, hub);
    restoreLater(suspect, hub);
    suspect.atBroker = suspect.granted !== undefined; // else it never got there, and UNSUBSCRIBE would be as bad
    refuseNewcomers(suspect, GIVEN_UP, hub);
    return;
  }
  if (suspect.ended) {
    return;
  }
  const { topic, payload, member, willOf } = suspect;
  noteGivenUp(willOf?.clientId ?? member.clientId, 'PUBLISH', topic, payload.length, hub);
  condemn(suspect, hub);
  finish(suspect, refusal(suspect, GIVEN_UP), hub);
}

function noteGivenUp(
  clientId: string,
  message: 'PUBLISH' | 'SUBSCRIBE',
  topic: string,
  octets: number,
  hub: Hub,
): void {
  const link = clientId === '' ? '' : hub.sessions.linkOf(clientId);
  hub.note({ type: 'poison-given-up', clientId, link, message, topic, octets });
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
  for (let next = link.suspects[0]; next && link.phase === 'up'; next = link.suspects[0]) {
    if (!(next instanceof SharedFilter) && link.restoring.size > 0) {
      return;
    }
    if (next instanceof SharedFilter ? !next.isUnused : !(next.ended || next.received)) {
      link.probe = next;
      link.probeUntil = hub.now + PROBE_LIMIT;
      if (next instanceof SharedFilter) {
        link.toSubscribe.delete(next);
        link.toFetch.delete(next);
        sendSubscribe(next, hub);
        return;
      }
      sendRelay(next, hub);
      if (!next.ended) {
        return;
      } // else: this broker does not take it, and has not heard of it
      link.probe = undefined;
      link.probeUntil = undefined;
    }
    link.suspects.shift();
  }
}
