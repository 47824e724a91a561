import { describe, expect, it } from '@jest/globals';
import type { UpstreamInput } from '../../../src/ports/upstream.ts';
import {
  inputOf,
  type PacketEffect,
  packetOf,
  type ReceivedPacket,
  type SentPacket,
} from '../../../src/upstream/packets.ts';

type EffectOf<T extends PacketEffect['type']> = Extract<PacketEffect, { type: T }>;

const PUBLISH: EffectOf<'upstream-publish'> = {
  type: 'upstream-publish',
  connection: 3,
  packetId: 0,
  topic: 'sensors/1/temp',
  payload: Uint8Array.of(0x32, 0x31),
  qos: 0,
  retain: true,
  dup: false,
};

/** Every effect that is a packet. */
const SENT: { readonly [T in PacketEffect['type']]: readonly [EffectOf<T>, SentPacket][] } = {
  'upstream-publish': [
    [
      PUBLISH,
      {
        cmd: 'publish',
        messageId: 0,
        topic: 'sensors/1/temp',
        payload: Buffer.from('21'),
        qos: 0,
        retain: true,
        dup: false,
      },
    ],
    [
      {
        type: 'upstream-publish',
        connection: 3,
        packetId: 0xffff,
        topic: 't',
        payload: new Uint8Array(0),
        qos: 2,
        retain: false,
        dup: true,
      },
      { cmd: 'publish', messageId: 0xffff, topic: 't', payload: Buffer.alloc(0), qos: 2, retain: false, dup: true },
    ],
    [
      { ...PUBLISH, correlationData: Uint8Array.of(1, 0xff) },
      {
        cmd: 'publish',
        messageId: 0,
        topic: 'sensors/1/temp',
        payload: Buffer.from('21'),
        qos: 0,
        retain: true,
        dup: false,
        properties: { correlationData: Buffer.of(1, 0xff) },
      },
    ],
  ],
  'upstream-release': [
    [
      { type: 'upstream-release', connection: 3, packetId: 7 },
      { cmd: 'pubrel', messageId: 7, reasonCode: 0 },
    ],
  ],
  'upstream-subscribe': [
    [
      { type: 'upstream-subscribe', connection: 3, packetId: 8, filter: 'cmd/#', qos: 1 },
      { cmd: 'subscribe', messageId: 8, subscriptions: [{ topic: 'cmd/#', qos: 1 }] },
    ],
    [
      { type: 'upstream-subscribe', connection: 3, packetId: 8, filter: 'cmd/#', qos: 1, again: true },
      { cmd: 'subscribe', messageId: 8, subscriptions: [{ topic: 'cmd/#', qos: 1, rh: 1 }] },
    ],
    [
      { type: 'upstream-subscribe', connection: 3, packetId: 8, filter: 'cmd/#', qos: 1, identifier: 268_435_455 },
      {
        cmd: 'subscribe',
        messageId: 8,
        subscriptions: [{ topic: 'cmd/#', qos: 1 }],
        properties: { subscriptionIdentifier: 268_435_455 },
      },
    ],
    [
      {
        type: 'upstream-subscribe',
        connection: 3,
        packetId: 8,
        filter: 'cmd/#',
        qos: 1,
        again: true,
        withoutRetained: true,
        identifier: 1,
      },
      {
        cmd: 'subscribe',
        messageId: 8,
        subscriptions: [{ topic: 'cmd/#', qos: 1, rh: 2 }],
        properties: { subscriptionIdentifier: 1 },
      },
    ],
  ],
  'upstream-unsubscribe': [
    [
      { type: 'upstream-unsubscribe', connection: 3, packetId: 9, filter: 'cmd/#' },
      { cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['cmd/#'] },
    ],
  ],
  'upstream-acknowledge': [
    [
      { type: 'upstream-acknowledge', connection: 3, packetId: 10, packet: 'PUBACK', reasonCode: 0 },
      { cmd: 'puback', messageId: 10, reasonCode: 0 },
    ],
    [
      { type: 'upstream-acknowledge', connection: 3, packetId: 11, packet: 'PUBREC', reasonCode: 0x83 },
      { cmd: 'pubrec', messageId: 11, reasonCode: 0x83 },
    ],
    [
      { type: 'upstream-acknowledge', connection: 3, packetId: 12, packet: 'PUBCOMP', reasonCode: 0x92 },
      { cmd: 'pubcomp', messageId: 12, reasonCode: 0x92 },
    ],
  ],
  'upstream-ping': [[{ type: 'upstream-ping', connection: 3 }, { cmd: 'pingreq' }]],
};

