import type { AccountRules, Sent } from './account.ts';
import type { Arrival } from './sn-inbox.ts';
import { behindShare, matches, type Qos } from './topics.ts';

/** A message for a group. `one`: it had members from before the message on; `open`: its first one came meanwhile. */
interface Entry {
  readonly sent: Sent;
  readonly is: 'one' | 'none' | 'open';
  readonly isSafe: boolean;
}

interface Copy {
  readonly clientId: string;
  readonly arrival: Arrival;
}

/** A shared subscription (`$share/…`) and its members: each message is for exactly one of them. */
export class Group {
  readonly filter: string;
  readonly #rules: AccountRules;
  readonly #members = new Map<string, Qos>();
  #hadMembers = false;
  readonly #entries = new Map<string, Entry>();
  readonly #copies = new Map<string, Copy[]>();
  readonly #remarks: string[] = [];

  constructor(filter: string, rules: AccountRules) {
    this.filter = filter;
    this.#rules = rules;
  }

  /** A client subscribes to it, or has done so again. */
  joins(clientId: string, qos: Qos): void {
    this.#members.set(clientId, qos);
  }

  /** Messages begin, while nobody changes anything. */
  beginsMessages(): void {
    this.#hadMembers = this.#members.size > 0;
  }

  /** How many have come. */
  get delivered(): number {
    return this.#copies.size;
  }

  /** A message that was published since `beginsMessages`. `isSafe`: the broker has it for sure. */
  expects(sent: Sent, isSafe: boolean): void {
    if (matches(behindShare(this.filter), sent.topic)) {
      const is = this.#hadMembers ? 'one' : this.#members.size > 0 ? 'open' : 'none';
      this.#entries.set(sent.payload, { sent, is, isSafe });
    }
  }

  /** A member has got it. */
  got(clientId: string, arrival: Arrival): void {
    // What was retained ends: that has nothing which tells it from others. And mosquitto 2.0.11 gives what is retained to a client of its own.
    if (arrival.payload === '' || (arrival.retain && this.#rules.sameQos)) {
      return;
    }
    if (arrival.retain) {
      this.#remarks.push(`retained: ${clientId} got "${arrival.payload}", of a shared subscription`);
    }
    this.#copies.set(arrival.payload, [...(this.#copies.get(arrival.payload) ?? []), { clientId, arrival }]);
  }

  /** What no member has got. QoS 0 is for whoever is there. */
  get missing(): string[] {
    const missing: string[] = [];
    for (const { sent, is, isSafe } of this.#entries.values()) {
      const highest = Math.max(...this.#members.values());
      const isSure = isSafe && Math.min(sent.qos, highest) > 0 && !this.#mayHaveQos0;
      if (is === 'one' && isSure && !this.#copies.has(sent.payload) && !this.#isWithheld(sent)) {
        missing.push(`lost: "${sent.payload}" on ${sent.topic}, QoS ${sent.qos}`);
      }
    }
    return missing;
  }

  /** Everything that is wrong, now that nothing more is to come. */
  judge(): string[] {
    const lines = [...this.#remarks, ...this.missing];
    for (const [payload, copies] of this.#copies) {
      lines.push(...this.#wrong(payload, copies));
    }
    return lines.map((line) => `${this.filter}: ${line}`);
  }

  /** A member with QoS 0, to which a message may have gone that is not there any more. */
  get #mayHaveQos0(): boolean {
    return [...this.#members.values()].includes(0);
  }

  #isWithheld({ payload }: Sent): boolean {
    return this.#rules.rough && this.#rules.excuses.withheld(payload, [this.filter]);
  }

  #wrong(payload: string, copies: readonly Copy[]): string[] {
    const entry = this.#entries.get(payload);
    if (entry === undefined || entry.is === 'none') {
      return [`more: "${payload}" is not for it, and came to ${copies.map(({ clientId }) => clientId).join()}`];
    }
    const { sent } = entry;
    const lines: string[] = [];
    for (const [index, { clientId, arrival }] of copies.entries()) {
      const { topic, qos, dup } = arrival;
      if (topic !== sent.topic) {
        lines.push(`"${payload}" came on ${topic} instead of ${sent.topic}`);
      }
      const granted = Math.min(sent.qos, this.#members.get(clientId) ?? 0);
      if (qos !== granted) {
        lines.push(`QoS: "${payload}" came to ${clientId} with QoS ${qos} instead of ${granted}`);
      }
      const { rough, excuses } = this.#rules;
      const isBrokers = excuses.copies(payload) >= index;
      // I-94: what a killed process had given to a member with a lower QoS was not on the disk, and goes to another one.
      const wasNotKept = copies.slice(0, index).some((earlier) => earlier.arrival.qos < 2);
      const mayCome = rough ? qos === 1 || sent.qos === 1 || wasNotKept || isBrokers : qos === 1 && dup;
      if (index > 0 && !mayCome) {
        lines.push(`again: "${payload}" (QoS ${qos}) came to ${copies.map((copy) => copy.clientId).join()}`);
      }
    }
    return lines;
  }
}
