import type { Clock, Millis } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';
import type { Upstream, UpstreamEffect, UpstreamInput } from '../ports/upstream.ts';
import { concernsStatus } from './status-concern.ts';
import { StatusTeller } from './status-teller.ts';
import type { StatusTellerParts } from './status-teller-parts.ts';

/** Milliseconds for the last words and DISCONNECT. */
const CLOSE_TIMEOUT: Millis = 2_000;

export interface StatusServiceParts extends Omit<StatusTellerParts, 'perform' | 'wake'> {
  readonly clock: Clock;
}

/** Runs the status: hears what happens, keeps the one timer, and performs on a connection of its own. */
export class StatusService implements Observer {
  readonly #clock: Clock;
  readonly #teller: StatusTeller;
  #upstream: Upstream | undefined;
  #cancel: (() => void) | undefined;
  /** When it wakes; undefined: it does not. */
  #wakesAt: Millis | undefined;
  #isStopped = false;

  constructor({ clock, ...parts }: StatusServiceParts) {
    this.#clock = clock;
    const perform = (effect: UpstreamEffect) => this.#upstream?.perform(effect);
    this.#teller = new StatusTeller({ ...parts, perform, wake: () => this.#tick() }, clock.now());
  }

  /** Sets the upstream, which has no other user; before the first note. */
  set upstream(upstream: Upstream) {
    this.#upstream = upstream;
  }

  note(note: Note): void {
    if (concernsStatus(note) && !this.#isStopped) {
      this.#teller.note(note, this.#clock.now());
      this.#schedule();
    }
  }

  /** Takes what the upstream reports. */
  readonly hear = (input: UpstreamInput): void => {
    if (!this.#isStopped) {
      this.#teller.hear(input, this.#clock.now());
      this.#schedule();
    }
  };

  /** Nothing is to be said any more of a client that has no session. False: nothing was. */
  forget(clientId: string): boolean {
    const wasThere = this.#teller.forget(clientId);
    this.#schedule();
    return wasThere;
  }

  /** Says that the gateway is not there any more; resolves when the connection has ended. */
  async stop(): Promise<void> {
    if (this.#isStopped) {
      return;
    }
    this.#isStopped = true;
    this.#cancel?.();
    this.#teller.stop(this.#clock.now());
    await this.#upstream?.close(CLOSE_TIMEOUT);
  }

  #tick(): void {
    this.#wakesAt = undefined;
    if (!this.#isStopped) {
      const now = this.#clock.now();
      this.#teller.tick(now);
      this.#schedule();
    }
  }

  /** Never from inside a note: what it costs to say something is no part of what has happened. */
  #schedule(): void {
    const { deadline } = this.#teller;
    if (deadline === undefined || (this.#wakesAt !== undefined && this.#wakesAt <= deadline)) {
      return;
    }
    this.#cancel?.();
    this.#wakesAt = deadline;
    this.#cancel = this.#clock.wakeAt(deadline, () => this.#tick());
  }
}
