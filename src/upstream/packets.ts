/**
 * Between effects and packets, and between packets and inputs: pure, without the state of a connection. Packets have the form in which
 * mqtt-packet writes and reads them; of each only those fields are named which the gateway uses. Where they meet it
 * (full-packets.ts) the compiler compares them with its own types.
 */
import type { UpstreamEffect, UpstreamInput, UpstreamPublish, UpstreamSubscribe } from '../ports/upstream.ts';
import { disconnectReason, SESSION_TAKEN_OVER } from './disconnect-reason.ts';

type Qos = UpstreamPublish['qos'];

/** What the broker says of itself in CONNACK. */
type Limits = Omit<Extract<UpstreamInput, { type: 'upstream-connected' }>, 'type' | 'connection' | 'sessionPresent'>;

/** What is done with a connection that exists, one packet each. */
export type PacketEffect = Exclude<UpstreamEffect, { type: 'upstream-connect' | 'upstream-close' | 'upstream-forget' }>;

/** `rh`: Retain Handling of MQTT 5; 3.1.1 has none, and always sends retained messages. */
interface SentSubscription {
  topic: string;
  qos: Qos;
  rh?: number;
}

const ONLY_IF_NEW = { rh: 1 };
const NEVER = { rh: 2 };

/** A packet that the gateway sends. */
export type SentPacket =
  | {
      readonly cmd: 'publish';
      readonly messageId: number;
      readonly topic: string;
      readonly payload: Buffer;
      readonly qos: Qos;
      readonly retain: boolean;
      readonly dup: boolean;
      /** MQTT 5. */
      readonly properties?: { readonly correlationData: Buffer };
    }
  | {
      readonly cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
      readonly messageId: number;
      readonly reasonCode: number;
    }
  | {
      readonly cmd: 'subscribe';
      readonly messageId: number;
      readonly subscriptions: SentSubscription[];
      /** MQTT 5. */
      readonly properties?: { readonly subscriptionIdentifier: number };
    }
  | { readonly cmd: 'unsubscribe'; readonly messageId: number; readonly unsubscriptions: string[] }
  | { readonly cmd: 'pingreq' }
  | { readonly cmd: 'disconnect'; readonly reasonCode: number };

const ACKNOWLEDGEMENTS = { PUBACK: 'puback', PUBREC: 'pubrec', PUBCOMP: 'pubcomp' } as const;

/** The packet that carries out an effect, with the packet id of the core. Its payload is the same memory as that of the effect. */
export function packetOf(effect: PacketEffect): SentPacket {
  switch (effect.type) {
    case 'upstream-publish': {
      const { packetId: messageId, topic, payload, qos, retain, dup, correlationData } = effect;
      return {
        cmd: 'publish',
        messageId,
        topic,
        payload: bufferOf(payload),
        qos,
        retain,
        dup,
        ...(correlationData && { properties: { correlationData: bufferOf(correlationData) } }),
      };
    }
    case 'upstream-release':
      return { cmd: 'pubrel', messageId: effect.packetId, reasonCode: 0 };
    case 'upstream-subscribe':
      return subscribeOf(effect);
    case 'upstream-unsubscribe':
      return { cmd: 'unsubscribe', messageId: effect.packetId, unsubscriptions: [effect.filter] };
    case 'upstream-acknowledge':
      return { cmd: ACKNOWLEDGEMENTS[effect.packet], messageId: effect.packetId, reasonCode: effect.reasonCode };
    case 'upstream-ping':
      return { cmd: 'pingreq' };
  }
}

function subscribeOf({ packetId: messageId, filter: topic, qos, ...more }: UpstreamSubscribe): SentPacket {
  const { again, withoutRetained, identifier: subscriptionIdentifier } = more;
  const retained = withoutRetained ? NEVER : again && ONLY_IF_NEW;
  return {
    cmd: 'subscribe',
    messageId,
    subscriptions: [{ topic, qos, ...retained }],
    ...(subscriptionIdentifier !== undefined && { properties: { subscriptionIdentifier } }),
  };
}

interface Acknowledgement {
  readonly messageId?: number;
  /** MQTT 5. */
  readonly reasonCode?: number;
}

/** MQTT 5: what the broker can do. Each is absent where there is no limit. */
interface ConnackProperties {
  readonly receiveMaximum?: number;
  readonly maximumPacketSize?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly wildcardSubscriptionAvailable?: boolean;
  readonly sharedSubscriptionAvailable?: boolean;
  readonly subscriptionIdentifiersAvailable?: boolean;
  /** In seconds; in place of the keep-alive of CONNECT. */
  readonly serverKeepAlive?: number;
}

/** What is read of each packet. */
interface Fields {
  readonly connack: {
    readonly sessionPresent: boolean;
    /** MQTT 3.1.1. */
    readonly returnCode?: number;
    /** MQTT 5. */
    readonly reasonCode?: number;
    readonly properties?: ConnackProperties;
  };
  readonly publish: {
    /** With QoS 1 and 2. */
    readonly messageId?: number;
    readonly topic: string;
    readonly payload: string | Uint8Array;
    readonly qos: Qos;
    readonly retain: boolean;
    readonly dup: boolean;
    readonly properties?: {
      readonly topicAlias?: number;
      readonly messageExpiryInterval?: number;
      /** Several where several subscriptions are the cause. */
      readonly subscriptionIdentifier?: number | readonly number[];
      readonly responseTopic?: string;
      readonly correlationData?: Uint8Array;
    };
  };
  readonly puback: Acknowledgement;
  readonly pubrec: Acknowledgement;
  readonly pubcomp: Acknowledgement;
  readonly pubrel: { readonly messageId?: number };
  /** `granted`: one reason code for each filter. */
  readonly suback: { readonly messageId?: number; readonly granted: readonly unknown[] };
  readonly unsuback: { readonly messageId?: number };
  readonly pingresp: object;
  readonly disconnect: { readonly reasonCode?: number };
  readonly connect: object;
  readonly subscribe: object;
  readonly unsubscribe: object;
  readonly pingreq: object;
  readonly auth: object;
}

