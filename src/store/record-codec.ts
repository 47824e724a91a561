/**
 * How a record is written: eight hexadecimal digits of CRC-32 over key and text, then the text, which is JSON with the names of the port.
 * Octets are base64; a property that is undefined is left out.
 *
 *     5d1c0f3a{"kind":"delivery","clientId":"sensor-7","packetId":12,"msgId":3}
 *
 * LevelDB checks its log, but not (by way of the library) its tables; the checksum finds what it lets through, and a text under a wrong key.
 */
import { crc32 } from 'node:zlib';
import type { StoredRecord } from '../ports/store.ts';
import { choice, type Field, flag, list, number, object, octets, optional, text } from './fields.ts';
import {
  doubt,
  filter,
  firedWill,
  message,
  owed,
  packetIds,
  parcel,
  qos,
  relay,
  set,
  slots,
} from './shared-record-fields.ts';

type OfKind<K extends StoredRecord['kind']> = Extract<StoredRecord, { kind: K }>;
type StoredSession = OfKind<'session'>;

const session = object<StoredSession>({
  kind: choice({ session: 'session' }),
  clientId: text,
  protocolVersion: choice({ '1.2': '1.2' }),
  link: text,
  transport: text,
  host: text,
  address: optional(text),
  identity: optional(text),
  nodeId: optional(octets),
  state: choice<StoredSession['state']>({
    disconnected: 'disconnected',
    active: 'active',
    asleep: 'asleep',
    awake: 'awake',
    lost: 'lost',
  }),
  cleanSession: flag,
  keepAlive: number,
  sleepDuration: optional(number),
  lastHeard: number,
  goneSince: optional(number),
  nextTopicId: number,
  msgIdsTo: optional(number),
  epoch: number,
  mount: optional(text),
  prefix: optional(text),
  subscriptionsDoubted: optional(set),
  shared: optional(set),
  ownSince: optional(number),
  owesSession: optional(set),
  bridged: optional(set),
});

const topic = object<OfKind<'topic'>>({
  kind: choice({ topic: 'topic' }),
  clientId: text,
  topicId: number,
  topicName: text,
  knownIn: number,
});

const subscription = object<OfKind<'subscription'>>({
  kind: choice({ subscription: 'subscription' }),
  clientId: text,
  filter: text,
  qos,
  predefinedId: optional(number),
  otherIds: optional(list(number)),
  short: flag,
  named: optional(set),
});

const unsubscribe = object<OfKind<'unsubscribe'>>({
  kind: choice({ unsubscribe: 'unsubscribe' }),
  clientId: text,
  filter: text,
});

const will = object<OfKind<'will'>>({
  kind: choice({ will: 'will' }),
  clientId: text,
  topic: optional(object({ topic: text, qos, retain: flag })),
  message: optional(octets),
});

const exchange = object<OfKind<'exchange'>>({
  kind: choice({ exchange: 'exchange' }),
  clientId: text,
  number,
  msgId: number,
  packetId: number,
  role: choice<OfKind<'exchange'>['role']>({ current: 'current', superseded: 'superseded', 'let-go': 'let-go' }),
  topicId: number,
  predefinedId: optional(number),
  topic: text,
  payload: octets,
  retain: flag,
  released: flag,
});

const finished = object<OfKind<'finished'>>({
  kind: choice({ finished: 'finished' }),
  clientId: text,
  number,
  msgId: number,
  predefinedId: optional(number),
  topic: text,
  retain: flag,
  octets: number,
  hash: number,
  check: number,
});

const delivery = object<OfKind<'delivery'>>({
  kind: choice({ delivery: 'delivery' }),
  clientId: text,
  packetId: number,
  msgId: number,
  topic: optional(text),
  octets: optional(number),
  hash: optional(number),
  check: optional(number),
  over: optional(number),
});

const leftover = object<OfKind<'leftover'>>({
  kind: choice({ leftover: 'leftover' }),
  clientId: text,
  identity: optional(text),
  since: number,
  replaced: optional(set),
});

const gateway = object<OfKind<'gateway'>>({ kind: choice({ gateway: 'gateway' }), clientId: text });
const runtime = object<OfKind<'runtime'>>({ kind: choice({ runtime: 'runtime' }), millis: number });

const RECORDS: { readonly [K in StoredRecord['kind']]: Field<OfKind<K>> } = {
  session,
  topic,
  subscription,
  unsubscribe,
  will,
  exchange,
  finished,
  delivery,
  leftover,
  message,
  parcel,
  filter,
  relay,
  'packet-ids': packetIds,
  slots,
  'fired-will': firedWill,
  doubt,
  runtime,
  gateway,
  owed,
};
const kind = choice<StoredRecord['kind']>({
  session: 'session',
  topic: 'topic',
  subscription: 'subscription',
  unsubscribe: 'unsubscribe',
  will: 'will',
  exchange: 'exchange',
  finished: 'finished',
  delivery: 'delivery',
  leftover: 'leftover',
  message: 'message',
  parcel: 'parcel',
  filter: 'filter',
  relay: 'relay',
  'packet-ids': 'packet-ids',
  slots: 'slots',
  'fired-will': 'fired-will',
  doubt: 'doubt',
  runtime: 'runtime',
  gateway: 'gateway',
  owed: 'owed',
});

/** What is stored under `key`. Throws a `TypeError` for a record that breaks its type, before anything is written. */
export function encodeRecord(key: string, record: StoredRecord): string {
  const field: Field<StoredRecord> = RECORDS[kind.write(record.kind) as StoredRecord['kind']];
  return seal(key, JSON.stringify(field.write(record)));
}

/** The record that is stored under `key`, with nothing in it that `encodeRecord` was not given. Throws where there is none. */
export function decodeRecord(key: string, sealed: string): StoredRecord {
  const json: unknown = JSON.parse(unseal(key, sealed));
  return RECORDS[kind.read((json as { readonly kind?: unknown } | null)?.kind)].read(json);
}

/** The record that is stored under `key`; undefined where it cannot be read. */
export function readableRecord(key: string, sealed: string): StoredRecord | undefined {
  try {
    return decodeRecord(key, sealed);
  } catch {
    return undefined;
  }
}

/** Puts the checksum before a text. */
export function seal(key: string, content: string): string {
  return checksum(key, content) + content;
}

/** The text without its checksum. Throws where they do not match. */
export function unseal(key: string, sealed: string): string {
  const content = sealed.slice(8);
  if (checksum(key, content) !== sealed.slice(0, 8)) {
    throw new TypeError('wrong checksum');
  }
  return content;
}

function checksum(key: string, content: string): string {
  return crc32(key + content)
    .toString(16)
    .padStart(8, '0');
}
