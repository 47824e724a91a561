/** Pre-defined topic ids (§6.7): known to both sides by configuration, a space of their own beside the normal ids (T-16). */

import { forbiddenCharacter, type NameRule } from './topic-name.ts';

/** Client id, or `*` for every client, to topic id to topic name. */
export type PredefinedTopicTable = ReadonlyMap<string, ReadonlyMap<number, string>>;

const EVERY_CLIENT = '*';

export class PredefinedTopics {
  readonly #table: PredefinedTopicTable;
  /** Names with characters that no client may use; looked for once, not with each PUBLISH. */
  readonly #refused = new Set<string>();

  constructor(table: PredefinedTopicTable, names: NameRule) {
    this.#table = table;
    for (const topics of table.values()) {
      for (const name of topics.values()) {
        if (forbiddenCharacter(name, names) !== undefined) {
          this.#refused.add(name);
        }
      }
    }
  }

  /** Whether a name of the table must not reach the broker (T-48). */
  isRefused(name: string): boolean {
    return this.#refused.size > 0 && this.#refused.has(name);
  }

  /** The name behind a pre-defined id; the client's own entry comes before the common one. Without a client only the common ones (T-12 d). */
  nameOf(clientId: string | undefined, topicId: number): string | undefined {
    const own = clientId === undefined ? undefined : this.#table.get(clientId)?.get(topicId);
    return own ?? this.#table.get(EVERY_CLIENT)?.get(topicId);
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
}
