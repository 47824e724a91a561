/** The books of clients that share the connection to the broker: which messages may come to whom, and with which QoS. */
import type { BrokerSession } from '../broker-session.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan } from '../plan.ts';
import { filterMatches, isShare } from '../topic-match.ts';
import type { Account } from './account.ts';
import type { SharedDebts } from './shared-debts.ts';
import type { SharedSubscriptions } from './shared-subscriptions.ts';
import type { ToClient } from './to-client.ts';

export interface SharedEntriesParts {
  readonly plan: GatewayPlan;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly toClient: ToClient;
  readonly debts: SharedDebts;
  readonly subscriptions: SharedSubscriptions;
  /** Of the gateway at the broker; undefined: there is none. */
  readonly session: () => BrokerSession | undefined;
  readonly now: () => number;
}

/** A message that a client may get. */
export interface Entering {
  readonly name: string;
  readonly topic: string;
  readonly sent: number;
  /** Filters for which the broker keeps a copy: with others, or where one has QoS 0 by now, it has another QoS on its way, and QoS 0 overtakes what waits. */
  readonly kept?: readonly string[];
  readonly qoses: ReadonlySet<number>;
  readonly best: string | undefined;
  readonly ties?: readonly string[];
  readonly isDoubted: boolean;
}

export class SharedEntries {
  readonly #parts: SharedEntriesParts;
  /** With which QoS each message was published. */
  readonly published = new Map<string, number>();

  constructor(parts: SharedEntriesParts) {
    this.#parts = parts;
  }

  /** It may come to this client. */
  enter(account: Account, message: Entering): void {
    const { name, topic, sent, best, ties, isDoubted, kept = [] } = message;
    const qoses = new Set(message.qoses);
    const { toClient, plan, now } = this.#parts;
    const bare = bareTopic(plan.topicPrefix, topic);
    const [qos = 0] = qoses;
    const isOfGroup = [...this.#parts.subscriptions.shadowOf(account).possible.keys()].some((one) =>
      isShareOf(one, topic),
    );
    const copies = kept.map((filter) =>
      this.#parts.session()?.subscriptions.get(filter) === 0 ? `${filter} at most once` : filter,
    );
    const what = isOfGroup ? name : `${name.slice(0, name.lastIndexOf('.'))} ${bare} ${copies.join()}`; // what another member has not acknowledged comes late
    const line = `${what} ${sent}`;
    toClient.enqueued(account, name, bare, qos, false, { qoses, line }, 'shared');
    if (best !== undefined) {
      const filters = this.isNamed(best) ? new Set(ties) : undefined;
      const debt = {
        name,
        topic,
        filters,
        qoses,
        since: now(),
        arrivedAt: Infinity,
        settled: false,
        again: 0,
        arrivals: 0,
        keptInVain: 0,
        earlier: [],
        atEndOnly: isDoubted,
      };
      this.#parts.debts.of(account).set(name, debt);
    }
  }

  /** A client asks for a filter: what waits at the broker for others, or is on its way, may come to it as well. */
  enterWaiting(account: Account, filter: string, asked: number): void {
    const session = this.#parts.session();
    for (const { payload, topic, qos } of [...(session?.inflight.values() ?? []), ...(session?.waiting ?? [])]) {
      const name = nameOf(payload);
      const isMeant = filterMatches(filter, topic);
      if (isMeant && account.deliveries.has(name)) {
        this.#parts.toClient.comesAlsoAs(account, name, Math.min(qos, asked));
      } else if (isMeant) {
        this.#entersLate(account, { name, topic, sent: qos }, asked);
      }
    }
    for (const other of isShare(filter) ? this.#parts.accounts.values() : []) {
      this.#entersGroup(account, other, filter, asked);
    }
  }

  #entersLate(account: Account, message: Pick<Entering, 'name' | 'topic' | 'sent'>, asked: number): void {
    const qoses = new Set([Math.min(message.sent, asked)]);
    this.enter(account, { ...message, qoses, best: undefined, isDoubted: true });
  }

  /** What waits for one of a group may come to another one (I-139), with QoS 1 also where its acknowledgement has not. */
  #entersGroup(account: Account, other: Account, filter: string, asked: number): void {
    for (const [name, { topic: bare, got, qoses }] of other === account ? [] : other.deliveries) {
      const topic = this.#parts.subscriptions.mounted(other, bare);
      const sent = this.published.get(name);
      if (sent === undefined || (got > 0 && !qoses.has(1)) || !filterMatches(filter, topic)) {
        continue;
      }
      if (account.deliveries.has(name)) {
        this.#parts.toClient.comesAlsoAs(account, name, Math.min(sent, asked));
      } else {
        this.#entersLate(account, { name, topic, sent }, asked);
      }
      for (let qos = Math.min(sent, asked, 1, ...qoses); qos <= Math.min(sent, asked, 1); qos++) {
        this.#parts.toClient.comesAlsoAs(account, name, qos); // the group had less when it came
      }
    }
  }

  /** With which QoS a message comes by the copies for other filters of a client before its best one: no higher than the copy, which others may have asked for (I-138). */
  lesserCopies(account: Account, name: string, best: string | undefined, most: number): number[] {
    const { inflight, waiting = [] } = this.#parts.session() ?? {};
    const copies = [...(inflight?.values() ?? []), ...waiting].filter(({ payload }) => nameOf(payload) === name);
    const place = copies.findIndex(({ filters = [] }) => best !== undefined && filters.includes(best));
    const { filters: own } = this.#parts.subscriptions.shadowOf(account);
    const before = copies
      .slice(0, Math.max(0, place))
      .filter(({ filters = [] }) => filters.some((one) => own.has(one)));
    return before.map(({ qos }) => Math.min(qos, most));
  }

  /** Whether each filter has a copy of its own; one that the broker has lost, and not granted again, will have it where others have. */
  isNamed(filter: string): boolean {
    const { identifiers, subscriptions } = this.#parts.session() ?? {};
    return identifiers?.has(filter) === true || (identifiers?.size !== 0 && subscriptions?.has(filter) === false);
  }
}

/** Whether a filter is one for a group, and is about this topic. */
function isShareOf(filter: string, topic: string): boolean {
  return isShare(filter) && filterMatches(filter, topic);
}
