import type { UpstreamEffect, UpstreamInput } from '../../../src/ports/upstream.ts';

type Publish = Extract<UpstreamEffect, { type: 'upstream-publish' }>;

/** A message that the broker got. */
export interface Said {
  readonly at: number;
  readonly connection: number;
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
  readonly correlationData: Uint8Array | undefined;
}

/** A broker without I/O: it answers effects with inputs, keeps what is retained and forwards what is subscribed to. */
export class VirtualBroker {
  readonly retained = new Map<string, string>();
  readonly said: Said[] = [];
  readonly subscribed: string[] = [];
  readonly unsubscribed: string[] = [];
  readonly connects: Extract<UpstreamEffect, { type: 'upstream-connect' }>[] = [];
  /** On these it closes the connection: topics, filters. */
  readonly fells = new Set<string>();
  /** Reason code of PUBACK for a topic. */
  readonly pubacks = new Map<string, number>();
  /** False: PUBLISHes have no answer. */
  acknowledges = true;
  /** What it answers CONNECT with in place of CONNACK 0. */
  answer: ((connection: number) => UpstreamInput) | undefined;
  /** Of CONNACK. */
  limits: Partial<Extract<UpstreamInput, { type: 'upstream-connected' }>> = {};
  /** Retained messages that it sends for one subscription. */
  mostRetained = Number.POSITIVE_INFINITY;
  /** Most on the way at a time that it ever saw. */
  mostOnTheWay = 0;
  #connection = 0;
  #will: { readonly topic: string; readonly message: Uint8Array } | undefined;
  readonly #filters = new Set<string>();
  #inputs: UpstreamInput[] = [];
  #onTheWay = 0;
  #unanswered: Publish[] = [];

  /** What it has to say, in order. */
  take(): UpstreamInput[] {
    const inputs = this.#inputs;
    this.#inputs = [];
    this.#onTheWay = this.#unanswered.length;
    return inputs;
  }

  get stands(): boolean {
    return this.#connection !== 0;
  }

  perform(effect: UpstreamEffect, now: number): void {
    if (effect.type === 'upstream-connect') {
      this.#connects(effect);
      return;
    }
    if (effect.connection !== this.#connection) {
      return;
    }
    switch (effect.type) {
      case 'upstream-publish':
        this.#publishes(effect, now);
        return;
      case 'upstream-subscribe':
        this.#subscribes(effect.filter, effect.packetId);
        return;
      case 'upstream-unsubscribe':
        this.unsubscribed.push(effect.filter);
        this.#filters.delete(effect.filter);
        this.#says({ type: 'upstream-unsubscribed', connection: this.#connection, packetId: effect.packetId });
        return;
      case 'upstream-ping':
        this.#says({ type: 'upstream-ponged', connection: this.#connection });
        return;
      case 'upstream-close':
        this.#ends(!effect.disconnect);
        return;
      default:
        throw new Error(`${effect.type} is not expected`);
    }
  }

  /** Somebody else publishes. */
  publish(
    topic: string,
    text: string,
    more: { retain?: boolean; responseTopic?: string; correlationData?: Uint8Array } = {},
  ): void {
    const { retain = false, ...request } = more;
    if (retain) {
      this.#retains(topic, text);
    }
    this.#forwards(topic, text, false, request);
  }

  /** The connection breaks; the will is published. */
  breaks(more: Partial<Extract<UpstreamInput, { type: 'upstream-lost' }>> = {}): void {
    const connection = this.#connection;
    this.#ends(true);
    this.#says({ type: 'upstream-lost', connection, reason: 'closed by the broker', takenOver: false, ...more });
  }

  /** Answers what has had no answer. */
  acknowledge(): void {
    for (const publish of this.#unanswered.splice(0)) {
      this.#acknowledges(publish);
    }
  }

  /** An input as it is. */
  says(input: UpstreamInput): void {
    this.#inputs.push(input);
  }

  get connection(): number {
    return this.#connection;
  }

  #connects(effect: Extract<UpstreamEffect, { type: 'upstream-connect' }>): void {
    this.connects.push(effect);
    if (this.answer) {
      this.#inputs.push(this.answer(effect.connection));
      return;
    }
    this.#connection = effect.connection;
    this.#will = effect.will;
    this.#inputs.push({
      type: 'upstream-connected',
      connection: effect.connection,
      sessionPresent: false,
      ...this.limits,
    });
  }

  #publishes(effect: Publish, now: number): void {
    const { connection, topic, retain, correlationData } = effect;
    const text = new TextDecoder().decode(effect.payload);
    this.#onTheWay++;
    this.mostOnTheWay = Math.max(this.mostOnTheWay, this.#onTheWay);
    if (this.fells.has(topic)) {
      this.breaks();
      return;
    }
    this.said.push({ at: now, connection, topic, text, retain, correlationData });
    if (retain) {
      this.#retains(topic, text);
    }
    this.#forwards(topic, text, false);
    if (this.acknowledges) {
      this.#acknowledges(effect);
    } else {
      this.#unanswered.push(effect);
    }
  }

  #acknowledges({ packetId, topic }: Publish): void {
    const reasonCode = this.pubacks.get(topic) ?? 0;
    this.#says({ type: 'upstream-acknowledged', connection: this.#connection, packetId, packet: 'PUBACK', reasonCode });
  }

  #subscribes(filter: string, packetId: number): void {
    if (this.fells.has(filter)) {
      this.breaks();
      return;
    }
    this.subscribed.push(filter);
    this.#filters.add(filter);
    this.#says({ type: 'upstream-subscribed', connection: this.#connection, packetId, reasonCode: 0 });
    const wanted = [...this.retained].filter(([topic]) => matches(filter, topic));
    for (const [topic, text] of wanted.slice(0, this.mostRetained)) {
      this.#message(topic, text, true);
    }
  }

  #forwards(topic: string, text: string, retain: boolean, request: object = {}): void {
    if ([...this.#filters].some((filter) => matches(filter, topic))) {
      this.#message(topic, text, retain, request);
    }
  }

  #message(topic: string, text: string, retain: boolean, request: object = {}): void {
    const payload = new TextEncoder().encode(text);
    const connection = this.#connection;
    const message = { connection, packetId: 0, topic, payload, qos: 0, retain, dup: false, ...request } as const;
    this.#says({ type: 'upstream-message', ...message });
  }

  #retains(topic: string, text: string): void {
    if (text === '') {
      this.retained.delete(topic);
    } else {
      this.retained.set(topic, text);
    }
  }

  #ends(publishesWill: boolean): void {
    if (publishesWill && this.#will) {
      this.retained.set(this.#will.topic, new TextDecoder().decode(this.#will.message));
    }
    this.#connection = 0;
    this.#filters.clear();
    this.#unanswered = [];
    this.#onTheWay = 0;
  }

  #says(input: UpstreamInput): void {
    this.#inputs.push(input);
  }
}

function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return wanted.length === levels.length && wanted.every((level, i) => level === '+' || level === levels[i]);
}