describe('the packet of an effect', () => {
  it.each(Object.entries(SENT))('%s', (_type, cases) => {
    for (const [effect, packet] of cases) {
      expect(packetOf(effect)).toStrictEqual(packet);
    }
  });

  it('carries the payload without a copy, also where it is a part of something larger', () => {
    const frame = Uint8Array.of(1, 2, 3, 4);
    const packet = packetOf({ ...PUBLISH, payload: frame.subarray(1, 3) });
    frame[1] = 9;
    expect(packet.cmd === 'publish' && packet.payload).toStrictEqual(Buffer.of(9, 3));
  });
});

type Command = ReceivedPacket['cmd'];
type Heard<C extends Command> = readonly [what: string, 4 | 5, ReceivedPacket<C>, UpstreamInput | undefined];

const publish = { cmd: 'publish', topic: 't', payload: Buffer.from('x'), qos: 0, retain: false, dup: false } as const;
const message = { type: 'upstream-message', connection: 3, topic: 't', payload: Buffer.from('x') } as const;

/** Every packet that can come. */
const RECEIVED: { readonly [C in Command]: readonly Heard<C>[] } = {
  connack: [
    [
      'accepted, MQTT 3.1.1',
      4,
      { cmd: 'connack', sessionPresent: true, returnCode: 0 },
      { type: 'upstream-connected', connection: 3, sessionPresent: true },
    ],
    [
      'accepted, MQTT 5, with limits',
      5,
      {
        cmd: 'connack',
        sessionPresent: false,
        reasonCode: 0,
        properties: { receiveMaximum: 20, maximumPacketSize: 1_000 },
      },
      {
        type: 'upstream-connected',
        connection: 3,
        sessionPresent: false,
        receiveMaximum: 20,
        maximumPacketSize: 1_000,
      },
    ],
    [
      'accepted, MQTT 5, with properties that say nothing of limits',
      5,
      { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties: {} },
      { type: 'upstream-connected', connection: 3, sessionPresent: false },
    ],
    [
      'accepted, MQTT 5, by a broker that can do little',
      5,
      {
        cmd: 'connack',
        sessionPresent: false,
        reasonCode: 0,
        properties: {
          maximumQoS: 1,
          retainAvailable: false,
          wildcardSubscriptionAvailable: false,
          sharedSubscriptionAvailable: false,
          subscriptionIdentifiersAvailable: false,
        },
      },
      {
        type: 'upstream-connected',
        connection: 3,
        sessionPresent: false,
        maximumQos: 1,
        retainAvailable: false,
        wildcardAvailable: false,
        sharedAvailable: false,
        identifiersAvailable: false,
      },
    ],
    [
      'accepted, MQTT 5, with a highest QoS that is no limit',
      5,
      { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties: { maximumQoS: 2 } },
      { type: 'upstream-connected', connection: 3, sessionPresent: false },
    ],
    [
      'refused, MQTT 3.1.1',
      4,
      { cmd: 'connack', sessionPresent: false, returnCode: 5 },
      { type: 'upstream-refused', connection: 3, protocolVersion: 4, reasonCode: 5 },
    ],
    [
      'refused, MQTT 5',
      5,
      { cmd: 'connack', sessionPresent: false, reasonCode: 0x87 },
      { type: 'upstream-refused', connection: 3, protocolVersion: 5, reasonCode: 0x87 },
    ],
  ],
  publish: [
    ['QoS 0', 4, publish, { ...message, packetId: 0, qos: 0, retain: false, dup: false }],
    [
      'QoS 1, repeated',
      4,
      { ...publish, messageId: 7, qos: 1, dup: true },
      { ...message, packetId: 7, qos: 1, retain: false, dup: true },
    ],
    [
      'QoS 2, retained',
      4,
      { ...publish, messageId: 8, qos: 2, retain: true },
      { ...message, packetId: 8, qos: 2, retain: true, dup: false },
    ],
    [
      'MQTT 5, with an expiry',
      5,
      { ...publish, messageId: 9, qos: 1, properties: { messageExpiryInterval: 60 } },
      { ...message, packetId: 9, qos: 1, retain: false, dup: false, expiryInterval: 60 },
    ],
    [
      'MQTT 5, at the end of its expiry',
      5,
      { ...publish, properties: { messageExpiryInterval: 0 } },
      { ...message, packetId: 0, qos: 0, retain: false, dup: false, expiryInterval: 0 },
    ],
    [
      'MQTT 5, because of one subscription',
      5,
      { ...publish, properties: { subscriptionIdentifier: 7 } },
      { ...message, packetId: 0, qos: 0, retain: false, dup: false, identifiers: [7] },
    ],
    [
      'MQTT 5, because of several subscriptions',
      5,
      { ...publish, properties: { subscriptionIdentifier: [7, 268_435_455] } },
      { ...message, packetId: 0, qos: 0, retain: false, dup: false, identifiers: [7, 268_435_455] },
    ],
    ['MQTT 5, with a topic alias, which none may have', 5, { ...publish, properties: { topicAlias: 1 } }, undefined],
    [
      'a payload as a text',
      4,
      { ...publish, payload: 'x' },
      { ...message, packetId: 0, qos: 0, retain: false, dup: false },
    ],
  ],
  puback: [
    [
      'MQTT 3.1.1',
      4,
      { cmd: 'puback', messageId: 7 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 7, packet: 'PUBACK', reasonCode: 0 },
    ],
    [
      'MQTT 5, nobody has subscribed',
      5,
      { cmd: 'puback', messageId: 7, reasonCode: 0x10 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 7, packet: 'PUBACK', reasonCode: 0x10 },
    ],
  ],
  pubrec: [
    [
      'MQTT 3.1.1',
      4,
      { cmd: 'pubrec', messageId: 8 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 8, packet: 'PUBREC', reasonCode: 0 },
    ],
    [
      'MQTT 5, refused',
      5,
      { cmd: 'pubrec', messageId: 8, reasonCode: 0x97 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 8, packet: 'PUBREC', reasonCode: 0x97 },
    ],
  ],
  pubcomp: [
    [
      'MQTT 3.1.1',
      4,
      { cmd: 'pubcomp', messageId: 8 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 8, packet: 'PUBCOMP', reasonCode: 0 },
    ],
    [
      'MQTT 5, the packet id is not known',
      5,
      { cmd: 'pubcomp', messageId: 8, reasonCode: 0x92 },
      { type: 'upstream-acknowledged', connection: 3, packetId: 8, packet: 'PUBCOMP', reasonCode: 0x92 },
    ],
  ],
  pubrel: [
    [
      'of a message of the broker',
      4,
      { cmd: 'pubrel', messageId: 9 },
      { type: 'upstream-released', connection: 3, packetId: 9 },
    ],
  ],
  suback: [
    [
      'granted',
      4,
      { cmd: 'suback', messageId: 10, granted: [1] },
      { type: 'upstream-subscribed', connection: 3, packetId: 10, reasonCode: 1 },
    ],
    [
      'refused',
      4,
      { cmd: 'suback', messageId: 10, granted: [0x80] },
      { type: 'upstream-subscribed', connection: 3, packetId: 10, reasonCode: 0x80 },
    ],
    [
      'without a reason code: nothing was granted',
      4,
      { cmd: 'suback', messageId: 10, granted: [] },
      { type: 'upstream-subscribed', connection: 3, packetId: 10, reasonCode: 0x80 },
    ],
  ],
  unsuback: [
    [
      'of a filter',
      4,
      { cmd: 'unsuback', messageId: 11 },
      { type: 'upstream-unsubscribed', connection: 3, packetId: 11 },
    ],
  ],
  pingresp: [['to PINGREQ', 4, { cmd: 'pingresp' }, { type: 'upstream-ponged', connection: 3 }]],
  disconnect: [
    [
      'without a reason',
      5,
      { cmd: 'disconnect' },
      {
        type: 'upstream-lost',
        connection: 3,
        reason: 'disconnected by the broker: normal disconnection (0x00)',
        takenOver: false,
        reasonCode: 0,
      },
    ],
    [
      'the broker stops',
      5,
      { cmd: 'disconnect', reasonCode: 0x8b },
      {
        type: 'upstream-lost',
        connection: 3,
        reason: 'disconnected by the broker: Server shutting down (0x8b)',
        takenOver: false,
        reasonCode: 0x8b,
      },
    ],
    [
      'the client id has connected elsewhere',
      5,
      { cmd: 'disconnect', reasonCode: 0x8e },
      {
        type: 'upstream-lost',
        connection: 3,
        reason: 'disconnected by the broker: Session taken over (0x8e)',
        takenOver: true,
        reasonCode: 0x8e,
      },
    ],
    [
      'a code that MQTT 5 does not have',
      5,
      { cmd: 'disconnect', reasonCode: 0xf0 },
      {
        type: 'upstream-lost',
        connection: 3,
        reason: 'disconnected by the broker: unknown reason (0xf0)',
        takenOver: false,
        reasonCode: 0xf0,
      },
    ],
  ],
  connect: [['from the broker', 4, { cmd: 'connect' }, undefined]],
  subscribe: [['from the broker', 4, { cmd: 'subscribe' }, undefined]],
  unsubscribe: [['from the broker', 4, { cmd: 'unsubscribe' }, undefined]],
  pingreq: [['from the broker', 4, { cmd: 'pingreq' }, undefined]],
  auth: [['without a method in CONNECT', 5, { cmd: 'auth' }, undefined]],
};

