import type { Message } from '../../src/codec/message.ts';
import { LONG_DEADLINE } from '../support/deadline.ts';
import { eventually, within } from '../support/eventually.ts';
import type { Arrival, Books } from './books.ts';
import type { Journal } from './journal.ts';
import { Publisher } from './publisher.ts';
import type { Radio } from './radio.ts';
import type { Random } from './random.ts';
import { Sleeper, type Subscription } from './sleeper.ts';
import { pause, Station } from './station.ts';

/** Who gets everything that the publishers send. */
export const ARCHIVE = 'archive';
const PUBLISHERS = [1, 2, 1, 2] as const;
/** So many messages at most wait for a subscriber; more would only be fetched for longer at the end. */
const MOST_WAITING = 100;
const SLEEPERS = ['sleeper-1', 'sleeper-2', 'sleeper-3', 'restless'];

export interface CrowdOptions {
  readonly books: Books;
  readonly random: Random;
  readonly journal: Journal;
  /** UDP port of the gateway. */
  readonly port: number;
  /** The medium of the n-th publisher, and of the n-th sleeper. */
  readonly radio: (index: number) => Radio;
  /** Keep-alive and sleep, in seconds. */
  readonly keepAlive?: number;
  /** Sees each message of the gateway. */
  readonly onSign?: (clientId: string, message: Message) => void;
}

/** All clients of a gateway, and the peers that publish to them; README.md says who they are. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #stations: Station[] = [];
  readonly #publishers: Publisher[] = [];
  readonly #sleepers: Sleeper[] = [];
  readonly #subscriptions: Subscription[] = [];
  /** Loops that come to an end when nothing new is sent. */
  readonly #sending: Promise<void>[] = [];
  readonly #waking: Promise<void>[] = [];
  #stopping = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  get clientIds(): string[] {
    return [...SLEEPERS, ...this.#stations.map(({ clientId }) => clientId)];
  }

  /** Resolves when all are subscribed, and asleep where they sleep at all. */
  async startSleepers(): Promise<void> {
    const { onSign, radio, keepAlive, ...rest } = this.#options;
    const begin = async (clientId: string, index: number): Promise<void> => {
      const sleeper = new Sleeper({
        ...rest,
        clientId,
        radio: radio(index),
        ...(keepAlive === undefined ? {} : { sleep: keepAlive }),
        onSign: (message) => onSign?.(clientId, message),
        onSubscribed: (subscription) => void this.#subscriptions.push(subscription),
        restless: clientId === 'restless',
        keepsTopicIds: index % 2 === 0,
        hesitates: index < 2,
      });
      this.#sleepers.push(sleeper);
      await within(`the subscriptions of ${clientId}`, sleeper.begin());
      this.#waking.push(this.#looping(sleeper.run()));
    };
    await Promise.all(SLEEPERS.map(begin));
  }

  async startPublishers(): Promise<void> {
    const { onSign, radio, keepAlive, port, journal, books, random } = this.#options;
    for (const [index, qos] of PUBLISHERS.entries()) {
      const clientId = `publisher-${index + 1}`;
      const station = new Station({
        clientId,
        port,
        journal,
        radio: radio(index),
        ...(keepAlive === undefined ? {} : { keepAlive }),
        onSign: (message) => onSign?.(clientId, message),
      });
      this.#stations.push(station);
      await station.open();
      const hesitates = index === PUBLISHERS.length - 1;
      const publisher = new Publisher({
        station,
        qos,
        books,
        random,
        receiver: ARCHIVE,
        keepsTopicIds: index < 2,
        hesitates,
      });
      this.#publishers.push(publisher);
      this.#sending.push(this.#looping(publisher.run()));
    }
  }

  /** One message after the other to each sleeper. `publish`: whether the broker has acknowledged it. */
  startSenders(publish: (subscription: Subscription, payload: string) => Promise<boolean>): void {
    this.#sending.push(...SLEEPERS.map((name) => this.#looping(this.#publishTo(name, publish))));
  }

  /** Nothing new; what is under way is finished, and whoever might get something twice has had the time to. `arrived`: what has come to the archive since it was last asked. */
  async drain(arrived: () => readonly Arrival[], settle: () => Promise<void>): Promise<void> {
    const { journal, books } = this.#options;
    journal.add('run', () => 'DRAIN');
    this.#stop();
    for (const sleeper of this.#sleepers) {
      sleeper.stop();
    }
    let finished = false;
    Promise.all(this.#sending).then(() => {
      finished = true;
    });
    const take = (): boolean => {
      for (const arrival of arrived()) {
        books.arrives(arrival);
      }
      return finished && books.missing === 0;
    };
    const late = (error: Error): void => books.remark(error.message);
    await eventually('everything to arrive', take, LONG_DEADLINE).catch(late);
    const enough = this.#sleepers.map(({ cycles }) => cycles + 2);
    const rested = (): boolean => this.#sleepers.every(({ cycles }, index) => cycles >= (enough[index] ?? 0));
    await eventually('two more fetches of each sleeper', rested).catch(late);
    await within('the archive to settle', settle()).catch(late);
    take();
  }

  async close(): Promise<void> {
    this.#stop();
    await Promise.all([...this.#stations, ...this.#sleepers].map((client) => client.close()));
    await within('the end of the clients', Promise.allSettled([...this.#sending, ...this.#waking]));
  }

  #stop(): void {
    this.#stopping = true;
    for (const publisher of this.#publishers) {
      publisher.stop();
    }
  }

  async #publishTo(
    name: string,
    publish: (subscription: Subscription, payload: string) => Promise<boolean>,
  ): Promise<void> {
    const { books, random } = this.#options;
    for (let count = 1; !this.#stopping; count += 1) {
      const own = this.#subscriptions.filter(({ receiver }) => receiver === name);
      const subscription = own[random.between(0, own.length - 1)];
      if (subscription !== undefined && books.missingAt(name) < MOST_WAITING) {
        const payload = `to ${name} ${count}`;
        books.sends(payload, subscription);
        if (await publish(subscription, payload)) {
          books.acknowledges(payload);
        }
      }
      await pause(random.between(50, 200));
    }
  }

  /** A loop that breaks is a difference, not the end of the run. */
  async #looping(loop: Promise<void>): Promise<void> {
    await loop.catch((error: Error) => this.#options.books.remark(`${error.stack ?? error.message}`));
  }
}
