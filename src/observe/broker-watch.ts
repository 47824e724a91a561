import type { Note } from '../ports/observer.ts';
import type { BrokerView } from '../ports/site.ts';

/** How the way to the broker is. */
export type BrokerStatus = Pick<BrokerView, 'state' | 'since' | 'reason'>;

type BrokerNote = Extract<
  Note,
  {
    readonly type:
      | 'gateway-reachable'
      | 'upstream-up'
      | 'upstream-down'
      | 'shared-connection-up'
      | 'shared-connection-down';
  }
>;

export interface BrokerWatchParts {
  /** The connection that counts is that which the clients share; else the gateway's own. */
  readonly isAggregating: boolean;
  /** Whether a connection stands by which clients reach the broker. */
  readonly stands: () => boolean;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/**
 * Whether the broker can be reached, since when, and why not. Where it is away for a moment it is about to be connected; unreachable is what an attempt
 * in vain has shown.
 */
export class BrokerWatch {
  readonly #parts: BrokerWatchParts;
  #state: BrokerStatus['state'] = 'connecting';
  #since: number;
  /** Why the connection that counts does not stand. */
  #reason: string | undefined;
  #isUp = false;
  /** An attempt has come to nothing since it stood. */
  #missed = false;

  constructor(parts: BrokerWatchParts) {
    this.#parts = parts;
    this.#since = parts.wallClock();
  }

  note(note: BrokerNote): void {
    switch (note.type) {
      case 'gateway-reachable':
        this.#missed = !note.reachable;
        break;
      case 'upstream-up':
        this.#stood(note.clientId === undefined && !this.#parts.isAggregating);
        break;
      case 'shared-connection-up':
        this.#stood(true);
        break;
      case 'upstream-down':
        if (note.clientId === undefined && !this.#parts.isAggregating) {
          this.#ended(note.reason);
        }
        break;
      case 'shared-connection-down':
        this.#ended(note.reason);
    }
    this.read();
  }

  /** As it is now. `reason` beside a broker that is reachable: why the gateway's own connection does not stand. */
  read(): BrokerStatus {
    const state = this.#parts.stands() ? 'reachable' : this.#missed ? 'unreachable' : 'connecting';
    if (state !== this.#state) {
      this.#state = state;
      this.#since = this.#parts.wallClock();
    }
    return { state, since: this.#since, reason: this.#isUp ? undefined : this.#reason };
  }

  #stood(counts: boolean): void {
    this.#missed = false;
    if (counts) {
      this.#isUp = true;
      this.#reason = undefined;
    }
  }

  #ended(reason: string): void {
    this.#missed ||= !this.#isUp;
    this.#isUp = false;
    this.#reason = reason;
  }
}
