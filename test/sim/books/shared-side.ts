/**
 * The books of clients that share the connection to the broker: whom a message of the broker is for, and that it is with each of them, or on the disk,
 * when the broker is told to forget it.
 */
import type { Note, UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession } from '../broker-session.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan, MediumPlan } from '../plan.ts';
import { filterMatches, isShare } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account, DeliveryEntry } from './account.ts';
import type { Findings } from './findings.ts';
import type { Routed, RoutedRetained } from './routed.ts';
import { type Debt, SharedDebts } from './shared-debts.ts';
import { SharedQuiet } from './shared-quiet.ts';
import { isOf, SharedSettlements } from './shared-settlements.ts';
import { SharedSubscriptions } from './shared-subscriptions.ts';
import type { ToClient } from './to-client.ts';

export interface SharedSideParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly media: readonly MediumPlan[];
  readonly broker: () => Broker;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly toClient: ToClient;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  /** What is told now may have been decided so many milliseconds ago. */
  readonly heldByDisk: () => number;
  /** When the last trouble that concerns everybody ended; now where there is one, 0: there was none. */
  readonly troubledUntil: () => number;
  /** Whether a restart now would deliver a message. */
  readonly isStored: (account: Account, name: string, topic: string) => boolean;
}

/** A message that a client may get. */
interface Entering {
  readonly name: string;
  readonly topic: string;
  readonly sent: number;
  readonly octets: number;
  /** Filters for which the broker keeps a copy: with others, or where one has QoS 0 by now, it has another QoS on its way, and QoS 0 overtakes what waits. */
  readonly kept?: readonly string[];
  readonly qoses: ReadonlySet<number>;
  readonly best: string | undefined;
  readonly ties?: readonly string[];
  readonly isDoubted: boolean;
}

export class SharedSide {
  readonly #parts: SharedSideParts;
  readonly #debts: SharedDebts;
  readonly #settlements: SharedSettlements;
  /** What came under each packet id of each connection last. */
  readonly #arrived = new Map<string, { readonly name: string; readonly topic: string }>();
  /** With which QoS each message was published. */
  readonly #published = new Map<string, number>();
  /** Sessions at the broker for which the gateway has published something, and so has had all subscriptions there before. */
  readonly #restored = new WeakSet<BrokerSession>();
  readonly subscriptions: SharedSubscriptions;
  readonly quiet: SharedQuiet;

  constructor(parts: SharedSideParts) {
    this.#parts = parts;
    this.quiet = new SharedQuiet(parts.now, parts.heldByDisk, parts.troubledUntil);
    this.#debts = new SharedDebts(parts.plan.topicPrefix, parts.media);
    const isMember = (account: Account, filter: string): boolean =>
      Boolean(this.subscriptions.grantOf(account, filter));
    this.#settlements = new SharedSettlements({ ...parts, debts: this.#debts, isMember });
    this.subscriptions = new SharedSubscriptions({
      ...parts,
      onEnd: (account, isMeant) => this.#excuse(account, isMeant),
      onAsked: (account, filter, qos) => this.#enterWaiting(account, filter, qos),
      onRetained: (account, topic, name, granted) => this.#owesRetained(account, topic, name, granted),
    });
  }

