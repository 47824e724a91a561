/** How records of the shared connection are written (record-codec.ts), and what those of sessions have as well. */
import type { StoredRecord } from '../ports/store.ts';
import { choice, type Field, flag, list, number, object, octets, optional, text } from './fields.ts';

type OfKind<K extends StoredRecord['kind']> = Extract<StoredRecord, { kind: K }>;
type StoredAsker = NonNullable<OfKind<'filter'>['askers']>[number];

export const qos = choice<OfKind<'subscription'>['qos']>({ 0: 0, 1: 1, 2: 2 });

/** It is true, or left out. */
export const set: Field<true> = {
  write: flag.write,
  read(json) {
    if (json !== true) {
      throw new TypeError('true expected');
    }
    return json;
  },
};

export const message = object<OfKind<'message'>>({
  kind: choice({ message: 'message' }),
  number,
  topic: text,
  payload: octets,
  qos,
  retain: flag,
  at: number,
  expiresAt: optional(number),
  packetId: optional(number),
  cameAs: optional(number),
  dup: optional(set),
});

export const parcel = object<OfKind<'parcel'>>({
  kind: choice({ parcel: 'parcel' }),
  clientId: text,
  number,
  qos,
  packetId: number,
  retain: flag,
  received: optional(set),
});

const asker = object<StoredAsker>({
  clientId: text,
  qos,
  generation: optional(number),
  awaits: optional(set),
  shows: optional(set),
  ofQos0: optional(set),
});

export const filter = object<OfKind<'filter'>>({
  kind: choice({ filter: 'filter' }),
  filter: text,
  identifier: number,
  qos,
  askers: optional(list(asker)),
  nameless: optional(set),
});

export const owed = object<OfKind<'owed'>>({
  kind: choice({ owed: 'owed' }),
  number,
  clientId: text,
  slot: number,
  topic: text,
  octets: number,
  hash: number,
  check: number,
  qos,
  filters: list(text),
  sure: list(number),
  unsure: list(number),
});

export const relay = object<OfKind<'relay'>>({
  kind: choice({ relay: 'relay' }),
  clientId: text,
  sessionPacketId: number,
  packetId: number,
  received: flag,
});

export const packetIds = object<OfKind<'packet-ids'>>({
  kind: choice({ 'packet-ids': 'packet-ids' }),
  first: number,
  last: number,
});

export const slots = object<OfKind<'slots'>>({ kind: choice({ slots: 'slots' }), last: number });

export const firedWill = object<OfKind<'fired-will'>>({
  kind: choice({ 'fired-will': 'fired-will' }),
  clientId: text,
  host: optional(text),
  number,
  topic: text,
  message: octets,
  qos,
  retain: flag,
  packetId: number,
  received: flag,
  due: optional(number),
});

export const doubt = object<OfKind<'doubt'>>({ kind: choice({ doubt: 'doubt' }) });
