/**
 * The books of clients that share the connection to the broker: whom a message of the broker is for, and that it is with each of them, or on the disk,
 * when the broker is told to forget it.
 */
import type { Message, MessageOf } from '../../../src/codec/message.ts';
import type { Note, UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession, Outgoing } from '../broker-session.ts';
import { bareTopic, mountOf } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import { type GatewayPlan, PREDEFINED } from '../plan.ts';
import { filterMatches } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account, DeliveryEntry } from './account.ts';
import type { Findings } from './findings.ts';
import { Shadow } from './shadow.ts';
import type { ToClient } from './to-client.ts';

/** A message of the broker for the shared session: filters that match, and those for which it keeps a copy. */
export interface Routed {
  readonly name: string;
  readonly topic: string;
  readonly qos: number;
  readonly matching: readonly string[];
  readonly kept: readonly string[];
}

/** A retained message that comes for a new subscription. */
export interface RoutedRetained {
  readonly name: string;
  readonly topic: string;
  readonly qos: number;
  readonly filter: string;
}

/** A message that a client is to get. */
export interface Debt {
  readonly name: string;
  /** At the broker. */
  readonly topic: string;
  /** The filter whose copy it is; undefined: any. */
  readonly filter: string | undefined;
  readonly qoses: ReadonlySet<number>;
  readonly since: number;
  /** When the gateway heard of it last; infinite: it has not, or with a life that is over. */
  arrivedAt: number;
  /** The gateway has told the broker that it may forget it. */
  settled: boolean;
}

interface Known {
  readonly shadow: Shadow;
  readonly debts: Map<string, Debt>;
  readonly asking: Map<number, { readonly filter: string; readonly qos: number }>;
  readonly leaving: Map<number, string>;
}

export interface SharedSideParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly broker: () => Broker;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly toClient: ToClient;
  readonly now: () => number;
  /** Whether a restart now would deliver a message. */
  readonly isStored: (account: Account, name: string, topic: string) => boolean;
}

export class SharedSide {
  readonly #parts: SharedSideParts;
  readonly #known = new Map<Account, Known>();

  constructor(parts: SharedSideParts) {
    this.#parts = parts;
  }

  // Subscriptions

  /** The gateway handles a message of a client. */
  handled(account: Account, message: Message): void {
    const { shadow, asking, leaving } = this.#of(account);
    if (message.type === 'SUBSCRIBE') {
      const filter = this.#filterOf(account, message);
      asking.set(message.msgId, { filter, qos: message.qos });
      shadow.asks(filter, message.qos);
    } else if (message.type === 'UNSUBSCRIBE') {
      const filter = this.#filterOf(account, message);
      leaving.set(message.msgId, filter);
      shadow.leaves(filter);
      this.#excuse(account, (topic) => filterMatches(filter, topic));
    } else if (message.type === 'CONNECT' && message.cleanSession) {
      shadow.leavesAll();
      this.#excuse(account, () => true);
    }
  }

  /** The gateway sends one. */
  sent(account: Account, message: Message): void {
    const { shadow, asking, leaving } = this.#of(account);
    if (message.type === 'SUBACK' && message.returnCode === 0) {
      const asked = asking.get(message.msgId);
      if (asked !== undefined) {
        shadow.granted(asked.filter, message.qos);
      }
    } else if (message.type === 'UNSUBACK') {
      shadow.left(leaving.get(message.msgId) ?? '');
    } else if (message.type === 'CONNACK' && message.returnCode === 0 && account.asksClean) {
      shadow.wiped();
    }
  }

  /** the client has refused a topic, and with it the subscription for it. */
  refuses(account: Account, topic: string): void {
    const mounted = this.#mounted(account, topic);
    this.#of(account).shadow.leaves(mounted);
    this.#excuse(account, (other) => other === mounted);
  }

  /** The session is gone by a rule. */
  gone(account: Account): void {
    this.#of(account).shadow.wiped();
    this.#excuse(account, () => true);
  }

  /** The process has ended: a clean session may be known to the next one, for the sake of its will. */
  mayBeGone(account: Account): void {
    this.#of(account).shadow.leavesAll();
    this.#excuse(account, () => true);
  }

  // Messages

  /** The broker routes a message. */
  routed({ name, topic, qos, matching, kept }: Routed): void {
    for (const account of this.#parts.accounts.values()) {
      const { shadow } = this.#of(account);
      const claim = shadow.claim(topic, qos);
      if (claim === undefined) {
        continue;
      }
      const { best } = claim;
      if (best !== undefined && matching.length === 0) {
        this.#parts.findings.object(
          'subscription-differs',
          `${account.plan.id} has ${best}, and the broker has no subscription for it when ${name} comes`,
        );
      }
      const isKept = best !== undefined && (this.#isNamed(best) ? kept.includes(best) : kept.length > 0);
      this.#enters(account, { name, topic, sent: qos, qoses: claim.qoses, best: isKept ? best : undefined });
    }
  }

  /** A retained one comes for those who wait for SUBACK. */
  routedRetained({ name, topic, qos, filter }: RoutedRetained): void {
    for (const account of this.#parts.accounts.values()) {
      if (this.#of(account).shadow.isDoubted(filter)) {
        const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
        this.#parts.toClient.enqueued(account, name, bare, qos, true);
      }
    }
  }

