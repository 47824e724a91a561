/** The subscriptions of one client, by filter (6.9); they say themselves what the store has to be told of them. */

import type { Qos } from '../../codec/message.ts';
import { Tracked } from '../topics/tracked.ts';
import { NameTable } from './name-table.ts';

/** A subscription that the broker has granted. */
export interface Subscription {
  readonly filter: string;
  /** Granted QoS. */
  readonly qos: Qos;
  /** Subscribed by pre-defined id: delivered by it (G-8, T-16). Undefined again where the client did not know it (G-3). */
  readonly predefinedId: number | undefined;
  /** Subscribed by short name: delivered by it (G-8). */
  readonly short: boolean;
}

export class SubscriptionTable {
  /** By filter. */
  readonly tracked = new Tracked<string>();
  readonly #byFilter = new NameTable<Subscription>();

  get size(): number {
    return this.#byFilter.size;
  }

  /** Octets of all filters in UTF-8. */
  get octets(): number {
    return this.#byFilter.octets;
  }

  has(filter: string): boolean {
    return this.#byFilter.has(filter);
  }

  get(filter: string): Subscription | undefined {
    return this.#byFilter.get(filter);
  }

  keys(): Iterable<string> {
    return this.#byFilter.keys();
  }

  values(): Iterable<Subscription> {
    return this.#byFilter.values();
  }

  /** A new subscription, or another one to the same filter; the same one again changes nothing. */
  set(filter: string, subscription: Subscription): void {
    const former = this.#byFilter.get(filter);
    this.#byFilter.set(filter, subscription);
    if (former === undefined || !isSame(former, subscription)) {
      this.tracked.put(filter, former === undefined);
    }
  }

  /** The client does not know the pre-defined id by which it had subscribed (G-3). */
  forgetPredefinedId(filter: string): void {
    const subscription = this.#byFilter.get(filter);
    if (subscription) {
      this.set(filter, { ...subscription, predefinedId: undefined });
    }
  }

  /** One of the store. */
  restore(subscription: Subscription): void {
    this.#byFilter.set(subscription.filter, subscription);
  }

  delete(filter: string): void {
    if (this.#byFilter.delete(filter)) {
      this.tracked.drop(filter);
    }
  }

  clear(): void {
    for (const filter of [...this.#byFilter.keys()]) {
      this.delete(filter);
    }
  }
}

function isSame(one: Subscription, other: Subscription): boolean {
  return one.qos === other.qos && one.predefinedId === other.predefinedId && one.short === other.short;
}
