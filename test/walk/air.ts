/** What clients send that keep to no rule, but often answer what they are asked: frames that take sessions through all states. */
import { decode } from '../../src/codec/decode.ts';
import { encode } from '../../src/codec/encode.ts';
import type { Message, Qos } from '../../src/codec/message.ts';
import type { Random } from '../crash/random.ts';
import { CLIENTS, FILTERS, LINKS, TOPICS } from './plans.ts';

/** Frames of the gateway to one link that are remembered. */
const REMEMBERED = 6;

export class Air {
  readonly #random: Random;
  readonly #heard = new Map<string, Message[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A frame reaches a client. */
  hear(link: string, frame: Uint8Array): void {
    const heard = this.#heard.get(link) ?? [];
    heard.push(decode(frame));
    this.#heard.set(link, heard.slice(-REMEMBERED));
  }

  /** Some client sends something. */
  next(): { readonly link: string; readonly frame: Uint8Array; readonly text: string } {
    const random = this.#random;
    const home = random.between(0, CLIENTS.length - 1);
    const link = (random.chance(0.85) ? LINKS[home] : this.#of(LINKS)) ?? '';
    const known = (random.chance(0.85) ? CLIENTS[home] : this.#of(CLIENTS)) ?? '';
    const clientId = random.chance(0.05) ? `x${random.between(1, 20)}` : known;
    const heard = this.#heard.get(link) ?? [];
    const last = heard.at(-1 - (random.chance(0.8) ? 0 : random.between(0, REMEMBERED)));
    const answer = last && random.chance(0.5) ? this.#answerTo(last) : undefined;
    if (answer && random.chance(0.9)) {
      heard.splice(heard.lastIndexOf(last as Message), 1);
    }
    const message = answer ?? this.#message(clientId);
    const frame = encode(message);
    const isForwarded = random.chance(0.05);
    const node = Uint8Array.of(random.between(1, 2));
    const capsule = { type: 'ENCAPSULATED', radius: 0, wirelessNodeId: node, frame } as const;
    const text = `${message.type}${'clientId' in message ? ` ${message.clientId}` : ''}${isForwarded ? ` of ${node}` : ''}`;
    return { link, frame: isForwarded ? encode(capsule) : frame, text };
  }

  #of<Value>(values: readonly Value[]): Value {
    return values[this.#random.between(0, values.length - 1)] as Value;
  }

  #answerTo(message: Message): Message | undefined {
    const returnCode = this.#random.chance(0.8) ? 0 : this.#random.between(1, 3);
    switch (message.type) {
      case 'WILLTOPICREQ':
        return { type: 'WILLTOPIC', will: this.#random.chance(0.9) ? this.#will() : undefined };
      case 'WILLMSGREQ':
        return { type: 'WILLMSG', willMsg: this.#octets() };
      case 'REGISTER':
        return { type: 'REGACK', topicId: message.topicId, msgId: message.msgId, returnCode };
      case 'PUBLISH':
        return message.qos === 2 && returnCode === 0
          ? { type: 'PUBREC', msgId: message.msgId }
          : { type: 'PUBACK', topicId: message.topicId, msgId: message.msgId, returnCode };
      case 'PUBREL':
        return { type: 'PUBCOMP', msgId: message.msgId };
      case 'PUBREC':
        return { type: 'PUBREL', msgId: message.msgId };
      case 'PINGREQ':
        return { type: 'PINGRESP' };
      default:
        return undefined;
    }
  }

  #will(): { readonly qos: Qos; readonly retain: boolean; readonly willTopic: string } {
    return { qos: this.#of([0, 1, 2] as const), retain: this.#random.chance(0.2), willTopic: this.#of(TOPICS) };
  }

  #octets(): Uint8Array {
    return new Uint8Array(this.#random.between(0, 6)).fill(120);
  }

  #message(clientId: string): Message {
    const random = this.#random;
    const msgId = random.between(1, 4);
    const dice = random.next();
    if (dice < 0.22) {
      const [will, cleanSession] = [random.chance(0.4), random.chance(0.4)];
      const duration = this.#of([0, 1, 10, 60]);
      return {
        type: 'CONNECT',
        will,
        cleanSession,
        protocolId: 1,
        duration,
        clientId: random.chance(0.98) ? clientId : '',
      };
    }
    if (dice < 0.36) {
      const [qos, dup] = [this.#of([0, 1, 1, 2, 2, -1] as const), random.chance(0.3)];
      const topicIdType = this.#of(['normal', 'normal', 'predefined', 'short'] as const);
      const topicId = topicIdType === 'short' ? 0x7474 : random.between(1, 5);
      return {
        type: 'PUBLISH',
        dup,
        qos,
        retain: random.chance(0.1),
        topicIdType,
        topicId,
        msgId,
        data: this.#octets(),
      };
    }
    if (dice < 0.48) {
      return { type: 'SUBSCRIBE', dup: false, qos: this.#of([0, 1, 2] as const), msgId, topic: this.#topic() };
    }
    if (dice < 0.53) {
      return { type: 'UNSUBSCRIBE', msgId, topic: this.#topic() };
    }
    if (dice < 0.6) {
      return { type: 'REGISTER', topicId: 0, msgId, topicName: this.#of(TOPICS) };
    }
    if (dice < 0.7) {
      return { type: 'PINGREQ', clientId: random.chance(0.6) ? clientId : undefined };
    }
    if (dice < 0.82) {
      return { type: 'DISCONNECT', duration: random.chance(0.65) ? this.#of([1, 10, 300]) : undefined };
    }
    return this.#rare(msgId);
  }

  #rare(msgId: number): Message {
    const returnCode = this.#random.between(0, 3);
    const topicId = this.#random.between(0, 5);
    const will = this.#random.chance(0.8) ? this.#will() : undefined;
    return this.#of<Message>([
      { type: 'WILLTOPICUPD', will },
      { type: 'WILLMSGUPD', willMsg: this.#octets() },
      { type: 'WILLTOPIC', will },
      { type: 'WILLMSG', willMsg: this.#octets() },
      { type: 'PUBREL', msgId },
      { type: 'PUBREC', msgId },
      { type: 'PUBCOMP', msgId },
      { type: 'PUBACK', topicId, msgId, returnCode },
      { type: 'REGACK', topicId, msgId, returnCode },
      { type: 'PINGRESP' },
      { type: 'SEARCHGW', radius: 0 },
    ]);
  }

  #topic(): Extract<Message, { type: 'SUBSCRIBE' }>['topic'] {
    const random = this.#random;
    if (random.chance(0.1)) {
      return { topicIdType: 'predefined', topicId: random.between(1, 3) };
    }
    return random.chance(0.1)
      ? { topicIdType: 'short', topicName: 'tt' }
      : { topicIdType: 'normal', topicName: this.#of(FILTERS) };
  }
}
