/**
 * The books of clients that share the connection to the broker: whom a message of the broker is for, and that it is with each of them, or on the disk,
 * when the broker is told to forget it.
 */
import type { Note, UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession } from '../broker-session.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan } from '../plan.ts';
import { filterMatches, isShare } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account, DeliveryEntry } from './account.ts';
import { WRITE } from './calm.ts';
import type { Findings } from './findings.ts';
import type { Routed, RoutedRetained } from './routed.ts';
import type { Claim } from './shadow.ts';
import { type Debt, SharedDebts } from './shared-debts.ts';
import { type Entering, SharedEntries } from './shared-entries.ts';
import { SharedQuiet } from './shared-quiet.ts';
import { isOf, SharedSettlements } from './shared-settlements.ts';
import { SharedSubscriptions } from './shared-subscriptions.ts';
import type { ToClient } from './to-client.ts';

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
  /** For how long a client has said nothing, while the gateway was running. */
  readonly silenceOf: (account: Account) => number;
  /** When the last trouble that concerns everybody ended; now where there is one, 0: there was none. */
  readonly troubledUntil: () => number;
  /** Whether a restart now would deliver a message. */
  readonly isStored: (account: Account, name: string, topic: string) => boolean;
}

export class SharedSide {
  readonly #parts: SharedSideParts;
  readonly #debts: SharedDebts;
  readonly #settlements: SharedSettlements;
  readonly #entries: SharedEntries;
  /** What came under each packet id of each connection last. */
  readonly #arrived = new Map<string, { readonly name: string; readonly topic: string }>();
  /** Sessions at the broker for which the gateway has published something, and so has had all subscriptions there before. */
  readonly #restored = new WeakSet<BrokerSession>();
  readonly subscriptions: SharedSubscriptions;
  readonly quiet: SharedQuiet;