type Command = keyof Fields;

/** A packet that has come from the broker. */
export type ReceivedPacket<C extends Command = Command> = { [K in C]: { readonly cmd: K } & Fields[K] }[C];

/** What the packets of a connection come from. */
export interface PacketSource {
  /** Number of the connection. */
  readonly connection: number;
  readonly protocolVersion: 4 | 5;
  /** Its messages are requests. */
  readonly requests?: boolean;
}

/** Reason code of a subscription that the broker refuses; counts where SUBACK has none, against MQTT 3.1.1, 3.9.3. */
const FAILURE = 0x80;

const nothing = (): undefined => undefined;

const INPUTS: {
  readonly [C in Command]: (packet: ReceivedPacket<C>, source: PacketSource) => UpstreamInput | undefined;
} = {
  connack: ({ sessionPresent, returnCode, reasonCode, properties = {} }, { connection, protocolVersion }) => {
    const code = reasonCode ?? returnCode ?? 0;
    if (code !== 0) {
      return { type: 'upstream-refused', connection, protocolVersion, reasonCode: code };
    }
    return { type: 'upstream-connected', connection, sessionPresent, ...limitsOf(properties) };
  },
  publish: ({ messageId = 0, topic, payload, qos, retain, dup, properties }, source) => {
    if (properties?.topicAlias !== undefined) {
      return undefined; // None was allowed in CONNECT: the connection ends.
    }
    const expiryInterval = properties?.messageExpiryInterval;
    const identifier = properties?.subscriptionIdentifier;
    return {
      type: 'upstream-message',
      connection: source.connection,
      packetId: messageId,
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      qos,
      retain,
      dup,
      ...(expiryInterval !== undefined && { expiryInterval }),
      ...(identifier !== undefined && { identifiers: typeof identifier === 'number' ? [identifier] : identifier }),
      ...(source.requests && answerTo(properties)),
    };
  },
  puback: (packet, source) => acknowledged('PUBACK', packet, source),
  pubrec: (packet, source) => acknowledged('PUBREC', packet, source),
  pubcomp: (packet, source) => acknowledged('PUBCOMP', packet, source),
  pubrel: ({ messageId = 0 }, { connection }) => ({ type: 'upstream-released', connection, packetId: messageId }),
  suback: ({ messageId = 0, granted }, { connection }) => ({
    type: 'upstream-subscribed',
    connection,
    packetId: messageId,
    reasonCode: Number(granted[0] ?? FAILURE),
  }),
  unsuback: ({ messageId = 0 }, { connection }) => ({
    type: 'upstream-unsubscribed',
    connection,
    packetId: messageId,
  }),
  pingresp: (_packet, { connection }) => ({ type: 'upstream-ponged', connection }),
  disconnect: ({ reasonCode = 0 }, { connection }) => ({
    type: 'upstream-lost',
    connection,
    reason: disconnectReason(reasonCode),
    takenOver: reasonCode === SESSION_TAKEN_OVER,
    reasonCode,
  }),
  // Only a client sends these.
  connect: nothing,
  subscribe: nothing,
  unsubscribe: nothing,
  pingreq: nothing,
  // No authentication method was named in CONNECT.
  auth: nothing,
};

/** What a packet of the broker tells the core; undefined: nothing. */
export function inputOf<C extends Command>(packet: ReceivedPacket<C>, source: PacketSource): UpstreamInput | undefined {
  return INPUTS[packet.cmd](packet, source);
}

function answerTo({ responseTopic, correlationData }: ReceivedPacket<'publish'>['properties'] = {}) {
  return { ...(responseTopic !== undefined && { responseTopic }), ...(correlationData && { correlationData }) };
}

function limitsOf(properties: ConnackProperties): Limits {
  const { receiveMaximum, maximumPacketSize, maximumQoS, retainAvailable } = properties;
  const { wildcardSubscriptionAvailable: wildcardAvailable, sharedSubscriptionAvailable: sharedAvailable } = properties;
  const { subscriptionIdentifiersAvailable: identifiersAvailable } = properties;
  return {
    ...(receiveMaximum !== undefined && { receiveMaximum }),
    ...(maximumPacketSize !== undefined && { maximumPacketSize }),
    ...((maximumQoS === 0 || maximumQoS === 1) && { maximumQos: maximumQoS }),
    ...(retainAvailable !== undefined && { retainAvailable }),
    ...(wildcardAvailable !== undefined && { wildcardAvailable }),
    ...(sharedAvailable !== undefined && { sharedAvailable }),
    ...(identifiersAvailable !== undefined && { identifiersAvailable }),
  };
}

function acknowledged(
  packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP',
  { messageId = 0, reasonCode = 0 }: Acknowledgement,
  { connection }: PacketSource,
): UpstreamInput {
  return { type: 'upstream-acknowledged', connection, packetId: messageId, packet, reasonCode };
}

/** The same memory. */
export function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
