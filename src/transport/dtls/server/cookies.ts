import { createHmac, timingSafeEqual } from 'node:crypto';
import { type ClientHello, numberList } from '../handshake/hellos.ts';
import { joined, numberOctets, vector } from '../wire-octets.ts';

/** Milliseconds after which another secret takes over; the one before it still counts for as long. */
const ROTATION = 60_000;

/** Octets: with them a HelloVerifyRequest is shorter than any ClientHello that it answers. */
const LENGTH = 16;

/**
 * Cookies of HelloVerifyRequests (RFC 6347 4.2.1): HMAC(secret, address of the client, what its two ClientHellos have in common). Nothing is remembered
 * of whom they were given to.
 */
export class Cookies {
  readonly #random: (length: number) => Uint8Array;
  #secret: Uint8Array;
  #former: Uint8Array;
  #since: number | undefined;

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
    this.#secret = random(32);
    this.#former = random(32);
  }

  /** The cookie for a ClientHello that came from `address` at `now`. */
  of(address: string, hello: ClientHello, now: number): Uint8Array {
    this.#rotate(now);
    return cookieOf(this.#secret, address, hello);
  }

  /** Whether the cookie of a ClientHello was given to this address, for these parameters, one to two minutes ago at most. */
  isValid(address: string, hello: ClientHello, now: number): boolean {
    if (hello.cookie.length !== LENGTH) {
      return false;
    }
    this.#rotate(now);
    return [this.#secret, this.#former].some((secret) =>
      timingSafeEqual(cookieOf(secret, address, hello), hello.cookie),
    );
  }

  #rotate(now: number): void {
    this.#since ??= now;
    const age = now - this.#since;
    if (age >= ROTATION) {
      this.#former = age < 2 * ROTATION ? this.#secret : this.#random(32);
      this.#secret = this.#random(32);
      this.#since = now;
    }
  }
}

/** RFC 6347 4.2.1: version, random, session id, suites and compression methods are the same in both. */
function cookieOf(secret: Uint8Array, address: string, hello: ClientHello): Uint8Array {
  const asked = joined(
    vector(new TextEncoder().encode(address), 1),
    numberOctets(hello.version, 2),
    hello.random,
    vector(hello.sessionId, 1),
    vector(numberList(hello.suites), 2),
    vector(hello.compressionMethods, 1),
  );
  return createHmac('sha256', secret).update(asked).digest().subarray(0, LENGTH);
}
