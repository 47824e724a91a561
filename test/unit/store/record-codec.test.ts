import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { decodeRecord, encodeRecord, seal } from '../../../src/store/record-codec.ts';
import { asStored, bareSession, delivery, exchange, finished, fullSession, noise, sharedRecords } from './records.ts';

const KEY = 'some/key';
const roundTrip = (record: StoredRecord) => decodeRecord(KEY, encodeRecord(KEY, record));

describe('stored records', () => {
  it.each<[string, StoredRecord]>([
    ['a session without anything optional', bareSession('sensor-7')],
    ['a session with everything', fullSession('sensor-7')],
    ['a client id with slashes', delivery('../exchange/a/1', 1)],
    ['a client id that is empty', bareSession('')],
    ['a client id of many scripts', fullSession('Fühler-センサー-🌡-\u0000')],
    ['a client id that is no valid Unicode', bareSession('\ud800x')],
    ['a publish that was let go', finished('sensor-7', 0x1_0000_0000)],
    [
      'a delivery with what its message was',
      { ...delivery('sensor-7', 12, 3), topic: 'a/b', octets: 1400, hash: -2_147_483_648, check: 2_147_483_647 },
    ],
    ['a delivery that is over for the client', { ...delivery('sensor-7', 12, 3), over: 0x83 }],
    [
      'a session that the broker is to forget',
      { kind: 'leftover', clientId: 'sensor-7', identity: 'greenhouse-7', since: 1.5, replaced: true } as const,
    ],
    [
      'a session of nobody that the broker is to forget',
      { kind: 'leftover', clientId: 'sensor-7', identity: undefined, since: 1.5, replaced: undefined } as const,
    ],
    ['a payload without octets', exchange('a', 1, new Uint8Array())],
    ['a payload of 64 KiB', exchange('a', 1, noise(65_536))],
    [
      'all octets there are',
      exchange(
        'a',
        1,
        Uint8Array.from({ length: 256 }, (_, octet) => octet),
      ),
    ],
  ])('come back as they were: %s', (_, record) => {
    expect(roundTrip(record)).toStrictEqual(asStored(record));
  });

  it.each(sharedRecords('sensor-7').map((record) => [JSON.stringify(record), record] as const))(
    'of the connection that clients share come back as they were: %s',
    (_, record) => {
      expect(roundTrip(record)).toStrictEqual(asStored(record));
    },
  );

  it('come back as they were, whatever is in them', () => {
    const word = fc.string({ unit: 'binary' });
    const id = fc.nat(0xffff);
    const octets = fc.uint8Array({ max: 255 });
    const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
    const session: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('session' as const),
      clientId: word,
      protocolVersion: fc.constant('1.2' as const),
      link: word,
      transport: word,
      host: word,
      address: maybe(word),
      identity: maybe(word),
      nodeId: maybe(octets),
      state: fc.constantFrom(
        'disconnected' as const,
        'active' as const,
        'asleep' as const,
        'awake' as const,
        'lost' as const,
      ),
      cleanSession: fc.boolean(),
      keepAlive: fc.nat(),
      sleepDuration: maybe(fc.nat()),
      lastHeard: fc.double({ min: 1, max: 2e12, noNaN: true }),
      goneSince: maybe(fc.double({ min: 1, max: 2e12, noNaN: true })),
      nextTopicId: id,
      msgIdsTo: maybe(id),
      epoch: id,
      mount: maybe(word),
      prefix: maybe(word),
      subscriptionsDoubted: maybe(fc.constant(true as const)),
      shared: maybe(fc.constant(true as const)),
      ownSince: maybe(fc.nat()),
      owesSession: maybe(fc.constant(true as const)),
      bridged: maybe(fc.constant(true as const)),
    });
    const topic: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('topic' as const),
      clientId: word,
      topicId: id,
      topicName: word,
      knownIn: id,
    });
    const subscription: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('subscription' as const),
      clientId: word,
      filter: word,
      qos,
      predefinedId: maybe(id),
      otherIds: maybe(fc.array(id)),
      short: fc.boolean(),
      named: maybe(fc.constant(true as const)),
    });
    const unsubscribe: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('unsubscribe' as const),
      clientId: word,
      filter: word,
    });
    const will: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('will' as const),
      clientId: word,
      topic: maybe(record({ topic: word, qos, retain: fc.boolean() })),
      message: maybe(octets),
    });
    const open: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('exchange' as const),
      clientId: word,
      number: fc.nat(),
      msgId: id,
      packetId: id,
      role: fc.constantFrom('current' as const, 'superseded' as const, 'let-go' as const),
      topicId: id,
      predefinedId: maybe(id),
      topic: word,
      payload: octets,
      retain: fc.boolean(),
      released: fc.boolean(),
    });
    const message: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('message' as const),
      number: fc.nat(),
      topic: word,
      payload: octets,
      qos,
      retain: fc.boolean(),
      at: fc.double({ min: 1, max: 2e12, noNaN: true }),
      expiresAt: maybe(fc.nat()),
      packetId: maybe(id),
      cameAs: maybe(id),
      dup: maybe(fc.constant(true as const)),
    });
    const parcel: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('parcel' as const),
      clientId: word,
      number: fc.nat(),
      qos,
      packetId: id,
      retain: fc.boolean(),
      received: maybe(fc.constant(true as const)),
    });
    const filter: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('filter' as const),
      filter: word,
      identifier: fc.nat(),
      qos,
      askers: maybe(
        fc.array(
          record({
            clientId: word,
            qos,
            generation: maybe(fc.nat()),
            awaits: maybe(fc.constant(true)),
            shows: maybe(fc.constant(true)),
            ofQos0: maybe(fc.constant(true)),
          }),
        ),
      ),
      nameless: maybe(fc.constant(true as const)),
    });
    const owed: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('owed' as const),
      number: fc.nat(),
      clientId: word,
      slot: fc.nat(),
      topic: word,
      octets: fc.nat(),
      hash: fc.integer(),
      check: fc.integer(),
      qos,
      filters: fc.array(word),
      sure: fc.array(fc.nat()),
      unsure: fc.array(fc.nat()),
    });
    const relay: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('relay' as const),
      clientId: word,
      sessionPacketId: id,
      packetId: id,
      received: fc.boolean(),
    });
    const firedWill: fc.Arbitrary<StoredRecord> = record({
      kind: fc.constant('fired-will' as const),
      clientId: word,
      host: maybe(word),
      number: fc.nat(),
      topic: word,
      message: octets,
      qos,
      retain: fc.boolean(),
      packetId: id,
      received: fc.boolean(),
      due: maybe(fc.nat()),
    });
    const ofClients = [session, topic, subscription, unsubscribe, will, open];
    fc.assert(
      fc.property(fc.oneof(...ofClients, message, parcel, filter, owed, relay, firedWill), (written) => {
        expect(roundTrip(written)).toStrictEqual(asStored(written));
      }),
    );
  });

  it('take the octets of a view, not those around it, and give back octets with a buffer of their own', () => {
    const around = Buffer.from('before-payload-after');
    const record = roundTrip(exchange('a', 1, around.subarray(7, 14)));
    const { payload } = record as ReturnType<typeof exchange>;
    expect(payload).toStrictEqual(new TextEncoder().encode('payload'));
    expect(payload.buffer.byteLength).toBe(7);
  });

  it('are plain text', () => {
    expect(encodeRecord('k', delivery('sensor-7', 12, 3))).toMatch(
      /^[0-9a-f]{8}\{"kind":"delivery","clientId":"sensor-7","packetId":12,"msgId":3\}$/,
    );
  });

  it('can be read when they were written long ago', () => {
    expect(
      decodeRecord('delivery/a/12', 'de86e888{"kind":"delivery","clientId":"a","packetId":12,"msgId":3}'),
    ).toStrictEqual(asStored(delivery('a', 12, 3)));
  });

  it.each<[string, object, RegExp]>([
    ['a number that is none', { ...delivery('a', 1), packetId: Number.NaN }, /packetId/],
    ['a field of another type', { ...exchange('a', 1), payload: 'text' }, /payload/],
    ['a mark that is not true', { ...bareSession('a'), shared: 1 }, /shared/],
    ['a message without its time', { ...sharedRecords('a')[0], at: undefined }, /at: a number/],
    ['a state that there is not', { ...bareSession('a'), state: 'dead' }, /state/],
    [
      'a field that is missing deep inside',
      { kind: 'will', clientId: 'a', topic: { topic: 'w', qos: 1 } },
      /topic: retain/,
    ],
    [
      'a kind that there is not',
      { kind: 'other', clientId: 'a' },
      /session, topic, subscription, unsubscribe, will, exchange, finished, delivery, leftover, message, parcel, filter, relay, packet-ids, slots, fired-will, doubt, runtime/,
    ],
  ])('are refused before they are written: %s', (_, record, message) => {
    expect(() => encodeRecord(KEY, record as StoredRecord)).toThrow(message);
  });

  it.each([
    ['nothing', ''],
    ['no checksum', '{"kind":"delivery"}'],
    ['a checksum alone', '00000000'],
    ['no JSON', seal(KEY, 'kind: delivery')],
    ['no object', seal(KEY, 'null')],
    ['an unknown kind', seal(KEY, '{"kind":"constructor"}')],
    ['a field missing', seal(KEY, '{"kind":"delivery","clientId":"a","packetId":1}')],
    ['a field of another type', seal(KEY, '{"kind":"delivery","clientId":"a","packetId":"1","msgId":1}')],
    ['the text of another key', encodeRecord('other/key', delivery('a', 1))],
  ])('are not made up out of a text that holds none: %s', (_, text) => {
    expect(() => decodeRecord(KEY, text)).toThrow();
  });

  it('are not made up out of a text in which one character changed', () => {
    const text = encodeRecord(KEY, fullSession('a'));
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
      expect(() => decodeRecord(KEY, changed)).toThrow();
    }
  });

  it('may have properties that this version does not know', () => {
    const text = seal(KEY, '{"kind":"delivery","clientId":"a","packetId":1,"msgId":1,"more":true}');
    expect(decodeRecord(KEY, text)).toStrictEqual(asStored(delivery('a', 1)));
  });
});
