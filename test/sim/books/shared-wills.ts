/**
 * The books of wills that the gateway publishes itself, for its clients share the connection to the broker (3.7 item 5): one for each client that is
 * lost, and none else. QoS 2 once; with QoS 1 again after a crash or a break, for nobody knows whether the broker had it; QoS 0 may be lost with them.
 */
import type { Account } from './account.ts';
import type { Calm } from './calm.ts';
import type { Findings } from './findings.ts';

interface Due {
  readonly at: number;
  /** The broker has passed it on, or a rule excuses that it has not. */
  over: boolean;
  /** The process ended when it might not have been on the disk. */
  doubtful: boolean;
  /** Which one has come for it. */
  name: string | undefined;
  /** It may come once more. */
  repeats: number;
  /** The broker has lost it with its session, and had not passed it on: it comes once where PUBREL has not gone out. */
  lost: boolean;
}

export class SharedWills {
  readonly #findings: Findings;
  readonly #calm: Calm;
  readonly #now: () => number;
  readonly #due = new Map<Account, Due[]>();
  /** When those came that came before the gateway said that the client is lost: that may wait for the disk. */
  readonly #early = new Map<Account, readonly number[]>();
  readonly #names = new Set<string>();
  /** When one came last that was taken for a repetition: it may have been that of a later loss, of which nothing had been said yet. */
  readonly #repeatedAt = new Map<Account, number>();

  constructor(findings: Findings, calm: Calm, now: () => number) {
    this.#findings = findings;
    this.#calm = calm;
    this.#now = now;
  }

  /** The gateway declares a client lost that has a will. */
  lost(account: Account): void {
    const early = this.#early.get(account) ?? [];
    this.#early.set(account, early.slice(1));
    const doubtful =
      this.#now() - (this.#repeatedAt.get(account) ?? Number.NEGATIVE_INFINITY) <= this.#calm.heldByDisk();
    this.#of(account).push({
      at: this.#now(),
      over: early.length > 0,
      doubtful,
      name: undefined,
      repeats: 0,
      lost: false,
    });
  }

  /** The connection broke, or the process ended. */
  broken(ended: boolean): void {
    const held = this.#calm.heldByDisk();
    for (const all of this.#due.values()) {
      for (const due of all) {
        due.repeats++;
        due.doubtful ||= ended && this.#now() - due.at <= held;
      }
    }
    for (const [account, early] of ended ? this.#early : []) {
      this.#early.set(
        account,
        early.filter((at) => this.#now() - at > held),
      ); // the loss of it waited for the disk, and will never be said
    }
  }

  /** The broker has lost its session, and with it what it had said PUBREC for (I-6). */
  forgotten(account: Account): void {
    for (const due of this.#of(account)) {
      due.lost ||= !due.over;
      due.over = true;
    }
  }

  /** The broker passes a will on. Each CONNECT brings one with a name of its own: a new name is no repetition. */
  came(account: Account, qos: number, name: string): void {
    const all = this.#of(account);
    const open = all.filter(({ over }) => !over);
    const isRepeated = this.#names.has(name);
    this.#names.add(name);
    const again = qos < 2 ? all.find((one) => one.over && one.name === name && one.repeats > 0) : undefined;
    const next = open.find(({ doubtful }) => !doubtful);
    if (again !== undefined && next !== undefined) {
      next.doubtful = true; // it is a repetition, or that of a client which has kept its will over both losses
    }
    const due =
      again ??
      next ??
      open[0] ??
      all.find((one) => one.lost) ??
      (isRepeated && qos < 2 ? all.find(({ repeats }) => repeats > 0) : undefined);
    if (due === undefined) {
      this.#early.set(account, [...(this.#early.get(account) ?? []), this.#now()]);
      return;
    }
    if (due.lost) {
      due.lost = false;
    } else if (due.over) {
      due.repeats--;
      this.#repeatedAt.set(account, this.#now());
    }
    due.name ??= name;
    due.over = true;
  }

  /** Everything must be in order now. */
  atEnd(account: Account, qos: number): void {
    if ((this.#early.get(account)?.length ?? 0) > 0) {
      this.#findings.object('will-not-due', `the will of ${account.plan.id} was published, and it was not lost`);
    }
    const missing = this.#of(account).find(({ over, doubtful }) => !over && !doubtful);
    if (qos > 0 && missing !== undefined) {
      const at = missing.at / 1000;
      this.#findings.object('will-missing', `${account.plan.id} was lost at ${at} s, and its will has not come`);
    }
  }

  #of(account: Account): Due[] {
    const due = this.#due.get(account) ?? [];
    this.#due.set(account, due);
    return due;
  }
}