  #enters(
    account: Account,
    message: {
      readonly name: string;
      readonly topic: string;
      readonly sent: number;
      readonly qoses: ReadonlySet<number>;
      readonly best: string | undefined;
    },
  ): void {
    const { name, topic, sent, qoses, best } = message;
    const { toClient, plan, now } = this.#parts;
    const bare = bareTopic(plan.topicPrefix, topic);
    const [qos = 0] = qoses;
    const line = `${name.slice(0, name.lastIndexOf('.'))} ${bare} ${sent}`;
    toClient.enqueued(account, name, bare, qos, false, { qoses, line });
    if (best !== undefined) {
      const filter = this.#isNamed(best) ? best : undefined;
      const debt = { name, topic, filter, qoses, since: now(), arrivedAt: Infinity, settled: false };
      this.#of(account).debts.set(name, debt);
    }
  }

  /** Whether each filter has a copy of its own. */
  #isNamed(filter: string): boolean {
    return this.#session?.identifiers.has(filter) === true;
  }

  get #session(): BrokerSession | undefined {
    return this.#parts.broker().sessions.get(SHARED);
  }

  /** The gateway hears of the broker on the shared connection. */
  heard(input: UpstreamInput): void {
    if (input.type !== 'upstream-message') {
      return;
    }
    const name = nameOf(input.payload);
    for (const { debts } of this.#known.values()) {
      const debt = debts.get(name);
      if (debt !== undefined && debt.topic === input.topic) {
        debt.arrivedAt = this.#parts.now();
      }
    }
  }

  /** What it had heard, and not written, it hears again. */
  gatewayEnded(): void {
    for (const { debts } of this.#known.values()) {
      for (const debt of debts.values()) {
        debt.arrivedAt = debt.settled ? debt.arrivedAt : Infinity;
      }
    }
  }

  /** PUBACK or PUBREC: each client has the message, or it is on the disk for it, or a rule has dropped it. */
  acknowledged({ packet, packetId, connection }: Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>): void {
    const message = this.#session?.inflight.get(packetId);
    const isHeard = this.#session?.wire?.number === connection;
    if (packet === 'PUBCOMP' || message === undefined || message.released || !isHeard) {
      return;
    }
    for (const [account, debt] of this.#debtsFor(message)) {
      debt.settled = true;
      if (!this.#isSafe(account, debt)) {
        this.#parts.findings.object(
          'acknowledged-not-delivered',
          `the broker gets ${packet} for ${debt.name} on ${message.topic}, which ${account.plan.id} has not got, and the disk has not for it`,
        );
      }
    }
  }

  *#debtsFor({ payload, topic, filters = [] }: Outgoing): Generator<readonly [Account, Debt]> {
    const name = nameOf(payload);
    for (const [account, { debts }] of this.#known) {
      const debt = debts.get(name);
      if (debt?.topic === topic && (debt.filter === undefined || filters.includes(debt.filter))) {
        yield [account, debt];
      }
    }
  }

  #isSafe(account: Account, { name }: Debt): boolean {
    const entry = account.deliveries.get(name);
    if (entry === undefined || entry.got > 0 || entry.dropped || (account.clean && account.state !== 'asleep')) {
      return true; // a clean session ends with the process
    }
    return this.#parts.isStored(account, name, entry.topic);
  }

  /** The gateway says that it drops a message. Which one it was, nobody says: one that fits. */
  dropped(account: Account, { topic, qos, reason }: Extract<Note, { type: 'delivery-dropped' }>): void {
    const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
    const fitting = this.waiting(account).filter(({ entry, debt }) => entry.topic === bare && debt.qoses.has(qos));
    const isWaiting = !/no answer to PUB/.test(reason);
    const found = fitting.find(({ entry }) => entry.sent !== isWaiting) ?? (isWaiting ? fitting[0] : undefined);
    if (found !== undefined) {
      found.entry.dropped = true;
      this.#of(account).debts.delete(found.debt.name);
    }
  }

  /** The broker has lost the shared session: what the gateway has not told it to forget is gone. */
  brokerForgot(session: BrokerSession): void {
    for (const message of [...session.inflight.values(), ...session.waiting]) {
      for (const [account, { name, settled }] of this.#debtsFor(message)) {
        if (!settled) {
          this.#of(account).debts.delete(name);
        }
      }
    }
  }

  /** What a client is owed and has not got, oldest first. */
  waiting(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    return [...this.#of(account).debts.values()].flatMap((debt) => {
      const entry = account.deliveries.get(debt.name);
      return entry === undefined || entry.got > 0 || entry.dropped ? [] : [{ debt, entry }];
    });
  }

  /** Filters that a client has, at the broker. */
  filtersOf(account: Account): ReadonlyMap<string, { readonly qos: number }> {
    return this.#of(account).shadow.filters;
  }

  #excuse(account: Account, isMeant: (topic: string) => boolean): void {
    const { debts } = this.#of(account);
    for (const [name, { topic }] of debts) {
      if (isMeant(topic)) {
        debts.delete(name);
      }
    }
  }

  #of(account: Account): Known {
    let known = this.#known.get(account);
    if (known === undefined) {
      known = { shadow: new Shadow(), debts: new Map(), asking: new Map(), leaving: new Map() };
      this.#known.set(account, known);
    }
    return known;
  }

  #mounted({ plan }: Account, topic: string): string {
    return `${mountOf(this.#parts.plan.topicPrefix, plan.id)}${topic}`;
  }

  #filterOf(account: Account, { topic }: MessageOf<'SUBSCRIBE' | 'UNSUBSCRIBE'>): string {
    if (topic.topicIdType === 'reserved') {
      return '';
    }
    const name = topic.topicIdType === 'predefined' ? PREDEFINED.get(topic.topicId) : topic.topicName;
    return this.#mounted(account, String(name));
  }
}
