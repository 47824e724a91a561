import type { Millis } from '../ports/clock.ts';

/** How a client has been announced to Home Assistant: without or with the strength of its signal. */
export type Announced = 'no' | 'plain' | 'with-signal';

/** What is known of what was said of a client. */
export interface KnownClient {
  /** When its state was said, or was found to be as it was said, last. */
  lookedAt: Millis;
  /** As they were said; on the clock of the sessions, and undefined: not yet. */
  lastHeard: Millis | undefined;
  waiting: number;
  /** The broker may have a retained state of it. */
  isTold: boolean;
  /** The broker may have its announcement. */
  announced: Announced;
  /** What was said last was that there is none. */
  isRemoved: boolean;
  /** Messages about it without an answer. */
  unanswered: number;
}

/** The clients of which something was, or is to be, said: those that were looked at longest ago first. */
export class ClientTable {
  readonly #clients = new Map<string, KnownClient>();

  get size(): number {
    return this.#clients.size;
  }

  get clientIds(): Iterable<string> {
    return this.#clients.keys();
  }

  has(clientId: string): boolean {
    return this.#clients.has(clientId);
  }

  get(clientId: string): KnownClient | undefined {
    return this.#clients.get(clientId);
  }

  /** That of a client, made where there is none. */
  of(clientId: string, now: Millis): KnownClient {
    let known = this.#clients.get(clientId);
    if (known === undefined) {
      known = {
        lookedAt: now,
        lastHeard: undefined,
        waiting: 0,
        isTold: false,
        announced: 'no',
        isRemoved: false,
        unanswered: 0,
      };
      this.#clients.set(clientId, known);
    }
    return known;
  }

  delete(clientId: string): void {
    this.#clients.delete(clientId);
  }

  /** It has been looked at now. */
  looked(clientId: string, now: Millis): void {
    const known = this.of(clientId, now);
    known.lookedAt = now;
    this.#clients.delete(clientId);
    this.#clients.set(clientId, known);
  }

  /** The one that was looked at longest ago. */
  get oldest(): readonly [string, KnownClient] | undefined {
    const [oldest] = this.#clients;
    return oldest;
  }
}
