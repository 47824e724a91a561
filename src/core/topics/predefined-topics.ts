/** Pre-defined topic ids (§6.7): known to both sides by configuration, a space of their own beside the normal ids (T-16). */

import { forbiddenCharacter, type NameRule } from './topic-name.ts';

/** Client id, or `*` for every client, to topic id to topic name. */
export type PredefinedTopicTable = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** One entry of the table, and who has used it last. */
export interface PredefinedTopic {
  /** Client id, or `*`. */
  readonly clientId: string;
  readonly topicId: number;
  readonly topicName: string;
  /** Client id, or the address of a sender of QoS −1; undefined: nobody since the start. */
  usedBy: string | undefined;
  /** In milliseconds, as given to `used`; undefined: never since the start. */
  usedAt: number | undefined;
}

const EVERY_CLIENT = '*';

export class PredefinedTopics {
  readonly #table = new Map<string, ReadonlyMap<number, PredefinedTopic>>();
  /** Names with characters that no client may use; looked for once, not with each PUBLISH. */
  readonly #refused = new Set<string>();

  /** `before`: the table that was in its place, which knows who has used which id. */
  constructor(table: PredefinedTopicTable, names: NameRule, before?: PredefinedTopics) {
    for (const [clientId, topics] of table) {
      const entries = new Map<number, PredefinedTopic>();
      const former = before === undefined ? undefined : before.#table.get(clientId);
      for (const [topicId, topicName] of topics) {
        const { usedBy, usedAt } = former?.get(topicId) ?? {};
        entries.set(topicId, { clientId, topicId, topicName, usedBy, usedAt });
        if (forbiddenCharacter(topicName, names) !== undefined) {
          this.#refused.add(topicName);
        }
      }
      this.#table.set(clientId, entries);
    }
  }

  /** Whether a name of the table must not reach the broker (T-48). */
  isRefused(name: string): boolean {
    return this.#refused.size > 0 && this.#refused.has(name);
  }

  /** The name behind a pre-defined id; the client's own entry comes before the common one. Without a client only the common ones (T-12 d). */
  nameOf(clientId: string | undefined, topicId: number): string | undefined {
    return this.#entry(clientId, topicId)?.topicName;
  }

  /** Somebody has used an id at `now`: the client, or whoever is at an address where there is none. */
  used(clientId: string | undefined, topicId: number, by: string, now: number): void {
    const entry = this.#entry(clientId, topicId);
    if (entry) {
      entry.usedBy = by;
      entry.usedAt = now;
    }
  }

  /** The highest pre-defined id that this client may know, 0 where there is none: normal ids start above it (T-16). */
  highestId(clientId: string): number {
    let highest = 0;
    for (const topics of [this.#table.get(clientId), this.#table.get(EVERY_CLIENT)]) {
      for (const topicId of topics?.keys() ?? []) {
        highest = Math.max(highest, topicId);
      }
    }
    return highest;
  }

  /** Every entry, one after the other. */
  *all(): IterableIterator<Readonly<PredefinedTopic>> {
    for (const topics of this.#table.values()) {
      yield* topics.values();
    }
  }

  #entry(clientId: string | undefined, topicId: number): PredefinedTopic | undefined {
    const own = clientId === undefined ? undefined : this.#table.get(clientId)?.get(topicId);
    return own ?? this.#table.get(EVERY_CLIENT)?.get(topicId);
  }
}
