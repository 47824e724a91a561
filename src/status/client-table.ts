import type { Millis } from '../ports/clock.ts';
import type { SessionView } from '../ports/sessions.ts';

/** How a client has been announced to Home Assistant: without or with the strength of its signal. */
export type Announced = 'no' | 'plain' | 'with-signal';

/** What is known of what was said of a client. */
export interface KnownClient {
  /** When it was looked at last; undefined: not yet. */
  state: SessionView['state'] | undefined;
  /** When its state was said, or was found to be as it was said, last. */
  lookedAt: Millis;
  /** As they were said. */
  lastHeard: Millis;
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

export type StateCounts = Readonly<Record<SessionView['state'], number>>;

/** The clients of which something was, or is to be, said: those that were looked at longest ago first. */
export class ClientTable {
  readonly #clients = new Map<string, KnownClient>();

  get size(): number {
    return this.#clients.size;
  }

  get clientIds(): Iterable<string> {
    return this.#clients.keys();
  }

  /** Those that had a session when they were last looked at. */
  *present(): Generator<string> {
    for (const [clientId, { state, isRemoved }] of this.#clients) {
      if (state !== undefined && !isRemoved) {
        yield clientId;
      }
    }
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
        state: undefined,
        lookedAt: now,
        lastHeard: now,
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

  /** How many are in each state, as they were last looked at. */
  counts(): StateCounts {
    const counts = { active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };
    for (const { state, isRemoved } of this.#clients.values()) {
      if (state !== undefined && !isRemoved) {
        counts[state]++;
      }
    }
    return counts;
  }
}