  constructor(parts: SharedSideParts) {
    this.#parts = parts;
    this.quiet = new SharedQuiet(parts.now, parts.heldByDisk, parts.troubledUntil);
    this.#debts = new SharedDebts(parts.plan.topicPrefix);
    const isMember = (account: Account, filter: string): boolean =>
      Boolean(this.subscriptions.grantOf(account, filter));
    const mayHaveQos0 = (account: Account, filter: string): boolean => this.subscriptions.mayHaveQos0(account, filter);
    this.#settlements = new SharedSettlements({ ...parts, debts: this.#debts, isMember, mayHaveQos0 });
    this.subscriptions = new SharedSubscriptions({
      ...parts,
      onEnd: (account, isMeant) => this.#excuse(account, isMeant),
      onAsked: (account, filter, qos) => this.#entries.enterWaiting(account, filter, qos),
      onRetained: (account, topic, name, granted) => this.#owesRetained(account, topic, name, granted),
    });
    this.#entries = new SharedEntries({
      ...parts,
      debts: this.#debts,
      subscriptions: this.subscriptions,
      session: () => this.#session,
    });
  }

  /** The broker routes a message. */
  routed({ name, topic, qos, matching, kept }: Routed): void {
    this.#entries.published.set(name, qos);
    const session = this.#session;
    const isRestored = session !== undefined && this.#restored.has(session);
    const isCrowded = session?.wire !== undefined && session.waiting.length > 0; // I-138: the better copy comes behind an acknowledgement
    for (const filter of kept.filter(isShare)) {
      const accounts = [...this.#parts.accounts.values()];
      const members = accounts.filter((one) => this.subscriptions.grantOf(one, filter) !== undefined);
      const isDoubted = accounts.some((one) => this.subscriptions.shadowOf(one).isDoubted(filter)); // who may be one, may be the one
      if (members.length > 0 && !isDoubted) {
        this.#settlements.routedToGroup(name, filter, members);
      }
    }
    for (const account of this.#parts.accounts.values()) {
      const claim = this.subscriptions.shadowOf(account).claim(topic, qos);
      if (!account.isShared) {
        this.#routedBeside(account, claim, { name, topic, qos, matching, kept });
        continue;
      }
      if (claim === undefined) {
        continue;
      }
      const { best } = claim;
      const isToCome = best !== undefined && this.subscriptions.isStillToCome(account, best);
      if (best !== undefined && matching.length === 0 && isRestored && !isToCome) {
        this.#parts.findings.object(
          'subscription-differs',
          `${account.plan.id} has ${best}, and the broker has no subscription for it when ${name} comes`,
        );
      }
      const isMissing = best !== undefined && !isRestored && session?.subscriptions.has(best) === false; // it is not back yet
      const isKnown = this.quiet.canKnow(claim.since, session, best) && !isMissing;
      const lesser = this.#entries.lesserCopies(account, name, best, Math.max(...claim.qoses));
      const isKept = best !== undefined && (this.#entries.isNamed(best) ? kept.includes(best) : kept.length > 0);
      this.#entries.enter(account, {
        name,
        topic,
        sent: qos,
        kept,
        qoses: new Set([
          ...claim.qoses,
          ...(isKnown && !isCrowded ? [] : claim.besides),
          ...(isCrowded ? lesser : []),
          ...(isToCome ? [0, 1].filter((less) => less < qos) : []), // that of a filter of others
        ]),
        best: isKept ? best : undefined,
        ties: claim.ties.filter((filter) => kept.includes(filter)),
        isDoubted: claim.isDoubted,
      });
    }
  }

  /**
   * It may come to a client with a connection of its own, which has shared it before; and where the broker has kept it for a filter that this one has had all the
   * while it does, by the one or the other (I-159).
   */
  #routedBeside(account: Account, claim: Claim | undefined, { name, topic, qos, kept }: Routed): void {
    if (kept.length === 0 || account.bridge !== this.#session) {
      return;
    }
    if (claim === undefined) {
      this.#routedToLeaving(account, { name, topic, sent: qos, kept });
      return;
    }
    const { best, ties } = claim;
    const qoses = new Set([...claim.qoses, ...claim.besides]); // the bridge may end between two copies
    const isKept = best !== undefined && (this.#entries.isNamed(best) ? kept.includes(best) : true);
    const filters = ties.filter((filter) => kept.includes(filter));
    const message = { name, topic, sent: qos, kept, qoses, best: isKept ? best : undefined, ties: filters };
    this.#entries.enter(account, { ...message, isDoubted: true });
  }

  /** It shares the connection from now on: what waits there for others may come to it as well. */
  joins(account: Account): void {
    for (const [filter, { qos }] of this.subscriptions.shadowOf(account).filters) {
      this.#entries.enterWaiting(account, filter, qos);
    }
  }

  /** It waits in the client's own session at the broker, which shares one from now on (I-158). */
  isNotFetched(account: Account, name: string): void {
    this.#debts.of(account).delete(name);
  }

  /** It has a connection of its own from now on: by which of both what it is owed comes is not asked for. */
  hasItsOwn(account: Account): void {
    for (const debt of this.#debts.of(account).values()) {
      debt.atEndOnly = true;
    }
  }

  /** What has not come by now comes no more (I-159). */
  isUnbridged(account: Account): void {
    const debts = this.#debts.of(account);
    for (const [name, { arrivedAt, settled }] of debts) {
      if (arrivedAt === Infinity && !settled) {
        debts.delete(name);
      }
    }
  }

  /** It has given up a filter since, and nobody on the shared connection has heard of that yet: as on a connection of its own what comes for that is for it. */
  #routedToLeaving(account: Account, message: Pick<Entering, 'name' | 'topic' | 'sent' | 'kept'>): void {
    if (account.bridgeFilters.some((filter) => filterMatches(filter, message.topic))) {
      const qoses = new Set([0, 1, 2].filter((one) => one <= message.sent));
      this.#entries.enter(account, { ...message, qoses, best: undefined, isDoubted: true });
    }
  }

  /** Whether a message has come on the shared connection for this client. */
  hasHeardOf(account: Account, name: string): boolean {
    const debt = this.#debts.of(account).get(name);
    return debt !== undefined && (debt.arrivedAt < Infinity || debt.settled);
  }

  /** A publish of the gateway reaches the broker. */
  published(name: string): void {
    this.subscriptions.published(name);
    if (this.#session !== undefined) {
      this.#restored.add(this.#session);
    }
  }

  /** A retained one comes for those who wait for SUBACK, or get it once more. */
  routedRetained({ name, topic, qos, filter }: RoutedRetained): void {
    for (const account of this.#parts.accounts.values()) {
      if (account.isShared && this.subscriptions.mayFetch(account, filter)) {
        const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
        this.#parts.toClient.enqueued(account, name, bare, qos, true);
      }
    }
  }

  /** A new subscription: what is retained comes for it, if it has not come otherwise meanwhile. */
  #owesRetained(account: Account, topic: string, name: string, granted: number): void {
    const { toClient, plan, now } = this.#parts;
    if (granted > 0) {
      toClient.enqueued(account, name, bareTopic(plan.topicPrefix, topic), granted, true);
      const rest = {
        filters: undefined,
        qoses: new Set([1, 2]),
        arrivedAt: Infinity,
        settled: false,
        again: 0,
        arrivals: 0,
        keptInVain: 0,
        earlier: [],
      };
      this.#debts.of(account).set(name, { name, topic, ...rest, since: now(), atEndOnly: true });
    }
  }

  get #session(): BrokerSession | undefined {
    return this.#parts.broker().sessions.get(SHARED);
  }

  /** The gateway hears of the broker on the shared connection. */
  heard(input: UpstreamInput): void {
    this.quiet.heard(input);
    this.subscriptions.fetches.heard(input);
    if (input.type === 'upstream-lost') {
      this.#broken();
    }
    if (input.type !== 'upstream-message') {
      return;
    }
    const name = nameOf(input.payload);
    if (input.retain) {
      this.#retainedCame(name, input.topic, input.qos);
    }
    this.#arrived.set(`${input.connection} ${input.packetId}`, { name, topic: input.topic });
    for (const [, debts] of this.#debts.all()) {
      const debt = debts.get(name);
      if (debt !== undefined && debt.topic === input.topic) {
        if (debt.arrivedAt < Infinity) {
          debt.earlier.push(debt.arrivedAt);
        }
        debt.arrivedAt = this.#parts.now();
        debt.arrivals++;
        debt.again += debt.settled ? 1 : 0;
      }
    }
  }

  /** Whoever waits for what is retained may get it, and may have it already. */
  #retainedCame(name: string, topic: string, qos: number): void {
    for (const account of this.#parts.accounts.values()) {
      if (account.isShared && this.subscriptions.mayBeFor(account, topic)) {
        const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
        this.#parts.toClient.enqueued(account, name, bare, qos, true);
      }
    }
  }

  /** What it had heard, and not written, it hears again. */
  gatewayEnded(): void {
    this.subscriptions.gatewayEnded();
    this.quiet.broken();
    for (const account of this.#parts.accounts.values()) {
      if (account.clean && account.state !== 'asleep') {
        this.subscriptions.mayBeGone(account); // whatever lives of it was kept for the sake of its will
      }
    }
    this.#broken();
    this.#arrived.clear(); // the numbers of connections begin anew
    this.#debts.gatewayEnded();
  }

  /** What the broker has not been told to forget it sends again, also for clients that get it with QoS 0. */
  #broken(): void {
    for (const { deliveries } of this.#parts.accounts.values()) {
      for (const entry of deliveries.values()) {
        entry.comesAgain ||= entry.sent && entry.qoses.has(0) && !entry.line.endsWith(' 0'); // published with QoS 1 or 2
      }
    }
  }

  /** PUBACK or PUBREC. */
  acknowledged(effect: Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>): void {
    const { packet, packetId, connection } = effect;
    this.quiet.acknowledged(effect);
    const message = this.#session?.inflight.get(packetId);
    const isHeard = this.#session?.wire?.number === connection;
    if (packet !== 'PUBCOMP' && message !== undefined && !message.released && isHeard) {
      this.#settlements.acknowledged(message, packet);
    }
    const known = isHeard || packet !== 'PUBACK' ? undefined : this.#arrived.get(`${connection} ${packetId}`);
    for (const [, debts] of known === undefined ? [] : this.#debts.all()) {
      const debt = debts.get(known?.name ?? '');
      if (debt !== undefined && debt.topic === known?.topic) {
        debt.keptInVain++;
      }
    }
  }

  dropped(account: Account, note: Extract<Note, { type: 'delivery-dropped' }>): void {
    this.#debts.dropped(account, note);
  }

  waiting(account: Account): { readonly debt: Debt; readonly entry: DeliveryEntry }[] {
    return this.#debts.waiting(account);
  }

  repeated(account: Account): number {
    const { now, heldByDisk } = this.#parts;
    return this.#debts.repeated(account, (since) => heldByDisk() > WRITE && now() - since <= heldByDisk());
  }

  /** The broker has lost the shared session: what the gateway has not told it to forget is gone. */
  brokerForgot(session: BrokerSession): void {
    for (const message of [...session.inflight.values(), ...session.waiting]) {
      const name = nameOf(message.payload);
      for (const [, debts] of message.released ? [] : this.#debts.all()) {
        const debt = debts.get(name);
        if (debt?.topic === message.topic && !debt.settled && isOf(message, debt)) {
          debts.delete(name);
        }
      }
    }
  }

  #excuse(account: Account, isMeant: (topic: string) => boolean): void {
    const debts = this.#debts.of(account);
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
      const qos = this.#entries.published.get(name);
      if (qos !== undefined && got === 0 && isMeant(topic)) {
        for (const other of this.subscriptions.shadowOf(account).claim(topic, qos)?.qoses ?? []) {
          this.#parts.toClient.comesAlsoAs(account, name, other);
        }
      }
    }
  }
}
