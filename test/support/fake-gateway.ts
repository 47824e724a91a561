import { DropReasons } from '../../src/observe/drop-reasons.ts';
import { FanOut } from '../../src/observe/fan-out.ts';
import type { Note, Observer } from '../../src/ports/observer.ts';
import type { Level, Operator, OperatorPublish, ReloadReport } from '../../src/ports/operator.ts';
import type { Census, Sessions, SessionView } from '../../src/ports/sessions.ts';
import type { BrokerView, Distribution, PredefinedTopicView, ShortTopicView, Site } from '../../src/ports/site.ts';

const NOTHING: Distribution = { bounds: [1], counts: [0, 0], sum: 0 };

/** A gateway as the status page sees it, behind its ports: a test says what there is, and reads what was asked of it. */
export class FakeGateway implements Sessions, Site, Operator {
  readonly version = '9.8.7';
  readonly gwId = 1;
  readonly startedAt = Date.parse('2026-05-04T10:20:30Z');
  readonly #drops = new DropReasons();
  readonly views = new Map<string, SessionView>();
  readonly observers = new FanOut();
  readonly notes: Note[] = [];
  readonly done: string[] = [];
  readonly published: OperatorPublish[] = [];
  counted: Record<string, number> = {};
  predefined: PredefinedTopicView[] = [];
  short: ShortTopicView[] = [];
  /** How often all sessions, and the counts, were asked for. */
  asked = { sessions: 0, session: 0, counts: 0 };
  publishProblem: string | undefined;
  report: ReloadReport = { changed: [], needsRestart: [], problems: [] };
  needsRestart: readonly string[] = [];
  logLevel: Level = 'info';
  #observing = 0;

  /** Observers that are told everything. */
  get observing(): number {
    return this.#observing;
  }

  /** Adds a session; what is not said is that of an active client. */
  add(clientId: string, some: Partial<SessionView> = {}): void {
    this.views.set(clientId, {
      ...{
        clientId,
        state: 'active',
        since: 1_000,
        link: `udp:192.0.2.7:${4_000 + this.views.size}`,
        address: '192.0.2.7:4000',
        transport: 'udp',
        identity: undefined,
        accessRule: undefined,
        connection: undefined,
      },
      ...{ cleanSession: true, keepAlive: 60_000, lastHeard: 2_000, sleepDuration: undefined, sleepUntil: undefined },
      ...{ waiting: 0, inFlight: 0, topicIds: [], subscriptions: [], waitingMessages: [], willTopic: undefined },
      ...{ lastTopic: undefined, lastOctets: undefined, counters: { published: 0, delivered: 0, dropped: 0 } },
      ...some,
    });
  }

  /** Tells the observers. */
  readonly note = (note: Note): void => {
    this.notes.push(note);
    this.#drops.note(note);
    this.observers.note(note);
  };

  readonly observe = (observer: Observer): (() => void) => {
    this.observers.add(observer);
    this.#observing += 1;
    return () => {
      this.observers.remove(observer);
      this.#observing -= 1;
    };
  };

  now(): number {
    return 10_000;
  }

  clientIds(): Iterable<string> {
    return this.views.keys();
  }

  census(): Census {
    const states = { active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };
    for (const { state } of this.views.values()) {
      states[state] += 1;
    }
    return new Map([['udp', states]]);
  }

  sessions(): Iterable<SessionView> {
    this.asked.sessions += 1;
    return this.views.values();
  }

  session(clientId: string): SessionView | undefined {
    this.asked.session += 1;
    return this.views.get(clientId);
  }

  summary(clientId: string): SessionView | undefined {
    return this.session(clientId);
  }

  broker(): BrokerView {
    return {
      ...{ url: 'mqtt://broker.example:1883', embedded: false, mode: 'transparent', state: 'reachable' },
      ...{ since: this.startedAt, reason: undefined },
    };
  }

  transports(): ReturnType<Site['transports']> {
    const traffic = { framesReceived: 5, octetsReceived: 50, framesSent: 6, octetsSent: 60 };
    return [
      {
        ...{ name: 'udp', type: 'udp', address: '0.0.0.0:1884', state: 'up', since: this.startedAt },
        ...{ reason: undefined, problems: 0, traffic },
      },
    ];
  }

  predefinedTopics(): Iterable<PredefinedTopicView> {
    return this.predefined;
  }

  shortTopics(): Iterable<ShortTopicView> {
    return this.short;
  }

  counts(): Readonly<Record<string, number>> {
    this.asked.counts += 1;
    return { ...this.counted };
  }

  publishLatency(): ReturnType<Site['publishLatency']> {
    return { '1': NOTHING, '2': NOTHING };
  }

  deliveryLatency(): ReturnType<Site['deliveryLatency']> {
    return { '0': NOTHING, '1': NOTHING, '2': NOTHING };
  }

  storeWrites(): Distribution {
    return NOTHING;
  }

  drops(): ReturnType<Site['drops']> {
    return this.#drops.counts();
  }

  queues(): { messages: number; octets: number } {
    return { messages: 3, octets: 30 };
  }

  waitingQos0(): number {
    return 0;
  }

  connections(): number {
    return 1;
  }

  storeStalledFor(): number | undefined {
    return undefined;
  }

  /** What becomes of what is done; a test may have it take its time, or fail. */
  doing: () => Promise<void> = async () => undefined;

  async disconnect(clientId: string): Promise<boolean> {
    this.done.push(`disconnect ${clientId}`);
    const state = this.views.get(clientId)?.state;
    await this.doing();
    return state === 'active' || state === 'asleep' || state === 'awake';
  }

  async forget(clientId: string): Promise<boolean> {
    this.done.push(`forget ${clientId}`);
    const isDone = this.views.delete(clientId);
    await this.doing();
    return isDone;
  }

  async publish(message: OperatorPublish): Promise<void> {
    if (this.publishProblem !== undefined) {
      throw new Error(this.publishProblem);
    }
    this.published.push(message);
  }

  async reload(): Promise<ReloadReport> {
    this.done.push('reload');
    return this.report;
  }
}
