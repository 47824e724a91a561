import type { Random } from '../crash/random.ts';
import type { Sent } from './account.ts';
import type { Side } from './side.ts';
import type { Subject } from './subject.ts';
import { MARKER, type Names, type Qos } from './topics.ts';

/** Part of the messages that are to be retained. */
const RETAINED = 0.15;

/** Who publishes what: each message is known before it goes out. */
export class Traffic {
  /** All messages there are, by payload. */
  readonly sent: Map<string, Sent>;
  readonly #names: Names;
  readonly #places = new Map<string, number>();
  /** Of this part of the run. */
  #fresh: { readonly sent: Sent; readonly isSafe: boolean }[] = [];

  constructor(names: Names, sent: Map<string, Sent>) {
    this.#names = names;
    this.sent = sent;
  }

  /** A message of somebody, not yet published. */
  message(publisher: string, topic: string, qos: Qos, payload?: string): Sent {
    const place = (this.#places.get(publisher) ?? 0) + 1;
    this.#places.set(publisher, place);
    const sent: Sent = { payload: payload ?? `${publisher} ${place}`, publisher, place, topic, qos };
    this.sent.set(sent.payload, sent);
    return sent;
  }

  /** What was published since this was asked last. `isSafe`: its publisher was told that it is. */
  takeFresh(): { readonly sent: Sent; readonly isSafe: boolean }[] {
    return this.#fresh.splice(0);
  }

  add(sent: Sent, isSafe: boolean): void {
    this.#fresh.push({ sent, isSafe });
  }

  /** One publish of a client, to its last answer. */
  async ofSubject(subject: Subject, random: Random): Promise<void> {
    const sent = this.#any(subject.clientId, random);
    const publish = subject.publishOf(sent, random.chance(RETAINED));
    await subject.publish(publish);
    this.add(sent, sent.qos > 0);
  }

  /** Some publishes of the plain publishers, all at once. */
  async ofSide(side: Side, random: Random, count: number): Promise<void> {
    const all: Promise<void>[] = [];
    for (let index = 0; index < side.publishers; index += 1) {
      for (let n = 0; n < count; n += 1) {
        const sent = this.#any(`peer-${index}`, random);
        this.add(sent, sent.qos > 0);
        all.push(side.publish(index, sent.topic, sent.payload, sent.qos, random.chance(RETAINED)));
      }
    }
    await Promise.all(all);
  }

  /** What is retained on some topics ends. */
  async clears(side: Side, random: Random): Promise<void> {
    const topics = this.#names.topics.filter(() => random.chance(0.3));
    await Promise.all(topics.map((topic) => side.publish(0, topic, '', 2, true)));
  }

  async mark(side: Side): Promise<Sent> {
    const sent = this.message('marker', MARKER, 2);
    this.add(sent, true);
    await side.publish(0, sent.topic, sent.payload, sent.qos);
    return sent;
  }

  #any(publisher: string, random: Random): Sent {
    const topic = pick(this.#names.topics, random);
    return this.message(publisher, topic, random.between(0, 2) as Qos);
  }
}

/** One of them. */
export function pick<T>(all: readonly T[], random: Random): T {
  return all[random.between(0, all.length - 1)] as T;
}
