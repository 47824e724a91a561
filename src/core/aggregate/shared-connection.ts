/** The shared connection stands, is refused, or breaks (3.5 item 7): the clients stay, and what waits for the broker waits here. */

import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { DOUBT_KEY } from '../contract/stored-records.ts';
import { reconnectDelay } from '../steps/reconnect-delay.ts';
import { refusalReason } from '../steps/return-codes.ts';
import { endAllBridges } from './bridges.ts';
import { contestedBy, tellContested } from './contested.ts';
import { sessionStands } from './doubted-session.ts';
import { askIfDrained, forgetCopies } from './drained.ts';
import { isGivenUp, restIsGone } from './ending.ts';
import { fetchBroken } from './fetch-again.ts';
import { refuseAllNewcomers, refuseTooMuch, review } from './filters.ts';
import { filtersAnew } from './filters-anew.ts';
import type { Hub } from './hub.ts';
import { acceptMember, refuseWaiting } from './members.ts';
import { sendRelays, takeBackReleases } from './relay-traffic.ts';
import { refuseUnsent } from './relays.ts';
import { forgetPacketIds } from './settlement.ts';
import { endTrial, speaksOtherVersion } from './shared-protocol.ts';
import { mayRefuseStatus, statusMessage, tellStatus } from './status.ts';
import { sendSubscribes, takeBackRequests } from './subscribe-requests.ts';
import { beginProbing, FALLS_TOO, probeNext, suspectUnanswered } from './suspects.ts';
import { endsUnknown } from './unknown-session.ts';
import { fetchUnproven } from './unproven-copies.ts';
import { forgetStale, staleLost } from './unrecorded.ts';

/** A connection that stands this long was worth its pause. */
const LASTING: Millis = 60_000;

/** The second one follows so soon where a client waits for it. */
const VERSION_PAUSE: Millis = 1_000;

/** Connects: at first, and when a pause is over. The session at the broker is kept, and has a will of its own. */
export function connectShared(hub: Hub): void {
  const { link, settings } = hub;
  if (link.stopped || link.phase !== 'down') {
    return;
  }
  if (settings.upstream.sharedProtocol !== undefined) {
    link.protocolVersion = settings.upstream.sharedProtocol;
  }
  if (!link.isDoubtStored) {
    link.isDoubtStored = true;
    hub.storeSoon({ key: DOUBT_KEY, record: { kind: 'doubt' } }); // I-52
  }
  if (link.ending === undefined) {
    hub.reserveSlots(); // I-151
  }
  const connection = hub.nextConnection();
  link.begins(connection);
  hub.emit({
    type: 'upstream-connect',
    connection,
    clientId: undefined,
    cleanSession: link.ending === 'session' || link.unknown === 'ending',
    will: statusMessage('offline', hub),
    shared: true,
    protocolVersion: link.protocolVersion,
  });
}

/** CONNACK(accepted). Subscriptions first; where the broker has lost them, nothing is published before they are back (3.4). */
export function sharedConnected(input: UpstreamConnected, hub: Hub): void {
  const { link, now } = hub;
  const { sessionPresent } = input;
  if (isGivenUp(hub)) {
    return;
  }
  if (link.isTrial) {
    endTrial(true, hub);
  }
  if (endsUnknown(input, hub)) {
    connectShared(hub);
    return;
  }
  const isDoubted = link.asked > 1;
  const identified = link.identifies;
  link.stands(input, now);
  link.asked = 0;
  const sessionLost = !sessionPresent && hasFilters(hub);
  hub.note({
    type: 'shared-connection-up',
    sessionPresent,
    protocolVersion: link.protocolVersion,
    identifies: link.identifies,
    ...(sessionLost && { sessionLost }),
  });
  if (!sessionPresent) {
    forgetPacketIds(hub);
    forgetCopies(hub);
  }
  if (!sessionPresent || !link.identifies) {
    hub.lostNames.clear();
    hub.unknownNames.clear();
  }
  const session = sessionPresent ? (isDoubted ? 'doubted' : 'kept') : 'lost';
  sessionStands(session, hub);
  fetchUnproven(session, hub);
  fetchBroken(session, hub);
  if (link.ending === undefined || !sessionPresent) {
    filtersAnew(identified, session !== 'kept', sessionPresent, hub);
  }
  if (sessionPresent) {
    for (const filter of hub.departing.keys()) {
      link.toUnsubscribe.add(filter);
    }
    for (const [packetId, use] of link.uses) {
      if (use.is === 'stale') {
        hub.emit({ type: 'upstream-release', connection: link.connection, packetId });
      }
    }
  } else {
    endAllBridges(hub); // when it is known that the broker has no filters
    staleLost(hub);
  }
  link.isFirst = false;
  refuseTooMuch(hub);
  beginProbing(hub);
  for (const member of link.waiting) {
    acceptMember(member, hub);
  }
  link.waiting.clear();
  hub.tell({ type: 'shared-connection-stands' });
  tellStatus(hub);
  goOn(hub);
}

