import type { ServerResponse } from 'node:http';
import type { Clock, Millis } from '../../ports/clock.ts';
import { NO_STORE, SECURITY_HEADERS } from '../security-headers.ts';

/** A viewer that has taken nothing for so long is gone. */
const PATIENCE: Millis = 20_000;
/** Octets that may wait for one viewer: a viewer that is slower loses events. */
const MAX_WAITING = 262_144;
/** A viewer that hears nothing for so long is told that the gateway is there, so that a connection that is dead is found out. */
const HEARTBEAT: Millis = 15_000;
/** How often it is looked whether one of both is so. */
const LOOK: Millis = 5_000;
/** Milliseconds after which a browser opens a broken stream again. */
const RETRY: Millis = 3_000;

/** An event as it is written (server-sent events): `data` is JSON, so it has one line. */
export function eventText(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

export interface EventViewerParts {
  readonly response: ServerResponse;
  readonly clock: Clock;
  isWelcome(): boolean;
  gone(): void;
}

/**
 * Somebody who reads an event stream. One that is slow loses events, one that takes nothing any more is let go: what nobody reads is not kept.
 */
export class EventViewer {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #isWelcome: () => boolean;
  #lost = false;
  #toldAt: Millis;
  /** Since when it has taken nothing, though there is something; undefined: it takes. */
  #stuckSince: Millis | undefined;
  #cancel: () => void = () => undefined;

  /** Begins the stream, which ends a few seconds after `isWelcome` says no. `gone` is called once, however it ends. */
  constructor({ response, clock, isWelcome, gone }: EventViewerParts) {
    this.#response = response;
    this.#clock = clock;
    this.#isWelcome = isWelcome;
    this.#toldAt = clock.now();
    response.socket?.setNoDelay(true);
    response.socket?.setTimeout(0); // it ends by the rules of this class
    response.on('drain', () => {
      this.#stuckSince = undefined;
    });
    response.on('error', () => response.destroy());
    response.once('close', () => {
      this.#cancel();
      gone();
    });
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      ...NO_STORE,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no', // nginx would keep events until there are many
    });
    response.write(`retry: ${RETRY}\n\n`);
    this.#wait();
  }

  /** Whether events have been lost since `caughtUp`. */
  get hasLost(): boolean {
    return this.#lost;
  }

  /** What was lost has been made good. */
  caughtUp(): void {
    this.#lost = false;
  }

  /** Sends a text of `eventText`. False where it was lost. */
  send(text: string): boolean {
    if (this.#response.destroyed || this.#response.writableLength > MAX_WAITING) {
      this.#lost = true;
      return false;
    }
    this.#toldAt = this.#clock.now();
    if (!this.#response.write(text)) {
      this.#stuckSince ??= this.#toldAt;
    }
    return true;
  }

  /** Ends the stream once what was sent is out. */
  end(): void {
    this.#response.end();
  }

  /** Ends it at once. */
  cut(): void {
    this.#response.destroy();
  }

  /** A heartbeat where one is due, and the end of a viewer that takes nothing, or may see nothing any more. */
  #wait(): void {
    this.#cancel = this.#clock.wakeAt(this.#clock.now() + LOOK, () => {
      const now = this.#clock.now();
      const isGone = this.#stuckSince !== undefined && now - this.#stuckSince >= PATIENCE;
      if (isGone || !this.#isWelcome()) {
        this.#response.destroy();
        return;
      }
      if (now - this.#toldAt >= HEARTBEAT) {
        this.send(': here\n\n');
      }
      this.#wait();
    });
  }
}
