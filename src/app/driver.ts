/**
 * Runs the core: feeds it inputs one at a time, performs the effects in order, and keeps one timer for the next deadline. Inputs that
 * come up while effects are performed wait their turn.
 */

import type { Effect } from '../core/effect.ts';
import type { GatewayCore } from '../core/gateway-core.ts';
import type { Input } from '../core/input.ts';
import { InvariantError } from '../core/invariant-error.ts';
import { transportOf } from '../core/link.ts';
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { Transport } from '../ports/transport.ts';
import type { Upstream } from '../ports/upstream.ts';

/** What a driver connects with each other. Transports and upstream may be set later, for they are made with `feed`. */
export interface DriverParts {
  readonly core: GatewayCore;
  readonly clock: Clock;
  readonly observer: Observer;
}

export class Driver {
  readonly #core: GatewayCore;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #transports = new Map<string, Transport>();
  readonly #waiting: Input[] = [];
  #upstream: Upstream | undefined;
  #running = false;
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

  /** Adds a transport, known by its name. */
  addTransport(transport: Transport): void {
    this.#transports.set(transport.name, transport);
  }

  /** Takes one input; returns when its effects have been performed, or at once where it is called from inside one. */
  readonly feed = (input: Input): void => {
    this.#waiting.push(input);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#handle(next);
    } finally {
      this.#running = false;
    }
    this.#schedule();
  };

  /** Lets go of the timer. */
  stop(): void {
    this.#cancelTimer();
    this.#deadline = undefined;
  }

  #handle(input: Input): void {
    if (input.type === 'frame-received' && this.#observer.wantsFrames) this.#observer.frame('received', input.link, input.frame);
    let effects: readonly Effect[];
    try {
      // Node's timers may fire up to 1 ms early
      const now = input.type === 'tick' ? Math.max(this.#deadline ?? 0, this.#clock.now()) : this.#clock.now();
      effects = this.#core.handle(input, now);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      effects = error.effects;
      const { clientId, message } = error;
      const cause = error.cause instanceof Error ? error.cause.stack : undefined;
      this.#observer.note({ type: 'session-failed', clientId, reason: cause ?? message });
      if (clientId !== undefined && input.type !== 'session-failed') this.#waiting.unshift({ type: 'session-failed', clientId });
    }
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'note':
        this.#observer.note(effect.note);
        return;
      case 'send':
        if (this.#observer.wantsFrames) this.#observer.frame('sent', effect.link, effect.frame);
        this.#transports.get(transportOf(effect.link))?.perform(effect);
        return;
      case 'broadcast':
        if (this.#observer.wantsFrames) this.#observer.frame('broadcast', `${effect.transport}:`, effect.frame);
        this.#transports.get(effect.transport)?.perform(effect);
        return;
      default:
        this.#upstream?.perform(effect);
    }
  }

  #schedule(): void {
    const next = this.#core.nextDeadline;
    if (next === this.#deadline) return;
    this.#cancelTimer();
    this.#deadline = next;
    if (next !== undefined) this.#cancelTimer = this.#clock.wakeAt(next, this.#wake);
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
