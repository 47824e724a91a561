import type { Message } from '../../src/codec/message.ts';
import type { Books } from './books.ts';
import { Inbox } from './inbox.ts';
import type { Journal } from './journal.ts';
import type { Radio } from './radio.ts';
import type { Random } from './random.ts';
import { Closed, pause, SentAway, Station } from './station.ts';

/** A topic that the broker and the gateway have promised to a sleeper. */
export interface Subscription {
  readonly receiver: string;
  readonly topic: string;
  readonly qos: 1 | 2;
}

/** Sleep and keep-alive unless told otherwise, in seconds. */
const SLEEP = 60;
/** Most topics that a sleeper subscribes to in the course of a run, for each QoS. */
const MOST_TOPICS = 4;

export interface SleeperOptions {
  readonly clientId: string;
  readonly port: number;
  readonly books: Books;
  readonly random: Random;
  readonly journal: Journal;
  readonly radio: Radio;
  /** Sleep and keep-alive, in seconds. */
  readonly sleep?: number;
  readonly onSign: (message: Message) => void;
  /** SUBACK has come: from now on nothing that is published there may be lost. */
  readonly onSubscribed: (subscription: Subscription) => void;
  /** Never asleep: it takes what comes. */
  readonly restless?: boolean;
  /** Remembers its topic ids when it connects anew. */
  readonly keepsTopicIds: boolean;
  /** Takes its time with some answers. */
  readonly hesitates: boolean;
}

/** A persistent subscriber: it sleeps, fetches, now and then connects to subscribe to one topic more, and sometimes comes back from another port. */
export class Sleeper {
  readonly #options: SleeperOptions;
  readonly #station: Station;
  readonly #inbox: Inbox;
  #topics = 0;
  #cycles = 0;
  #stopping = false;

  constructor(options: SleeperOptions) {
    const { clientId, port, journal, radio, onSign, sleep: keepAlive = SLEEP } = options;
    this.#options = options;
    this.#inbox = new Inbox(options.books, options.hesitates ? options.random : undefined);
    this.#station = new Station({
      clientId,
      port,
      journal,
      radio,
      keepAlive,
      onSign,
      onMessage: (message) => this.#inbox.take(message),
    });
    this.#inbox.answersThrough(this.#station);
  }

  /** Number of fetches up to PINGRESP. */
  get cycles(): number {
    return this.#cycles;
  }

  /** First connection: subscribed to one topic with each QoS, and asleep. */
  async begin(): Promise<void> {
    await this.#station.open();
    await this.#station.connect();
    await this.#subscribe(1);
    await this.#subscribe(2);
    await this.#rest();
  }

  /** No further subscriptions. */
  stop(): void {
    this.#stopping = true;
  }

  /** Wakes and sleeps until `close`. */
  async run(): Promise<void> {
    const { random, restless = false } = this.#options;
    let away = false;
    for (;;) {
      try {
        if (away || (!this.#stopping && random.chance(0.1))) {
          await this.#connect();
          away = false;
        }
        await pause(random.between(20, 250));
        if (!restless && random.chance(0.1)) {
          await this.#station.move();
        }
        const clientId = restless ? undefined : this.#station.clientId;
        await this.#station.ask({ type: 'PINGREQ', clientId }, ({ type }) => (type === 'PINGRESP' ? true : undefined));
        this.#cycles += 1;
      } catch (error) {
        if (error instanceof Closed) {
          return;
        }
        if (!(error instanceof SentAway)) {
          throw error;
        }
        away = true;
      }
    }
  }

  async close(): Promise<void> {
    await this.#station.close();
  }

  async #connect(): Promise<void> {
    const { random, keepsTopicIds } = this.#options;
    if (!keepsTopicIds) {
      this.#inbox.forgetsTopics();
    }
    await this.#station.connect();
    if (!this.#stopping && this.#topics < 2 * MOST_TOPICS && random.chance(0.5)) {
      await this.#subscribe(random.chance(0.5) ? 1 : 2);
    }
    await this.#rest();
  }

  async #rest(): Promise<void> {
    if (this.#options.restless !== true) {
      await this.#station.sleep(this.#options.sleep ?? SLEEP);
    }
  }

  async #subscribe(qos: 1 | 2): Promise<void> {
    const { clientId, books, onSubscribed } = this.#options;
    this.#topics += 1;
    const topic = `down/${clientId}/${this.#topics}`;
    // Every third by a wildcard: its topic ids come with REGISTER only.
    const filter = this.#topics % 3 === 0 ? `${topic}/+` : topic;
    const { topicId, returnCode, qos: granted } = await this.#station.subscribe(filter, qos);
    if (returnCode !== 0 || granted !== qos) {
      books.remark(
        `SUBACK: ${clientId} asked for ${filter} with QoS ${qos} and got return code ${returnCode}, QoS ${granted}`,
      );
      return;
    }
    if (filter === topic) {
      this.#inbox.learns(topicId, topic);
    }
    onSubscribed({ receiver: clientId, topic: filter.replace('+', 'x'), qos });
  }
}
