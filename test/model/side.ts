import type { IClientOptions } from 'mqtt';
import { eventually } from '../support/eventually.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';
import type { Sent } from './account.ts';
import type { Qos } from './topics.ts';

const LASTING: IClientOptions = { clean: false, reconnectPeriod: 100 };

/** What is at the other side of the broker: two plain publishers, and one who sees all that is published. */
export class Side {
  readonly #publishers: readonly MqttPeer[];
  readonly #witness: MqttPeer;
  readonly #prefix: string;
  /** How often each message was seen there, by topic and payload. */
  readonly #seen = new Map<string, number>();
  #looked = 0;

  private constructor(witness: MqttPeer, publishers: readonly MqttPeer[], prefix: string) {
    this.#witness = witness;
    this.#publishers = publishers;
    this.#prefix = prefix;
  }

  /** `prefix`: what the topics of clients have before them at the broker. */
  static async open(url: string, prefix: string): Promise<Side> {
    const peers: MqttPeer[] = [];
    for (const clientId of ['witness', 'peer-0', 'peer-1']) {
      peers.push(await MqttPeer.connect(url, { clientId, ...LASTING }));
    }
    const [witness, ...publishers] = peers as [MqttPeer, ...MqttPeer[]];
    for (const filter of ['#', '$dev/#']) {
      await witness.subscribe(filter, 2);
    }
    return new Side(witness, publishers, prefix);
  }

  get publishers(): number {
    return this.#publishers.length;
  }

  /** On a topic as clients know it. */
  async publish(publisher: number, topic: string, payload: string, qos: Qos, retain = false): Promise<void> {
    await this.#publishers[publisher]?.publish(this.#prefix + topic, payload, qos, retain);
  }

  /** How often a message has come there, on its topic. */
  seen({ topic, payload }: Sent): number {
    const { items } = this.#witness.received;
    for (; this.#looked < items.length; this.#looked += 1) {
      const message = items[this.#looked];
      if (message && !message.retain) {
        const name = `${message.topic} ${message.payload}`;
        this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
      }
    }
    return this.#seen.get(`${this.#prefix}${topic} ${payload}`) ?? 0;
  }

  /** Resolves when all of them have been seen; undefined where some never are. */
  async waitFor(messages: readonly Sent[]): Promise<void> {
    const missing = (): Sent | undefined => messages.find((message) => this.seen(message) === 0);
    await eventually('all that was published at the broker', () => missing() === undefined).catch((error: Error) => {
      const { payload, topic, qos } = missing() ?? { payload: '', topic: '', qos: 0 };
      throw new Error(`lost on the way up: "${payload}" on ${topic} (QoS ${qos})`, { cause: error });
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#witness, ...this.#publishers].map((peer) => peer.close().catch(() => peer.abandon())));
  }
}
