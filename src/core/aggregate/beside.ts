/**
 * Clients that shared the connection and have one of their own now: another `upstream.mode`, or `upstream.ownConnection` (I-133). What the broker was told that
 * they have, and waits for them, is handed to their sessions beside what comes on those connections; what they had under way to the broker comes to its end on
 * the shared one.
 */

import type { UpstreamConnect, UpstreamEffect, UpstreamPublish } from '../contract/effect.ts';
import type { UpstreamInput, UpstreamMessage } from '../contract/input.ts';
import { type StoredSession, type StoreWrite, storeKey } from '../contract/stored-records.ts';
import { isBeside } from '../state/beside.ts';
import { bridgeReviewed, cameByBoth, endBridge } from './bridges.ts';
import { Collected } from './collected.ts';
import { receiveUnsubscribe } from './filters.ts';
import type { Hub } from './hub.ts';
import type { Member, Parcel } from './member.ts';
import { dropParcels, handAgain, handAll, leaveQueue, sessionAcknowledged } from './parcels.ts';
import { abandon, isSame, receiveRelay, releaseRelay } from './relays.ts';
import { parcelGone } from './settlement.ts';
import { goOn } from './shared-connection.ts';
import { publishDelayed, takeBackWill } from './wills.ts';

/** Something of the shared connection is left for a client that has its own. */
export function stayBeside({ clientId, cleanSession, ownSince }: StoredSession, hub: Hub): Member {
  const member = hub.member(clientId);
  member.isBeside = true;
  member.clean = cleanSession;
  member.cross({ ownSince });
  member.isKnown = true;
  hub.beside.set(storeKey('session', clientId), member);
  return member;
}

/** Its session wants a connection of its own. */
export function connectsBeside({ connection, clientId = '', cleanSession, awaited }: UpstreamConnect, hub: Hub): void {
  const member = hub.members.get(clientId);
  if (member?.isBeside) {
    leaves(member, hub);
    member.asks = { clean: cleanSession, anew: cleanSession && awaited === true };
    member.cross({ ownConnection: connection });
    hub.byConnection.set(connection, member);
  }
}

/** What a session wants of its own connection: true where it is for the hub. */
export function performBeside(member: Member, effect: UpstreamEffect, hub: Hub): boolean {
  switch (effect.type) {
    case 'upstream-acknowledge':
      if (isBeside(effect.packetId)) {
        sessionAcknowledged(member, effect, hub);
        hub.forgetIfEmpty(member);
      }
      return isBeside(effect.packetId);
    case 'upstream-publish':
      return publishes(member, effect, hub);
    case 'upstream-release': {
      const isOfHub = member.relays.has(effect.packetId);
      if (isOfHub) {
        releaseRelay(member, effect.packetId, hub);
        hub.forgetIfEmpty(member);
      }
      return isOfHub;
    }
    case 'upstream-unsubscribe':
      if (member.bridge) {
        receiveUnsubscribe(member, effect.filter, hub); // I-159
      }
      return false;
    case 'upstream-close':
      leaves(member, hub);
      return false;
    default:
      return false;
  }
}

/** A QoS 2 publish that has been under way on the shared connection is no second one here. */
function publishes(member: Member, publish: UpstreamPublish, hub: Hub): boolean {
  const known = publish.qos === 2 ? member.relays.get(publish.packetId) : undefined;
  if (known && isSame(known, publish)) {
    receiveRelay(member, publish, hub);
    return true;
  }
  if (known) {
    abandon(known, hub); // its packet id means another one
    hub.forgetIfEmpty(member);
  }
  return false;
}

