/** Sessions come and go (3.1): CONNECT, DISCONNECT and the end of a session are answered here, and reach the broker only as what they mean for others. */

import type { UpstreamClose, UpstreamConnect } from '../contract/effect.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { PACKET_TOO_LARGE } from '../steps/return-codes.ts';
import { leaveAll } from './filters.ts';
import { endGroups, groupsOf } from './groups.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { dropParcels, dropQos0, hand, handAgain } from './parcels.ts';
import { abandon } from './relays.ts';
import { fireWill, publishDelayed, takeBackWill } from './wills.ts';

/** A session wants a connection. It has one as soon as the shared one stands, or at once where no client waits for the answer. */
export function connectMember({ connection, clientId, cleanSession, will, awaited }: UpstreamConnect, hub: Hub): void {
  const member = hub.member(clientId ?? '');
  hub.byConnection.delete(member.connection);
  member.connection = connection;
  hub.byConnection.set(connection, member);
  member.hasWill = will !== undefined;
  if (will && publishProblem({ limits: hub.link.limits, mount: '' }, { ...will, payload: will.message }, will.qos)) {
    leaveHub(member, hub);
    hub.tell({ type: 'upstream-refused', connection, protocolVersion: 5, reasonCode: PACKET_TOO_LARGE });
    return;
  }
  member.asks = { clean: cleanSession, anew: cleanSession && (awaited === true || !member.isKnown) };
  if (hub.link.phase === 'up' || awaited === undefined) {
    acceptMember(member, hub);
  } else {
    hub.link.waiting.add(member);
    hub.link.hasten(hub.now);
  }
}

/** CONNACK. What the session has not acknowledged comes again, and what waits comes behind it. */
export function acceptMember(member: Member, hub: Hub): void {
  const { connection, isKnown, asks } = member;
  if (asks === undefined) {
    return;
  }
  member.asks = undefined;
  if (asks.anew) {
    publishDelayed(member.clientId, hub);
    wipe(member, hub);
  } else {
    takeBackWill(member.clientId, hub);
  }
  member.clean = asks.clean;
  member.isKnown = true;
  const { limits } = hub.link;
  const sessionPresent = isKnown && !asks.anew;
  hub.tell({ type: 'upstream-connected', connection, sessionPresent, ...saidOf(limits) });
  handAgain(member, hub);
  hand(member, hub);
  member.rest();
}

/** What the broker has said that it does not take, as the sessions hear it. */
function saidOf(limits: Hub['link']['limits']): object {
  const { maximumPacketSize, maximumQos, retainAvailable, wildcardAvailable, sharedAvailable } = limits;
  return {
    ...(maximumPacketSize !== Number.POSITIVE_INFINITY && { maximumPacketSize }),
    ...(maximumQos < 2 && { maximumQos }),
    retainAvailable,
    wildcardAvailable,
    sharedAvailable,
  };
}

/** The shared connection could not be made, or is refused: no client is the reason, so each hears that it was lost, and may try again (I-98). */
export function refuseWaiting(reason: string, hub: Hub): void {
  for (const member of hub.link.waiting) {
    const { connection } = member;
    leaveHub(member, hub);
    hub.tell({ type: 'upstream-lost', connection, reason, takenOver: false, unsent: true, ours: true });
  }
  hub.link.waiting.clear();
}

function leaveHub(member: Member, hub: Hub): void {
  hub.byConnection.delete(member.connection);
  member.connection = 0;
  member.asks = undefined;
  hub.link.waiting.delete(member);
  hub.forgetIfEmpty(member);
}

const NOWHERE = { host: '', link: '' };

/** A session ends its connection. Without DISCONNECT its client is lost, and its will is published (3.7 item 5). */
export function closeMember(member: Member, { will, from = NOWHERE }: UpstreamClose, hub: Hub): void {
  if (will) {
    fireWill(member, will, from, hub);
  }
  const sleepsOn = hub.isStopping && hub.sessions.sleeps(member.clientId);
  if (member.clean && member.isKnown && member.asks === undefined && !sleepsOn) {
    wipeButSent(member, hub);
    member.isKnown = false;
  }
  dropQos0(member, hub);
  leaveHub(member, hub);
}

/** The session is gone for good. */
export function forgetMember(clientId: string, hub: Hub): void {
  publishDelayed(clientId, hub);
  const member = hub.members.get(clientId);
  if (member) {
    wipe(member, hub);
    member.isKnown = false;
    leaveHub(member, hub);
  }
}

/** CleanSession: no subscriptions, nothing waits, and what is on its way to the broker goes on without the client. */
function wipe(member: Member, hub: Hub): void {
  for (const relay of [...member.relays.values()]) {
    abandon(relay, hub);
  }
  wipeButSent(member, hub);
}

/**
 * The same where the client is not gone, and no CONNACK has told it that its session is another one: what has gone out is its own until then (I-149), for
 * its session, or the store, may ask for it once more.
 */
function wipeButSent(member: Member, hub: Hub): void {
  for (const relay of [...member.relays.values()]) {
    if (!relay.sent) {
      abandon(relay, hub);
    }
  }
  const former = groupsOf(member);
  leaveAll(member, hub);
  endGroups(member, former, hub);
  dropParcels(member, hub);
}
