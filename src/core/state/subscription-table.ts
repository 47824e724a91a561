/** The subscriptions of one client, by filter (6.9); they say themselves what the store has to be told of them. */

import type { Qos } from '../../codec/message.ts';
import type { Folding, Plain, Unfolding } from '../topics/fold.ts';
import { Tracked } from '../topics/tracked.ts';
import { NameTable } from './name-table.ts';

/** A subscription that the broker has granted. */
export interface Subscription {
  readonly filter: string;
  /** Granted QoS. */
  readonly qos: Qos;
  /** Subscribed by pre-defined id: delivered by it (G-8, T-16). Undefined again where the client did not know it (G-3). */
  readonly predefinedId: number | undefined;
  /** Further pre-defined ids by which it was subscribed before, for they mean the same topic (I-144). */
  readonly otherIds?: readonly number[] | undefined;
  /** Subscribed by short name: delivered by it (G-8). */
  readonly short: boolean;
  /** Subscribed by its name as well as by pre-defined id: it stays where that id gets another name (I-113). */
  readonly named?: true | undefined;
}

/** What a client has with one more SUBSCRIBE for a filter that it had before (`former`); U-12: the QoS is replaced, T-16: what it is known by is not. */
export function joined(former: Subscription | undefined, subscription: Subscription): Subscription {
  if (former === undefined) {
    return subscription;
  }
  const ids = [...new Set([...idsOf(former), ...idsOf(subscription)].reverse())].reverse();
  const short = subscription.short || former.short;
  const { filter, qos } = subscription;
  const isNamed = isByName(subscription) || isByName(former);
  return knownBy({ filter, qos, short }, ids, isNamed);
}

/** Pre-defined ids by which it was subscribed; the last one it is delivered by. */
export function idsOf({ otherIds = [], predefinedId }: Subscription): readonly number[] {
  return predefinedId === undefined ? [] : [...otherIds, predefinedId];
}

/** A subscription by these pre-defined ids, and by its name as well where `isNamed`. */
export function knownBy(
  { filter, qos, short }: Pick<Subscription, 'filter' | 'qos' | 'short'>,
  ids: readonly number[],
  isNamed: boolean,
): Subscription {
  const predefinedId = ids.at(-1);
  return {
    ...{ filter, qos, predefinedId, short },
    ...(ids.length > 1 && { otherIds: ids.slice(0, -1) }),
    ...(isNamed && predefinedId !== undefined && { named: true as const }),
  };
}

function isByName({ predefinedId, short, named }: Subscription): boolean {
  return named === true || (predefinedId === undefined && !short);
}

/** A subscription takes so many values. */
const OF_SUBSCRIPTION = 5;

const NONE: readonly never[] = [];

/** By the place of the subscription. */
function otherIdsOf(written: readonly Plain[]): ReadonlyMap<number, readonly number[]> {
  const ids = new Map<number, number[]>();
  for (let n = 0; n < written.length; n += 2) {
    const [place, id] = written.slice(n, n + 2) as number[];
    if (place !== undefined && id !== undefined) {
      ids.set(place, [...(ids.get(place) ?? []), id]);
    }
  }
  return ids;
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

  /** The client does not know the pre-defined id by which it had subscribed (G-3), nor any other. */
  forgetPredefinedId(filter: string): void {
    const subscription = this.#byFilter.get(filter);
    if (subscription) {
      this.set(filter, { ...subscription, predefinedId: undefined, otherIds: undefined });
    }
  }

  /** Writes all of them; not where the store is behind. */
  fold(folding: Folding): void {
    if (!this.tracked.isSettled) {
      folding.refuse();
    }
    for (const { filter, qos, predefinedId, short, named } of this.#byFilter.values()) {
      folding.item(filter);
      folding.item(qos);
      folding.item(predefinedId);
      folding.item(short);
      folding.item(named);
    }
    folding.endList();
    let place = 0;
    for (const { otherIds } of this.#byFilter.values()) {
      for (const id of otherIds ?? NONE) {
        folding.item(place);
        folding.item(id);
      }
      place++;
    }
    folding.endList();
  }

  /** Those that were written; there are none yet. */
  unfold(unfolding: Unfolding): void {
    const all = unfolding.list();
    const others = otherIdsOf(unfolding.list());
    for (let n = 0; n < all.length; n += OF_SUBSCRIPTION) {
      const [filter, qos, predefinedId, short, named] = all.slice(n, n + OF_SUBSCRIPTION);
      const otherIds = others.get(n / OF_SUBSCRIPTION);
      const subscription = { filter, qos, predefinedId, short, ...(otherIds && { otherIds }), ...(named && { named }) };
      this.restore(subscription as Subscription);
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
  return (
    one.qos === other.qos &&
    String(idsOf(one)) === String(idsOf(other)) &&
    one.short === other.short &&
    one.named === other.named
  );
}
