/**
 * The books of clients that share the connection to the broker: whom a message of the broker is for, and that it is with each of them, or on the disk,
 * when the broker is told to forget it.
 */
import type { Note, UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession, Outgoing } from '../broker-session.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan } from '../plan.ts';
import { filterMatches, isShare } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account, DeliveryEntry } from './account.ts';
import type { Findings } from './findings.ts';
import { SharedQuiet } from './shared-quiet.ts';
import { SharedSubscriptions } from './shared-subscriptions.ts';
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
  /** Filters of whose copies it is one, those left out that the broker has been told to forget; undefined: any copy is it. */
  readonly filters: Set<string> | undefined;
  readonly qoses: ReadonlySet<number>;
  readonly since: number;
  /** When the gateway heard of it last; infinite: it has not, or with a life that is over. */
  arrivedAt: number;
  /** The gateway has told the broker that it may forget it. */
  settled: boolean;
  /** How often the gateway has heard of it since. */
  again: number;
  /** Which copy is its own is not sure: it was retained before the subscription, or may come for another filter. */
  readonly atEndOnly: boolean;
}

/** A note that a message was dropped, and for which one it is taken. */
interface Drop {
  readonly topic: string;
  readonly qos: number;
  /** It may not have been sent. */
  readonly isWaiting: boolean;
  entry: DeliveryEntry | undefined;
}

export interface SharedSideParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly broker: () => Broker;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly toClient: ToClient;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  /** What is told now may have been decided so many milliseconds ago. */
  readonly heldByDisk: () => number;
  /** Whether a restart now would deliver a message. */
  readonly isStored: (account: Account, name: string, topic: string) => boolean;
}

export class SharedSide {
  readonly #parts: SharedSideParts;
  readonly #debts = new Map<Account, Map<string, Debt>>();
  readonly #drops = new Map<Account, Drop[]>();
  /** With which QoS each message was published. */
  readonly #published = new Map<string, number>();
  /** Sessions at the broker for which the gateway has published something, and so has had all subscriptions there before. */
  readonly #restored = new WeakSet<BrokerSession>();
  readonly subscriptions: SharedSubscriptions;
  readonly #quiet: SharedQuiet;
  /** Who had a shared subscription when a message for it was routed, by the name of the message and the filter. */
  readonly #groups = new Map<string, readonly Account[]>();

  constructor(parts: SharedSideParts) {
    this.#parts = parts;
    this.#quiet = new SharedQuiet(parts.now, parts.heldByDisk);
    this.subscriptions = new SharedSubscriptions({
      ...parts,
      onEnd: (account, isMeant) => this.#excuse(account, isMeant),
      onAsked: (account, filter, qos) => this.#enterWaiting(account, filter, qos),
      onRetained: (account, topic, name, granted) => this.#owesRetained(account, topic, name, granted),
    });
  }

