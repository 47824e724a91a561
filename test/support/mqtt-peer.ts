import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { DEADLINE } from './deadline.ts';
import { Collected } from './eventually.ts';

/** A message as a plain MQTT client got it. */
export interface PeerMessage {
  readonly topic: string;
  /** As text; `octets` has the payload itself. */
  readonly payload: string;
  readonly octets: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** An ordinary MQTT client at the other side of the broker: it publishes, and it collects what it gets. */
export class MqttPeer {
  readonly received = new Collected<PeerMessage>('messages at the MQTT peer');
  /** Resolves when the connection has ended, whoever ended it. */
  readonly broken: Promise<void>;
  readonly #client: MqttClient;

  private constructor(client: MqttClient, passedOver: RegExp | undefined) {
    this.#client = client;
    client.on('error', () => undefined);
    this.broken = new Promise((resolve) => client.once('close', () => resolve()));
    client.on('message', (topic, payload, { qos, retain, dup }) => {
      if (passedOver?.test(topic)) {
        return;
      }
      this.received.add({ topic, payload: payload.toString(), octets: payload, qos, retain, dup });
    });
  }

  /**
   * Connects, and never again unless `reconnectPeriod` says so. Error if the broker cannot be reached or refuses.
   * @param passedOver topics that are not looked at
   */
  static async connect(url: string, options: IClientOptions = {}, passedOver?: RegExp): Promise<MqttPeer> {
    const client = connect(url, { reconnectPeriod: 0, connectTimeout: DEADLINE, ...options });
    const peer = new MqttPeer(client, passedOver); // listens from the start: messages of a persistent session come with CONNACK
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => {
        client.end(true);
        reject(error);
      };
      client.once('error', fail);
      client.once('connect', () => {
        client.off('error', fail);
        resolve();
      });
    });
    return peer;
  }

  /** All messages so far. */
  get messages(): readonly PeerMessage[] {
    return this.received.items;
  }

  /** The n-th message, counted from 1, as soon as it is there. */
  message(n: number, deadline?: number): Promise<PeerMessage> {
    return this.received.nth(n, deadline);
  }

  /** The first message on a topic, whether it is there already or comes later. */
  messageOn(topic: string, deadline?: number): Promise<PeerMessage> {
    return this.received.find(`a message on ${topic}`, (message) => message.topic === topic, deadline);
  }

  /** Resolves when the broker has granted the subscription. */
  async subscribe(filter: string, qos: 0 | 1 | 2 = 2): Promise<void> {
    await this.#client.subscribeAsync(filter, { qos });
  }

  /** Resolves when the broker has taken the message over (QoS 0: when it has been written). */
  async publish(topic: string, payload: string | Uint8Array, qos: 0 | 1 | 2 = 0, retain = false): Promise<void> {
    const octets =
      typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await this.#client.publishAsync(topic, octets, { qos, retain });
  }

  /**
   * Waits until everything that the broker had for this client before now has arrived: a message of its own makes the round trip.
   * With this a test can say that something did NOT come without waiting for time. Messages of one publisher keep their
   * order, those of two need not: call it when the broker has got all that might come.
   */
  async settle(): Promise<void> {
    const topic = `settle/${Math.random().toString(36).slice(2)}`;
    await this.#client.subscribeAsync(topic, { qos: 1 });
    await this.#client.publishAsync(topic, '', { qos: 1 });
    await this.received.find('the own message', (message) => message.topic === topic);
    this.received.items.splice(
      this.received.items.findIndex((message) => message.topic === topic),
      1,
    );
  }

  /** Says DISCONNECT and waits for the end. */
  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  /** Lets go of a connection that has broken: what was under way on it has failed. */
  abandon(): void {
    this.#client.end(true);
  }
}
