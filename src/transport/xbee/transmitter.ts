/** What goes out through a module: which frame is next, how it is addressed, and what the module reports on it. */
import type { Link, TransportEffect } from '../../ports/transport.ts';
import { SendQueue } from '../line/send-queue.ts';
import { AddressBook } from './address-book.ts';
import {
  BROADCAST_64,
  encodeLegacyTxRequest,
  encodeTxRequest,
  type ModuleFrame,
  type RadioAddress,
} from './codec/api-frames.ts';
import { deliveryWords, isAddressTrouble, isBusy } from './codec/status-words.ts';
import { InFlight } from './in-flight.ts';

/** Frames and octets that wait for the module at most. */
const QUEUE = { frames: 1_024, octets: 65_536 };
/** A module without free buffers is given the frame again after this, in milliseconds, and so many times. */
const BUSY_PAUSE = 50;
const BUSY_TRIES = 10;

export interface TransmitterOptions {
  /** Name of the transport: links begin with it. */
  readonly transport: string;
  /** How long the module may take to report on a frame, in milliseconds. */
  readonly statusTimeout: number;
  /** A frame did not arrive, or was dropped. */
  readonly undelivered: (effect: TransportEffect, reason: string) => void;
  /** A frame arrived after so many transmissions in vain. */
  readonly retried: (link: Link, retries: number) => void;
}

/** All times are milliseconds of `performance.now()`. */
export class Transmitter {
  /** Speak 802.15.4 (0x00 and 0x01) rather than 0x10. */
  legacy = false;
  readonly #options: TransmitterOptions;
  readonly #queue = new SendQueue(QUEUE);
  readonly #flights = new InFlight();
  readonly #addresses = new AddressBook();
  readonly #refusals = new WeakMap<TransportEffect, number>();
  /** Until when the module is left alone, for it had no free buffers. */
  #busyUntil = 0;

  constructor(options: TransmitterOptions) {
    this.#options = options;
  }

  /** Frames that wait for the module. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** A frame id for something else than a frame to a node. */
  freeId(): number {
    return this.#flights.freeId();
  }

  push(effect: TransportEffect): void {
    for (const dropped of this.#queue.push(effect)) {
      this.#options.undelivered(dropped, 'too many frames wait for the module');
    }
  }

  /** The 16-bit address of a node, as it was last heard of; undefined: nothing is said of it. */
  learn(address: RadioAddress, short: RadioAddress | undefined): void {
    this.#addresses.learn(address, short);
  }

  /** The next request for the module; undefined where none may go now. */
  next(now: number): Uint8Array | undefined {
    for (const { effect } of this.#flights.overdue(now, this.#options.statusTimeout)) {
      this.#options.undelivered(effect, 'the module did not report on it');
    }
    if (now < this.#busyUntil || !this.#flights.isOpen(now)) {
      return undefined;
    }
    const effect = this.#queue.take((lane) => !this.#flights.has(lane, now));
    if (effect === undefined) {
      return undefined;
    }
    const frameId = this.#flights.freeId();
    this.#flights.begin(frameId, effect, this.#refusals.get(effect) ?? 0, now);
    return this.#requestFor(effect, frameId);
  }

  /** When something changes by itself: a frame may go, or the wait for a report is over. Undefined where nothing does. */
  changesAt(now: number): number | undefined {
    const moments = [this.#flights.overdueAt(this.#options.statusTimeout)];
    if (this.#queue.length > 0) {
      moments.push(this.#flights.opensAt(now), now < this.#busyUntil ? this.#busyUntil : undefined);
    }
    const known = moments.filter((at) => at !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** The module's report on a frame. */
  reported({ frameId, status, retries, to16, legacy }: ModuleFrame & { type: 'transmitted' }, now: number): void {
    const flight = this.#flights.end(frameId);
    if (flight === undefined) {
      return;
    }
    const { effect } = flight;
    if (isBusy(status, legacy) && flight.refusals < BUSY_TRIES) {
      this.#refusals.set(effect, flight.refusals + 1);
      this.#queue.putBack(effect);
      this.#busyUntil = now + BUSY_PAUSE;
    } else if (effect.type === 'send') {
      const address = this.#addressOf(effect.link);
      if (status === 0) {
        this.#addresses.learn(address, to16);
      } else if (isAddressTrouble(status)) {
        this.#addresses.forget(address);
      }
      if (status !== 0) {
        this.#options.undelivered(effect, deliveryWords(status));
      } else if (retries) {
        this.#options.retried(effect.link, retries);
      }
    }
  }

  /** The module has forgotten what it was given. */
  forget(reason: string): void {
    for (const { effect } of this.#flights.clear()) {
      this.#options.undelivered(effect, reason);
    }
  }

  /** What waits is not sent any more. */
  clear(reason: string): void {
    for (const effect of this.#queue.clear()) {
      this.#options.undelivered(effect, reason);
    }
  }

  #requestFor(effect: TransportEffect, frameId: number): Uint8Array {
    const encode = this.legacy ? encodeLegacyTxRequest : encodeTxRequest;
    const { frame: data } = effect;
    if (effect.type === 'broadcast') {
      return encode({ frameId, to: BROADCAST_64, to16: undefined, radius: effect.radius, data });
    }
    const to = this.#addressOf(effect.link);
    return encode({ frameId, to, to16: this.#addresses.shortOf(to), radius: 0, data });
  }

  #addressOf(link: Link): RadioAddress {
    return link.slice(this.#options.transport.length + 1);
  }
}