describe('the input of a packet', () => {
  const all = Object.values<readonly Heard<Command>[]>(RECEIVED).flat();

  it.each(all.map(([what, version, packet, input]) => [packet.cmd, what, version, packet, input] as const))(
    '%s: %s',
    (_cmd, _what, protocolVersion, packet, input) => {
      expect(inputOf(packet, { connection: 3, protocolVersion })).toStrictEqual(input);
    },
  );

  it('has where the answer to a request goes only on a connection for requests', () => {
    const correlationData = Buffer.of(1, 0xff);
    const packet = { ...publish, properties: { responseTopic: 'answers/7', correlationData } };
    const others = { ...message, packetId: 0, qos: 0, retain: false, dup: false };
    expect(inputOf(packet, { connection: 3, protocolVersion: 5 })).toStrictEqual(others);
    expect(inputOf(packet, { connection: 3, protocolVersion: 5, requests: true })).toStrictEqual({
      ...others,
      responseTopic: 'answers/7',
      correlationData,
    });
    expect(inputOf(publish, { connection: 3, protocolVersion: 5, requests: true })).toStrictEqual(others);
  });

  it('hands the payload on without a copy', () => {
    const payload = Buffer.from('x');
    const input = inputOf({ ...publish, payload }, { connection: 3, protocolVersion: 4 });
    expect(input?.type === 'upstream-message' && input.payload).toBe(payload);
  });
});
