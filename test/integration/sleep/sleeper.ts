import { connectFrame, frame, hex16 } from '../../support/core-bench.ts';
import { hexOf, type RawSensor } from '../../support/raw-sensor.ts';

/** A message as the sleeping client got it. */
export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly msgId: number;
}

/** TopicIdType in Flags. */
const TOPIC_ID_TYPE = { short: 2 } as const;
/** The short topic "up", to which a sleeper publishes where a round trip of its own is wanted. */
const ROUND_TRIP_TOPIC = '7570';

/**
 * A client that sleeps and wakes, as a small device would do it: what it gets it acknowledges, names it is told of it remembers. Its frames are
 * written and read by position, without the codec of the gateway.
 */
export class Sleeper {
  readonly clientId: string;
  /** Where it is; may be changed: a new address. */
  sensor: RawSensor;
  /** Topic names by id, from SUBACK and REGISTER. */
  readonly topics = new Map<number, string>();
  /** Every message, once. */
  readonly heard: Heard[] = [];
  /** REGISTERs that came. */
  registers = 0;
  /** QoS 2 messages that are acknowledged with PUBREC, and not released yet. */
  readonly #unreleased = new Set<number>();
  #msgId = 0x100;

  /** A client that is connected already. */
  constructor(sensor: RawSensor, clientId: string) {
    this.sensor = sensor;
    this.clientId = clientId;
  }

  /** CONNECT without a will. */
  async connect(clean = false, duration = 60): Promise<void> {
    await this.sensor.exchange(connectFrame(this.clientId, clean, duration), '03 05 00');
  }

  /** CONNECT with the will "gone" (QoS 1) on `topic`. */
  async connectWithWill(topic: string, clean = false): Promise<void> {
    await this.sensor.exchange(frame(`04 ${clean ? '0c' : '08'} 01 003c`, this.clientId), '02 06');
    await this.sensor.exchange(frame('07 20', topic), '02 08');
    await this.sensor.exchange(frame('09', 'gone'), '03 05 00');
  }

  /** SUBSCRIBE, until SUBACK. */
  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    const msgId = this.#nextMsgId();
    const flags = ['00', '20', '40'][qos];
    const subAck = await this.sensor.exchange(
      frame(`12 ${flags} ${msgId}`, filter),
      `08 13 ${flags} .. .. ${msgId} 00`,
    );
    const topicId = numberAt(subAck, 3);
    if (topicId !== 0) {
      this.topics.set(topicId, filter);
    }
  }

  /** DISCONNECT with a Duration in seconds. */
  async sleep(duration = 300): Promise<void> {
    await this.sensor.exchange(`04 18 ${hex16(duration)}`, '02 18');
  }

  /**
   * One awake cycle, from PINGREQ to PINGRESP: answers everything. Gives the messages of this cycle.
   * @param atMost leave off after so many messages, the last one unacknowledged
   */
  async wake(atMost = Number.POSITIVE_INFINITY): Promise<Heard[]> {
    const before = this.heard.length;
    this.sensor.send(this.pingReq);
    for (;;) {
      const next = await this.sensor.next();
      if (next[1] === 0x17) {
        return this.heard.slice(before);
      }
      const last = this.heard.length - before === atMost - 1 && next[1] === 0x0c;
      this.take(next, !last);
      if (last) {
        return this.heard.slice(before);
      }
    }
  }

  /** PINGREQ with the client id. */
  get pingReq(): string {
    return frame('16', this.clientId);
  }

  /**
   * A publish of its own and nothing before its PUBACK: what the broker had for this client before now is in the gateway then, and the
   * gateway has said nothing of it.
   */
  async roundTrip(): Promise<void> {
    const msgId = this.#nextMsgId();
    await this.sensor.exchange(
      frame(`0c 22 ${ROUND_TRIP_TOPIC} ${msgId}`, 'pon'),
      `07 0d ${ROUND_TRIP_TOPIC} ${msgId} 00`,
    );
  }

  /** Takes one datagram, with its answer where one is due. */
  take(datagram: Uint8Array, answer = true): void {
    const body = datagram[0] === 1 ? datagram.subarray(3) : datagram.subarray(1);
    const reply = this.#answerTo(body);
    if (answer && reply !== undefined) {
      this.sensor.send(reply);
    }
  }

  #answerTo(body: Uint8Array): string | undefined {
    switch (body[0]) {
      case 0x0a: // REGISTER
        this.registers += 1;
        this.topics.set(numberAt(body, 1), Buffer.from(body.subarray(5)).toString());
        return `07 0b ${hexOf(body.subarray(1, 5))} 00`;
      case 0x0c:
        return this.#published(body);
      case 0x10: // PUBREL
        this.#unreleased.delete(numberAt(body, 1));
        return `04 0e ${hexOf(body.subarray(1, 3))}`;
      default:
        throw new Error(`not expected by a sleeping client: ${hexOf(body)}`);
    }
  }

  #published(body: Uint8Array): string | undefined {
    const flags = body[1] ?? 0;
    const qos = (flags >> 5) & 3;
    const msgId = numberAt(body, 4);
    const id = numberAt(body, 2);
    const topic =
      (flags & 3) === TOPIC_ID_TYPE.short ? Buffer.from(body.subarray(2, 4)).toString() : this.topics.get(id);
    if (topic === undefined) {
      throw new Error(`PUBLISH with the topic id ${id}, of which the client was not told`);
    }
    if (!this.#unreleased.has(msgId) || qos !== 2) {
      const payload = Buffer.from(body.subarray(6)).toString();
      this.heard.push({ topic, payload, qos, retain: (flags & 0x10) !== 0, dup: (flags & 0x80) !== 0, msgId });
    }
    if (qos === 2) {
      this.#unreleased.add(msgId);
    }
    return [undefined, `07 0d ${hex16(id)} ${hex16(msgId)} 00`, `04 0f ${hex16(msgId)}`][qos];
  }

  #nextMsgId(): string {
    this.#msgId += 1;
    return hex16(this.#msgId);
  }
}

/** "1", "2", … */
export function numbered(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);
}

export function payloadsOf(messages: readonly { readonly payload: string }[]): string[] {
  return messages.map(({ payload }) => payload);
}

function numberAt(octets: Uint8Array, position: number): number {
  return ((octets[position] ?? 0) << 8) | (octets[position + 1] ?? 0);
}
