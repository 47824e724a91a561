import { createHash } from 'node:crypto';
import type { StoredRecord, StoreWrite } from '../../../src/ports/store.ts';

type OfKind<K extends StoredRecord['kind']> = Extract<StoredRecord, { kind: K }>;

/** A session in which every optional field is absent. */
export function bareSession(clientId: string): OfKind<'session'> {
  return {
    kind: 'session',
    clientId,
    protocolVersion: '1.2',
    link: 'udp:192.0.2.7:4711',
    transport: 'udp',
    host: '192.0.2.7',
    nodeId: undefined,
    state: 'active',
    cleanSession: false,
    keepAlive: 60_000,
    sleepDuration: undefined,
    lastHeard: 1_790_000_000_123.5,
    nextTopicId: 1,
    topics: [],
    subscriptions: [],
    willTopic: undefined,
    willMessage: undefined,
    subscriptionsDoubted: undefined,
    unsubscribesOwed: undefined,
  };
}

/** A session in which every field has something in it. */
export function fullSession(clientId: string): OfKind<'session'> {
  return {
    ...bareSession(clientId),
    nodeId: Uint8Array.of(0, 255, 128),
    state: 'asleep',
    sleepDuration: 64_800_000,
    topics: [
      { topicId: 1, topicName: 'ein/Wort/über/🌡', known: true },
      { topicId: 0xfffe, topicName: '', known: false },
    ],
    subscriptions: [
      { filter: '+/#', qos: 2, predefinedId: undefined, short: false },
      { filter: 'ab', qos: 0, predefinedId: undefined, short: true },
      { filter: 'a', qos: 1, predefinedId: 0, short: false },
    ],
    willTopic: { topic: 'last/words', qos: 1, retain: true },
    willMessage: new Uint8Array(),
    subscriptionsDoubted: true,
    unsubscribesOwed: ['a/+', ''],
  };
}

export function exchange(
  clientId: string,
  msgId: number,
  payload: Uint8Array = Uint8Array.of(1, 2, 3),
): OfKind<'exchange'> {
  return {
    kind: 'exchange',
    clientId,
    msgId,
    packetId: 65_535,
    topicId: 0,
    topic: 'a/b',
    payload,
    retain: false,
    released: true,
  };
}

export function delivery(clientId: string, packetId: number, msgId = packetId): OfKind<'delivery'> {
  return { kind: 'delivery', clientId, packetId, msgId };
}

/** A write of a delivery under a key of its own. */
export function deliveryWrite(number: number): StoreWrite {
  return { key: `delivery/sensor/${number}`, record: delivery('sensor', number) };
}

/** Octets that no compression makes smaller, the same in every run. */
export function noise(length: number, seed = 0): Uint8Array {
  const octets = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    const block = createHash('sha256').update(`${seed}/${at}`).digest();
    octets.set(block.subarray(0, Math.min(32, length - at)), at);
  }
  return octets;
}

/** Records in an order that does not depend on the store. */
export function sorted(records: readonly StoredRecord[]): StoredRecord[] {
  const name = (record: StoredRecord) => `${record.kind}/${record.clientId}/${'msgId' in record ? record.msgId : ''}`;
  return [...records].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}
