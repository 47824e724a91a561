/**
 * The door of the aggregating gateway: takes what sessions want of the broker, and what the broker says on the connection that they share. To
 * the sessions it is a broker with a session for each of them; so the procedures are those of a transparent gateway.
 */

import { GIVEN_BACK, type UpstreamEffect } from '../contract/effect.ts';
import type { UpstreamInput } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { connectsBeside, performBeside } from './beside.ts';
import { bridgesDue, bridgesEnd, drainedBridgesEnd } from './bridges.ts';
import { endWait, flushCopies, receiveCopy } from './copies.ts';
import { echoesEnd, endEchoes } from './echoes.ts';
import { receiveSubscribe, receiveUnsubscribe, sharedPonged, subscribed } from './filters.ts';
import { givenBack, leaveGroup } from './groups.ts';
import { type Hub, isShare } from './hub.ts';
import type { Member } from './member.ts';
import { closeMember, connectMember, forgetMember } from './members.ts';
import { ageDue, ageEnds, dropUnwanted, pinged, sessionAcknowledged } from './parcels.ts';
import { relayAcknowledged } from './relay-traffic.ts';
import { receiveRelay, releaseRelay } from './relays.ts';
import { patienceDue, patienceEnds, sharedReleased } from './settlement.ts';
import {
  connectShared,
  goOn,
  graceDue,
  graceEnds,
  sharedConnected,
  sharedEnded,
  witnessStands,
} from './shared-connection.ts';
import type { SharedSuspect } from './shared-link.ts';
import { filterEnded, sendSubscribes } from './subscribe-requests.ts';
import { judge, probeAnswered, probeDue } from './suspects.ts';
import { staleAnswered } from './unrecorded.ts';
import { publishDueWills, willDue } from './wills.ts';

/** What a session wants of the broker; false where it has a connection of its own, or it is the gateway's own one. */
export function performShared(effect: UpstreamEffect, isMember: (clientId: string) => boolean, hub: Hub): boolean {
  if (effect.type === 'upstream-connect') {
    if (effect.clientId === undefined || effect.endsSession || !isMember(effect.clientId)) {
      if (!effect.endsSession) {
        connectsBeside(effect, hub);
      }
      hub.link.witness.connection = effect.clientId === undefined ? effect.connection : hub.link.witness.connection;
      return false;
    }
    connectMember(effect, hub);
    return true;
  }
  if (effect.type === 'upstream-forget') {
    forgetMember(effect.clientId, hub);
    goOn(hub);
    return true;
  }
  const member = hub.byConnection.get(effect.connection);
  if (member?.isBeside) {
    const isOfHub = performBeside(member, effect, hub);
    goOn(hub);
    return isOfHub;
  }
  if (member) {
    performOf(member, effect, hub);
  }
  return member !== undefined;
}

type MemberEffect = Exclude<UpstreamEffect, { type: 'upstream-connect' | 'upstream-forget' }>;

function performOf(member: Member, effect: MemberEffect, hub: Hub): void {
  switch (effect.type) {
    case 'upstream-publish':
      receiveRelay(member, effect, hub);
      return;
    case 'upstream-release':
      releaseRelay(member, effect.packetId, hub);
      return;
    case 'upstream-subscribe':
      receiveSubscribe(member, effect, hub);
      return;
    case 'upstream-unsubscribe': {
      const { connection, packetId, filter, drops } = effect;
      receiveUnsubscribe(member, filter, hub);
      if (isShare(filter)) {
        leaveGroup(member, filter, member.grants.keys(), hub);
      } else if (drops) {
        dropUnwanted(member, filter, hub);
      }
      goOn(hub); // it may have been what the others waited for
      hub.tell({ type: 'upstream-unsubscribed', connection, packetId });
      return;
    }
    case 'upstream-acknowledge':
      (effect.reasonCode === GIVEN_BACK ? givenBack : sessionAcknowledged)(member, effect, hub);
      return;
    case 'upstream-ping':
      pinged(member, hub);
      member.rest();
      return;
    case 'upstream-close':
      closeMember(member, effect, hub);
      goOn(hub);
  }
}

