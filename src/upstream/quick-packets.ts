/**
 * The packets of which nearly all traffic is made, PUBLISH and its acknowledgements, to and from octets: the same as full-packets.ts makes of them and
 * in the same form, at a small part of the cost. Everything that is not as plain as most are is left to that: errors, other packets,
 * properties that hardly anybody uses. Pure.
 */
import type { UpstreamAcknowledge, UpstreamPublish, UpstreamRelease } from '../ports/upstream.ts';
import type { ReceivedPacket } from './packets.ts';

const PUBLISH = 0x30;
const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBREL = 0x62;
const PUBCOMP = 0x70;

const DUP = 0x08;
const RETAIN = 0x01;

/** Properties of a PUBLISH of the broker that are read here (MQTT 5). */
const MESSAGE_EXPIRY_INTERVAL = 0x02;
const SUBSCRIPTION_IDENTIFIER = 0x0b;

/** Octets behind the fixed header that one octet of Remaining Length can tell of, and so on. */
const LENGTH_LIMITS = [0x80, 0x4000, 0x20_0000, 0x1000_0000];

/** Memory of its own, as `slice` of a `Buffer` has not. */
const copyOf = Uint8Array.prototype.slice;

/** Longest topic name: its length has two octets. */
const MAX_TOPIC = 0xffff;

const ACKNOWLEDGEMENTS = { PUBACK, PUBREC, PUBCOMP } as const;
const NAMES = { [PUBACK]: 'puback', [PUBREC]: 'pubrec', [PUBREL]: 'pubrel', [PUBCOMP]: 'pubcomp' } as const;

/**
 * A whole packet of the broker; undefined: it is not as plain.
 * @param first its first octet
 * @param octets where it is, from `at` (behind Remaining Length) to `end`; the payload is a copy
 */
export function readQuickly(
  first: number,
  octets: Buffer,
  at: number,
  end: number,
  protocolVersion: 4 | 5,
): ReceivedPacket<'publish' | 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'> | undefined {
  switch (first) {
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      return acknowledgement(first, octets, at, end);
    default:
      return (first & 0xf0) === PUBLISH ? publish(first, octets, at, end, protocolVersion) : undefined;
  }
}

function acknowledgement(first: keyof typeof NAMES, octets: Buffer, at: number, end: number) {
  const messageId = end - at === 2 ? uint16(octets, at) : 0;
  return messageId === 0 ? undefined : { cmd: NAMES[first], messageId, reasonCode: 0 };
}

function publish(
  first: number,
  octets: Buffer,
  at: number,
  end: number,
  protocolVersion: 4 | 5,
): ReceivedPacket<'publish'> | undefined {
  const qos = (first >> 1) & 3;
  const topicEnd = at + 2 <= end ? at + 2 + uint16(octets, at) : end + 1;
  const idEnd = topicEnd + (qos === 0 ? 0 : 2);
  if (qos === 3 || idEnd > end) {
    return undefined;
  }
  const messageId = qos === 0 ? 0 : uint16(octets, topicEnd);
  if (qos > 0 && messageId === 0) {
    return undefined;
  }
  const found = protocolVersion === 5 ? propertiesOf(octets, idEnd, end) : { end: idEnd, properties: undefined };
  return (
    found && {
      cmd: 'publish',
      messageId,
      topic: octets.toString('utf8', at + 2, topicEnd),
      payload: copyOf.call(octets, found.end, end),
      qos: qos as 0 | 1 | 2,
      retain: (first & RETAIN) !== 0,
      dup: (first & DUP) !== 0,
      ...(found.properties && { properties: found.properties }),
    }
  );
}

interface Found {
  /** Where the payload begins. */
  readonly end: number;
  readonly properties:
    | { readonly messageExpiryInterval?: number; readonly subscriptionIdentifier?: number }
    | undefined;
}

