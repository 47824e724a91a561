/**
 * The books of QoS 2 publishes whose client has PUBREC and does not say PUBREL (T-18): the gateway says it, when the retry window is over or its
 * connection to the broker ends by its own decision. It needs a connection of the client for it, and opens none for a client that is gone: that
 * might end the one that the client has by another gateway. So a client that never comes back is excused, and nobody else is.
 */
import type { Account, PublishEntry } from './account.ts';
import { type Calm, DISK, FULL_DISK, WRITE } from './calm.ts';

/** A connection that stands so long after the window is over was a chance: what is suspected goes first, and takes ten seconds. */
const CHANCE = 15_000;

export interface ReleasesParts {
  readonly calm: Calm;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  /** T_retry·(N_retry+1). */
  readonly window: number;
}

interface Stand {
  readonly connection: number;
  /** By the running time of the gateway. */
  readonly from: number;
  readonly at: number;
}

interface Told {
  readonly at: number;
  readonly running: number;
}

export class Releases {
  readonly #parts: ReleasesParts;
  readonly #stands = new Map<Account, Stand>();
  readonly #connectedAt = new Map<Account, number>();
  readonly #told = new Map<PublishEntry, Told>();
  /** When the gateway heard PUBREC of the broker. */
  readonly #received = new Map<PublishEntry, number>();
  /** When this life of the gateway heard it first, by its running time: of an earlier one it knows nothing (I-19). */
  readonly #known = new Map<PublishEntry, number>();
  readonly #missed = new Set<PublishEntry>();
  /** When the gateway said PUBREL to the broker last, by its running time. */
  readonly #said = new Map<PublishEntry, number>();
  #startedAt = 0;

  constructor(parts: ReleasesParts) {
    this.#parts = parts;
  }

  gatewayStarted(): void {
    this.#startedAt = this.#parts.calm.running;
    this.#known.clear();
  }

  gatewayEnded(): void {
    for (const account of [...this.#stands.keys()]) {
      this.#ended(account);
    }
  }

  /** The gateway says PUBREC to the client. */
  told(entry: PublishEntry): void {
    if (!this.#told.has(entry)) {
      this.#told.set(entry, { at: this.#parts.now(), running: this.#parts.calm.running });
    }
  }

  /** The gateway hears PUBREC of the broker. */
  received(entry: PublishEntry): void {
    this.#received.set(entry, this.#parts.now());
    if (!this.#known.has(entry)) {
      this.#known.set(entry, this.#parts.calm.running);
    }
  }

  /** The gateway publishes it to the broker, perhaps once more: whether the broker has it, PUBREC on that connection says (I-52). */
  publishes(entry: PublishEntry): void {
    this.#received.delete(entry);
  }

  /** The gateway says PUBREL to the broker. */
  said(entry: PublishEntry): void {
    this.#said.set(entry, this.#parts.calm.running);
  }

  forgotten(entry: PublishEntry): void {
    this.#received.delete(entry);
    this.#known.delete(entry);
  }

  /** Whether a client was told to forget a publish, and the broker has not been told to release it. */
  isOwed({ publishes }: Account): boolean {
    return [...publishes.values()].some(
      (entry) => this.#told.has(entry) && !entry.released && entry.routed === 0 && entry.excused === undefined,
    );
  }

  connects(account: Account): void {
    this.#connectedAt.set(account, this.#parts.now());
  }

  stands(account: Account, connection: number): void {
    this.#stands.set(account, { connection, from: this.#parts.calm.running, at: this.#parts.now() });
  }

  lost(account: Account, connection: number): void {
    if (this.#stands.get(account)?.connection === connection) {
      this.#ended(account);
    }
  }

  /** The gateway ends a connection: unless another one follows at once, PUBREL has to be out by then (I-65, I-80). */
  closes(account: Account, connection: number): void {
    const stand = this.#stands.get(account);
    if (stand?.connection !== connection) {
      return;
    }
    this.#ended(account);
    const { calm, now, later } = this.#parts;
    const hadTime = calm.running - stand.from > CHANCE;
    if (calm.heldByDisk() > WRITE) {
      return; // what waits for the disk might miss the connection
    }
    const at = now();
    // What an earlier life of the gateway has heard of has to be asked for again first, and that waits where it is suspected (I-19, I-42).
    const unsaid = [...account.publishes.values()].filter((entry) => {
      const isReceived = (this.#received.get(entry) ?? at) < at - WRITE && (this.#known.has(entry) || hadTime);
      return this.#told.has(entry) && !entry.released && isReceived;
    });
    later(0, () => {
      if (this.#connectedAt.get(account) !== at) {
        for (const entry of unsaid) {
          this.#missed.add(entry);
        }
      }
    });
  }

  /** Whether the gateway could have seen to it that the broker passes it on. To be asked at the end. */
  wasMissed(account: Account, entry: PublishEntry): boolean {
    if (this.#stands.has(account)) {
      this.#ended(account);
    }
    return this.#missed.has(entry) || !this.#told.has(entry);
  }

  #ended(account: Account): void {
    const { from, at } = this.#stands.get(account) ?? { from: 0, at: 0 };
    this.#stands.delete(account);
    const { calm, window } = this.#parts;
    const onDisk = (since: number): number => calm.lasted(DISK, since) + calm.lasted(FULL_DISK, since);
    for (const entry of account.publishes.values()) {
      const told = this.#told.get(entry);
      const isOut = (this.#said.get(entry) ?? -1) >= from; // on this connection
      if (told === undefined || entry.routed > 0 || isOut) {
        continue;
      }
      const known = this.#known.get(entry) ?? Number.POSITIVE_INFINITY;
      const due = Math.max(told.running, this.#startedAt, known) + window + onDisk(told.at);
      if (calm.running - Math.max(from + onDisk(at), due) > CHANCE) {
        this.#missed.add(entry);
      }
    }
  }
}
