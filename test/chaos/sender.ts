import { pause } from '../crash/station.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';

/** Milliseconds. */
const RECONNECT = 100;

/** Publishes across the broker's absences and repeats nothing by itself, so that each message that the broker has twice is not of its making. */
export class Sender {
  readonly #url: string;
  #peer: Promise<MqttPeer> | undefined;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Whether the broker has acknowledged it; if not, it may have it all the same. */
  async publish(topic: string, payload: string, qos: 1 | 2): Promise<boolean> {
    const peer = await this.#connected();
    return (
      peer !== undefined &&
      Promise.race([
        peer.publish(topic, payload, qos).then(
          () => true,
          () => false,
        ),
        peer.broken.then(() => false),
      ])
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const peer = await this.#peer?.catch(() => undefined);
    await peer?.close();
  }

  async #connected(): Promise<MqttPeer | undefined> {
    while (!this.#closed) {
      this.#peer ??= this.#connect();
      try {
        return await this.#peer;
      } catch {
        this.#peer = undefined;
        await pause(RECONNECT);
      }
    }
    return undefined;
  }

  async #connect(): Promise<MqttPeer> {
    const peer = await MqttPeer.connect(this.#url, { clientId: 'sender' });
    peer.broken.then(() => {
      peer.abandon();
      this.#peer = undefined;
    });
    return peer;
  }
}
