/**
 * What the broker still has of sessions that the operator has made the gateway forget (I-103), or that clients have left for the shared connection (I-158):
 * a connection with CleanSession ends each of them.
 */

import type { Millis } from '../contract/link.ts';
import type { StoredLeftover } from '../contract/stored-records.ts';
import { type DeadlineOwner, NO_WAITS, type Waits } from './deadlines.ts';

/** One of them. */
export class Leftover implements DeadlineOwner<'reconnect'> {
  readonly kind = 'leftover';
  waits: Waits<'reconnect'> = NO_WAITS;
  readonly clientId: string;
  /** To which the session belonged; undefined: it was nobody's. */
  readonly identity: string | undefined;
  /** When the session was forgotten. */
  readonly since: Millis;
  /** Its client has another one here, on the shared connection (I-158). */
  readonly replaced: boolean;
  /** The connection that is being made; 0: none is. */
  connection = 0;
  /** Attempts in vain. */
  attempts = 0;

  constructor({
    clientId,
    identity,
    since,
    replaced = false,
  }: Omit<StoredLeftover, 'kind' | 'replaced'> & { readonly replaced?: boolean | undefined }) {
    this.clientId = clientId;
    this.identity = identity;
    this.since = since;
    this.replaced = replaced;
  }
}

/** So many are remembered; the oldest goes first. */
const MOST = 10_000;

export class Leftovers {
  readonly #byClientId = new Map<string, Leftover>();
  readonly #byConnection = new Map<number, Leftover>();

  get size(): number {
    return this.#byClientId.size;
  }

  /** One more would push out another one. */
  get isFull(): boolean {
    return this.#byClientId.size >= MOST;
  }

  of(clientId: string): Leftover | undefined {
    return this.#byClientId.get(clientId);
  }

  byConnection(connection: number): Leftover | undefined {
    return this.#byConnection.get(connection);
  }

  all(): readonly Leftover[] {
    return [...this.#byClientId.values()];
  }

  /** One more; the one that has to go for it; undefined: none has. */
  add(leftover: Leftover): Leftover | undefined {
    this.#byClientId.set(leftover.clientId, leftover);
    const [oldest] = this.#byClientId.values();
    return this.#byClientId.size > MOST ? oldest : undefined;
  }

  /** An attempt begins. */
  begins(leftover: Leftover, connection: number): void {
    leftover.connection = connection;
    this.#byConnection.set(connection, leftover);
  }

  /** Its connection is over, or was none. */
  ended(leftover: Leftover): void {
    this.#byConnection.delete(leftover.connection);
    leftover.connection = 0;
  }

  remove(leftover: Leftover): void {
    this.ended(leftover);
    this.#byClientId.delete(leftover.clientId);
  }
}
