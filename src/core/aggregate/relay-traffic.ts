/**
 * QoS 1 and 2 publishes on the shared connection: each client's in their order, the clients in turn. PUBREL goes out at once after PUBREC, for twenty
 * clients that stop at PUBREC would fill the window for ever.
 */

import type { UpstreamAcknowledged, UpstreamLost } from '../contract/input.ts';
import type { StoredSession, StoredWill, StoreWrite } from '../contract/stored-records.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { PACKET_ID_IN_USE, PACKET_ID_TRIES, PACKET_TOO_LARGE } from '../steps/return-codes.ts';
import { acquit, GIVEN_UP, isCondemned } from './condemned.ts';
import type { Hub } from './hub.ts';
import type { Relay, RelayAnswer } from './member.ts';
import { ownName } from './own-name.ts';
import { ownerOf, recordOwner } from './relay-owners.ts';
import { keyOf, recordOf } from './relay-records.ts';
import { keepAllOf, outlives } from './settlement.ts';
import { coverPacketId } from './unrecorded.ts';

/** It waits for its turn. */
export function enqueueRelay(relay: Relay, hub: Hub): void {
  relay.member.unsent.push(relay);
  hub.link.ready.add(relay.member);
  sendRelays(hub);
}

/** It waits no longer. */
export function takeFromLine(relay: Relay, hub: Hub): void {
  const { member } = relay;
  const place = member.unsent.indexOf(relay); // of the wills of all clients it is one of the first that gives way
  if (place >= 0) {
    member.unsent.splice(place, 1);
  }
  if (member.unsent.length === 0) {
    hub.link.ready.delete(member);
  }
}

/** Whether publishes go out: not before the broker has all subscriptions again, and not beside what is suspected. */
function mayPublish({ link }: Hub): boolean {
  return (
    link.phase === 'up' && link.restoring.size === 0 && link.suspects.length === 0 && link.probeUntil === undefined
  );
}

/** Whatever may go out does: what had gone out before, then one of each client in turn. */
export function sendRelays(hub: Hub): void {
  const { link } = hub;
  for (const relay of link.again) {
    if (link.isHeld(relay.member)) {
      continue;
    }
    if (!mayPublish(hub) || !link.hasRoom(relay.qos)) {
      return;
    }
    sendRelay(relay, hub);
  }
  while (mayPublish(hub)) {
    const member = link.takeReady();
    if (member === undefined) {
      return;
    }
    const relay = member.unsent.shift();
    if (member.unsent.length > 0) {
      link.ready.add(member);
    }
    if (relay && !relay.ended) {
      sendRelay(relay, hub);
    }
  }
}

/** Sends it, or sends it again; PUBREL where the broker has it. */
export function sendRelay(relay: Relay, hub: Hub): void {
  const { link } = hub;
  const { connection } = link;
  link.again.delete(relay);
  if (relay.received) {
    relay.sentOn = connection;
    link.out.add(relay);
    hub.emit({ type: 'upstream-release', connection, packetId: relay.packetId, owner: recordOwner(relay, hub) });
    return;
  }
  const { topic, payload, qos, retain, sent: dup } = relay;
  if (!dup && isCondemned(relay, hub)) {
    finish(relay, refusal(relay, GIVEN_UP), hub);
    return;
  }
  if (publishProblem({ limits: link.limits, mount: '' }, { topic, payload, retain }, qos)) {
    finish(relay, refusal(relay, PACKET_TOO_LARGE), hub);
    return;
  }
  if (qos > 0) {
    if (relay.packetId === 0) {
      relay.packetId = link.takePacketId({ is: 'relay', relay });
      saveRelay(relay, hub);
    }
    relay.sent = true;
    relay.sentOn = connection;
    link.out.add(relay);
    hub.wills.sent(relay);
  }
  const { packetId } = relay;
  const owner = ownerOf(relay, hub);
  hub.emit({ type: 'upstream-publish', connection, packetId, topic, payload, qos, retain, dup, ...owner });
  if (qos === 0) {
    relay.ended = true;
    drop(relay, hub);
  }
}

/** PUBACK, PUBREC or PUBCOMP of the broker. False where it is out of step, which ends nothing. */
export function relayAcknowledged(relay: Relay, input: UpstreamAcknowledged, hub: Hub): boolean {
  const { packet, reasonCode } = input;
  if (packet === 'PUBCOMP') {
    if (relay.received) {
      completed(relay, hub);
    }
    return relay.received;
  }
  if (relay.received || relay.sentOn !== input.connection) {
    return false;
  }
  if (reasonCode < 0x80) {
    acquit(relay, hub);
  }
  if (reasonCode === PACKET_ID_IN_USE && relay.packetIdsRefused < PACKET_ID_TRIES) {
    relay.packetIdsRefused++;
    freePacketId(relay, hub);
    relay.sent = false;
    sendRelay(relay, hub);
  } else if (packet === 'PUBREC' && reasonCode < 0x80 && relay.qos === 2) {
    relay.received = true;
    relay.releasedOn = input.connection;
    saveRelay(relay, hub); // before PUBREL: from now on the PUBLISH would be a second message
    sendRelay(relay, hub);
    tellReceived(relay, hub);
  } else if (packet === 'PUBREC' && reasonCode < 0x80) {
    relay.received = true; // I-34: it has the message
    relay.released = true;
    sendRelay(relay, hub);
    tell(relay, { packet: 'PUBACK', reasonCode: 0 }, hub);
  } else {
    finish(relay, { packet, reasonCode }, hub);
  }
  return true;
}

