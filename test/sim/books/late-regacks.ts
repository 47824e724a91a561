/** Topics that are remembered for each MsgId. */
const TOPICS = 8;

/**
 * REGACK that comes late. It names a MsgId and an id, and no topic: a client that has lost its memory and registers another topic under the same
 * MsgId takes it for its answer, and publishes to the topic of before. Neither it nor the gateway can tell.
 */
export class LateRegAcks {
  /** Of each MsgId, the topics in the order in which they were asked for. */
  readonly #heard = new Map<number, { readonly topic: string; readonly at: number }[]>();
  readonly #sent: { readonly msgId: number; readonly topic: string; readonly at: number }[] = [];
  /** When each topic was asked for last, by topic and MsgId. */
  readonly #asked = new Map<string, Map<number, number>>();

  /** The client registers a topic. */
  asks(topic: string, msgId: number, at: number): void {
    const asked = this.#asked.get(topic) ?? new Map<number, number>();
    this.#asked.set(topic, asked.set(msgId, at));
  }

  /** The gateway handles REGISTER. */
  heard(topic: string, msgId: number, at: number): void {
    const all = this.#heard.get(msgId) ?? [];
    if (all.at(-1)?.topic !== topic) {
      this.#heard.set(msgId, [...all.slice(1 - TOPICS), { topic, at }]);
    }
  }

  /** The topics that a REGACK may be for which was decided at `since` or later: the last ones that had been asked for by then, and those after. */
  askedFor(msgId: number, since: number): string[] {
    const all = this.#heard.get(msgId) ?? [];
    return all
      .filter((_, index) => (all[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= since)
      .map(({ topic }) => topic);
  }

  /** The gateway sends REGACK(accepted), which was decided at `since` or later. */
  sent(msgId: number, since: number): void {
    for (const topic of this.askedFor(msgId, since)) {
      this.#sent.push({ msgId, topic, at: since });
    }
  }

  /** Whether the client may have taken a REGACK for `other`, decided before it asked, for that of `topic`. */
  mayMistake(topic: string, other: string): boolean {
    const asked = this.#asked.get(topic);
    return this.#sent.some(({ topic: named, msgId, at }) => named === other && at < (asked?.get(msgId) ?? -1));
  }
}
