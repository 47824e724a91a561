import type { Note } from '../../../src/ports/observer.ts';
import type { GatewayOperator, Level, Operator, ReloadReport } from '../../../src/ports/operator.ts';
import type { Census, SessionView } from '../../../src/ports/sessions.ts';
import type { DropCount, TransportView } from '../../../src/ports/site.ts';
import type { UpstreamEffect } from '../../../src/ports/upstream.ts';
import { concernsStatus } from '../../../src/status/status-concern.ts';
import type { StatusSettings } from '../../../src/status/status-settings.ts';
import { StatusTeller } from '../../../src/status/status-teller.ts';
import { type Said, VirtualBroker } from './virtual-broker.ts';

/** The wall clock when the virtual time is 0. */
export const START = Date.UTC(2026, 10, 29, 12, 0, 0);

export interface StatusBenchOptions {
  readonly settings?: Partial<StatusSettings>;
  readonly broker?: VirtualBroker;
  /** False: the gateway is embedded in a program that does nothing but run it. */
  readonly hasProgram?: boolean;
  readonly reload?: () => Promise<ReloadReport>;
  /** It stands from the beginning, as its own connection does; true. */
  readonly isUp?: boolean;
  readonly random?: () => number;
}

/** A status before a broker, both in virtual time. */
export class StatusBench {
  readonly broker: VirtualBroker;
  readonly teller: StatusTeller;
  readonly notes: Note[] = [];
  readonly done: string[] = [];
  readonly views = new Map<string, SessionView>();
  counts: Readonly<Record<string, number>> = {};
  drops: readonly DropCount[] = [];
  transports: readonly TransportView[] = [];
  restartNeededFor: readonly string[] = [];
  now = 1_000;
  /** How often `session` was asked. */
  looks = 0;
  #effects: UpstreamEffect[] = [];

  constructor({
    settings = {},
    broker = new VirtualBroker(),
    hasProgram = true,
    reload,
    isUp = true,
    random = () => 0,
  }: StatusBenchOptions = {}) {
    this.broker = broker;
    const program = hasProgram ? this.#program(reload) : undefined;
    this.teller = new StatusTeller(
      {
        settings: {
          topicPrefix: 'gw',
          requests: false,
          discoveryPrefix: undefined,
          clientId: 'own',
          reconnectMin: 1_000,
          reconnectMax: 60_000,
          ...settings,
        },
        sessions: {
          now: () => this.now + 500_000, // another clock
          census: () => this.#census(),
          clientIds: () => this.views.keys(),
          sessions: () => {
            throw new Error('each view costs something: they are not all looked at');
          },
          session: (clientId) => {
            this.looks++;
            return this.views.get(clientId);
          },
          summary: (clientId) => {
            this.looks++;
            return this.views.get(clientId);
          },
        },
        site: {
          version: '1.2.3',
          gwId: 7,
          startedAt: START,
          broker: () => ({
            url: 'mqtt://broker',
            embedded: false,
            mode: 'transparent',
            state: 'reachable',
            since: START,
            reason: undefined,
          }),
          transports: () => this.transports,
          counts: () => this.counts,
          queues: () => ({ messages: 3, octets: 40 }),
          drops: () => this.drops,
        },
        operator: this.#operator(),
        program: () => program,
        shownSettings: () => ({ gateway: { id: 7 } }),
        perform: (effect) => void this.#effects.push(effect),
        tell: (note) => void this.notes.push(note),
        wake: () => this.tick(),
        wallClock: () => START + this.now,
        random,
      },
      this.now,
    );
    if (isUp) {
      this.own(true);
      this.settle();
    }
  }

  /** A session as it can be seen, active unless told; `lastHeard` and `sleepUntil` are in the bench's own time. */
  view(clientId: string, more: Partial<SessionView> = {}): SessionView {
    const { lastHeard = this.now, sleepUntil, link = 'udp:192.0.2.7:4711' } = more;
    const view: SessionView = {
      clientId,
      state: 'active',
      since: this.now,
      link,
      address: link.slice(link.indexOf(':') + 1),
      transport: 'udp',
      identity: undefined,
      accessRule: undefined,
      connection: undefined,
      cleanSession: false,
      keepAlive: 60_000,
      sleepDuration: undefined,
      waiting: 0,
      inFlight: 0,
      topicIds: [],
      subscriptions: [],
      waitingMessages: [],
      willTopic: undefined,
      counters: { published: 0, delivered: 0, dropped: 0 },
      lastTopic: undefined,
      lastOctets: undefined,
      ...more,
      lastHeard: lastHeard + 500_000,
      sleepUntil: sleepUntil === undefined ? undefined : sleepUntil + 500_000,
    };
    this.views.set(clientId, view);
    return view;
  }

