/** Books without a run around them: what is told to them, a test says. */
import type { MessageOf } from '../../../src/codec/message.ts';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { Restored } from '../adapter.ts';
import { Broker } from '../broker.ts';
import { BrokerSession } from '../broker-session.ts';
import { makePlan } from '../make-plan.ts';
import { payloadOf } from '../payload.ts';
import type { Action, ClientPlan, ConnectionPlan, Plan } from '../plan.ts';
import { Random } from '../streams.ts';
import { Timeline } from '../timeline.ts';
import { SHARED, Wire } from '../wire.ts';
import { Books } from './books.ts';
import { Calm } from './calm.ts';
import { type Check, Findings } from './findings.ts';

type PublishAction = Extract<Action, { do: 'publish' }>;

export const ID = 'c0';
export const LINK = 'udp:c0';
const NONE: ReadonlySet<string> = new Set();

/** Of the shared connection of the bench. */
export const SHARED_CONNECTION = 2;

export class Bench {
  readonly timeline = new Timeline();
  readonly findings = new Findings(NONE, NONE, () => this.timeline.now);
  readonly calm = new Calm(() => this.timeline.now);
  readonly books: Books;
  readonly plan: Plan;
  readonly broker: Broker;

  /** `records`: what the disk has; `others`: further clients, by their ids; `changes`: of the mode, in the course of the run. */
  constructor(
    more: Partial<ClientPlan> = {},
    records: readonly StoredRecord[] = [],
    mode: Plan['gateway']['mode'] = 'transparent',
    others: readonly string[] = [],
    changes: readonly ConnectionPlan[] = [],
  ) {
    const { timeline, findings, calm } = this;
    const made = makePlan({
      seed: 1,
      hours: 0.01,
      without: new Set(mode === 'transparent' ? [] : ['prefix', 'stranger', 'mode-change']),
      mode,
    });
    const [client] = made.clients;
    if (client === undefined) {
      throw new Error('a plan has clients');
    }
    const plan: Plan = {
      ...made,
      events: [
        ...made.events,
        ...changes.map((to) => ({ at: 0, do: 'mode-change', off: 0, power: false, ...to }) as const),
      ],
      clients: [{ ...client, id: ID, clean: true, ...more }, ...others.map((id) => ({ ...client, id }))],
    };
    this.plan = plan;
    const now = (): number => timeline.now;
    const restored = (): Restored => new Restored(plan.gateway, plan.media, records, new Random(1));
    const books: Books = new Books({
      plan,
      findings,
      calm,
      now,
      later: (delay, run) => timeline.after(delay, run),
      broker: () => this.broker,
      restored,
      asksDisk: () => true,
    });
    this.broker = new Broker({ plan: plan.broker, timeline, books });
    this.books = books;
    books.linkOf(LINK, ID);
    for (const id of others) {
      books.linkOf(`udp:${id}`, id);
    }
    books.gatewayStarted();
  }

  get check(): Check | undefined {
    return this.findings.first?.check as Check | undefined;
  }

  /** The broker has a session of the client, and a connection of it stands. */
  session(clean = false): BrokerSession {
    const { timeline } = this;
    const session = new BrokerSession(ID, clean, 20);
    const unheard = (): void => {};
    const delay = [1, 1] as const;
    const random = new Random(1);
    session.wire = new Wire({
      number: 1,
      clientId: ID,
      timeline,
      random,
      delay,
      subscribing: 0,
      atBroker: unheard,
      atGateway: unheard,
    });
    this.broker.sessions.set(ID, session);
    return session;
  }

  /** The broker has the session of the shared connection, which stands. */
  sharedSession(): BrokerSession {
    const { timeline } = this;
    const session = new BrokerSession(SHARED, false, 20);
    const unheard = (): void => {};
    session.wire = new Wire({
      number: SHARED_CONNECTION,
      clientId: SHARED,
      timeline,
      random: new Random(1),
      delay: [1, 1],
      subscribing: 0,
      atBroker: unheard,
      atGateway: unheard,
    });
    this.broker.sessions.set(SHARED, session);
    const connect = { clientId: undefined, cleanSession: false, will: undefined, shared: true } as const;
    this.books.emitted({ type: 'upstream-connect', connection: SHARED_CONNECTION, ...connect });
    return session;
  }

  /** The client subscribes, the broker grants it, and SUBACK is sent. */
  subscribe(session: BrokerSession, topicName: string, qos: 0 | 1 | 2): void {
    const topic = { topicIdType: 'normal', topicName } as const;
    this.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos, msgId: 1, topic });
    session.subscribe(topicName, qos, undefined);
    this.books.granted(session.clientId, topicName, qos);
    this.books.subscribes(ID, topicName, 1);
    this.books.sent(LINK, { type: 'SUBACK', qos, topicId: 1, msgId: 1, returnCode: 0 });
  }

  /** PUBACK or PUBREC of the gateway on the shared connection. */
  acknowledge(packet: 'PUBACK' | 'PUBREC', packetId: number): void {
    const connection = SHARED_CONNECTION;
    this.books.emitted({ type: 'upstream-acknowledge', connection, packetId, packet, reasonCode: 0 });
  }

  /** A packet of the gateway for the client's connection. */
  emitPublish(name: string, qos: 0 | 1 | 2, packetId: number): void {
    const rest = { topic: 't/a', qos, retain: false, dup: false } as const;
    this.books.emitted({ type: 'upstream-publish', connection: 1, packetId, payload: payloadOf(name, 0), ...rest });
  }

  connects(connection = 1): void {
    this.books.emitted({ type: 'upstream-connect', connection, clientId: ID, cleanSession: true, will: undefined });
  }

  pass(milliseconds: number): void {
    const end = this.timeline.now + milliseconds;
    while (this.timeline.step(end)) {
      // whatever is due by then
    }
  }

  /** The client publishes, and the gateway hears it. */
  publish(name: string, qos: 0 | 1 | 2, msgId: number, topic = 't/a'): void {
    this.books.starts(ID, action(name, qos, topic), msgId);
    this.books.handled(LINK, publish(name, qos, msgId));
  }

  /** The broker has a message for the client, the gateway sends it, and the client takes it. */
  deliver(name: string, qos: 0 | 1 | 2, msgId: number): void {
    const message = publish(name, qos, msgId);
    this.books.sent(LINK, message);
    this.books.clientGot(ID, message, 't/a', this.timeline.now);
  }

  connected(): void {
    this.books.noted({
      type: 'client-connected',
      clientId: ID,
      link: LINK,
      cleanSession: true,
      keepAlive: 60,
      will: false,
    });
  }
}

export function action(name: string, qos: 0 | 1 | 2, topic: string): PublishAction {
  const rest = { form: 'normal', size: 0, retain: false, poison: false, stops: false } as const;
  return { at: 0, do: 'publish', name, qos, topic, ...rest };
}

export function publish(name: string, qos: 0 | 1 | 2, msgId: number): MessageOf<'PUBLISH'> {
  const data = payloadOf(name, 0);
  return { type: 'PUBLISH', dup: false, qos, retain: false, topicIdType: 'normal', topicId: 1, msgId, data };
}