  /** The broker routes a message. */
  routed({ name, topic, qos, matching, kept }: Routed): void {
    this.#published.set(name, qos);
    const session = this.#session;
    const isRestored = session !== undefined && this.#restored.has(session);
    for (const filter of kept.filter(isShare)) {
      const accounts = [...this.#parts.accounts.values()];
      const members = accounts.filter((one) => this.subscriptions.grantOf(one, filter) !== undefined);
      const isDoubted = accounts.some((one) => this.subscriptions.shadowOf(one).isDoubted(filter)); // who may be one, may be the one
      if (members.length > 0 && !isDoubted) {
        this.#groups.set(`${name} ${filter}`, members);
      }
    }
    for (const account of this.#parts.accounts.values()) {
      const claim = this.subscriptions.shadowOf(account).claim(topic, qos);
      if (claim === undefined) {
        continue;
      }
      const { best } = claim;
      if (best !== undefined && matching.length === 0 && isRestored) {
        this.#parts.findings.object(
          'subscription-differs',
          `${account.plan.id} has ${best}, and the broker has no subscription for it when ${name} comes`,
        );
      }
      const isKept = best !== undefined && (this.#isNamed(best) ? kept.includes(best) : kept.length > 0);
      this.#enters(account, {
        name,
        topic,
        sent: qos,
        qoses: this.#quiet.canKnow(claim.since) ? claim.qoses : new Set([...claim.qoses, ...claim.besides]),
        best: isKept ? best : undefined,
        ties: claim.ties.filter((filter) => kept.includes(filter)),
        isDoubted: claim.isDoubted,
      });
    }
  }

  /** A publish of the gateway reaches the broker. */
  published(name: string): void {
    this.subscriptions.published(name);
    if (this.#session !== undefined) {
      this.#restored.add(this.#session);
    }
  }

  /** A retained one comes for those who wait for SUBACK. */
  routedRetained({ name, topic, qos, filter }: RoutedRetained): void {
    for (const account of this.#parts.accounts.values()) {
      if (this.subscriptions.shadowOf(account).isDoubted(filter)) {
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
      readonly ties?: readonly string[];
      readonly isDoubted: boolean;
    },
  ): void {
    const { name, topic, sent, best, ties, isDoubted } = message;
    const qoses = new Set(message.qoses);
    const { toClient, plan, now } = this.#parts;
    const bare = bareTopic(plan.topicPrefix, topic);
    const [qos = 0] = qoses;
    const line = `${name.slice(0, name.lastIndexOf('.'))} ${bare} ${sent}`;
    toClient.enqueued(account, name, bare, qos, false, { qoses, line });
    if (best !== undefined) {
      const filters = this.#isNamed(best) ? new Set(ties) : undefined;
      const debt = {
        name,
        topic,
        filters,
        qoses,
        since: now(),
        arrivedAt: Infinity,
        settled: false,
        again: 0,
        atEndOnly: isDoubted,
      };
      this.#debtsOf(account).set(name, debt);
    }
  }

  /** A client asks for a filter: what waits at the broker for others, or is on its way, may come to it as well. */
  #enterWaiting(account: Account, filter: string, asked: number): void {
    const session = this.#session;
    for (const { payload, topic, qos } of [...(session?.inflight.values() ?? []), ...(session?.waiting ?? [])]) {
      const name = nameOf(payload);
      const isMeant = filterMatches(filter, topic);
      if (isMeant && account.deliveries.has(name)) {
        this.#parts.toClient.comesAlsoAs(account, name, Math.min(qos, asked));
      } else if (isMeant) {
        this.#enters(account, {
          name,
          topic,
          sent: qos,
          qoses: new Set([Math.min(qos, asked)]),
          best: undefined,
          isDoubted: true,
        });
      }
    }
  }

  /** A new subscription: what is retained comes for it, if it has not come otherwise meanwhile. */
  #owesRetained(account: Account, topic: string, name: string, granted: number): void {
    const { toClient, plan, now } = this.#parts;
    if (granted > 0) {
      toClient.enqueued(account, name, bareTopic(plan.topicPrefix, topic), granted, true);
      const rest = { filters: undefined, qoses: new Set([1, 2]), arrivedAt: Infinity, settled: false, again: 0 };
      this.#debtsOf(account).set(name, { name, topic, ...rest, since: now(), atEndOnly: true });
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
    this.#quiet.heard(input);
    if (input.type === 'upstream-lost') {
      this.#broken();
    }
    if (input.type !== 'upstream-message') {
      return;
    }
    const name = nameOf(input.payload);
    for (const debts of this.#debts.values()) {
      const debt = debts.get(name);
      if (debt !== undefined && debt.topic === input.topic) {
        debt.arrivedAt = this.#parts.now();
        debt.again += debt.settled ? 1 : 0;
      }
    }
  }

  /** What it had heard, and not written, it hears again. */
  gatewayEnded(): void {
    this.subscriptions.gatewayEnded();
    this.#quiet.broken();
    for (const account of this.#parts.accounts.values()) {
      if (account.clean && account.state !== 'asleep') {
        this.subscriptions.mayBeGone(account); // whatever lives of it was kept for the sake of its will
      }
    }
    this.#broken();
    for (const debts of this.#debts.values()) {
      for (const debt of debts.values()) {
        debt.arrivedAt = debt.settled ? debt.arrivedAt : Infinity;
      }
    }
  }

  /** What the broker has not been told to forget it sends again, also for clients that get it with QoS 0. */
  #broken(): void {
    for (const { deliveries } of this.#parts.accounts.values()) {
      for (const entry of deliveries.values()) {
        entry.comesAgain ||= entry.sent && entry.qoses.has(0) && !entry.line.endsWith(' 0'); // published with QoS 1 or 2
      }
    }
  }

  /** A copy for a group is with one of those who had the subscription when it was routed, or on the disk for one. */
  #groupAcknowledged({ payload, topic, filters = [], retain }: Outgoing, packet: string): void {
    const group = retain || filters.length !== 1 ? undefined : this.#groups.get(`${nameOf(payload)} ${filters[0]}`);
    if (group === undefined || group.some((account) => !this.subscriptions.grantOf(account, filters[0] ?? ''))) {
      return; // who has left, or has QoS 0, may have been the one
    }
    const name = nameOf(payload);
    const { later, heldByDisk, findings, isStored } = this.#parts;
    const has = (account: Account): boolean => {
      const entry = account.deliveries.get(name);
      const isHere = account.clean && account.state !== 'asleep'; // a clean session ends with the process
      return entry === undefined || isHere || entry.got > 0 || entry.dropped || this.#dropsOf(account).length > 0;
    };
    const isSafe = (): boolean =>
      group.some((account) => has(account) || isStored(account, name, account.deliveries.get(name)?.topic ?? ''));
    later(0, () => {
      if (!isSafe()) {
        later(heldByDisk(), () => {
          if (!group.some(has)) {
            const text = `the broker gets ${packet} for ${name} on ${topic}, which nobody of ${filters[0]} has got, nor the disk`;
            findings.object('acknowledged-not-delivered', text);
          }
        });
      }
    });
  }

  /** PUBACK or PUBREC: each client has the message, or it is on the disk for it, or a rule has dropped it. */
  acknowledged(effect: Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>): void {
    const { packet, packetId, connection } = effect;
    this.#quiet.acknowledged(effect);
    const message = this.#session?.inflight.get(packetId);
    const isHeard = this.#session?.wire?.number === connection;
    if (packet === 'PUBCOMP' || message === undefined || message.released || !isHeard) {
      return;
    }
    this.#groupAcknowledged(message, packet);
    for (const [account, debt] of this.#debtsFor(message)) {
      if (!isLast(message, debt)) {
        continue;
      }
      debt.settled = true;
      if (this.#isSafe(account, debt)) {
        continue;
      }
      this.#parts.later(0, () => {
        if (!this.#isSafe(account, debt)) {
          this.#objectUnlessDropped(account, debt.name, `${packet} for ${debt.name} on ${message.topic}`);
        }
      });
    }
  }

  /** That it was dropped is said in the same moment, or when what else is told of the client is on the disk. */
  #objectUnlessDropped(account: Account, name: string, what: string): void {
    const { later, heldByDisk, findings } = this.#parts;
    const { id } = account.plan;
    later(account.deliveries.get(name)?.dropped ? 0 : heldByDisk(), () => {
      if (!account.deliveries.get(name)?.dropped) {
        findings.object(
          'acknowledged-not-delivered',
          `the broker gets ${what}, which ${id} has not got, and the disk has not for it`,
        );
      }
    });
  }

  /** A copy of what is retained is for newcomers: those who were to have the message have one of their own. */
  *#debtsFor(message: Outgoing): Generator<readonly [Account, Debt]> {
    const name = nameOf(message.payload);
    for (const [account, debts] of message.retain ? [] : this.#debts) {
      const debt = debts.get(name);
      if (debt?.topic === message.topic && !debt.atEndOnly && isOf(message, debt)) {
        yield [account, debt];
      }
    }
  }

  #isSafe(account: Account, debt: Debt): boolean {
    const { name } = debt;
    const entry = account.deliveries.get(name);
    if (entry !== undefined && this.#dropsOf(account).some((drop) => fits(drop, entry, debt))) {
      return true; // that may have been this one
    }
    if (entry === undefined || entry.got > 0 || entry.dropped || (account.clean && account.state !== 'asleep')) {
      return true; // a clean session ends with the process
    }
    return this.#parts.isStored(account, name, entry.topic);
  }

  /** The gateway says that it drops a message. Which one it was, nobody says: one that fits, and another one if the client gets that one. */
  dropped(account: Account, { topic, qos, reason }: Extract<Note, { type: 'delivery-dropped' }>): void {
    const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
    const drop = { topic: bare, qos, isWaiting: !/no answer to PUB/.test(reason), entry: undefined };
    this.#dropsOf(account).push(drop);
    this.#assign(account);
  }

  #assign(account: Account): void {
    for (const drop of this.#dropsOf(account)) {
      if (drop.entry !== undefined && drop.entry.got === 0) {
        continue;
      }
      const fitting = this.#unheard(account).filter(({ entry, debt }) => fits(drop, entry, debt));
      const found =
        fitting.find(({ entry }) => entry.sent !== drop.isWaiting) ?? (drop.isWaiting ? fitting[0] : undefined);
      drop.entry = found?.entry ?? drop.entry;
      if (found !== undefined) {
        found.entry.dropped = true;
      }
    }
  }

  /** The broker has lost the shared session: what the gateway has not told it to forget is gone. */
  brokerForgot(session: BrokerSession): void {
    for (const message of [...session.inflight.values(), ...session.waiting]) {
      const name = nameOf(message.payload);
      for (const debts of message.released ? [] : this.#debts.values()) {
        const debt = debts.get(name);
        if (debt?.topic === message.topic && !debt.settled && isOf(message, debt)) {
          debts.delete(name);
        }
      }
    }
  }

  /** What a client is owed and has not got, oldest first. */
  waiting(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    this.#assign(account);
    return this.#unheard(account);
  }

  /** How many may wait for the client once more: the broker has not been told to forget them, or has not heard it, and has repeated them. */
  repeated(account: Account): number {
    let sum = 0;
    for (const { name, settled, again } of this.#debtsOf(account).values()) {
      const got = account.deliveries.get(name)?.got ?? 0;
      const waiting = Math.max(0, 1 + again - got, settled ? 0 : 1);
      sum += got === 0 ? waiting - 1 : waiting;
    }
    return sum;
  }

  #unheard(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    return [...this.#debtsOf(account).values()].flatMap((debt) => {
      const entry = account.deliveries.get(debt.name);
      return entry === undefined || entry.got > 0 || entry.dropped ? [] : [{ debt, entry }];
    });
  }

  #excuse(account: Account, isMeant: (topic: string) => boolean): void {
    const debts = this.#debtsOf(account);
    for (const [name, { topic }] of debts) {
      if (isMeant(topic)) {
        debts.delete(name);
      }
    }
    this.#comesForOthers(account, isMeant);
  }

  /** What has not come by then comes for the filters that the client still has, with their QoS. */
  #comesForOthers(account: Account, isMeant: (topic: string) => boolean): void {
    for (const [name, { got, topic: bare }] of account.deliveries) {
      const topic = this.subscriptions.mounted(account, bare);
      const qos = this.#published.get(name);
      if (qos !== undefined && got === 0 && isMeant(topic)) {
        for (const other of this.subscriptions.shadowOf(account).claim(topic, qos)?.qoses ?? []) {
          this.#parts.toClient.comesAlsoAs(account, name, other);
        }
      }
    }
  }

  #dropsOf(account: Account): Drop[] {
    const drops = this.#drops.get(account) ?? [];
    this.#drops.set(account, drops);
    return drops;
  }

  #debtsOf(account: Account): Map<string, Debt> {
    const debts = this.#debts.get(account) ?? new Map<string, Debt>();
    this.#debts.set(account, debts);
    return debts;
  }
}

/** Whether it may be the copy that was meant. */
function isOf({ filters = [] }: Outgoing, debt: Debt): boolean {
  return debt.filters === undefined || filters.some((filter) => debt.filters?.has(filter));
}

/** The broker forgets a copy: whether there is no other one that may be the client's. */
function isLast({ filters = [] }: Outgoing, debt: Debt): boolean {
  for (const filter of filters) {
    debt.filters?.delete(filter);
  }
  return (debt.filters?.size ?? 0) === 0;
}

function fits({ topic, qos }: Drop, entry: DeliveryEntry, { qoses }: Debt): boolean {
  return entry.topic === topic && qoses.has(qos);
}
