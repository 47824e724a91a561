import { encode } from '../../src/codec/encode.ts';
import type { Message, QosFlag } from '../../src/codec/message.ts';
import type { Random } from '../crash/random.ts';

/** Client ids, and topics below `evil/`: few, so that sessions come to life and what comes later finds them. */
const CLIENTS = 12;
const TOPICS = ['evil/a', 'evil/a/b', 'evil/+', 'evil/#', '$share/g/evil/a', 'evil/ü', 'evil/\u0001', '#'];
const WIRELESS_NODES = 6;
const LONGEST_NOISE = 300;

type Make = (random: Random) => Message;

const qos = (random: Random): QosFlag => ([-1, 0, 1, 2] as const)[random.between(0, 3)] ?? 0;
const low = (random: Random): number => (random.chance(0.05) ? random.between(0, 0xffff) : random.between(0, 6));
const topic = (random: Random): string => TOPICS[random.between(0, TOPICS.length - 1)] ?? '';
const name = (random: Random): string => (random.chance(0.02) ? '' : `evil-${random.between(1, CLIENTS)}`);
const returnCode = (random: Random): number => random.between(0, 4);
const octets = (random: Random, most: number): Uint8Array =>
  Uint8Array.from({ length: random.between(0, most) }, () => random.between(0, 255));
const topicIdType = (random: Random) => (['normal', 'predefined', 'short'] as const)[random.between(0, 2)] ?? 'normal';

/** Every message that a client may send, and some that it may not, with fields that fit together now and then. */
const MESSAGES: readonly Make[] = [
  (r) => ({
    type: 'CONNECT',
    will: r.chance(0.3),
    cleanSession: r.chance(0.5),
    protocolId: r.chance(0.05) ? 2 : 1,
    duration: r.chance(0.2) ? 0 : r.between(1, 60),
    clientId: name(r),
  }),
  (r) => ({
    type: 'WILLTOPIC',
    will: r.chance(0.2) ? undefined : { willTopic: topic(r), qos: qos(r), retain: r.chance(0.2) },
  }),
  (r) => ({ type: 'WILLMSG', willMsg: octets(r, 20) }),
  (r) => ({ type: 'REGISTER', topicId: 0, msgId: low(r), topicName: `${topic(r)}${r.between(0, 40)}` }),
  (r) => ({ type: 'REGACK', topicId: low(r), msgId: low(r), returnCode: returnCode(r) }),
  (r) => ({
    type: 'PUBLISH',
    dup: r.chance(0.3),
    qos: qos(r),
    retain: r.chance(0.05),
    topicIdType: topicIdType(r),
    topicId: low(r),
    msgId: low(r),
    data: octets(r, 40),
  }),
  (r) => ({ type: 'PUBACK', topicId: low(r), msgId: low(r), returnCode: returnCode(r) }),
  (r) => ({ type: 'PUBREC', msgId: low(r) }),
  (r) => ({ type: 'PUBREL', msgId: low(r) }),
  (r) => ({ type: 'PUBCOMP', msgId: low(r) }),
  (r) => ({
    type: 'SUBSCRIBE',
    dup: r.chance(0.2),
    qos: qos(r),
    msgId: low(r),
    topic: { topicIdType: 'normal', topicName: topic(r) },
  }),
  (r) => ({ type: 'UNSUBSCRIBE', msgId: low(r), topic: { topicIdType: 'normal', topicName: topic(r) } }),
  (r) => ({ type: 'PINGREQ', clientId: r.chance(0.5) ? undefined : name(r) }),
  () => ({ type: 'PINGRESP' }),
  (r) => ({ type: 'DISCONNECT', duration: r.chance(0.5) ? undefined : r.between(0, 30) }),
  (r) => ({
    type: 'WILLTOPICUPD',
    will: r.chance(0.3) ? undefined : { willTopic: topic(r), qos: qos(r), retain: false },
  }),
  (r) => ({ type: 'WILLMSGUPD', willMsg: octets(r, 20) }),
  (r) => ({ type: 'SEARCHGW', radius: r.between(0, 3) }),
];

/**
 * Frames that a gateway should expect from nobody and has to live with: messages in any order, in the names of a few clients that all the
 * attackers share; damaged ones; wrapped ones; noise.
 */
export class HostileFrames {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Uint8Array {
    const random = this.#random;
    if (random.chance(0.03)) {
      return octets(random, LONGEST_NOISE);
    }
    let frame = this.#message();
    if (random.chance(0.3)) {
      frame = this.#damaged(frame);
    }
    return random.chance(0.15) ? this.#wrapped(frame) : frame;
  }

  #message(): Uint8Array {
    const make = MESSAGES[this.#random.between(0, MESSAGES.length - 1)];
    return make === undefined ? new Uint8Array(0) : encode(make(this.#random));
  }

  #damaged(frame: Uint8Array): Uint8Array {
    const random = this.#random;
    const copy = Buffer.from(frame);
    const at = random.between(0, Math.max(0, copy.length - 1));
    switch (random.between(0, 5)) {
      case 0:
        copy[at] = random.between(0, 255);
        return copy;
      case 1:
        return copy.subarray(0, at);
      case 2:
        return Buffer.concat([copy, octets(random, 6)]);
      case 3:
        return Buffer.concat([copy, this.#message()]);
      case 4:
        return Buffer.concat([Uint8Array.of(1, random.between(0, 2), random.between(0, 255)), copy.subarray(1)]);
      default:
        copy[0] = random.between(0, 255);
        return copy;
    }
  }

  /** Behind a forwarder (2.16), now and then twice, or in a header that is not right. */
  #wrapped(frame: Uint8Array): Uint8Array {
    const random = this.#random;
    const nodeId = random.chance(0.1) ? octets(random, 20) : Uint8Array.of(random.between(1, WIRELESS_NODES));
    const header = Uint8Array.of(
      random.chance(0.1) ? random.between(0, 255) : 3 + nodeId.length,
      0xfe,
      random.between(0, 3),
    );
    const wrapped = Buffer.concat([header, nodeId, frame]);
    return random.chance(0.1) ? this.#wrapped(wrapped) : wrapped;
  }
}
