/** What the broker may forget of the shared connection: each client has it, or it is on the disk for it, or a rule has dropped it. */
import type { Outgoing } from '../broker-session.ts';
import { nameOf } from '../payload.ts';
import type { Account } from './account.ts';
import type { Findings } from './findings.ts';
import type { Debt, SharedDebts } from './shared-debts.ts';

/** A note is looked for so often while the disk is in trouble. */
const LOOK = 1_000;

export interface SharedSettlementsParts {
  readonly findings: Findings;
  readonly debts: SharedDebts;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  /** What is told now may have been decided so many milliseconds ago. */
  readonly heldByDisk: () => number;
  /** Whether a restart now would deliver a message. */
  readonly isStored: (account: Account, name: string, topic: string) => boolean;
  /** Whether a client has a shared subscription, with QoS 1 or 2. */
  readonly isMember: (account: Account, filter: string) => boolean;
  /** Whether a client may have a shared subscription with QoS 0. */
  readonly mayHaveQos0: (account: Account, filter: string) => boolean;
}

export class SharedSettlements {
  readonly #parts: SharedSettlementsParts;
  /** Who had a shared subscription when a message for it was routed, by the name of the message and the filter. */
  readonly #groups = new Map<string, readonly Account[]>();

  constructor(parts: SharedSettlementsParts) {
    this.#parts = parts;
  }

  /** A message was routed to a group: one of its members gets it. */
  routedToGroup(name: string, filter: string, members: readonly Account[]): void {
    this.#groups.set(`${name} ${filter}`, members);
  }

  /** A copy for a group is with one of those who had the subscription when it was routed, or have it by now, or on the disk for one. */
  #groupAcknowledged({ payload, topic, filters = [], retain }: Outgoing, packet: string): void {
    const group = retain || filters.length !== 1 ? undefined : this.#groups.get(`${nameOf(payload)} ${filters[0]}`);
    const { later, findings, isStored, isMember, mayHaveQos0, debts, accounts } = this.#parts;
    const mayHaveGone = group?.some((account) => !isMember(account, filters[0] ?? ''));
    if (
      group === undefined ||
      mayHaveGone ||
      [...accounts.values()].some((one) => mayHaveQos0(one, filters[0] ?? ''))
    ) {
      return; // who has left, or has QoS 0, may have been the one
    }
    const name = nameOf(payload);
    const joined = [...accounts.values()].filter((account) => isMember(account, filters[0] ?? ''));
    const members = [...new Set([...group, ...joined])];
    const has = (account: Account): boolean => {
      const entry = account.deliveries.get(name);
      const isHere = account.clean && account.state !== 'asleep'; // a clean session ends with the process
      return entry === undefined || isHere || entry.got > 0 || entry.dropped || debts.dropsOf(account).length > 0;
    };
    const isSafe = (): boolean =>
      members.some((account) => has(account) || isStored(account, name, account.deliveries.get(name)?.topic ?? ''));
    later(0, () => {
      if (!isSafe()) {
        this.#whenTold(
          () => members.some(has),
          () => {
            const text = `the broker gets ${packet} for ${name} on ${topic}, which nobody of ${filters[0]} has got, nor the disk`;
            findings.object('acknowledged-not-delivered', text);
          },
        );
      }
    });
  }

  /** PUBACK or PUBREC: each client has the message, or it is on the disk for it, or a rule has dropped it. */
  acknowledged(message: Outgoing, packet: string): void {
    this.#groupAcknowledged(message, packet);
    for (const [account, debt] of this.#debtsFor(message)) {
      if (!isLast(message, debt)) {
        continue;
      }
      debt.settled = true;
      if (this.#isSafe(account, debt)) {
        continue;
      }
      this.#parts.later(0, () => {
        if (!this.#isSafe(account, debt)) {
          this.#objectUnlessDropped(account, debt.name, `${packet} for ${debt.name} on ${message.topic}`);
        }
      });
    }
  }

  /** That it was dropped is said in the same moment, or when what else is told of the client is on the disk. */
  #objectUnlessDropped(account: Account, name: string, what: string): void {
    const { id } = account.plan;
    this.#whenTold(
      () => account.deliveries.get(name)?.dropped === true,
      () =>
        this.#parts.findings.object(
          'acknowledged-not-delivered',
          `the broker gets ${what}, which ${id} has not got, and the disk has not for it`,
        ),
    );
  }

  /** Something is not said of what was decided now, and no write can hold it up any more: a disk may stay full for longer than it has been by now. */
  #whenTold(isSaid: () => boolean, otherwise: () => void): void {
    const { now, later, heldByDisk } = this.#parts;
    const decided = now();
    const look = (): void => {
      const left = heldByDisk() - (now() - decided);
      if (isSaid()) {
        return;
      }
      if (left > 0) {
        later(Math.min(left, LOOK), look);
      } else {
        otherwise();
      }
    };
    look();
  }

  /** A copy of what is retained is for newcomers: those who were to have the message have one of their own. */
  *#debtsFor(message: Outgoing): Generator<readonly [Account, Debt]> {
    const name = nameOf(message.payload);
    for (const [account, owed] of message.retain ? [] : this.#parts.debts.all()) {
      const debt = owed.get(name);
      if (debt?.topic === message.topic && !debt.atEndOnly && isOf(message, debt)) {
        yield [account, debt];
      }
    }
  }

  #isSafe(account: Account, debt: Debt): boolean {
    const { name } = debt;
    const entry = account.deliveries.get(name);
    if (entry !== undefined && this.#parts.debts.mayBeDropped(account, entry, debt)) {
      return true; // that may have been this one
    }
    if (entry === undefined || entry.got > 0 || entry.dropped || (account.clean && account.state !== 'asleep')) {
      return true; // a clean session ends with the process
    }
    return this.#parts.isStored(account, name, entry.topic);
  }
}

/** Whether it may be the copy that was meant. */
export function isOf({ filters = [] }: Outgoing, debt: Debt): boolean {
  return debt.filters === undefined || filters.some((filter) => debt.filters?.has(filter));
}

/** The broker forgets a copy: whether there is no other one that may be the client's. */
function isLast({ filters = [] }: Outgoing, debt: Debt): boolean {
  for (const filter of filters) {
    debt.filters?.delete(filter);
  }
  return (debt.filters?.size ?? 0) === 0;
}
