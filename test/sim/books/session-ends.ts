/**
 * What a client has asked for behind the end of its session, by the order in which the gateway has handled everything: that the session is gone, and a copy of
 * CONNACK of the next one, may wait for the disk, and be told later. Everything that a client is told is told in its order.
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
  /** What had been handled when CONNACK(accepted) was told last, and SUBACK for each filter. */
  #connAckAt = 0;
  readonly #subAckAt = new Map<string, number>();
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

  /** CONNACK(accepted). */
  connected(): void {
    this.#connAckAt = this.#order;
  }

  /** SUBACK; `first`: place of the first copy of its SUBSCRIBE. */
  granted(filter: string, first: number): void {
    this.#granted.set(filter, first);
    this.#subAckAt.set(filter, this.#order);
  }

  /** Which filters the client has asked for, and been granted, since its last CONNECT with CleanSession. */
  sinceClean(filter: string): 'asked' | 'granted' | undefined {
    if ((this.#granted.get(filter) ?? 0) > this.#cleanAt) {
      return 'granted';
    }
    return (this.#asked.get(filter) ?? 0) > this.#cleanAt ? 'asked' : undefined;
  }

  /**
   * It is told that the session has ended; `from`: it was decided then, or later. Which filters the client has asked for in the next one, and has not been answered: that
   * would come behind this. The next one begins with a CONNECT behind what has ended this one, where that is known (`isKnown`: the client, or the operator, has
   * said so); else with one for which CONNACK is still to come.
   */
  sinceEnd(isKnown: boolean, from: number): (filter: string) => 'asked' | undefined {
    const end = isKnown ? this.#endAt : this.#connAckAt;
    const next = this.#connects.find(({ order, at }) => order > end && at >= from);
    const begin = next?.order ?? Number.POSITIVE_INFINITY;
    return (filter) => {
      const asked = this.#asked.get(filter) ?? 0;
      return asked > begin && asked > (this.#subAckAt.get(filter) ?? 0) ? 'asked' : undefined;
    };
  }
}