/** Undefined: there are others than those that are read here, or one comes twice. */
function propertiesOf(octets: Buffer, at: number, end: number): Found | undefined {
  const length = varInt(octets, at, end);
  if (length === undefined || length.end + length.value > end) {
    return undefined;
  }
  const stop = length.end + length.value;
  if (length.value === 0) {
    return { end: stop, properties: undefined };
  }
  const properties: { messageExpiryInterval?: number; subscriptionIdentifier?: number } = {};
  for (let next = length.end; next < stop; ) {
    const identifier = octets[next++];
    if (identifier === MESSAGE_EXPIRY_INTERVAL && properties.messageExpiryInterval === undefined && next + 4 <= stop) {
      properties.messageExpiryInterval = octets.readUInt32BE(next);
      next += 4;
    } else if (identifier === SUBSCRIPTION_IDENTIFIER && properties.subscriptionIdentifier === undefined) {
      const value = varInt(octets, next, stop);
      if (value === undefined) {
        return undefined;
      }
      properties.subscriptionIdentifier = value.value;
      next = value.end;
    } else {
      return undefined;
    }
  }
  return { end: stop, properties };
}

/** A Variable Byte Integer, at most four octets; undefined: it is not whole, or longer. */
export function varInt(octets: Buffer, at: number, end: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const octet = at < end ? octets[at++] : undefined;
    if (octet === undefined) {
      return undefined;
    }
    value |= (octet & 0x7f) << shift;
    if (octet < 0x80) {
      return { value, end: at };
    }
  }
  return undefined;
}

/** The packet that carries out an effect; undefined: it is not as plain. */
export function writeQuickly(
  effect: UpstreamPublish | UpstreamRelease | UpstreamAcknowledge,
  protocolVersion: 4 | 5,
): Buffer | undefined {
  switch (effect.type) {
    case 'upstream-publish':
      return publishPacket(effect, protocolVersion);
    case 'upstream-release':
      return shortPacket(PUBREL, effect.packetId);
    case 'upstream-acknowledge':
      return protocolVersion === 5 && effect.reasonCode !== 0
        ? undefined
        : shortPacket(ACKNOWLEDGEMENTS[effect.packet], effect.packetId);
  }
}

function publishPacket(effect: UpstreamPublish, protocolVersion: 4 | 5): Buffer | undefined {
  const { topic, payload, qos, packetId } = effect;
  const topicLength = Buffer.byteLength(topic);
  const length = 2 + topicLength + (qos === 0 ? 0 : 2) + (protocolVersion === 5 ? 1 : 0) + payload.length;
  const lengthOctets = LENGTH_LIMITS.findIndex((limit) => length < limit) + 1;
  if (topicLength === 0 || topicLength > MAX_TOPIC || lengthOctets === 0) {
    return undefined;
  }
  const packet = Buffer.allocUnsafe(1 + lengthOctets + length);
  packet[0] = PUBLISH | (effect.dup ? DUP : 0) | (qos << 1) | (effect.retain ? RETAIN : 0);
  let at = 1;
  for (let rest = length; at <= lengthOctets; rest >>= 7) {
    packet[at] = at < lengthOctets ? (rest & 0x7f) | 0x80 : rest;
    at++;
  }
  packet[at++] = topicLength >> 8;
  packet[at++] = topicLength & 0xff;
  at += packet.write(topic, at, 'utf8');
  if (qos > 0) {
    packet[at++] = packetId >> 8;
    packet[at++] = packetId & 0xff;
  }
  if (protocolVersion === 5) {
    packet[at++] = 0; // no properties
  }
  packet.set(payload, at);
  return packet;
}

function shortPacket(first: number, packetId: number): Buffer {
  const packet = Buffer.allocUnsafe(4);
  packet[0] = first;
  packet[1] = 2;
  packet[2] = packetId >> 8;
  packet[3] = packetId & 0xff;
  return packet;
}

function uint16(octets: Buffer, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}
