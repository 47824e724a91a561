/**
 * The books of what waits at the broker for the shared connection, as the gateway can know it: where it has acknowledged everything, and nothing comes for
 * a while, nothing is left. Until it has known that since SUBACK, it cannot tell whether a message was routed before or behind the SUBSCRIBE.
 */
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { BrokerSession } from '../broker-session.ts';

/** A PINGREQ behind the last acknowledgement, and the answer. */
const ROUND_TRIP = 1_000;

export class SharedQuiet {
  readonly #now: () => number;
  /** The disk may hold up acknowledgements so long. */
  readonly #heldByDisk: () => number;
  /** When the last trouble of the broker ended; now where there is one. */
  readonly #troubledUntil: () => number;
  readonly #out = new Set<number>();
  /** When the broker granted each filter on a session first. */
  readonly #grantedAt = new WeakMap<BrokerSession, Map<string, number>>();
  #quietSince = 0;
  /** The last time without anything that was long enough. */
  #lastLong = { from: 0, until: 0 };

  constructor(now: () => number, heldByDisk: () => number, troubledUntil: () => number) {
    this.#now = now;
    this.#heldByDisk = heldByDisk;
    this.#troubledUntil = troubledUntil;
  }

  /** The gateway hears of the broker on the shared connection. */
  heard(input: UpstreamInput): void {
    if (input.type === 'upstream-message' && input.qos > 0) {
      this.#ends();
      this.#out.add(input.packetId);
    } else if (input.type === 'upstream-lost') {
      this.broken();
    }
  }

  /** The connection broke, or the process ended. */
  broken(): void {
    this.#ends();
    this.#out.clear();
    this.#quietSince = this.#now();
  }

  /** PUBACK or PUBCOMP of the gateway. */
  acknowledged({ packet, packetId }: Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>): void {
    if (packet !== 'PUBREC' && this.#out.delete(packetId) && this.#out.size === 0) {
      this.#quietSince = this.#now();
    }
  }

  #ends(): void {
    const until = this.#now();
    if (this.#out.size === 0 && this.#isLong(this.#quietSince, until)) {
      this.#lastLong = { from: this.#quietSince, until };
    }
  }

  #isLong(from: number, until: number): boolean {
    return until - Math.max(from, this.#troubledUntil()) > ROUND_TRIP + this.#heldByDisk();
  }

  /** The broker has a filter of the shared connection. */
  granted(session: BrokerSession, filter: string): void {
    const filters = this.#grantedAt.get(session) ?? new Map<string, number>();
    this.#grantedAt.set(session, filters);
    filters.set(filter, filters.get(filter) ?? this.#now());
  }

  /** Whether the gateway can know by now that nothing is left at the broker of before `told`, when a client got SUBACK, or of before the broker had that filter. */
  canKnow(told: number, session?: BrokerSession, filter = ''): boolean {
    const since = Math.max(told, (session && this.#grantedAt.get(session)?.get(filter)) ?? 0);
    const { from, until } = this.#lastLong;
    const isNow = this.#out.size === 0 && this.#isLong(Math.max(since, this.#quietSince), this.#now());
    return isNow || this.#isLong(Math.max(since, from), until);
  }
}
