/**
 * What a client has asked for behind the end of its session, by the order in which the gateway has handled everything: that the session is gone, and CONNACK of
 * the next one, may wait for the disk, and be told later.
 */
import type { Message } from '../../../src/codec/message.ts';

/** CONNECTs that are remembered. */
const CONNECTS = 32;

export class SessionEnds {
  #order = 0;
  /** The last ones. */
  #connects: { readonly order: number; readonly at: number }[] = [];
  #cleanAt = 0;
  /** The last DISCONNECT, or wish of the operator. */
  #endAt = 0;
  /** The last SUBSCRIBE for each filter, and the first copy of the one that SUBACK was for. */
  readonly #asked = new Map<string, number>();
  readonly #granted = new Map<string, number>();

  /** Place of what the gateway has handled last. */
  get order(): number {
    return this.#order;
  }

  /** The gateway handles a message of the client. */
  handled(message: Message, at: number): void {
    this.#order++;
    if (message.type === 'CONNECT') {
      this.#connects = [...this.#connects.slice(1 - CONNECTS), { order: this.#order, at }];
      this.#cleanAt = message.cleanSession ? this.#order : this.#cleanAt;
    } else if (message.type === 'DISCONNECT') {
      this.#endAt = this.#order;
    }
  }

  operated(): void {
    this.#endAt = ++this.#order;
  }

  asks(filter: string): void {
    this.#asked.set(filter, this.#order);
  }

  /** SUBACK; `first`: place of the first copy of its SUBSCRIBE. */
  granted(filter: string, first: number): void {
    this.#granted.set(filter, first);
  }

  /**
   * Which filters the client has asked for, and been granted, since its last CONNECT with CleanSession; or in the session behind the one that has ended: behind a
   * CONNECT of `from` or later, for what is told now was decided no earlier, and behind whatever may have ended it.
   */
  since(what: 'CONNECT' | 'end', from = 0): (filter: string) => 'asked' | 'granted' | undefined {
    const next = this.#connects.find(({ order, at }) => order > this.#endAt && at >= from);
    const begin = what === 'CONNECT' ? this.#cleanAt : (next?.order ?? Number.POSITIVE_INFINITY);
    return (filter) => {
      if ((this.#granted.get(filter) ?? 0) > begin) {
        return 'granted';
      }
      return (this.#asked.get(filter) ?? 0) > begin ? 'asked' : undefined;
    };
  }
}