/** Whether the broker had subscriptions in its session. */
function hasFilters(hub: Hub): boolean {
  if (hub.lostNames.size > 0) {
    return true;
  }
  for (const { atBroker } of hub.allFilters()) {
    if (atBroker) {
      return true;
    }
  }
  return false;
}

/** Whatever may go out does: subscriptions, then what had gone out before, then the rest. */
export function goOn(hub: Hub): void {
  const { link } = hub;
  if (link.phase !== 'up') {
    return;
  }
  if (link.isDoubtStored && link.restoring.size === 0) {
    link.isDoubtStored = false;
    hub.store([{ key: DOUBT_KEY, record: undefined }]);
  }
  sendSubscribes(hub);
  askIfDrained(hub);
  probeNext(hub);
  sendRelays(hub);
  restGoesOn(hub);
}

/** After an aggregating mode (ending.ts). */
export function restGoesOn(hub: Hub): void {
  if (restIsGone(hub)) {
    connectShared(hub);
  }
}

/** It is refused, broke, or could not be made. */
export function sharedEnded(input: UpstreamLost | UpstreamRefused, hub: Hub): void {
  const { link, now } = hub;
  if (link.stopped) {
    return;
  }
  const stood = link.phase === 'up';
  const isRefused = input.type === 'upstream-refused';
  if (isRefused || input.unsent) {
    link.asked--;
  }
  const contested = stood && !isRefused ? contestedBy(input, hub) : undefined;
  if (stood) {
    link.downSince = now;
    if (now - link.upSince >= LASTING) {
      link.attempts = 0;
      link.isStatusRefused = false; // another broker may be there by now
    }
    if (!isRefused) {
      suspectUnanswered(input, hub);
      takeBackReleases(input, hub);
    }
    forgetStale(hub); // PUBREL has gone out: a broker that closes on it is not asked again
  }
  link.phase = 'down';
  link.connection = 0;
  link.takeBackOut();
  for (const filter of takeBackRequests(hub)) {
    review(filter, hub);
  }
  link.endedAt = now;
  const reason = isRefused ? refusalReason(input.reasonCode) : input.reason;
  const failures = link.protocolFailures;
  const isOtherVersion = speaksOtherVersion(input, stood, hub);
  const isAtOnce = isOtherVersion || (!stood && mayRefuseStatus(input, hub));
  const isUndecided = !isAtOnce && link.waiting.size > 0 && failures === 0 && link.protocolFailures > 0;
  const pause = isAtOnce ? 0 : isUndecided ? VERSION_PAUSE : reconnectDelay(link.attempts++, hub.settings, hub.random);
  const retryIn = Math.max(pause, link.accused ? FALLS_TOO : 0);
  link.retryAt = now + retryIn;
  hub.note({ type: 'shared-connection-down', reason, retryIn, ...(stood && { stood: true as const }) });
  tellContested(contested, hub);
  if (!isAtOnce && !isUndecided) {
    refuseWaiting(reason, hub);
  }
}

/** The own connection stands: the broker is there. */
export function witnessStands(hub: Hub): void {
  const { link } = hub;
  if (link.phase === 'down' && !link.accused && link.retryAt !== undefined) {
    connectShared(hub);
  }
}

/** When the grace time is over; undefined: the connection stands, or it is over (3.5 item 7). */
export function graceEnds({ link, settings }: Hub): Millis | undefined {
  if (link.phase === 'up' || link.graceOverFor === link.downSince) {
    return undefined;
  }
  const waits = link.ready.size + link.toSubscribe.size + link.toFetch.size > 0;
  return waits ? link.downSince + settings.upstream.grace : undefined;
}

/** It is over: clients that wait are answered 0x01, and stay. */
export function graceDue(hub: Hub): void {
  hub.link.graceOverFor = hub.link.downSince;
  refuseUnsent(hub);
  refuseAllNewcomers(hub);
}

/** A defect of ours: what the connection and the broker think of each other is not trusted any more. */
export function connectAnew(hub: Hub): void {
  const { connection, phase } = hub.link;
  if (connection === 0 || phase !== 'up' || hub.link.stopped) {
    return;
  }
  hub.emit({ type: 'upstream-close', connection, disconnect: true });
  sharedEnded({ type: 'upstream-lost', connection, reason: 'an internal error', takenOver: false, ours: true }, hub);
}

/** The gateway stops. */
export function closeShared(hub: Hub): void {
  const { link } = hub;
  link.stopped = true;
  link.retryAt = undefined;
  const { connection, phase } = link;
  const status = statusMessage('offline', hub);
  if (phase === 'up' && status) {
    const { topic, message: payload, retain } = status;
    hub.emit({ type: 'upstream-publish', connection, packetId: 0, topic, payload, qos: 0, retain, dup: false });
  }
  if (connection !== 0) {
    hub.emit({ type: 'upstream-close', connection, disconnect: true });
  }
  link.phase = 'down';
}
