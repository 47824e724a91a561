/** After a start: what the store knows of the shared connection, and what of it is of sessions that are known still (3.7). */

import {
  type RestoredRecord,
  type StoredExchange,
  type StoredMessage,
  type StoredParcel,
  type StoredRelay,
  type StoredSession,
  type StoreWrite,
  sharedKey,
  storeKey,
  type WithheldMessage,
} from '../contract/stored-records.ts';
import { besideOf } from '../state/beside.ts';
import { mountedTopic } from '../topics/mount-point.ts';
import { SmallSet } from '../topics/small-map.ts';
import { stayBeside } from './beside.ts';
import { Bridge } from './bridge.ts';
import { bridgeReviewed, endBridge } from './bridges.ts';
import type { Hub } from './hub.ts';
import type { Member, Parcel, Relay, SharedMessage } from './member.ts';
import { count } from './parcels.ts';
import { holdPayload } from './payloads.ts';
import { RecordsByKind } from './records-by-kind.ts';
import { newRelay } from './relay.ts';
import { restoreFilter, restoreGrants } from './restored-filters.ts';
import { restoreOwed } from './stored-owed.ts';
import { restoreUnrecorded } from './unrecorded.ts';
import { restoreWills } from './wills.ts';

/** Records in any order. `isMember`: whether the session of a client is on the shared connection. */
export function restoreHub(
  records: readonly RestoredRecord[],
  isMember: (clientId: string) => boolean,
  hub: Hub,
): void {
  hub.link.downSince = hub.now; // the grace time begins with the gateway
  hub.link.startAnywhere(hub.random);
  const stored = new RecordsByKind(records);
  hub.slots.restore(stored);
  if (stored.of('doubt').length > 0) {
    hub.link.asked = 1;
    hub.link.isDoubtStored = true;
  }
  const sessions = new Map<string, StoredSession>();
  const others = new Map<string, StoredSession>();
  for (const record of stored.of('session')) {
    sessions.set(record.clientId, record);
    restoreMember(record, isMember(record.clientId), others, hub);
  }
  for (const record of stored.of('filter')) {
    restoreFilter(record, hub);
  }
  const messages = new Map<number, SharedMessage>();
  for (const record of [...stored.of('message'), ...stored.of('withheld')]) {
    messages.set(record.number, restoreMessage(record, hub));
  }
  const parcels = stored.of('parcel');
  const relays = stored.of('relay');
  const wills = stored.of('fired-will');
  for (const { relay, record } of restoreWills(wills, hub)) {
    restoreOut(relay, record, hub);
  }
  for (const record of others.values()) {
    if ((record.shared === true || record.owesSession === true || record.bridged === true) && !record.cleanSession) {
      crossOver(stayBeside(record, hub), record, hub);
    }
  }
  restoreGrants(stored, sessions, hub);
  restoreOwed(stored.of('owed'), hub);
  for (const { clientId } of [...parcels, ...relays, ...wills.filter(({ due }) => due !== undefined)]) {
    const other = others.get(clientId);
    if (other) {
      stayBeside(other, hub); // I-133
    }
  }
  restoreParcels(parcels, messages, hub);
  restoreRelays(relays, stored.of('exchange'), sessions, hub);
  for (const member of [...hub.beside.values()]) {
    if (member.grants.size === 0) {
      endBridge(member, hub);
    }
    hub.forgetIfEmpty(member);
  }
  for (const packetIds of stored.of('packet-ids')) {
    restoreUnrecorded(packetIds, hub);
  }
}

/** What comes on the shared connection is for it until the broker has a session of its own for it (I-159). */
function crossOver(member: Member, record: StoredSession, hub: Hub): void {
  member.cross({ bridge: new Bridge() });
  hub.bridged.add(member);
  if (record.shared !== true) {
    bridgeReviewed(member, record, hub);
  }
}

/** `others`: sessions that have connections of their own. */
function restoreMember(record: StoredSession, isMember: boolean, others: Map<string, StoredSession>, hub: Hub): void {
  if (isMember) {
    const member = hub.member(record.clientId);
    member.isKnown = true;
    member.clean = record.cleanSession;
  } else {
    others.set(record.clientId, record);
  }
}

function restoreMessage(record: StoredMessage | WithheldMessage, hub: Hub): SharedMessage {
  const { number, topic, qos, retain, at, expiresAt, packetId = 0, cameAs = packetId, dup = false } = record;
  const payload = record.kind === 'message' ? record.payload : undefined;
  hub.lastMessage = Math.max(hub.lastMessage, number);
  const message: SharedMessage = {
    number,
    topic,
    payload,
    octets: record.kind === 'message' ? record.payload.length : record.octets,
    qos,
    retain,
    at: Math.min(at, hub.now),
    expiresAt,
    packetId,
    cameAs,
    repeats: undefined,
    dup,
    arrivedOn: 0,
    safe: true,
    reliesOnRecords: false,
    parcels: new SmallSet(),
    stored: true,
    storedParcels: 0,
    handedParcels: 0,
    awaited: 0,
  };
  if (packetId !== 0) {
    hub.byPacketId.set(packetId, message);
  }
  return message;
}

