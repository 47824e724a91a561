import { connect, type MqttClient, Store } from 'mqtt';
import { DEADLINE } from '../support/deadline.ts';
import { within } from '../support/eventually.ts';
import type { History } from './history.ts';
import type { Arrival } from './sn-inbox.ts';
import type { Qos } from './topics.ts';

export interface TwinOptions {
  readonly clientId: string;
  readonly url: string;
  /** Before all topics and filters at the broker. */
  readonly prefix: string;
  readonly history: History;
  readonly onArrival: (arrival: Arrival) => void;
}

/** Of a store: what is in it outlives the connection. */
const LASTING = { clean: false };

/** Nobody has it. */
const NO_FILTER = 'nobody';

/** What a client would be without MQTT-SN: a plain MQTT 3.1.1 client of the broker, which does the same and is the measure of what is to come. */
export class Twin {
  readonly #options: TwinOptions;
  #client: MqttClient | undefined;
  /** What has had PUBREC and not yet PUBREL: a part of the session, for MQTT.js tells of a QoS 2 message at PUBREL. */
  #received = new Store(LASTING);
  #isClean = true;
  /** PUBLISH and PUBREL of the broker. */
  #packets = 0;

  constructor(options: TwinOptions) {
    this.#options = options;
  }

  /** A new connection, in place of one that there may be. It comes back by itself, where the broker was away. */
  async connect(clean: boolean): Promise<void> {
    await this.disconnect();
    if (clean || this.#isClean) {
      this.#received = new Store(LASTING);
    }
    this.#isClean = clean;
    const { url, clientId, prefix, history, onArrival } = this.#options;
    const client = connect(url, {
      ...{ clientId, clean, protocolVersion: 4, keepalive: 0 },
      ...{ reconnectPeriod: 100, connectTimeout: DEADLINE, resubscribe: false },
      incomingStore: this.#received,
    });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('packetreceive', ({ cmd }) => {
      this.#packets += cmd === 'publish' || cmd === 'pubrel' ? 1 : 0;
    });
    client.on('message', (name, payload, { qos, retain, dup }) => {
      const topic = name.slice(prefix.length);
      const text = payload.toString();
      history.add(`  twin < ${topic} "${text}" QoS ${qos}${retain ? ' retained' : ''}${dup ? ' dup' : ''}`);
      onArrival({ topic, payload: text, qos, retain, dup });
    });
    await within(`CONNACK of ${clientId}`, new Promise<void>((resolve) => client.once('connect', () => resolve())));
  }

  async subscribe(filter: string, qos: Qos): Promise<void> {
    await this.#insistently((client) => client.subscribeAsync(this.#options.prefix + filter, { qos }));
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.#insistently((client) => client.unsubscribeAsync(this.#options.prefix + filter));
  }

  /** The broker has nothing left for it, what is retained included: an answer comes with nothing before it. */
  async drained(): Promise<void> {
    for (let before = -1; before !== this.#packets && this.#client; ) {
      before = this.#packets;
      await this.#insistently((client) => client.unsubscribeAsync(NO_FILTER));
    }
  }

  async disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client) {
      await within(`the end of ${this.#options.clientId}`, client.endAsync(!client.connected));
    }
  }

  /** Also over a broker that goes and comes. */
  async #insistently(ask: (client: MqttClient) => Promise<unknown>): Promise<void> {
    for (;;) {
      const client = this.#client;
      if (client === undefined) {
        throw new Error(`${this.#options.clientId} has no connection`);
      }
      try {
        await within(`an answer to ${this.#options.clientId}`, ask(client));
        return;
      } catch (error) {
        if (!/onnection closed/.test((error as Error).message)) {
          throw error;
        }
      }
    }
  }
}