function tellReceived(relay: Relay, hub: Hub): void {
  if (!relay.told) {
    relay.told = true;
    tell(relay, { packet: 'PUBREC', reasonCode: 0 }, hub);
  }
}

/** The connection broke while these packets still waited for the disk (I-38): where PUBREL is among them, and was the first one, PUBLISH is repeated (I-6). */
export function takeBackReleases({ connection, kept }: UpstreamLost, hub: Hub): void {
  for (const packetId of kept?.packetIds ?? []) {
    const use = hub.link.uses.get(packetId);
    if (use?.is === 'relay' && use.relay.received && use.relay.releasedOn === connection) {
      use.relay.received = false;
      saveRelay(use.relay, hub);
    }
  }
}

/** PUBCOMP: what is left is between the gateway and the client. */
export function completed(relay: Relay, hub: Hub): void {
  freePacketId(relay, hub);
  relay.ended = true;
  if (relay.qos === 1) {
    drop(relay, hub);
  } else if (relay.released || relay.abandoned || relay.is !== 'publish') {
    tell(relay, { packet: 'PUBCOMP', reasonCode: 0 }, hub);
    drop(relay, hub);
  } else {
    saveRelay(relay, hub);
  }
}

/** The last answer: it is over at the broker. */
export function finish(relay: Relay, answer: RelayAnswer, hub: Hub): void {
  freePacketId(relay, hub);
  relay.ended = true;
  tell(relay, answer, hub);
  const { willOf, qos } = relay;
  if (willOf && answer.reasonCode >= 0x80) {
    const { clientId, link } = willOf; // no client hears of it
    const topic = ownName(clientId, relay.topic, hub);
    hub.note({ type: 'client-publish-dropped', clientId, link, topic, qos, reason: 'the broker refused the will' });
  }
  if (relay.unheard === undefined) {
    drop(relay, hub);
  }
}

/** As the broker would refuse it. */
export function refusal(relay: Relay, reasonCode: number): RelayAnswer {
  return refusalWith(relay, { reasonCode });
}

/** The same, with what else is to be said. */
export function refusalWith({ qos }: Relay, answer: Omit<RelayAnswer, 'packet'>): RelayAnswer {
  return { packet: qos === 1 ? 'PUBACK' : 'PUBREC', ...answer };
}

/** The session hears of it, now or when it has a connection again. */
export function tell(relay: Relay, answer: RelayAnswer, hub: Hub): void {
  const { member, sessionPacketId: packetId, is, abandoned } = relay;
  if (is !== 'publish' || abandoned) {
    return;
  }
  const { connection } = member;
  if (connection === 0) {
    relay.unheard = answer;
  } else {
    hub.tell({ type: 'upstream-acknowledged', connection, packetId, ...answer });
  }
}

/** Nothing of it is known any more. */
export function drop(relay: Relay, hub: Hub): void {
  const { member, sessionPacketId } = relay;
  if (relay.is === 'publish' && member.relays.get(sessionPacketId) === relay) {
    member.relays.delete(sessionPacketId);
    hub.forgetIfEmpty(member);
  }
  if (relay.is === 'will') {
    hub.wills.remove(relay);
  }
  if (relay.stored) {
    relay.stored = false;
    hub.store([{ key: keyOf(relay), record: undefined }]);
  }
}

export function freePacketId(relay: Relay, hub: Hub): void {
  hub.link.uses.delete(relay.packetId);
  hub.link.out.delete(relay);
  hub.link.again.delete(relay);
  relay.packetId = 0;
}

/** A QoS 2 publish, or a will, is known by its packet id before the broker hears of it, and that the broker has it before it hears PUBREL. */
function saveRelay(relay: Relay, hub: Hub): void {
  const { is, qos, member, ended, received, packetId } = relay;
  if (is === 'status' || qos !== 2) {
    return;
  }
  const isKept = is === 'will' || (!relay.abandoned && (relay.stored || outlives(member, hub)));
  if (isKept || relay.stored) {
    relay.stored = true;
    hub.store([{ key: keyOf(relay), record: recordOf(relay) }], isKept && !ended ? [recordOwner(relay, hub)] : []);
  } else if (!received && packetId !== 0) {
    coverPacketId(packetId, hub);
  }
}

/**
 * The session of a client has written down its QoS 2 publishes, for it outlives the process from now on: what they are at the broker belongs to them.
 * So does what waits for a clean one that sleeps from now on, or has a will.
 */
export function sessionStored(writes: readonly StoreWrite[], hub: Hub): void {
  for (const { record } of writes) {
    if (record?.kind === 'will' || (record?.kind === 'session' && record.state === 'asleep' && record.cleanSession)) {
      beginsToOutlive(record, hub);
    }
    const relay = record?.kind === 'exchange' && hub.members.get(record.clientId)?.relays.get(record.packetId);
    if (relay && !relay.stored && (relay.packetId !== 0 || relay.ended)) {
      relay.stored = true;
      hub.store([{ key: keyOf(relay), record: recordOf(relay) }]);
    }
  }
}

function beginsToOutlive({ clientId, kind }: StoredWill | StoredSession, hub: Hub): void {
  const member = hub.members.get(clientId);
  if (member?.clean) {
    member.hasWill ||= kind === 'will';
    keepAllOf(member, hub);
  }
}
