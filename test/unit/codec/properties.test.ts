import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, frameLength } from '../../../src/codec/decode.ts';
import { DecodeError } from '../../../src/codec/decode-error.ts';
import { describeFrame } from '../../../src/codec/describe.ts';
import { encode } from '../../../src/codec/encode.ts';
import type { Message, MessageOf, QosFlag, TopicReference, WillTopicFields } from '../../../src/codec/message.ts';
import { isDoubtful } from '../../../src/codec/message-extent.ts';
import { rounds } from '../../support/rounds.ts';
import { octets, VECTORS } from './vectors.ts';

/** `npm run test:hostile` has more. */
const RUNS = rounds(5_000);

const uint8 = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const data = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 230, maxLength: 270 }));
const qos = fc.constantFrom<QosFlag>(-1, 0, 1, 2);
const utf8 = new TextDecoder('utf-8', { fatal: true });
const notUtf8 = fc.uint8Array({ minLength: 1, maxLength: 12 }).filter((candidate) => {
  try {
    utf8.decode(candidate);
    return false;
  } catch {
    return true;
  }
});
const someText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }) },
  { weight: 1, arbitrary: notUtf8 },
);
const text = fc.oneof({ weight: 9, arbitrary: someText }, { weight: 1, arbitrary: fc.constant('') });
const will = fc.option(fc.record<WillTopicFields>({ qos, retain: fc.boolean(), willTopic: someText }), {
  nil: undefined,
});
const topic: fc.Arbitrary<TopicReference> = fc.oneof(
  fc.record({ topicIdType: fc.constantFrom('normal' as const, 'short' as const), topicName: text }),
  fc.record({ topicIdType: fc.constant('predefined' as const), topicId: uint16 }),
);

