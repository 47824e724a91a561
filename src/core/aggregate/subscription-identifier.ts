/** Subscription Identifiers of MQTT 5: each names a filter, and which of the last SUBSCRIBEs for it (3.7 item 1). */

/** SUBSCRIBEs for one filter that can be told apart by their identifiers. */
export const GENERATIONS = 64;

/** The highest Subscription Identifier is 268,435,455. */
export const SLOTS = Math.floor(268_435_455 / GENERATIONS) - 1;

/** What a Subscription Identifier names. */
export interface FilterName {
  readonly slot: number;
  readonly generation: number;
}

export function identifierOf({ slot, generation }: FilterName): number {
  return slot * GENERATIONS + generation;
}

export function readIdentifier(identifier: number): FilterName {
  return { slot: Math.floor(identifier / GENERATIONS), generation: identifier % GENERATIONS };
}
