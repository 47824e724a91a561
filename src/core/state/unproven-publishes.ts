/**
 * QoS 0 publishes that are out on a connection: they have no answer of their own. The broker deals with what comes in order, so its answer to
 * anything that was written behind them proves that it had them; until then they may be lost with the connection.
 */

import type { Folding, Unfolding } from '../topics/fold.ts';
import { SmallMap } from '../topics/small-map.ts';

/** What is known of a publish when it is out. */
export interface UnprovenPublish {
  readonly topic: string;
  /** Of the payload. */
  readonly octets: number;
}

/** Of one connection. */
export class UnprovenPublishes {
  #written = 0;
  #proven = 0;
  #last: UnprovenPublish | undefined;
  /** What is out and will be answered, by the name of its answer: how many publishes went out before it. */
  readonly #questions = new SmallMap<number, number>();

  /** None has gone out on this connection, and nothing that will be answered is out. */
  get isEmpty(): boolean {
    return this.#written === 0 && this.#questions.size === 0;
  }

  /** Writes how many are out; not where an answer is to come. */
  fold(folding: Folding): void {
    if (this.#questions.size > 0) {
      folding.refuse();
    }
    folding.list(this.#written === 0 ? [] : [this.#written, this.#proven, this.#last?.topic, this.#last?.octets]);
  }

  /** As many are out as were written. */
  unfold(unfolding: Unfolding): void {
    const [written = 0, proven = 0, topic, octets] = unfolding.list();
    this.#written = written as number;
    this.#proven = proven as number;
    this.#last = topic === undefined ? undefined : { topic: topic as string, octets: octets as number };
  }

  /** A publish goes out. Its place among them: 1 is the first. */
  wrote(publish: UnprovenPublish): number {
    this.#last = publish;
    return ++this.#written;
  }

  /** Something goes out that will be answered. Where it is out already, the first answer is that to the first one. */
  asked(answer: number): void {
    if (!this.#questions.has(answer)) {
      this.#questions.set(answer, this.#written);
    }
  }

  /** The answer has come. */
  answered(answer: number): void {
    this.prove(this.#questions.get(answer) ?? 0);
    this.#questions.delete(answer);
  }

  /** The broker had the first so many of those that went out on this connection. */
  prove(publishes: number): void {
    this.#proven = Math.max(this.#proven, publishes);
  }

  /** How many of those that went out the broker is known to have had. */
  get proven(): number {
    return this.#proven;
  }

  /** How many are out that the broker is not known to have had. */
  get count(): number {
    return this.#written - this.#proven;
  }

  /** The one that is out alone; undefined: none is, or several are. */
  get single(): UnprovenPublish | undefined {
    return this.count === 1 ? this.#last : undefined;
  }
}
