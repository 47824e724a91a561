import type { Arrival } from './sn-inbox.ts';
import type { Qos } from './topics.ts';

/** A message that was published, or will be. Its payload is like no other's. */
export interface Sent {
  readonly payload: string;
  readonly publisher: string;
  /** Place among the messages of its publisher. */
  readonly place: number;
  readonly topic: string;
  readonly qos: Qos;
}

/**
 * What the naive matcher says of a message and a client. `open`: a change of the client overlaps it, it may come or not; `as-twin`: its publisher was
 * not told that it is safe. `qos`: with which it is to come.
 */
export interface Expectation {
  readonly is: 'due' | 'not-due' | 'open' | 'as-twin';
  readonly qos: Qos;
  /** Of the filters that match, those that the client has with the highest QoS. */
  readonly by?: readonly string[];
}

export interface AccountRules {
  /** Lives end and connections break: QoS 0 may be lost, QoS 1 may come again. */
  readonly rough: boolean;
  /** A message that a change of its subscriptions overlaps may come once for each filter: the broker sends a copy for each. */
  readonly copies: boolean;
  /** Where lives end and connections break: what the broker itself did wrong. */
  readonly excuses: BrokerExcuses;
  /** The client has the QoS of its twin, not only the highest one that it was granted. */
  readonly sameQos: boolean;
}

export interface BrokerExcuses {
  /** How often it has sent a QoS 2 message once more though it has its PUBREC. */
  copies(payload: string): number;
  /** Whether it has sent one copy of a message, though not the one for the filter by which the client gets it. */
  withheld(payload: string, filters: readonly string[]): boolean;
}

interface Entry {
  readonly sent: Sent;
  expectation: Expectation;
  twin: Arrival[];
  client: Arrival[];
  judged: boolean;
}

/** What one client and its twin got, and what they should have got. */
export class Account {
  readonly #rules: AccountRules;
  readonly #sent: ReadonlyMap<string, Sent>;
  readonly #entries = new Map<string, Entry>();
  /** Not judged yet. */
  readonly #open = new Set<Entry>();
  /** What came as retained, and empty messages, which have nothing that tells them apart. */
  #retained = { twin: [] as string[], client: [] as string[] };
  #retainedIsOpen = false;
  #emptyIsOpen = false;
  #empty = { twin: [] as string[], client: [] as string[] };
  readonly #last = new Map<string, Sent>();
  #differences: string[] = [];
  /** Messages that were judged as due and had come; those that came as retained. */
  readonly figures = { delivered: 0, retained: 0, again: 0, brokersOwn: 0 };

  /** `sent`: all messages there are, by payload. */
  constructor(sent: ReadonlyMap<string, Sent>, rules: AccountRules) {
    this.#sent = sent;
    this.#rules = rules;
  }

  expects(sent: Sent, expectation: Expectation): void {
    const entry = this.#entry(sent);
    entry.expectation = expectation;
    this.#open.add(entry);
  }

  /** What comes as retained next is not judged: the client subscribes while it is being set. */
  leavesRetainedOpen(): void {
    this.#retainedIsOpen = true;
  }

  /** What of this is still to come may be gone: the client, its session or its subscription goes. */
  letsGo(isGone: (sent: Sent, qos: Qos) => boolean): void {
    if (this.missing.length === 0) {
      return;
    }
    this.#retainedIsOpen = true;
    this.#emptyIsOpen = true;
    for (const entry of this.#open) {
      const { qos } = entry.expectation;
      if (entry.client.length === 0 && isGone(entry.sent, qos)) {
        entry.expectation = { is: 'open', qos };
      }
    }
  }

  /** Both have the same of what is retained. */
  get isEven(): boolean {
    const { twin, client } = this.#retained;
    return this.#retainedIsOpen || (twin.length === client.length && without(twin, client).length === 0);
  }

  twinGot(arrival: Arrival): void {
    if (arrival.retain) {
      this.#retained.twin.push(textOf(arrival));
    } else if (arrival.payload === '') {
      this.#empty.twin.push(arrival.topic);
    } else {
      this.#known(arrival)?.twin.push(arrival);
    }
  }

  clientGot(arrival: Arrival): void {
    if (arrival.retain) {
      this.#retained.client.push(textOf(arrival));
      return;
    }
    if (arrival.payload === '') {
      this.#empty.client.push(arrival.topic);
      return;
    }
    const entry = this.#known(arrival);
    if (entry === undefined) {
      return;
    }
    entry.client.push(arrival);
    if (entry.client.length === 1) {
      const mayBeLate = this.#rules.rough && entry.expectation.is === 'as-twin'; // a will with QoS 0, for which nobody waits
      if (entry.judged && entry.expectation.is !== 'open' && !mayBeLate) {
        this.#differences.push(`late: ${nameOf(entry.sent, entry.expectation)} came when nothing was to come any more`);
      }
      this.#inOrder(entry.sent);
    } else if (entry.judged) {
      this.#differences.push(...this.#again({ ...entry, client: entry.client.slice(-2) }));
    }
  }

  remark(difference: string): void {
    this.#differences.push(difference);
  }

  has(payload: string): { readonly twin: boolean; readonly client: boolean } {
    const { twin = [], client = [] } = this.#entries.get(payload) ?? {};
    return { twin: twin.length > 0, client: client.length > 0 };
  }

