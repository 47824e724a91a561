/** Frames of MQTT-SN clients, put together octet by octet: the load generator shares no code with what it measures. */

export const CONNECT = 0x04;
export const CONNACK = 0x05;
export const REGISTER = 0x0a;
export const REGACK = 0x0b;
export const PUBLISH = 0x0c;
export const PUBACK = 0x0d;
export const PUBCOMP = 0x0e;
export const PUBREC = 0x0f;
export const PUBREL = 0x10;
export const SUBSCRIBE = 0x12;
export const SUBACK = 0x13;
export const PINGREQ = 0x16;
export const PINGRESP = 0x17;
export const DISCONNECT = 0x18;

const DUP = 0x80;
const CLEAN = 0x04;
const ACCEPTED = 0;
/** What all PUBLISH of clients carry: slot and generation, then what stands for a measured value. */
const FILLER = '21.5 C 48 % 1013';
export const PAYLOAD_OCTETS = 8 + FILLER.length;

/** CONNECT without a will. `duration`: keep-alive in seconds. */
export function connectFrame(clientId, clean, duration = 900) {
  return framed(Buffer.from([CONNECT, clean ? CLEAN : 0, 1, duration >> 8, duration & 0xff]), clientId);
}

export function registerFrame(msgId, name) {
  return framed(Buffer.from([REGISTER, 0, 0, msgId >> 8, msgId & 0xff]), name);
}

export function subscribeFrame(msgId, name, qos) {
  return framed(Buffer.from([SUBSCRIBE, qos << 5, msgId >> 8, msgId & 0xff]), name);
}

/** A PUBLISH that `fillPublish` completes. */
export function publishTemplate(topicId, qos) {
  const head = Buffer.from([PUBLISH, qos << 5, topicId >> 8, topicId & 0xff, 0, 0]);
  return framed(head, Buffer.concat([Buffer.alloc(8), Buffer.from(FILLER)]));
}

/** A new PUBLISH made of a template. The same `generation` gives the same frame again, but for DUP. */
export function fillPublish(template, msgId, slot, generation, dup = false) {
  const frame = Buffer.from(template);
  if (dup) {
    frame[2] |= DUP;
  }
  frame.writeUInt16BE(msgId, 5);
  frame.writeUInt32BE(slot, 7);
  frame.writeUInt32BE(generation, 11);
  return frame;
}

/** The payload of such a PUBLISH by itself, for messages of the broker. */
export function payloadOf(slot, generation) {
  const payload = Buffer.alloc(PAYLOAD_OCTETS);
  payload.writeUInt32BE(slot, 0);
  payload.writeUInt32BE(generation, 4);
  payload.write(FILLER, 8);
  return payload;
}

/** PUBACK for a PUBLISH that came. */
export function pubAckFor(publish) {
  return Buffer.from([7, PUBACK, publish[3], publish[4], publish[5], publish[6], ACCEPTED]);
}

/** REGACK for a REGISTER that came. */
export function regAckFor(register) {
  return Buffer.from([7, REGACK, register[2], register[3], register[4], register[5], ACCEPTED]);
}

/** PUBREC, PUBREL or PUBCOMP with the MsgId that is at `at` in `frame`. */
export function shortAnswer(msgType, frame, at) {
  return Buffer.from([4, msgType, frame[at], frame[at + 1]]);
}

/** PINGREQ of a sleeper. */
export function pingReqFrame(clientId) {
  return framed(Buffer.from([PINGREQ]), clientId);
}

/** DISCONNECT; with a duration in seconds the client falls asleep. */
export function disconnectFrame(duration) {
  return duration === undefined
    ? Buffer.from([2, DISCONNECT])
    : Buffer.from([4, DISCONNECT, duration >> 8, duration & 0xff]);
}

/** The frame of a node behind a forwarder: that node is a client of its own. */
export function wrapped(nodeId, frame) {
  return Buffer.concat([
    Buffer.from([7, 0xfe, 0, nodeId >>> 24, (nodeId >> 16) & 0xff, (nodeId >> 8) & 0xff, nodeId & 0xff]),
    frame,
  ]);
}

/** What such a datagram is for, and for whom. */
export function unwrapped(datagram) {
  return { node: datagram.readUInt32BE(3), frame: datagram.subarray(7) };
}

function framed(head, rest) {
  const tail = Buffer.from(rest);
  const length = 1 + head.length + tail.length;
  if (length > 255) {
    throw new Error(`a frame of ${length} octets is too long for this load`);
  }
  return Buffer.concat([Buffer.from([length]), head, tail]);
}
