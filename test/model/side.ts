import type { IClientOptions } from 'mqtt';
import { eventually } from '../support/eventually.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';
import type { Sent } from './account.ts';

const LASTING: IClientOptions = { clean: false, reconnectPeriod: 100 };

/** What is at the other side of the broker: two plain publishers, and one who sees all that is published. */
export class Side {
  readonly publishers: readonly MqttPeer[];
  readonly #witness: MqttPeer;
  /** How often each message was seen there. */
  readonly #seen = new Map<string, number>();
  #looked = 0;

  private constructor(witness: MqttPeer, publishers: readonly MqttPeer[]) {
    this.#witness = witness;
    this.publishers = publishers;
  }

  static async open(url: string): Promise<Side> {
    const peers: MqttPeer[] = [];
    for (const clientId of ['witness', 'peer-0', 'peer-1']) {
      peers.push(await MqttPeer.connect(url, { clientId, ...LASTING }));
    }
    const [witness, ...publishers] = peers as [MqttPeer, ...MqttPeer[]];
    for (const filter of ['#', '$dev/#']) {
      await witness.subscribe(filter, 2);
    }
    return new Side(witness, publishers);
  }

  seen(payload: string): number {
    const { items } = this.#witness.received;
    for (; this.#looked < items.length; this.#looked += 1) {
      const message = items[this.#looked];
      if (message && !message.retain) {
        this.#seen.set(message.payload, (this.#seen.get(message.payload) ?? 0) + 1);
      }
    }
    return this.#seen.get(payload) ?? 0;
  }

  /** Resolves when all of them have been seen; undefined where some never are. */
  async waitFor(messages: readonly Sent[]): Promise<void> {
    const missing = (): Sent | undefined => messages.find(({ payload }) => this.seen(payload) === 0);
    await eventually('all that was published at the broker', () => missing() === undefined).catch((error: Error) => {
      const { payload, topic, qos } = missing() ?? { payload: '', topic: '', qos: 0 };
      throw new Error(`lost on the way up: "${payload}" on ${topic} (QoS ${qos})`, { cause: error });
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#witness, ...this.publishers].map((peer) => peer.close().catch(() => peer.abandon())));
  }
}
