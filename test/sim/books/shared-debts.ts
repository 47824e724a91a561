/** What clients that share the connection are owed, and what the gateway says that it has dropped of it. */
import type { Note } from '../adapter.ts';
import { bareTopic } from '../mounted.ts';
import type { Account, DeliveryEntry } from './account.ts';

/** A message that a client is to get. */
export interface Debt {
  readonly name: string;
  /** At the broker. */
  readonly topic: string;
  /** Filters of whose copies it is one, those left out that the broker has been told to forget; undefined: any copy is it. */
  readonly filters: Set<string> | undefined;
  readonly qoses: ReadonlySet<number>;
  readonly since: number;
  /** When the gateway heard of it last; infinite: it has not, or with a life that is over. */
  arrivedAt: number;
  /** The gateway has told the broker that it may forget it. */
  settled: boolean;
  /** How often the gateway has heard of it since. */
  again: number;
  /** How often it has heard of it at all. */
  arrivals: number;
  /** How often it has said PUBACK for it on a connection that stood no more: it has kept it, and the broker repeats it. */
  keptInVain: number;
  /** When this life had heard of it before. */
  readonly earlier: number[];
  /** Which copy is its own is not sure: it was retained before the subscription, or may come for another filter. */
  atEndOnly: boolean;
}

/** A note that a message was dropped, and for which one it is taken. */
interface Drop {
  readonly topic: string;
  readonly qos: number;
  /** It may not have been sent. */
  readonly isWaiting: boolean;
  entry: DeliveryEntry | undefined;
}

export class SharedDebts {
  readonly #topicPrefix: string;
  readonly #all = new Map<Account, Map<string, Debt>>();
  readonly #drops = new Map<Account, Drop[]>();

  constructor(topicPrefix: string) {
    this.#topicPrefix = topicPrefix;
  }

  /** Those of all accounts. */
  all(): Iterable<[Account, Map<string, Debt>]> {
    return this.#all;
  }

  /** What the gateway had heard, and not written, it hears again. */
  gatewayEnded(): void {
    for (const debts of this.#all.values()) {
      for (const debt of debts.values()) {
        debt.arrivedAt = debt.settled ? debt.arrivedAt : Infinity;
        debt.earlier.length = 0;
      }
    }
  }

  /** A drop that was told may have been of this message. */
  mayBeDropped(account: Account, entry: DeliveryEntry, debt: Debt): boolean {
    return this.dropsOf(account).some((drop) => fits(drop, entry, debt));
  }

  /** The gateway says that it drops a message. Which one it was, nobody says: one that fits, and another one if the client gets that one. */
  dropped(account: Account, { topic, qos, reason }: Extract<Note, { type: 'delivery-dropped' }>): void {
    const bare = bareTopic(this.#topicPrefix, topic);
    const drop = { topic: bare, qos, isWaiting: !/no answer to PUB/.test(reason), entry: undefined };
    this.dropsOf(account).push(drop);
    this.#assign(account);
  }

  #assign(account: Account): void {
    for (const drop of this.dropsOf(account)) {
      if (drop.entry === undefined || drop.entry.got > 0) {
        this.#assignOne(account, drop, new Set());
      }
    }
  }

  /**
   * Takes a drop for one of a message that fits: one that is free, or that another drop is taken for which fits another one as well. `tried`: messages that
   * have been looked at.
   */
  #assignOne(account: Account, drop: Drop, tried: Set<DeliveryEntry>): boolean {
    const fitting = this.#unheard(account).filter(({ entry, debt }) => fits(drop, entry, debt));
    const free =
      fitting.find(({ entry }) => entry.sent !== drop.isWaiting) ?? (drop.isWaiting ? fitting[0] : undefined);
    if (free !== undefined) {
      drop.entry = free.entry;
      free.entry.dropped = true;
      return true;
    }
    for (const other of this.dropsOf(account)) {
      const { entry } = other;
      if (entry === undefined || entry.got > 0 || tried.has(entry) || !this.#mayBe(account, drop, entry)) {
        continue;
      }
      tried.add(entry);
      if (this.#assignOne(account, other, tried)) {
        drop.entry = entry;
        return true;
      }
    }
    return false;
  }

  #mayBe(account: Account, drop: Drop, entry: DeliveryEntry): boolean {
    const debt = [...this.of(account).values()].find(({ name }) => account.deliveries.get(name) === entry);
    return debt !== undefined && fits(drop, entry, debt) && (drop.isWaiting || entry.sent);
  }

  /** What a client is owed and has not got, oldest first. */
  waiting(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    this.#assign(account);
    return this.#unheard(account);
  }

  /**
   * How many may wait for the client once more: the broker has not been told to forget them, or has not heard it, and has repeated them. With PUBACK on a
   * connection that stands no more, for the disk held it up, a packet id means nothing: its repetition is another message.
   * `isHeld`: a disk in trouble may hold up since then what was to be said.
   */
  repeated(account: Account, isHeld: (since: number) => boolean): number {
    let sum = 0;
    for (const { name, settled, again, arrivals, keptInVain, earlier } of this.of(account).values()) {
      const got = account.deliveries.get(name)?.got ?? 0;
      const kept = Math.min(keptInVain + earlier.filter(isHeld).length, Math.max(0, arrivals - 1));
      const waiting = Math.max(0, 1 + again + kept - got, settled ? 0 : 1);
      sum += got === 0 ? waiting - 1 : waiting;
    }
    return sum;
  }

  #unheard(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    return [...this.of(account).values()].flatMap((debt) => {
      const entry = account.deliveries.get(debt.name);
      return entry === undefined || entry.got > 0 || entry.dropped ? [] : [{ debt, entry }];
    });
  }

  dropsOf(account: Account): Drop[] {
    const drops = this.#drops.get(account) ?? [];
    this.#drops.set(account, drops);
    return drops;
  }

  /** By the name of the message. */
  of(account: Account): Map<string, Debt> {
    const debts = this.#all.get(account) ?? new Map<string, Debt>();
    this.#all.set(account, debts);
    return debts;
  }
}

function fits({ topic, qos }: Drop, entry: DeliveryEntry, { qoses }: Debt): boolean {
  return entry.topic === topic && qoses.has(qos);
}