  /** A client connects. */
  connects(clientId: string, more: Partial<SessionView> = {}): void {
    const { link } = this.view(clientId, more);
    this.note({ type: 'client-connected', clientId, link, cleanSession: false, keepAlive: 60, will: false });
  }

  /** The session of a client is gone. */
  forgets(clientId: string): void {
    this.views.delete(clientId);
    this.note({
      type: 'session-expired',
      clientId,
      link: 'udp:192.0.2.7:4711',
      reason: 'its client did not come back',
    });
  }

  note(note: Note): void {
    if (concernsStatus(note)) {
      this.teller.note(note, this.now);
    }
  }

  /** The gateway's own connection. */
  own(isUp: boolean): void {
    this.note(
      isUp
        ? { type: 'upstream-up', clientId: undefined, sessionPresent: false }
        : { type: 'upstream-down', clientId: undefined, reason: 'closed', retryIn: 1_000 },
    );
  }

  tick(): void {
    this.teller.tick(this.now);
  }

  /** Everything that can happen now does. */
  settle(): void {
    this.tick();
    for (;;) {
      for (const effect of this.#effects.splice(0)) {
        this.broker.perform(effect, this.now);
      }
      const inputs = this.broker.take();
      if (inputs.length === 0 && this.#effects.length === 0) {
        return;
      }
      for (const input of inputs) {
        this.teller.hear(input, this.now);
      }
    }
  }

  /** Time passes, from one deadline to the next. */
  pass(millis: number): void {
    const end = this.now + millis;
    this.settle();
    for (let steps = 0; ; steps++) {
      const { deadline } = this.teller;
      if (deadline === undefined || deadline > end) {
        break;
      }
      if (steps > 1_000_000) {
        throw new Error('it never rests');
      }
      this.now = Math.max(this.now, deadline);
      this.settle();
    }
    this.now = end;
    this.settle();
  }

  /** Topics and texts that were said since the last call. */
  said(): string[] {
    return this.broker.said.splice(0).map(({ topic, text }) => `${topic} ${text}`);
  }

  /** What was said at a topic, as JSON; undefined: nothing. */
  json(topic: string): Readonly<Record<string, unknown>> | undefined {
    const text = this.broker.retained.get(topic);
    return text === undefined ? undefined : JSON.parse(text);
  }

  notesOf<T extends Note['type']>(type: T): Extract<Note, { type: T }>[] {
    return this.notes.filter((note): note is Extract<Note, { type: T }> => note.type === type);
  }

  #census(): Census {
    const counts = { active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };
    for (const { state } of this.views.values()) {
      counts[state]++;
    }
    return new Map([['udp', counts]]);
  }

  #operator(): Pick<GatewayOperator, 'disconnect' | 'forget'> {
    return {
      disconnect: async (clientId) => {
        this.done.push(`disconnect ${clientId}`);
        return this.views.get(clientId)?.state === 'active';
      },
      forget: async (clientId) => {
        this.done.push(`forget ${clientId}`);
        return this.views.delete(clientId) || this.teller.forget(clientId); // as the gateway does
      },
    };
  }

  #program(reload = this.#reload): Pick<Operator, 'reload' | 'logLevel' | 'needsRestart'> {
    const needsRestart = (): readonly string[] => this.restartNeededFor;
    return {
      logLevel: 'info' satisfies Level,
      reload,
      get needsRestart() {
        return needsRestart();
      },
    };
  }

  readonly #reload = async (): Promise<ReloadReport> => {
    this.done.push('reload');
    return { changed: ['logging.level: info → debug'], needsRestart: [], problems: [] };
  };
}

/** What was said at one topic. */
export function saidAt(broker: VirtualBroker, topic: string): readonly Said[] {
  return broker.said.filter((said) => said.topic === topic);
}
