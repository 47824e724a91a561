/**
 * Runs the core: feeds it inputs one at a time, performs the effects in order, and keeps one timer for the next deadline. Inputs that
 * come up while effects are performed wait their turn.
 */

import type { Effect } from '../core/contract/effect.ts';
import type { Input } from '../core/contract/input.ts';
import { InvariantError } from '../core/contract/invariant-error.ts';
import type { GatewayCore } from '../core/gateway-core.ts';
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import type { Upstream } from '../ports/upstream.ts';

/** What a driver connects with each other. Transports and upstream may be set later, for they are made with `feed`. */
export interface DriverParts {
  readonly core: GatewayCore;
  readonly clock: Clock;
  readonly observer: Observer;
}

/** The effects of a turn, and whether what they promise is on disk. */
interface Gate {
  effects: readonly Effect[];
  open: boolean;
}

export class Driver {
  readonly #core: GatewayCore;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #transports = new Map<string, Transport>();
  readonly #waiting: Input[] = [];
  /** Turns that wait for the store, oldest first. */
  readonly #gate: Gate[] = [];
  #drained: (() => void) | undefined;
  #store: Store | undefined;
  #upstream: Upstream | undefined;
  /** An input is being handled, or the driver has not been started: further ones wait. */
  #running = true;
  #stopped = false;
  #deadline: Millis | undefined;
  #cancelTimer: () => void = () => {};

  constructor(parts: DriverParts) {
    this.#core = parts.core;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
  }

  /** Sets the upstream adapter; before the first input. */
  set upstream(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** Sets the store; before the first input. Without one nothing outlives the process. */
  set store(store: Store) {
    this.#store = store;
  }

  /** Resolves when no effect waits for the store any more. */
  drained(): Promise<void> {
    if (this.#gate.length === 0) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Adds a transport, known by its name. */
  addTransport(transport: Transport): void {
    this.#transports.set(transport.name, transport);
  }

  /** Begins with `first`, before everything that has come in so far. */
  start(first: Input): void {
    this.#running = false;
    this.#waiting.unshift(first);
    this.#work();
  }

  /**
   * Takes one input; returns when its effects have been performed or wait for the store, or at once where it is called from inside one.
   */
  readonly feed = (input: Input): void => {
    this.#waiting.push(input);
    if (!this.#running) {
      this.#work();
    }
  };

  #work(): void {
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        this.#handle(next);
      }
    } finally {
      this.#running = false;
    }
    this.#schedule();
  }

  /** Lets go of the timer for good: inputs that come after that, of sockets that are being closed, set none. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#deadline = undefined;
  }

  #handle(input: Input): void {
    if (input.type === 'frame-received' && this.#observer.wantsFrames) {
      this.#observer.frame('received', input.link, input.frame);
    }
    let effects: readonly Effect[];
    try {
      // Node's timers may fire up to 1 ms early
      const now = input.type === 'tick' ? Math.max(this.#deadline ?? 0, this.#clock.now()) : this.#clock.now();
      effects = this.#core.handle(input, now);
    } catch (error) {
      if (!(error instanceof InvariantError)) {
        throw error;
      }
      effects = error.effects;
      const { clientId, message } = error;
      const cause = error.cause instanceof Error ? error.cause.stack : undefined;
      this.#observer.note({ type: 'session-failed', clientId, reason: cause ?? message });
      if (input.type !== 'session-failed') {
        this.#waiting.unshift({ type: 'session-failed', clientId });
      }
    }
    this.#perform(effects);
  }

  /**
   * Performs the effects of one turn. Where it begins with a durable write, they wait until that is on disk, and so does everything that
   * comes behind them meanwhile: the order is never changed. Writes that come while one is under way share the next one.
   */
  #perform(effects: readonly Effect[]): void {
    const [first] = effects;
    if (first?.type === 'store' && this.#store) {
      const written = this.#store.write(first.writes, first.durable);
      if (first.durable) {
        this.#gate.push({ effects, open: false });
      }
      const gate = first.durable ? this.#gate.at(-1) : undefined;
      written.then(
        () => this.#open(gate),
        (error: unknown) => this.#storeFailed(error, gate),
      );
      if (gate) {
        return;
      }
    }
    if (this.#gate.length > 0) {
      this.#gate.push({ effects, open: true });
    } else {
      for (const effect of effects) {
        this.#performOne(effect);
      }
    }
  }

  #open(gate: Gate | undefined): void {
    if (gate === undefined) {
      return;
    }
    gate.open = true;
    while (this.#gate[0]?.open) {
      const ready = this.#gate.shift();
      for (const effect of ready?.effects ?? []) {
        this.#performOne(effect);
      }
    }
    if (this.#gate.length === 0) {
      this.#drained?.();
    }
  }

  /** What could not be written is not promised: the answers are withheld, the clients repeat themselves. */
  #storeFailed(error: unknown, gate: Gate | undefined): void {
    this.#observer.note({ type: 'store-problem', reason: error instanceof Error ? error.message : String(error) });
    if (gate) {
      gate.effects = gate.effects.filter(({ type }) => type !== 'send');
    }
    this.#open(gate);
  }

  #performOne(effect: Effect): void {
    switch (effect.type) {
      case 'note':
        this.#observer.note(effect.note);
        return;
      case 'send':
        if (this.#observer.wantsFrames) {
          this.#observer.frame('sent', effect.link, effect.frame);
        }
        this.#transports.get(effect.transport)?.perform(effect);
        return;
      case 'broadcast':
        if (this.#observer.wantsFrames) {
          this.#observer.frame('broadcast', `${effect.transport}:`, effect.frame);
        }
        this.#transports.get(effect.transport)?.perform(effect);
        return;
      case 'store':
        return; // written by #perform
      default:
        this.#upstream?.perform(effect);
    }
  }

  #schedule(): void {
    if (this.#stopped) {
      return;
    }
    const next = this.#core.nextDeadline;
    if (next === this.#deadline) {
      return;
    }
    this.#cancelTimer();
    this.#deadline = next;
    if (next !== undefined) {
      this.#cancelTimer = this.#clock.wakeAt(next, this.#wake);
    }
  }

  readonly #wake = (): void => {
    const due = this.#deadline;
    this.feed({ type: 'tick' });
    if (this.#deadline === due) {
      // the core still wants to be woken at the same moment: never lose the timer
      this.#deadline = undefined;
      this.#schedule();
    }
  };
}
