/** Who was promised a message: at which receiver it has to arrive, on which topic. */
interface Entry {
  readonly receiver: string;
  readonly topic: string;
  readonly qos: 1 | 2;
  /** Place among the messages of this topic, in which order they were handed over. */
  readonly place: number;
  /** Whether its sender was told that it is safe. */
  acknowledged: boolean;
  arrivals: number;
}

/** What a receiver got, in the order in which it got it. */
export interface Arrival {
  readonly receiver: string;
  readonly topic: string;
  readonly payload: string;
}

export interface Figures {
  readonly sent: number;
  readonly acknowledged: number;
  readonly arrived: number;
  /** Repetitions of QoS 1 messages, which MQTT allows. */
  readonly repeatedQos1: number;
}

/** What the broker did wrong itself, and the gateway could not mend. */
export interface Excuses {
  /** How many times more than once it handed a QoS 2 message over. */
  copies(payload: string): number;
  /** Whether it handed `later` over before `earlier`. */
  swapped(earlier: string, later: string): boolean;
}

const NO_EXCUSES: Excuses = { copies: () => 0, swapped: () => false };

/**
 * Both sides of the account: each message (its payload is unique) with the receiver that is to get it, and each arrival.
 * They balance when `differences` is empty.
 */
export class Books {
  readonly #entries = new Map<string, Entry>();
  readonly #places = new Map<string, number>();
  readonly #arrivals: Arrival[] = [];
  readonly #remarks: string[] = [];
  readonly #excuses: Excuses;
  /** Acknowledged and not arrived, by receiver. */
  readonly #missing = new Map<string, number>();
  #excused = 0;

  constructor(excuses: Excuses = NO_EXCUSES) {
    this.#excuses = excuses;
  }

  /** A message is about to be handed over for the first time. */
  sends(payload: string, entry: { readonly receiver: string; readonly topic: string; readonly qos: 1 | 2 }): void {
    const place = (this.#places.get(entry.topic) ?? 0) + 1;
    this.#places.set(entry.topic, place);
    this.#entries.set(payload, { ...entry, place, acknowledged: false, arrivals: 0 });
  }

  /** Its sender was told that it is safe. */
  acknowledges(payload: string): void {
    const entry = this.#entries.get(payload);
    if (entry === undefined || entry.acknowledged) {
      throw new Error(`acknowledged ${entry === undefined ? 'but never sent' : 'twice'}: ${payload}`);
    }
    entry.acknowledged = true;
    this.#misses(entry.receiver, entry.arrivals === 0 ? 1 : 0);
  }

  /** A receiver got a message. */
  arrives(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    const entry = this.#entries.get(arrival.payload);
    if (entry !== undefined && entry.receiver === arrival.receiver) {
      entry.arrivals += 1;
      this.#misses(entry.receiver, entry.acknowledged && entry.arrivals === 1 ? -1 : 0);
    }
  }

  /** Something that must not be, whatever arrived. */
  remark(difference: string): void {
    this.#remarks.push(difference);
  }

  /** How many acknowledged messages have not arrived yet. */
  get missing(): number {
    return [...this.#missing.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many acknowledged messages have not arrived yet at this receiver. */
  missingAt(receiver: string): number {
    return this.#missing.get(receiver) ?? 0;
  }

  /** How many differences were the broker's own, when `differences` was last asked for. */
  get excused(): number {
    return this.#excused;
  }

  /** `up`: to this receiver; `down`: to all others. */
  figures(receiver: (name: string) => boolean): Figures {
    const entries = [...this.#entries.values()].filter((entry) => receiver(entry.receiver));
    const sum = (value: (entry: Entry) => number): number => entries.reduce((total, entry) => total + value(entry), 0);
    return {
      sent: entries.length,
      acknowledged: sum(({ acknowledged }) => Number(acknowledged)),
      arrived: sum(({ arrivals }) => Number(arrivals > 0)),
      repeatedQos1: sum(({ qos, arrivals }) => (qos === 1 ? Math.max(arrivals - 1, 0) : 0)),
    };
  }

  /** Everything that does not balance, one line each. */
  differences(): string[] {
    this.#excused = 0;
    return [...this.#remarks, ...this.#wrongNumbers(), ...this.#wrongPlaces(), ...this.#wrongOrder()];
  }

  #misses(receiver: string, change: number): void {
    this.#missing.set(receiver, this.missingAt(receiver) + change);
  }

  #wrongNumbers(): string[] {
    const lines: string[] = [];
    for (const [payload, { receiver, qos, acknowledged, arrivals }] of this.#entries) {
      if (acknowledged && arrivals === 0) {
        lines.push(`lost: ${payload} (QoS ${qos}) was acknowledged and never arrived at ${receiver}`);
      }
      if (qos === 2 && arrivals > 1 + this.#excuses.copies(payload)) {
        lines.push(`repeated: ${payload} (QoS 2) arrived ${arrivals} times at ${receiver}`);
      } else if (qos === 2 && arrivals > 1) {
        this.#excused += 1;
      }
    }
    return lines;
  }

  /** Messages of somebody else, or under a wrong topic. */
  #wrongPlaces(): string[] {
    const lines: string[] = [];
    for (const { receiver, topic, payload } of this.#arrivals) {
      const entry = this.#entries.get(payload);
      if (entry === undefined) {
        lines.push(`unknown: ${receiver} got "${payload}" on ${topic}, which nobody sent`);
      } else if (entry.receiver !== receiver || entry.topic !== topic) {
        lines.push(`astray: ${payload} for ${entry.receiver} on ${entry.topic} arrived at ${receiver} on ${topic}`);
      }
    }
    return lines;
  }

  /** For each topic, the first arrivals must come in the order in which they were sent. */
  #wrongOrder(): string[] {
    const lines: string[] = [];
    const last = new Map<string, { readonly place: number; readonly payload: string }>();
    const seen = new Set<string>();
    for (const { receiver, payload } of this.#arrivals) {
      const entry = this.#entries.get(payload);
      if (entry === undefined || entry.receiver !== receiver || seen.has(payload)) {
        continue;
      }
      seen.add(payload);
      const before = last.get(entry.topic);
      if (before !== undefined && before.place > entry.place) {
        if (this.#excuses.swapped(payload, before.payload)) {
          this.#excused += 1;
        } else {
          lines.push(`order: ${payload} arrived first at ${receiver} after ${before.payload}`);
        }
      } else {
        last.set(entry.topic, { place: entry.place, payload });
      }
    }
    return lines;
  }
}