function restoreParcels(parcels: readonly StoredParcel[], messages: Map<number, SharedMessage>, hub: Hub): void {
  const writes: StoreWrite[] = [];
  for (const record of [...parcels].sort((one, other) => one.number - other.number)) {
    const { clientId, number, qos, packetId, retain, received } = record;
    const member = hub.members.get(clientId);
    const message = messages.get(number);
    if (member && message && qos > 0) {
      const parcel: Parcel = {
        member,
        message,
        qos: qos === 2 ? 2 : 1,
        retain,
        packetId: member.isBeside ? besideOf(packetId) : packetId,
        received: received === true,
        stored: true,
        awaited: false,
      };
      message.parcels.add(parcel);
      message.storedParcels++;
      restoreParcel(parcel, member, hub);
    } else {
      writes.push({ key: storeKey('parcel', clientId, number), record: undefined });
    }
  }
  for (const message of [...messages.values()].sort((one, other) => one.number - other.number)) {
    if (message.parcels.size > 0 || message.packetId !== 0) {
      hub.messages.set(message.number, message);
      hub.repetitions.acknowledged(message);
      holdPayload(message, hub);
    } else {
      writes.push({ key: sharedKey('message', message.number), record: undefined });
    }
  }
  hub.store(writes);
}

function restoreParcel(parcel: Parcel, member: Member, hub: Hub): void {
  if (parcel.packetId !== 0) {
    member.handed.set(parcel.packetId, parcel);
    parcel.message.handedParcels++;
    if (parcel.received || parcel.message.payload !== undefined) {
      return;
    } // else: it is read first, and handed over again
  }
  member.queue.push(parcel);
  count(parcel, 1, hub);
}

/** What a publish says. */
type Content = Pick<Relay, 'topic' | 'payload' | 'retain'>;

/** What QoS 2 publishes of clients are at the broker; the sessions have their contents. What is of no session is let go there. */
function restoreRelays(
  relays: readonly StoredRelay[],
  exchanges: readonly StoredExchange[],
  sessions: ReadonlyMap<string, StoredSession>,
  hub: Hub,
): void {
  const contents = new Map<string, Content>();
  for (const record of exchanges) {
    if (record.packetId !== 0) {
      const { payload, retain, clientId } = record;
      const topic = mountedTopic(sessions.get(clientId)?.mount ?? '', record.topic);
      contents.set(`${record.packetId} ${clientId}`, { topic, payload, retain });
    }
  }
  for (const record of relays) {
    const { clientId, sessionPacketId, packetId } = record;
    const member = hub.members.get(clientId);
    const content = contents.get(`${sessionPacketId} ${clientId}`);
    if (member && content) {
      const relay = newRelay({ member, sessionPacketId, ...content, qos: 2, is: 'publish' });
      relay.stored = true;
      relay.restored = true;
      relay.ended = packetId === 0;
      member.relays.set(sessionPacketId, relay);
      restoreOut(relay, record, hub);
    } else {
      if (packetId !== 0) {
        hub.link.uses.set(packetId, { is: 'stale' });
      }
      hub.store([{ key: storeKey('relay', clientId, sessionPacketId), record: undefined }]);
    }
  }
  const ofOwn = exchanges.filter(({ clientId }) => sessions.get(clientId)?.shared !== true);
  for (const { clientId, packetId } of ofOwn.sort((one, other) => one.number - other.number)) {
    const member = hub.members.get(clientId);
    const content = contents.get(`${packetId} ${clientId}`);
    if (content && member && !member.isBeside) {
      restoreFromOwn(member, packetId, content, hub);
    }
  }
}

/** It has been on a connection of the client's own, and goes on here. */
function restoreFromOwn(member: Member, sessionPacketId: number, content: Content, hub: Hub): void {
  if (!member.relays.has(sessionPacketId)) {
    const relay = newRelay({ member, sessionPacketId, ...content, qos: 2, is: 'publish' });
    relay.restored = true;
    relay.stays = true;
    member.relays.set(sessionPacketId, relay);
    restoreOut(relay, { packetId: 0, received: false }, hub);
  }
}

function restoreOut(relay: Relay, record: { readonly packetId: number; readonly received: boolean }, hub: Hub): void {
  const { packetId, received } = record;
  relay.packetId = packetId;
  relay.received = received;
  if (packetId !== 0) {
    relay.sent = true;
    hub.link.uses.set(packetId, { is: 'relay', relay });
    hub.link.again.add(relay);
  } else if (!relay.ended) {
    relay.member.unsent.push(relay);
    hub.link.ready.add(relay.member);
  }
}
