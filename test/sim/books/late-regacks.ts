/**
 * REGACK that comes late. It names a MsgId and an id, and no topic: a client that has lost its memory and registers another topic under the same
 * MsgId takes it for its answer, and publishes to the topic of before. Neither it nor the gateway can tell.
 */
export class LateRegAcks {
  readonly #heard = new Map<number, string>();
  readonly #sent: { readonly msgId: number; readonly topic: string; readonly at: number }[] = [];
  readonly #asked = new Map<string, { readonly msgId: number; readonly at: number }>();

  /** The client registers a topic. */
  asks(topic: string, msgId: number, at: number): void {
    this.#asked.set(topic, { msgId, at });
  }

  /** The gateway handles REGISTER. */
  heard(topic: string, msgId: number): void {
    this.#heard.set(msgId, topic);
  }

  /** The gateway sends REGACK(accepted). */
  sent(msgId: number, at: number): void {
    const topic = this.#heard.get(msgId);
    if (topic !== undefined) {
      this.#sent.push({ msgId, topic, at });
    }
  }

  /** Whether the client may have taken a REGACK for `other`, sent before it asked, for that of `topic`. */
  mayMistake(topic: string, other: string): boolean {
    const asked = this.#asked.get(topic);
    return (
      asked !== undefined &&
      this.#sent.some((one) => one.topic === other && one.msgId === asked.msgId && one.at < asked.at)
    );
  }
}