  /** What is still to come, at the client or at its twin. */
  get missing(): string[] {
    const missing = [...this.#open].flatMap((entry) => this.#missingOf(entry));
    const { rough } = this.#rules;
    if (!this.#retainedIsOpen) {
      const lacks = without(this.#retained.twin, this.#retained.client);
      const sure = lacks.filter((text) => !(rough && text.endsWith('QoS 0')));
      missing.push(...sure.map((text) => `lost as retained: ${text}`));
    }
    if (!this.#emptyIsOpen) {
      const lacks = without(this.#empty.twin, this.#empty.client);
      missing.push(...lacks.map((topic) => `lost: the empty message on ${topic}`));
    }
    return missing;
  }

  /** Everything that is wrong, now that nothing more is to come; what is judged is done with. */
  judge(): string[] {
    const lines = [...this.#differences, ...this.missing];
    this.#differences = [];
    for (const entry of this.#open) {
      lines.push(...this.#wrong(entry), ...this.#again(entry));
      entry.judged = true;
      this.figures.delivered += Math.min(entry.client.length, 1);
    }
    this.#open.clear();
    this.figures.retained += this.#retained.client.length;
    for (const [mine, measure, what] of [
      [this.#retainedIsOpen || this.#rules.rough ? [] : this.#retained.client, this.#retained.twin, 'as retained: '],
      [this.#emptyIsOpen ? [] : this.#empty.client, this.#empty.twin, 'the empty message on '],
    ] as const) {
      lines.push(...without(mine, measure).map((text) => `more than its twin: ${what}${text}`));
    }
    this.#retained = { twin: [], client: [] };
    this.#empty = { twin: [], client: [] };
    this.#retainedIsOpen = false;
    this.#emptyIsOpen = false;
    return lines;
  }

  #missingOf({ sent, expectation, twin, client }: Entry): string[] {
    const what = nameOf(sent, expectation);
    const { rough } = this.#rules;
    const isSure = !rough || expectation.qos > 0;
    const lines: string[] = [];
    if (expectation.is === 'due' && twin.length === 0 && !rough) {
      lines.push(`the twin lacks ${what}`);
    }
    const isDue = expectation.is === 'due' || (expectation.is === 'as-twin' && twin.some(({ qos }) => qos > 0));
    if (isDue && client.length === 0 && isSure && !this.#isWithheld(sent, expectation)) {
      lines.push(`lost: ${what}; the twin has ${twin.length === 0 ? 'not got it' : 'got it'}`);
    }
    return lines;
  }

  #isWithheld({ payload }: Sent, { by = [] }: Expectation): boolean {
    return this.#rules.rough && this.#rules.excuses.withheld(payload, by);
  }

  #wrong({ sent, expectation, twin, client }: Entry): string[] {
    const lines: string[] = [];
    const [arrival] = client;
    const isWithheld = this.#isWithheld(sent, expectation);
    this.figures.brokersOwn += isWithheld && expectation.is === 'due' ? 1 : 0;
    if (arrival === undefined) {
      return lines;
    }
    const what = nameOf(sent, expectation);
    if (arrival.topic !== sent.topic) {
      lines.push(`${what} came on ${arrival.topic}`);
    }
    if (expectation.is === 'not-due') {
      lines.push(`more: ${what} is not for it; the twin has ${twin.length === 0 ? 'not got it' : 'got it, too'}`);
    }
    const measure = this.#rules.sameQos ? twin[0]?.qos : expectation.qos;
    const { rough, copies } = this.#rules;
    // While filters are being restored one stands for another.
    const mayBeLower = arrival.qos < expectation.qos && ((rough && !copies) || isWithheld);
    if (expectation.is === 'due' && measure !== undefined && arrival.qos !== measure && !mayBeLower) {
      lines.push(`QoS: ${what} came with QoS ${arrival.qos} instead of ${measure}`);
    }
    return lines;
  }

  #again({ sent, expectation, client }: Entry): string[] {
    const { rough, copies, excuses } = this.#rules;
    return client.slice(1).flatMap(({ qos, dup }, index) => {
      this.figures.again += 1;
      const isOpen = copies && expectation.is === 'open';
      const isBrokers = rough && excuses.copies(sent.payload) > index;
      const mayCome = isOpen || isBrokers || (rough ? qos === 1 || sent.qos === 1 : qos === 1 && dup);
      return mayCome ? [] : [`again: ${nameOf(sent, expectation)} came with QoS ${qos}, dup ${dup}`];
    });
  }

  #inOrder(sent: Sent): void {
    const stream = `${sent.publisher} ${sent.topic} ${sent.qos}`;
    const before = this.#last.get(stream);
    if (before && before.place > sent.place) {
      this.#differences.push(`order: ${sent.payload} came after ${before.payload} on ${sent.topic} (QoS ${sent.qos})`);
    } else {
      this.#last.set(stream, sent);
    }
  }

  #known(arrival: Arrival): Entry | undefined {
    const sent = this.#sent.get(arrival.payload);
    if (sent === undefined) {
      this.#differences.push(`unknown: ${textOf(arrival)}, which nobody sent`);
    }
    return sent && this.#entry(sent);
  }

  #entry(sent: Sent): Entry {
    let entry = this.#entries.get(sent.payload);
    if (entry === undefined) {
      entry = { sent, expectation: { is: 'open', qos: 0 }, twin: [], client: [], judged: false };
      this.#entries.set(sent.payload, entry);
    }
    return entry;
  }
}

function nameOf({ payload, topic, qos }: Sent, expectation: Expectation): string {
  return `"${payload}" on ${topic}, QoS ${qos}, for it ${expectation.is} with ${expectation.qos}`;
}

function textOf({ topic, payload, qos }: Arrival): string {
  return `${topic} "${payload}" QoS ${qos}`;
}

/** What of `all` is not in `others`, each as often as it is missing. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return all.filter((text) => {
    const place = rest.indexOf(text);
    if (place >= 0) {
      rest.splice(place, 1);
    }
    return place < 0;
  });
}
