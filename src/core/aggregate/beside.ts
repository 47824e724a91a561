/**
 * Clients that shared the connection and have one of their own now: another `upstream.mode`, or `upstream.ownConnection` (I-133). What the broker was told that
 * they have, and waits for them, is handed to their sessions beside what comes on those connections; what they had under way to the broker comes to its end on
 * the shared one.
 */

import type { UpstreamConnect, UpstreamEffect, UpstreamPublish } from '../contract/effect.ts';
import type { UpstreamInput } from '../contract/input.ts';
import { type StoreWrite, storeKey } from '../contract/stored-records.ts';
import { isBeside } from '../state/beside.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { dropParcels, handAgain, handAll, sessionAcknowledged } from './parcels.ts';
import { abandon, isSame, receiveRelay, releaseRelay } from './relays.ts';
import { goOn } from './shared-connection.ts';
import { publishDelayed, takeBackWill } from './wills.ts';

/** Something of the shared connection is left for a client that has its own. */
export function stayBeside(clientId: string, clean: boolean, hub: Hub): Member {
  const member = hub.member(clientId);
  member.isBeside = true;
  member.clean = clean;
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
    member.ownConnection = connection;
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

/** The broker says something on a connection of a client: before the session hears it. */
export function hearsBeside(input: UpstreamInput, hub: Hub): void {
  const member = hub.beside.size > 0 ? hub.byConnection.get(input.connection) : undefined;
  if (!member?.isBeside) {
    return;
  }
  if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
    leaves(member, hub);
    hub.forgetIfEmpty(member);
  } else if (input.type === 'upstream-connected') {
    if (member.asks?.anew) {
      endsBeside(member, hub);
    } else {
      member.connection = input.connection;
    }
  }
}

/** The same when the session has heard it: what waits comes. */
export function heardBeside(input: UpstreamInput, hub: Hub): void {
  const member = input.type === 'upstream-connected' ? hub.byConnection.get(input.connection) : undefined;
  if (member?.isBeside && member.connection === input.connection) {
    member.asks = undefined;
    takeBackWill(member.clientId, hub);
    handAgain(member, hub);
    handAll(member, hub);
    hub.forgetIfEmpty(member);
    goOn(hub);
  }
}

/** Sessions end: what waits for their clients goes. */
export function sessionsEnded(writes: readonly StoreWrite[], hub: Hub): void {
  for (const { key, record } of hub.beside.size > 0 ? writes : []) {
    const member = record === undefined ? hub.beside.get(key) : undefined;
    if (member) {
      endsBeside(member, hub);
    }
  }
}

function endsBeside(member: Member, hub: Hub): void {
  publishDelayed(member.clientId, hub);
  for (const relay of [...member.relays.values()]) {
    abandon(relay, hub);
  }
  dropParcels(member, hub);
  leaves(member, hub);
  hub.forgetIfEmpty(member);
}

function leaves(member: Member, hub: Hub): void {
  hub.byConnection.delete(member.ownConnection);
  member.ownConnection = 0;
  member.connection = 0;
  member.asks = undefined;
}
