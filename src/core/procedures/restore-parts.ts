/** The parts of a session that is back from the store: topic ids, subscriptions, wills and open exchanges (3.3, 3.4). */

import {
  type ClientRecord,
  type RestoredRecord,
  type StoredDelivery,
  type StoredExchange,
  type StoredFinishedPublish,
  type StoredSession,
  storeKey,
} from '../contract/stored-records.ts';
import { besideOf } from '../state/beside.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import { addExchange } from '../steps/exchanges.ts';
import { sharedBefore } from '../steps/sharing.ts';
import type { Turn } from '../steps/turn.ts';

/** A record that belongs to a session. */
export type PartRecord = Exclude<ClientRecord, StoredSession>;

const PARTS: Readonly<Record<PartRecord['kind'], true>> = {
  topic: true,
  subscription: true,
  unsubscribe: true,
  will: true,
  exchange: true,
  finished: true,
  delivery: true,
};

/** Whether a record is one. */
export function isPart(record: RestoredRecord): record is PartRecord {
  return Object.hasOwn(PARTS, record.kind);
}

/** The part is what it was. */
export function restorePart(session: Session, record: PartRecord, turn: Turn): void {
  switch (record.kind) {
    case 'topic':
      session.topics.restoreTopic(record);
      return;
    case 'subscription': {
      const { filter, qos, predefinedId, short, otherIds, named } = record;
      const more = { ...(otherIds && { otherIds }), ...(named && { named }) };
      session.subscribing.subscriptions.restore({ filter, qos, predefinedId, short, ...more });
      return;
    }
    case 'unsubscribe':
      session.subscribing.owed.restore(record.filter);
      return;
    case 'will': {
      const { topic, message } = record;
      session.will = { topic, message };
      session.stored.will = { topic, message };
      return;
    }
    case 'exchange':
      restoreExchange(session, record, turn);
      return;
    case 'finished':
      restoreFinished(session, record);
      return;
    case 'delivery':
      restoreDelivery(session, sharedBefore(session) ? besideDelivery(record, turn) : record);
  }
}

/** A part whose session is not there, for its record could not be read: nobody would ever end it. */
export function dropOrphan(record: PartRecord, turn: Turn): void {
  turn.writes.push({ key: keyOf(record), record: undefined });
}

function keyOf(record: PartRecord): string {
  switch (record.kind) {
    case 'topic':
      return storeKey('topic', record.clientId, record.topicId);
    case 'subscription':
    case 'unsubscribe':
      return storeKey(record.kind, record.clientId, record.filter);
    case 'will':
      return storeKey('will', record.clientId);
    case 'exchange':
    case 'finished':
      return storeKey(record.kind, record.clientId, record.number);
    case 'delivery':
      return storeKey('delivery', record.clientId, record.packetId);
  }
}

function restoreExchange(session: Session, record: StoredExchange, turn: Turn): void {
  const { number, msgId, packetId, role, topicId, predefinedId, topic, payload, retain, released } = record;
  const settled = packetId === 0;
  // The PUBLISH may have gone out, and PUBREC may have come: it is repeated under its packet id, so that the broker recognises it.
  const exchange: Exchange = {
    purpose: 'exchange',
    number,
    msgId,
    qos: 2,
    topicId,
    predefinedId,
    packetId,
    packetIdsRefused: 0,
    topic,
    payload,
    retain,
    begunAt: undefined,
    from: session.path,
    isCounted: false,
    role,
    awaited: false, // I-33: nobody knows whether it has connected anew since
    sent: true,
    sentOn: 0,
    received: released || settled,
    receivedAt: released || settled ? turn.now : undefined,
    told: released || settled,
    askedAgain: false,
    releaseFalls: 0,
    stored: true,
    restored: true,
    released,
    releaseSent: released,
    releasedOn: 0,
  };
  const { inbound, upstream } = session;
  inbound.lastNumber = Math.max(inbound.lastNumber, number);
  addExchange(session, exchange, turn);
  if (role === 'current') {
    inbound.byMsgId.set(msgId, exchange);
  }
  if (!settled) {
    upstream.keepPacketId(packetId, exchange);
  }
}

function restoreFinished(session: Session, record: StoredFinishedPublish): void {
  const { number, msgId, predefinedId, topic, retain, octets, hash, check } = record;
  const digest = { octets, hash, check };
  const { inbound } = session;
  inbound.lastNumber = Math.max(inbound.lastNumber, number);
  const until = Number.POSITIVE_INFINITY;
  inbound.letGo.push({ number, msgId, qos: 2, predefinedId, topic, retain, digest, until, stored: true });
}

/** The session had it from the hub, and has it from there still (I-133): on its own connection that packet id means another message. */
function besideDelivery(record: StoredDelivery, turn: Turn): StoredDelivery {
  const moved = { ...record, packetId: besideOf(record.packetId) };
  if (moved.packetId !== record.packetId) {
    turn.writes.push({ key: keyOf(record), record: undefined }, { key: keyOf(moved), record: moved });
  }
  return moved;
}

function restoreDelivery(session: Session, record: StoredDelivery): void {
  const { packetId, msgId, topic, octets, hash, check, over } = record;
  const isOld = topic === undefined || octets === undefined || hash === undefined || check === undefined;
  const digest = isOld ? undefined : { topic, octets, hash, check };
  session.outbound.queue.restored.set(packetId, { packetId, msgId, digest, received: false, over, dropped: false });
  session.msgIds.keepAwayFrom(msgId); // I-55
}

/** Publishes of a client go to the broker again in their order, whatever the order of the store. */
export function placeOf(part: PartRecord): number {
  return part.kind === 'exchange' || part.kind === 'finished' ? part.number : 0;
}