/** Any message that can be sent, of each type. */
const MESSAGES: { readonly [T in Message['type']]: fc.Arbitrary<Omit<MessageOf<T>, 'type'>> } = {
  ADVERTISE: fc.record({ gwId: uint8, duration: uint16 }),
  SEARCHGW: fc.record({ radius: uint8 }),
  GWINFO: fc.oneof(
    fc.record({ gwId: uint8 }),
    fc.record({ gwId: uint8, gwAdd: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
  ),
  CONNECT: fc.record({
    will: fc.boolean(),
    cleanSession: fc.boolean(),
    protocolId: uint8,
    duration: uint16,
    clientId: text,
  }),
  CONNACK: fc.record({ returnCode: uint8 }),
  WILLTOPICREQ: fc.constant({}),
  WILLTOPIC: fc.record({ will }),
  WILLMSGREQ: fc.constant({}),
  WILLMSG: fc.record({ willMsg: data }),
  REGISTER: fc.record({ topicId: uint16, msgId: uint16, topicName: text }),
  REGACK: fc.record({ topicId: uint16, msgId: uint16, returnCode: uint8 }),
  PUBLISH: fc.record({
    ...{ dup: fc.boolean(), qos, retain: fc.boolean() },
    ...{ topicIdType: fc.constantFrom('normal', 'predefined', 'short'), topicId: uint16, msgId: uint16, data },
  }),
  PUBACK: fc.record({ topicId: uint16, msgId: uint16, returnCode: uint8 }),
  PUBREC: fc.record({ msgId: uint16 }),
  PUBREL: fc.record({ msgId: uint16 }),
  PUBCOMP: fc.record({ msgId: uint16 }),
  SUBSCRIBE: fc.record({ dup: fc.boolean(), qos, msgId: uint16, topic }),
  SUBACK: fc.record({ qos, topicId: uint16, msgId: uint16, returnCode: uint8 }),
  UNSUBSCRIBE: fc.record({ msgId: uint16, topic }),
  UNSUBACK: fc.record({ msgId: uint16 }),
  PINGREQ: fc.record({ clientId: fc.option(someText, { nil: undefined }) }),
  PINGRESP: fc.constant({}),
  DISCONNECT: fc.record({ duration: fc.option(uint16, { nil: undefined }) }),
  WILLTOPICUPD: fc.record({ will }),
  WILLTOPICRESP: fc.record({ returnCode: uint8 }),
  WILLMSGUPD: fc.record({ willMsg: data }),
  WILLMSGRESP: fc.record({ returnCode: uint8 }),
  ENCAPSULATED: fc.record({
    radius: fc.nat(3),
    wirelessNodeId: fc.uint8Array({ minLength: 1, maxLength: 252 }),
    frame: fc.constantFrom(...VECTORS.valid.map(({ hex }) => octets(hex))),
  }),
};

/** What becomes of any octets: a message or a `DecodeError`. Throws where something else happens. */
function outcome(frame: Uint8Array): 'message' | 'refused' {
  describeOnOneLine(frame);
  let message: Message;
  try {
    message = decode(frame);
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    return 'refused';
  }
  if (frameLength(frame) !== frame.length) {
    throw new Error('frameLength and decode disagree');
  }
  const reserved =
    message.type === 'PUBLISH' ? message.topicIdType : 'topic' in message ? message.topic.topicIdType : undefined;
  if (reserved === 'reserved') {
    return 'message'; // can be received, but never sent
  }
  const again = decode(encode(message));
  if (comparable(again) !== comparable(message)) {
    throw new Error(`${describeFrame(frame)} became ${describeFrame(encode(message))}`);
  }
  return 'message';
}

/** All fields of a message in one string; octets by value, wherever they stand. */
function comparable(message: Message): string {
  return JSON.stringify(message, (_key, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

function describeOnOneLine(frame: Uint8Array): void {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(describeFrame(frame, { payload: true }))) {
    throw new Error('a description has control characters');
  }
}

/** Runs `outcome` on many frames; returns how many were messages. */
function messagesAmong(frames: fc.Arbitrary<Uint8Array>, numRuns: number): number {
  let messages = 0;
  fc.assert(
    fc.property(frames, (frame) => {
      if (outcome(frame) === 'message') {
        messages++;
      }
    }),
    { numRuns },
  );
  return messages;
}

describe('any octets are a message or a DecodeError', () => {
  it('random octets', () => {
    const withLength = fc
      .tuple(fc.integer({ min: 0, max: 0x1f }), fc.uint8Array({ maxLength: 12 }))
      .map(([msgType, body]) => Uint8Array.of(body.length + 2, msgType, ...body));
    const frames = fc.oneof(
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      { weight: 3, arbitrary: withLength },
    );
    expect(messagesAmong(frames, RUNS)).toBeGreaterThan(RUNS / 10);
  });

  it('valid messages with octets changed, added and taken away', () => {
    const vector = fc.constantFrom(...VECTORS.valid.filter(({ hex }) => hex.length < 60).map(({ hex }) => octets(hex)));
    const change = fc.tuple(fc.constantFrom('set', 'insert', 'delete'), fc.nat(30), uint8);
    const mutated = fc
      .tuple(vector, fc.array(change, { maxLength: 3 }), fc.boolean())
      .map(([frame, changes, fixLength]) => {
        const list = [...frame];
        for (const [kind, at, octet] of changes) {
          list.splice(at % list.length, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [octet]));
        }
        if (fixLength && list.length > 2 && list[1] !== 0xfe) {
          list[0] = list.length;
        }
        return Uint8Array.from(list);
      });
    expect(messagesAmong(mutated, RUNS)).toBeGreaterThan(RUNS / 10);
  });

  it('tolerant options refuse nothing that is fine without them', () => {
    const tolerant = { trailing: 'ignore', tolerateShortLength: true } as const;
    fc.assert(
      fc.property(fc.constantFrom(...VECTORS.valid), fc.uint8Array({ maxLength: 3 }), ({ hex }, stray) => {
        const frame = octets(hex);
        const decoded = decode(Uint8Array.of(...frame, ...stray), tolerant);
        if (isDoubtful(frame, 0) && stray.length >= 2) {
          expect(decoded).toMatchObject({ type: decode(frame).type }); // T-41: the stray octets may be its own
        } else {
          expect(decoded).toStrictEqual(decode(frame));
        }
      }),
      { numRuns: rounds(500) },
    );
  });
});

describe('what is encoded is decoded again', () => {
  it.each(Object.entries(MESSAGES) as [Message['type'], fc.Arbitrary<object>][])('%s', (type, fields) => {
    fc.assert(
      fc.property(fields, (some) => {
        const message = { type, ...some } as Message;
        const frame = encode(message);
        expect(decode(frame)).toEqual(message);
        expect(frame[0] === 1).toBe(frame.length > 255 && type !== 'ENCAPSULATED'); // the long form only where it is needed (§5.2.1)
      }),
      { numRuns: rounds(100) },
    );
  });
});
