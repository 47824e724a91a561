import type { Message } from '../../src/codec/message.ts';
import { Journal } from '../crash/journal.ts';
import { SlowRadio } from '../crash/radio.ts';
import { Closed, pause, SentAway, Station } from '../crash/station.ts';

export interface BystanderFigures {
  readonly acknowledged: number;
  /** Frames that it had to send again. */
  readonly repeated: number;
  /** Milliseconds from a PUBLISH to its PUBACK. */
  readonly latencies: readonly number[];
  /** What happened to it that should happen to nobody who keeps to the rules. */
  readonly troubles: readonly string[];
}

/** A client that keeps to the rules, beside many that do not: it publishes with QoS 1, one message after the other. */
export class Bystander {
  readonly clientId: string;
  readonly topic: string;
  /** Payloads that the gateway has acknowledged. */
  readonly acknowledged: string[] = [];
  readonly #station: Station;
  readonly #latencies: number[] = [];
  readonly #troubles: string[] = [];
  /** Frames in both directions, frames that came, and frames that were sent for the first time. */
  #frames = 0;
  #received = 0;
  #asked = 0;
  #topicId: number | undefined;
  #stopping = false;

  constructor(clientId: string, port: number) {
    this.clientId = clientId;
    this.topic = `good/${clientId}`;
    // every frame of the station, in both directions, passes its radio
    const loses = (): boolean => {
      this.#frames += 1;
      return false;
    };
    const onSign = (message: Message): void => this.#look(message);
    this.#station = new Station({
      clientId,
      port,
      journal: new Journal(undefined),
      radio: new SlowRadio(0, loses),
      onSign,
    });
  }

  get figures(): BystanderFigures {
    const { acknowledged } = this;
    return {
      acknowledged: acknowledged.length,
      repeated: Math.max(0, this.#frames - this.#received - this.#asked),
      latencies: this.#latencies,
      troubles: this.#troubles,
    };
  }

  /** Until `stop`; the message under way is finished. */
  async run(): Promise<void> {
    await this.#station.open();
    let connected = false;
    for (let count = 1; !this.#stopping; ) {
      try {
        if (!connected) {
          this.#asked += 1;
          await this.#station.connect();
          connected = true;
        }
        await this.#publish(`${this.clientId} ${count}`);
        count += 1;
        await pause(20);
      } catch (error) {
        if (error instanceof Closed) {
          return;
        }
        if (!(error instanceof SentAway)) {
          throw error;
        }
        this.#troubles.push(`${this.clientId} was sent away`);
        connected = false;
      }
    }
  }

  stop(): void {
    this.#stopping = true;
  }

  async close(): Promise<void> {
    this.#stopping = true;
    await this.#station.close();
  }

  #look({ type }: Message): void {
    this.#received += 1;
    if (type !== 'CONNACK' && type !== 'REGACK' && type !== 'PUBACK' && type !== 'DISCONNECT') {
      this.#troubles.push(`${this.clientId} got ${type}`);
    }
  }

  async #publish(payload: string): Promise<void> {
    if (this.#topicId === undefined) {
      this.#asked += 1;
      this.#topicId = await this.#station.register(this.topic);
    }
    const topicId = this.#topicId;
    if (topicId === undefined) {
      this.#troubles.push(`${this.clientId} was refused its topic`);
      return;
    }
    const msgId = this.#station.nextMsgId();
    const message: Message = {
      type: 'PUBLISH',
      dup: false,
      qos: 1,
      retain: false,
      topicIdType: 'normal',
      topicId,
      msgId,
      data: Buffer.from(payload),
    };
    const start = performance.now();
    this.#asked += 1;
    const returnCode = await this.#station.ask(
      message,
      (answer) => (answer.type === 'PUBACK' && answer.msgId === msgId ? answer.returnCode : undefined),
      { ...message, dup: true },
    );
    this.#latencies.push(performance.now() - start);
    if (returnCode === 0) {
      this.acknowledged.push(payload);
    } else {
      this.#troubles.push(`${this.clientId} got PUBACK 0x0${returnCode}`);
    }
  }
}
