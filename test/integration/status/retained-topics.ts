import { eventually } from '../../support/eventually.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';

/** What a broker has said last at each topic; an empty payload takes a topic away. */
export class RetainedTopics {
  readonly #peer: MqttPeer;

  /** `peer`: subscribed to the topics that are wanted. */
  constructor(peer: MqttPeer) {
    this.#peer = peer;
  }

  get all(): ReadonlyMap<string, string> {
    const last = new Map<string, string>();
    for (const { topic, payload } of this.#peer.messages) {
      if (payload === '') {
        last.delete(topic);
      } else {
        last.set(topic, payload);
      }
    }
    return last;
  }

  /** Waits until a topic says something that fits. */
  async says(topic: string, fits: (text: string) => boolean, deadline?: number): Promise<string> {
    return await eventually(
      `${topic} to say so, it says ${this.all.get(topic)}`,
      () => {
        const text = this.all.get(topic);
        return text !== undefined && fits(text) ? text : undefined;
      },
      deadline,
    );
  }

  /** The same of JSON with some fields. */
  async has(topic: string, fields: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const wanted = Object.entries(fields);
    const text = await this.says(topic, (said) => {
      const json = JSON.parse(said);
      return wanted.every(([name, value]) => json[name] === value);
    });
    return JSON.parse(text);
  }

  /** Waits until a topic is gone. */
  async gone(topic: string): Promise<void> {
    await eventually(`${topic} to go`, () => !this.all.has(topic));
  }
}
