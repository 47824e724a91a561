import { createHash } from 'node:crypto';
import type { ClientRecord, SharedRecord } from '../../../src/core/contract/stored-records.ts';
import type { RestoredRecord, StoredRecord, StoreWrite } from '../../../src/ports/store.ts';

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
    address: undefined,
    nodeId: undefined,
    state: 'active',
    cleanSession: false,
    keepAlive: 60_000,
    sleepDuration: undefined,
    lastHeard: 1_790_000_000_123.5,
    goneSince: undefined,
    nextTopicId: 1,
    msgIdsTo: undefined,
    epoch: 1,
    identity: undefined,
    mount: undefined,
    prefix: undefined,
    subscriptionsDoubted: undefined,
    shared: undefined,
    ownSince: undefined,
    owesSession: undefined,
    bridged: undefined,
  };
}

/** A session in which every field has something in it. */
export function fullSession(clientId: string): OfKind<'session'> {
  return {
    ...bareSession(clientId),
    address: '192.0.2.7:4711',
    identity: 'greenhouse-7',
    nodeId: Uint8Array.of(0, 255, 128),
    state: 'asleep',
    sleepDuration: 64_800_000,
    goneSince: 1_700_000,
    msgIdsTo: 1024,
    mount: 'site-3/sensor/',
    prefix: 'plant-3-',
    subscriptionsDoubted: true,
    shared: true,
    ownSince: 7,
    owesSession: true,
    bridged: true,
  };
}

function subscription(clientId: string, some: Partial<OfKind<'subscription'>>): OfKind<'subscription'> {
  const none = { predefinedId: undefined, otherIds: undefined, short: false, named: undefined };
  return { kind: 'subscription', clientId, filter: 'a', qos: 1, ...none, ...some };
}

/** The parts of a session, in every form that they have. */
export function parts(clientId: string): ClientRecord[] {
  return [
    { kind: 'topic', clientId, topicId: 1, topicName: 'ein/Wort/über/🌡', knownIn: 1 },
    { kind: 'topic', clientId, topicId: 0xfffe, topicName: '', knownIn: 0 },
    subscription(clientId, { filter: '+/#', qos: 2 }),
    subscription(clientId, { filter: 'ab', qos: 0, short: true }),
    subscription(clientId, { filter: 'a', predefinedId: 0 }),
    subscription(clientId, { filter: 'b', predefinedId: 7, named: true }),
    subscription(clientId, { filter: 'c', predefinedId: 7, otherIds: [8, 0] }),
    { kind: 'unsubscribe', clientId, filter: 'a/+' },
    { kind: 'unsubscribe', clientId, filter: '' },
    { kind: 'will', clientId, topic: { topic: 'last/words', qos: 1, retain: true }, message: new Uint8Array() },
    { kind: 'will', clientId, topic: undefined, message: Uint8Array.of(1) },
  ];
}

export function exchange(
  clientId: string,
  msgId: number,
  payload: Uint8Array = Uint8Array.of(1, 2, 3),
): OfKind<'exchange'> {
  return {
    kind: 'exchange',
    clientId,
    number: msgId,
    msgId,
    packetId: 65_535,
    role: 'superseded',
    topicId: 0,
    predefinedId: undefined,
    topic: 'a/b',
    payload,
    retain: false,
    released: true,
  };
}

export function finished(clientId: string, number: number): OfKind<'finished'> {
  return {
    kind: 'finished',
    clientId,
    number,
    msgId: 0,
    predefinedId: 65_534,
    topic: 'a/b',
    retain: true,
    octets: 1400,
    hash: -2_147_483_648,
    check: 2_147_483_647,
  };
}

/** As an older gateway wrote it: without what the message was. */
export function delivery(clientId: string, packetId: number, msgId = packetId): OfKind<'delivery'> {
  const unknown = { topic: undefined, octets: undefined, hash: undefined, check: undefined };
  return { kind: 'delivery', clientId, packetId, msgId, ...unknown, over: undefined };
}