  /** The broker routes a message. */
  routed({ name, topic, qos, octets, matching, kept }: Routed): void {
    this.#published.set(name, qos);
    const session = this.#session;
    const isRestored = session !== undefined && this.#restored.has(session);
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
      const isMissing = best !== undefined && !isRestored && session?.subscriptions.has(best) === false; // it is not back yet
      const isKept = best !== undefined && (this.#isNamed(best) ? kept.includes(best) : kept.length > 0);
      this.#enters(account, {
        name,
        topic,
        sent: qos,
        octets,
        kept,
        qoses:
          this.quiet.canKnow(claim.since, session, best) && !isMissing
            ? claim.qoses
            : new Set([...claim.qoses, ...claim.besides]),
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

  /** A retained one comes for those who wait for SUBACK, or get it once more. */
  routedRetained({ name, topic, qos, filter }: RoutedRetained): void {
    for (const account of this.#parts.accounts.values()) {
      if (this.subscriptions.mayFetch(account, filter)) {
        const bare = bareTopic(this.#parts.plan.topicPrefix, topic);
        this.#parts.toClient.enqueued(account, name, bare, qos, true);
      }
    }
  }

  #enters(account: Account, message: Entering): void {
    const { name, topic, octets, sent, best, ties, isDoubted, kept = [] } = message;
    const qoses = new Set(message.qoses);
    const { toClient, plan, now } = this.#parts;
    const bare = bareTopic(plan.topicPrefix, topic);
    const [qos = 0] = qoses;
    const isOfGroup = [...this.subscriptions.shadowOf(account).possible.keys()].some((one) => isShareOf(one, topic));
    const copies = kept.map((filter) =>
      this.#session?.subscriptions.get(filter) === 0 ? `${filter} at most once` : filter,
    );
    const what = isOfGroup ? name : `${name.slice(0, name.lastIndexOf('.'))} ${bare} ${copies.join()}`; // what another member has not acknowledged comes late
    const line = `${what} ${sent}`;
    toClient.enqueued(account, name, bare, qos, false, { qoses, line });
    if (best !== undefined) {
      const filters = this.#isNamed(best) ? new Set(ties) : undefined;
      const debt = {
        name,
        topic,
        octets,
        filters,
        qoses,
        since: now(),
        arrivedAt: Infinity,
        settled: false,
        again: 0,
        arrivals: 0,
        keptInVain: 0,
        atEndOnly: isDoubted,
      };
      this.#debts.of(account).set(name, debt);
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
        this.#entersLate(account, { name, topic, sent: qos, octets: payload.length }, asked);
      }
    }
    for (const other of isShare(filter) ? this.#parts.accounts.values() : []) {
      this.#entersGroup(account, other, filter, asked);
    }
  }

  #entersLate(account: Account, message: Pick<Entering, 'name' | 'topic' | 'sent' | 'octets'>, asked: number): void {
    const qoses = new Set([Math.min(message.sent, asked)]);
    this.#enters(account, { ...message, qoses, best: undefined, isDoubted: true });
  }

  /** What waits for one of a group may come to another one (I-139), with QoS 1 also where its acknowledgement has not. */
  #entersGroup(account: Account, other: Account, filter: string, asked: number): void {
    for (const [name, { topic: bare, got, qoses }] of other === account ? [] : other.deliveries) {
      const topic = this.subscriptions.mounted(other, bare);
      const sent = this.#published.get(name);
      if (sent === undefined || (got > 0 && !qoses.has(1)) || !filterMatches(filter, topic)) {
        continue;
      }
      if (account.deliveries.has(name)) {
        this.#parts.toClient.comesAlsoAs(account, name, Math.min(sent, asked));
      } else {
        this.#entersLate(account, { name, topic, sent, octets: 0 }, asked);
      }
      for (let qos = Math.min(sent, asked, 1, ...qoses); qos <= Math.min(sent, asked, 1); qos++) {
        this.#parts.toClient.comesAlsoAs(account, name, qos); // the group had less when it came
      }
    }
  }

  /** A new subscription: what is retained comes for it, if it has not come otherwise meanwhile. */
  #owesRetained(account: Account, topic: string, name: string, granted: number): void {
    const { toClient, plan, now } = this.#parts;
    if (granted > 0) {
      toClient.enqueued(account, name, bareTopic(plan.topicPrefix, topic), granted, true);
      const rest = {
        octets: 0,
        filters: undefined,
        qoses: new Set([1, 2]),
        arrivedAt: Infinity,
        settled: false,
        again: 0,
        arrivals: 0,
        keptInVain: 0,
      };
      this.#debts.of(account).set(name, { name, topic, ...rest, since: now(), atEndOnly: true });
    }
  }

  /** Whether each filter has a copy of its own; one that the broker has lost, and not granted again, will have it where others have. */
  #isNamed(filter: string): boolean {
    const { identifiers, subscriptions } = this.#session ?? {};
    return identifiers?.has(filter) === true || (identifiers?.size !== 0 && subscriptions?.has(filter) === false);
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
        debt.arrivedAt = this.#parts.now();
        debt.arrivals++;
        debt.again += debt.settled ? 1 : 0;
      }
    }
  }

  /** Whoever waits for what is retained may get it, and may have it already. */
  #retainedCame(name: string, topic: string, qos: number): void {
    for (const account of this.#parts.accounts.values()) {
      if (this.subscriptions.mayBeFor(account, topic)) {
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
    return this.#debts.repeated(account);
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
      const qos = this.#published.get(name);
      if (qos !== undefined && got === 0 && isMeant(topic)) {
        for (const other of this.subscriptions.shadowOf(account).claim(topic, qos)?.qoses ?? []) {
          this.#parts.toClient.comesAlsoAs(account, name, other);
        }
      }
    }
  }
}

/** Whether a filter is one for a group, and is about this topic. */
function isShareOf(filter: string, topic: string): boolean {
  return isShare(filter) && filterMatches(filter, topic);
}
