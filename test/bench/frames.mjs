/** Frames of clients, made before the clock runs. */

/** Different PUBLISH frames; a client comes to the same one again after far more messages than a gateway remembers. */
export const VARIETY = 4096;

/**
 * A short-form frame.
 * @param {string} hex MsgType and the fields behind it
 * @param {string} text what follows
 */
export function frame(hex, text = '') {
  const body = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from(text)]);
  return Buffer.concat([Buffer.of(body.length + 1), body]);
}

/** `VARIETY` payloads, no two alike. */
export function payloads() {
  return Array.from({ length: VARIETY }, (_, n) => Buffer.from(temperature(n)));
}

/**
 * `VARIETY` PUBLISH frames with payloads and, with QoS 1, MsgIds of their own.
 * @param {0 | 1} qos
 * @param {number} topicId
 */
export function publishFrames(qos, topicId) {
  return Array.from({ length: VARIETY }, (_, n) =>
    frame(`0c${qos === 0 ? '00' : '20'}${uint16(topicId)}${uint16(qos === 0 ? 0 : n + 1)}`, temperature(n)),
  );
}

/**
 * PUBACK "accepted" of a client, by MsgId.
 * @param {number} topicId
 */
export function pubAckFrames(topicId) {
  return Array.from({ length: 0x1_0000 }, (_, msgId) => frame(`0d${uint16(topicId)}${uint16(msgId)}00`));
}

/** MsgType of a short-form frame. */
export function msgTypeOf(octets) {
  return octets[1];
}

/** MsgId of a short-form PUBLISH. */
export function msgIdOfPublish(octets) {
  return (octets[5] << 8) | octets[6];
}

function temperature(n) {
  return (15 + n / 100).toFixed(2);
}

function uint16(value) {
  return value.toString(16).padStart(4, '0');
}