/** The broker says something on a connection of a client: before the session hears it. True where it is not to hear of it. */
export function hearsBeside(input: UpstreamInput, hub: Hub): boolean {
  const member = hub.beside.size > 0 ? hub.byConnection.get(input.connection) : undefined;
  if (!member?.isBeside) {
    return false;
  }
  if (input.type === 'upstream-message') {
    return !isBeside(input.packetId) && isSecond(member, input, hub);
  }
  if (input.type === 'upstream-released') {
    member.collected?.released(input.packetId);
    forgetCollected(member, hub);
  } else if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
    leaves(member, hub);
    hub.forgetIfEmpty(member);
  } else if (input.type === 'upstream-connected') {
    if (member.asks?.anew) {
      endsBeside(member, hub);
    } else {
      member.connection = hub.sessions.isGone(member.clientId) ? 0 : input.connection; // I-159: nobody is there to take it
      dropCollected(member, input.sessionPresent, hub);
      member.asks = undefined;
    }
  }
  return false;
}

/** The client has it, or gets it, by the shared connection (I-158, I-159): the broker is told so at once. To PUBREL the session answers, which knows nothing of it. */
function isSecond(member: Member, message: UpstreamMessage, hub: Hub): boolean {
  const { connection, packetId, qos } = message;
  const isGiven = member.collected?.has(message) || cameByBoth(member, message, hub);
  if (isGiven && qos === 2) {
    hub.emit({ type: 'upstream-acknowledge', connection, packetId, packet: 'PUBREC', reasonCode: 0 });
  }
  return isGiven;
}

/** I-158. The broker has kept a session all the while: what came here since with QoS 2 it has, too, in its place among the rest. */
function dropCollected(member: Member, sessionPresent: boolean, hub: Hub): void {
  const { ownSince, collected } = member;
  member.cross({ ownSince: undefined, collected: sessionPresent ? collected : undefined });
  if (ownSince === undefined || !sessionPresent) {
    return;
  }
  endBridge(member, hub);
  const isCollected = ({ qos, message }: Parcel): boolean => qos === 2 && message.at >= ownSince;
  const handed = [...member.handed.values()].filter(isCollected);
  const known = handed.flatMap(({ message: { topic, payload } }) => (payload ? [{ topic, payload }] : []));
  member.cross({ collected: known.length > 0 ? new Collected(known) : undefined });
  for (const parcel of [...member.queue]) {
    if (parcel.packetId === 0 && isCollected(parcel)) {
      leaveQueue(parcel, hub);
      parcelGone(parcel, hub);
    }
  }
}

function forgetCollected(member: Member, hub: Hub): void {
  if (member.collected?.isEmpty) {
    member.cross({ collected: undefined });
    hub.forgetIfEmpty(member);
  }
}

/** The same when the session has heard it: what waits comes. */
export function heardBeside(input: UpstreamInput, hub: Hub): void {
  const member = input.type === 'upstream-connected' ? hub.byConnection.get(input.connection) : undefined;
  if (member?.isBeside && member.connection === input.connection) {
    takeBackWill(member.clientId, hub);
    handAgain(member, hub);
    handAll(member, hub);
    hub.forgetIfEmpty(member);
    goOn(hub);
  }
}

/** Sessions end: what waits for their clients goes; or the broker has sessions for them, too. */
export function sessionsEnded(writes: readonly StoreWrite[], hub: Hub): void {
  for (const { key, record } of hub.beside.size > 0 ? writes : []) {
    const member = hub.beside.get(key);
    if (member && record) {
      bridgeReviewed(member, record, hub);
    } else if (member) {
      endsBeside(member, hub);
    }
  }
}

function endsBeside(member: Member, hub: Hub): void {
  publishDelayed(member.clientId, hub);
  endBridge(member, hub);
  for (const relay of [...member.relays.values()]) {
    abandon(relay, hub);
  }
  dropParcels(member, hub);
  leaves(member, hub);
  hub.forgetIfEmpty(member);
}

function leaves(member: Member, hub: Hub): void {
  hub.byConnection.delete(member.ownConnection);
  member.cross({ ownConnection: 0 });
  member.connection = 0;
  member.asks = undefined;
}
