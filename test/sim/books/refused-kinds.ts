/**
 * Kinds of publishes that are refused on the shared connection because it broke on two of them (I-111): a topic with one QoS, with or without Retain.
 * Of which size is not looked at, nor whose they are: the refusal of a good one is excused too often rather than too seldom.
 */
import type { PublishEntry } from './account.ts';

/** So many that were given up make a kind. */
const TWICE = 2;

export class RefusedKinds {
  readonly #given = new Map<string, Set<PublishEntry>>();

  /** One is refused because the broker closes the connection on it. */
  givenUp(entry: PublishEntry): void {
    const kind = kindOf(entry);
    const known = this.#given.get(kind) ?? new Set();
    this.#given.set(kind, known.add(entry));
  }

  /** Whether a good one may be refused. */
  has(entry: PublishEntry): boolean {
    return (this.#given.get(kindOf(entry))?.size ?? 0) >= TWICE;
  }

  /** Nothing of it is on the disk. */
  clear(): void {
    this.#given.clear();
  }
}

function kindOf({ action: { qos, retain, topic } }: PublishEntry): string {
  return `${qos} ${retain} ${topic}`;
}