/** What the broker says on the shared connection; false where it is another one. */
export function heardShared(input: UpstreamInput, hub: Hub): boolean {
  const { link } = hub;
  if (input.connection === link.witness.connection) {
    witness(input, hub);
    return false;
  }
  if (link.connection === 0 || input.connection !== link.connection) {
    return false;
  }
  switch (input.type) {
    case 'upstream-connected':
      sharedConnected(input, hub);
      break;
    case 'upstream-lost':
    case 'upstream-refused':
      flushCopies(hub);
      sharedEnded(input, hub);
      break;
    case 'upstream-message':
      receiveCopy(input, hub);
      break;
    case 'upstream-released':
      sharedReleased(input.packetId, hub);
      break;
    case 'upstream-ponged':
      sharedPonged(hub);
      endWait(hub);
      drainedBridgesEnd(hub);
      goOn(hub);
      break;
    case 'upstream-acknowledged':
    case 'upstream-subscribed':
    case 'upstream-unsubscribed':
      answered(input, hub);
  }
  return true;
}

type Answer = Extract<
  UpstreamInput,
  { type: 'upstream-acknowledged' | 'upstream-subscribed' | 'upstream-unsubscribed' }
>;

/** An answer finds what it is for by its packet id; one of the wrong kind ends nothing (I-34). */
function answered(input: Answer, hub: Hub): void {
  const use = hub.link.uses.get(input.packetId);
  let suspect: SharedSuspect | undefined;
  let fits = true;
  if (input.type === 'upstream-acknowledged' && use?.is === 'relay') {
    suspect = use.relay;
    fits = relayAcknowledged(use.relay, input, hub);
  } else if (input.type === 'upstream-acknowledged' && use?.is === 'stale') {
    staleAnswered(input.packetId, hub);
  } else if (input.type === 'upstream-subscribed' && use?.is === 'subscribe') {
    suspect = use.filter;
    hub.link.uses.delete(input.packetId);
    subscribed(use.filter, input, hub);
  } else if (input.type === 'upstream-unsubscribed' && use?.is === 'unsubscribe') {
    suspect = use.filter;
    hub.link.uses.delete(input.packetId);
    filterEnded(use.filter, input.packetId, hub);
  } else {
    fits = false;
  }
  if (!fits) {
    hub.note({ type: 'broker-answer-ignored', clientId: undefined, packet: packetOf(input) });
    return;
  }
  if (suspect !== undefined) {
    probeAnswered(suspect, hub);
  }
  goOn(hub);
}

function packetOf(input: Answer): 'PUBACK' | 'PUBREC' | 'PUBCOMP' | 'SUBACK' | 'UNSUBACK' {
  if (input.type === 'upstream-acknowledged') {
    return input.packet;
  }
  return input.type === 'upstream-subscribed' ? 'SUBACK' : 'UNSUBACK';
}

/** The gateway's own connection tells whether the broker is there. */
function witness(input: UpstreamInput, hub: Hub): void {
  if (input.type === 'upstream-connected') {
    hub.link.witness.upSince = hub.now;
    witnessStands(hub);
  } else if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
    hub.link.witness.upSince = undefined;
  }
}

/** When something is due next; undefined: nothing is. */
export function nextDue(hub: Hub): Millis | undefined {
  const { retryAt, probeUntil, accused } = hub.link;
  let next = sooner(retryAt, probeUntil);
  next = sooner(next, accused?.at);
  next = sooner(next, hub.copies?.until);
  next = sooner(next, hub.link.fetch?.until);
  next = sooner(next, bridgesEnd(hub));
  next = sooner(next, echoesEnd(hub));
  next = sooner(next, patienceEnds(hub));
  next = sooner(next, graceEnds(hub));
  next = sooner(next, ageEnds(hub));
  return sooner(next, willDue(hub));
}

function sooner(one: Millis | undefined, other: Millis | undefined): Millis | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one;
}

/** Time has passed. */
export function sharedDue(hub: Hub): void {
  const { link, now } = hub;
  const isDue = (at: Millis | undefined): boolean => at !== undefined && at <= now;
  judge(hub);
  if (isDue(link.retryAt)) {
    connectShared(hub);
  }
  if (isDue(link.probeUntil)) {
    probeDue(hub);
    goOn(hub);
  }
  if (isDue(hub.copies?.until)) {
    endWait(hub);
  }
  if (isDue(link.fetch?.until)) {
    sharedPonged(hub, true);
  }
  if (isDue(bridgesEnd(hub))) {
    bridgesDue(hub);
    goOn(hub);
  }
  if (isDue(echoesEnd(hub))) {
    endEchoes(hub);
    sendSubscribes(hub);
  }
  if (isDue(patienceEnds(hub))) {
    patienceDue(hub);
  }
  if (isDue(graceEnds(hub))) {
    graceDue(hub);
  }
  if (isDue(ageEnds(hub))) {
    ageDue(hub);
  }
  publishDueWills(hub);
}