/** What the connection that clients share has, in every form. */
export function sharedRecords(clientId: string): SharedRecord[] {
  const message = {
    kind: 'message',
    number: 7,
    topic: 'a/b',
    payload: Uint8Array.of(0, 255),
    qos: 2,
    retain: true,
    at: 1.5,
  } as const;
  const owed = { slot: 7, topic: 'x/y', octets: 3, hash: -1, check: 0x7fff_ffff, qos: 2 } as const;
  const will = { topic: 'last/words', message: new Uint8Array(), qos: 1, retain: true } as const;
  return [
    { ...message, expiresAt: 60_000.5, packetId: 65_535, cameAs: undefined, dup: undefined },
    { ...message, number: 8, qos: 1, expiresAt: undefined, packetId: undefined, cameAs: 65_535, dup: true },
    {
      ...message,
      number: 0x1_0000_0000,
      qos: 0,
      retain: false,
      expiresAt: undefined,
      packetId: undefined,
      cameAs: undefined,
      dup: undefined,
    },
    { kind: 'parcel', clientId, number: 7, qos: 1, packetId: 0, retain: false, received: undefined },
    { kind: 'parcel', clientId, number: 8, qos: 2, packetId: 65_535, retain: true, received: undefined },
    { kind: 'parcel', clientId, number: 9, qos: 2, packetId: 1, retain: false, received: true },
    { kind: 'filter', filter: '+/#', identifier: 268_435_455, qos: 2, askers: undefined, nameless: undefined },
    { kind: 'filter', filter: '$share/group/a', identifier: 0, qos: 0, askers: undefined, nameless: true },
    {
      kind: 'filter',
      filter: 'x/#',
      identifier: 65,
      qos: 1,
      askers: [
        { clientId: 'a', qos: 1, generation: 1, awaits: true, shows: true, ofQos0: undefined },
        { clientId: 'a', qos: 0, generation: 2, awaits: true, shows: undefined, ofQos0: true },
        { clientId: 'b', qos: 0, generation: undefined, awaits: undefined, shows: undefined, ofQos0: undefined },
      ],
      nameless: undefined,
    },
    { kind: 'owed', number: 1, clientId, ...owed, filters: ['x/#', '+'], sure: [2], unsure: [] },
    { kind: 'owed', number: 0x1_0000_0000, clientId, ...owed, filters: ['x/#'], sure: [], unsure: [1, 3] },
    { kind: 'relay', clientId, sessionPacketId: 1, packetId: 0, received: true },
    { kind: 'relay', clientId, sessionPacketId: 65_535, packetId: 65_535, received: false },
    { kind: 'packet-ids', first: 65_000, last: 512 },
    { kind: 'slots', last: 4_096 },
    {
      kind: 'fired-will',
      clientId,
      host: 'udp 192.0.2.7',
      number: 1,
      ...will,
      packetId: 0,
      received: false,
      due: 12_000,
    },
    {
      kind: 'fired-will',
      clientId,
      host: undefined,
      number: 2,
      ...will,
      qos: 2,
      retain: false,
      packetId: 65_535,
      received: true,
      due: undefined,
    },
    { kind: 'doubt' },
  ];
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
export function sorted(records: readonly RestoredRecord[]): RestoredRecord[] {
  const name = (record: RestoredRecord) => JSON.stringify(record);
  return [...records].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** The client ids of records, of which each has one. */
export function clientIdsOf(records: readonly RestoredRecord[]): string[] {
  return records.map((record) => {
    if (!('clientId' in record)) {
      throw new Error('a record without a client');
    }
    return record.clientId;
  });
}

/** As a record comes back: what is undefined is left out. */
export function asStored<T>(record: T): T {
  if (Array.isArray(record)) {
    return record.map(asStored) as T;
  }
  if (typeof record !== 'object' || record === null || record instanceof Uint8Array) {
    return record;
  }
  const there = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, asStored(value)])) as T;
}
