import type { Millis } from '../ports/clock.ts';

/** A topic that so many connections break on, each time alone on the way, is the reason. */
const STRIKES = 2;

/** Topics on which a connection broke once; the oldest go first. */
const MOST_STRUCK = 10;

/** After this time on a connection whatever was suspected has had its chance. */
const CAUTIOUS_FOR: Millis = 60_000;

/** What was on its way when a connection broke. */
interface Break {
  readonly at: Millis;
  /** Topics or filters that had no answer yet, each with the key of its message. */
  readonly topics: ReadonlyMap<string, string | undefined>;
}

/**
 * Finds the topic on which the broker closes the connection. What had no answer when a connection broke is suspected: the next connections have one
 * packet on the way at a time. A break while another connection to the broker breaks too says nothing.
 */
export class Felled {
  #break: Break | undefined;
  #suspects = new Map<string, string | undefined>();
  /** How often a connection broke on it alone. */
  readonly #strikes = new Map<string, number>();
  #upAt: Millis = 0;

  /** True while one packet at a time is to be on the way. */
  isCautious(now: Millis): boolean {
    return this.#suspects.size > 0 && now - this.#upAt < CAUTIOUS_FOR;
  }

  /** Keys of the messages that are suspected. */
  get suspects(): string[] {
    return [...this.#suspects.values()].filter((key) => key !== undefined);
  }

  /** A connection broke, and it was not this side that ended it. `topics`: what had no answer yet, each with the key of its message. */
  broke(topics: ReadonlyMap<string, string | undefined>, now: Millis): void {
    this.#break = topics.size === 0 ? undefined : { at: now, topics };
  }

  /** A connection stands. */
  stands(now: Millis): void {
    this.#upAt = now;
  }

  /** The broker has answered: it is not this one. */
  answered(topic: string): void {
    this.#suspects.delete(topic);
    this.#strikes.delete(topic);
  }

  /**
   * Before the next connection is made. `ownSince`: when the gateway's own connection was made that stands now. The topic, where it is found out.
   */
  judge(ownSince: Millis): string | undefined {
    const broken = this.#break;
    this.#break = undefined;
    if (broken === undefined || ownSince > broken.at) {
      return undefined;
    }
    this.#suspects = new Map(broken.topics);
    const [topic] = broken.topics.keys();
    if (topic === undefined || broken.topics.size > 1) {
      return undefined;
    }
    const strikes = (this.#strikes.get(topic) ?? 0) + 1;
    this.#strikes.delete(topic);
    this.#strikes.set(topic, strikes);
    for (const oldest of this.#strikes.keys()) {
      if (this.#strikes.size > MOST_STRUCK) {
        this.#strikes.delete(oldest);
      }
    }
    return strikes >= STRIKES ? topic : undefined;
  }
}
