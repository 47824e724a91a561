/**
 * Subscriptions of which nobody knows any more that the broker has lost them (I-52): that is in the store before the gateway connects again, though nobody
 * waits for the disk. Where that is in trouble just then, and the process ends, the next one takes the broker by its word.
 */

import type { Account } from './account.ts';
import { type Calm, DISK, FULL_DISK } from './calm.ts';

export class Doubts {
  readonly #calm: Calm;
  readonly #now: () => number;
  /** When the broker has lost the session of a client. */
  readonly #forgotAt = new Map<Account, number>();
  readonly #unknown = new Map<Account, Set<string>>();

  constructor(calm: Calm, now: () => number) {
    this.#calm = calm;
    this.#now = now;
  }

  brokerForgot(account: Account): void {
    this.#forgotAt.set(account, this.#now());
  }

  gatewayEnded(): void {
    for (const [account, at] of this.#forgotAt) {
      if (this.#calm.lasted(DISK, at) + this.#calm.lasted(FULL_DISK, at) > 0) {
        this.#unknown.set(account, new Set(account.subscriptions));
      }
    }
    this.#forgotAt.clear();
  }

  /** The gateway asks for a filter. */
  asksFor(account: Account, filter: string): void {
    this.#unknown.get(account)?.delete(filter);
  }

  isUnknown(account: Account, filter: string): boolean {
    return this.#unknown.get(account)?.has(filter) === true;
  }
}
