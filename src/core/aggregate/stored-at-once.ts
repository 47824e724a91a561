/** What one input has stored is one effect: it is on the disk as a whole or not at all. */

import type { StoreEffect } from '../contract/effect.ts';

/** `alsoFor`: an owner that waits for it as well, where anybody waits. */
export function storedAtOnce(stores: readonly StoreEffect[], alsoFor: string | undefined): StoreEffect | undefined {
  const [first] = stores;
  if (first === undefined || (stores.length === 1 && alsoFor === undefined)) {
    return first;
  }
  const durable = stores.some((store) => store.durable);
  const owners = new Set(stores.flatMap((store) => (store.durable === durable ? [...store.owners] : [])));
  if (durable && alsoFor !== undefined) {
    owners.add(alsoFor);
  }
  const syncs = stores.some((store) => store.syncs) ? { syncs: true as const } : {};
  return { type: 'store', writes: stores.flatMap(({ writes }) => writes), durable, owners, ...syncs };
}
