import type { Millis } from '../ports/clock.ts';

/** Packets that have no answer yet, at most; a broker may want less (MQTT 5 Receive Maximum). */
export const WINDOW = 20;

const MAX_PACKET_ID = 0xffff;

/** A packet without an answer. */
export interface Packet {
  /** Of the message; undefined: it is a subscription, or the end of one. */
  readonly key: string | undefined;
  /** Topic, or filter. */
  readonly topic: string;
  /** Nothing else goes out beside it. */
  readonly alone: boolean;
  readonly sentAt: Millis;
}

/** The packets of a connection that the broker has not answered, by their packet ids. */
export class OnTheWay {
  /** Oldest first. */
  readonly #packets = new Map<number, Packet>();
  #packetId = 0;
  #window = WINDOW;

  get oldest(): Packet | undefined {
    const [oldest] = this.#packets.values();
    return oldest;
  }

  /** Topics and filters, each with the key of its message. */
  get topics(): ReadonlyMap<string, string | undefined> {
    return new Map(Array.from(this.#packets.values(), ({ topic, key }) => [topic, key]));
  }

  /** A new connection. */
  begin(receiveMaximum: number): void {
    this.#packets.clear();
    this.#window = Math.min(WINDOW, receiveMaximum);
  }

  /** Whether one more may go out: `alone`, or beside others; `cautious`: one at a time. */
  hasRoom(alone: boolean, cautious: boolean): boolean {
    const { oldest } = this;
    const isBeside = !alone && !cautious && oldest?.alone !== true && this.#packets.size < this.#window;
    return oldest === undefined || isBeside;
  }

  /** Its packet id. */
  add(packet: Packet): number {
    do {
      this.#packetId = (this.#packetId % MAX_PACKET_ID) + 1;
    } while (this.#packets.has(this.#packetId));
    this.#packets.set(this.#packetId, packet);
    return this.#packetId;
  }

  /** It has its answer; undefined: there is none with this packet id. */
  answered(packetId: number): Packet | undefined {
    const packet = this.#packets.get(packetId);
    this.#packets.delete(packetId);
    return packet;
  }
}
