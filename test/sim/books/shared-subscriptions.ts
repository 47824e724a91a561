/** The books of subscriptions where clients share the connection to the broker: what a client has been granted the broker has, whoever it is for. */
import type { Message, MessageOf } from '../../../src/codec/message.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession } from '../broker-session.ts';
import { mountedFilter, mountOf } from '../mounted.ts';
import { type GatewayPlan, PREDEFINED } from '../plan.ts';
import type { Retained } from '../routing.ts';
import { filterMatches, isShare } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { WRITE } from './calm.ts';
import type { Check, Findings } from './findings.ts';
import { SessionEnds } from './session-ends.ts';
import { Shadow } from './shadow.ts';
import { missingAtBroker, ownedByNobody } from './shared-comparison.ts';
import { SharedFetches } from './shared-fetches.ts';

/** A SUBSCRIBE that the gateway has handled. */
interface Asked {
  readonly filter: string;
  readonly qos: number;
  /** What was retained for it by then, by topic. */
  readonly retained: ReadonlyMap<string, Retained>;
  /** When CONNECT with CleanSession came behind it; undefined: none has. */
  readonly outdatedAt?: number;
  /** Place of its first copy in the order of what the gateway has handled. */
  readonly first: number;
}

interface Known {
  readonly shadow: Shadow;
  readonly asking: Map<number, Asked>;
  readonly leaving: Map<number, string>;
  /** When the gateway handled the last SUBSCRIBE for a filter. */
  readonly asksAt: Map<string, number>;
  readonly ends: SessionEnds;
}

export interface SharedSubscriptionsParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly broker: () => Broker;
  readonly accounts: ReadonlyMap<string, Account>;
  /** By a rule a client is not owed any more what has come on some topics at the broker. */
  readonly onEnd: (account: Account, isMeant: (topic: string) => boolean) => void;
  readonly now: () => number;
  /** What is told now may have been decided so many milliseconds ago. */
  readonly heldByDisk: () => number;
  /** For how long a client has said nothing, while the gateway was running. */
  readonly silenceOf: (account: Account) => number;
  /** A client asks for a filter. */
  readonly onAsked: (account: Account, filter: string, qos: number) => void;
  /** A client is owed what has been retained for its new subscription, since it asked for it. */
  readonly onRetained: (account: Account, topic: string, name: string, granted: number) => void;
}

export class SharedSubscriptions {
  readonly #parts: SharedSubscriptionsParts;
  readonly #known = new Map<Account, Known>();
  /** What clients had that are gone by a rule. */
  readonly #lastGone = new Map<Account, { readonly at: number; readonly filters: Shadow['possible'] }>();
  /** When the gateway asked the broker for a filter last. */
  readonly #askedFor = new Map<string, number>();
  /** The same of the time before the last. */
  readonly #askedBefore = new Map<string, number>();
  /** When the broker granted each filter last. */
  readonly #grantedAt = new Map<string, number>();
  /** Filters of which the disk may not have known when the process ended. */
  readonly #unknown = new Set<string>();
  readonly fetches = new SharedFetches((filter) =>
    [...this.#known].flatMap(([account, { shadow }]) =>
      shadow.isDoubted(filter) && account.isShared ? [account] : [],
    ),
  );

  constructor(parts: SharedSubscriptionsParts) {
    this.#parts = parts;
  }

  shadowOf(account: Account): Shadow {
    return this.#of(account).shadow;
  }

  /** With which QoS a client has it for sure. */
  grantOf(account: Account, filter: string): number | undefined {
    const { shadow } = this.#of(account);
    return shadow.isDoubted(filter) ? undefined : shadow.filters.get(filter)?.qos;
  }

  /** Whether it may have been granted QoS 0 for a filter. */
  mayHaveQos0(account: Account, filter: string): boolean {
    const { shadow } = this.#of(account);
    return shadow.isDoubted(filter) || shadow.filters.get(filter)?.qos === 0;
  }

  /** The gateway handles a message of a client. */
  handled(account: Account, message: Message): void {
    const { shadow, asking, leaving, asksAt, ends } = this.#of(account);
    ends.handled(message, this.#parts.now());
    if (message.type === 'SUBSCRIBE') {
      const filter = this.#filterOf(account, message);
      const known = asking.get(message.msgId);
      const { retained, first } =
        known?.filter === filter ? known : { retained: this.#retainedFor(filter), first: ends.order };
      asking.set(message.msgId, { filter, qos: message.qos, retained, first });
      ends.asks(filter);
      shadow.asks(filter, message.qos);
      asksAt.set(filter, this.#parts.now());
      if (account.isShared) {
        this.#parts.onAsked(account, filter, message.qos);
      }
    } else if (message.type === 'UNSUBSCRIBE') {
      const filter = this.#filterOf(account, message);
      leaving.set(message.msgId, filter);
      shadow.leaves(filter);
      this.#parts.onEnd(account, (topic) => filterMatches(filter, topic));
    } else if (message.type === 'CONNECT' && message.cleanSession) {
      this.mayBeGone(account);
      for (const [msgId, asked] of asking) {
        asking.set(msgId, { ...asked, outdatedAt: asked.outdatedAt ?? this.#parts.now() });
      }
    } else if (message.type === 'DISCONNECT' && !message.duration && account.clean && account.state !== 'gone') {
      this.mayBeGone(account); // the broker hears of it at once, the answer may wait for the disk
    }
  }

  /** The gateway sends one. */
  sent(account: Account, message: Message): void {
    const { shadow, asking, leaving, ends } = this.#of(account);
    if (message.type === 'SUBACK' && message.returnCode === 0) {
      const asked = asking.get(message.msgId);
      const sinceThen = this.#parts.now() - (asked?.outdatedAt ?? Number.NEGATIVE_INFINITY);
      if (asked !== undefined && sinceThen > this.#parts.heldByDisk()) {
        shadow.granted(asked.filter, message.qos, this.#parts.now());
        ends.granted(asked.filter, asked.first);
        asking.set(message.msgId, { ...asked, retained: new Map() });
        if (account.isShared) {
          this.#owesRetained(account, asked, message.qos);
        }
      }
    } else if (message.type === 'UNSUBACK') {
      shadow.left(leaving.get(message.msgId) ?? '');
    } else if (message.type === 'CONNACK' && message.returnCode === 0) {
      ends.connected();
    }
    if (message.type === 'CONNACK' && message.returnCode === 0 && account.asksClean) {
      const isLater = (filter: string) => ends.sinceClean(filter);
      shadow.wiped(isLater);
      for (const [msgId, { filter }] of asking) {
        if (isLater(filter) === undefined) {
          asking.delete(msgId);
        }
      }
    }
  }

  #owesRetained(account: Account, { filter, retained }: Asked, granted: number): void {
    const now = this.#retainedFor(filter);
    for (const [topic, { name, qos }] of retained) {
      if (now.get(topic)?.name === name && qos > 0) {
        this.#parts.onRetained(account, topic, name, granted);
      }
    }
  }

  #retainedFor(filter: string): Map<string, Retained> {
    const retained = isShare(filter) ? [] : this.#parts.broker().retained;
    return new Map([...retained].filter(([topic]) => filterMatches(filter, topic)));
  }

  /** The gateway sends SUBSCRIBE to the broker. */
  asksFor(filter: string): void {
    this.#askedBefore.set(filter, this.#askedFor.get(filter) ?? -1);
    this.#askedFor.set(filter, this.#parts.now());
    this.#unknown.delete(filter);
  }

  /** UNSUBSCRIBE goes out: a clean client that answers nothing may be lost, which is told when the disk has room for what others have dropped. */
  ends(filter: string): void {
    const { plan, silenceOf, heldByDisk } = this.#parts;
    const window = plan.retryInterval * (plan.retryCount + 1);
    for (const [account, { shadow }] of heldByDisk() > WRITE ? this.#known : []) {
      const isThere = account.isShared && account.clean && account.state !== 'gone';
      if (isThere && shadow.possible.has(filter) && silenceOf(account) >= window) {
        this.mayBeGone(account);
      }
    }
  }

  grantedByBroker(filter: string): void {
    this.#grantedAt.set(filter, this.#parts.now());
  }

  /** The client shares the connection since a moment ago, and the broker has not been told of its filter in the session that was there before (I-158). */
  isStillToCome({ joined }: Account, filter: string): boolean {
    const isHere = joined?.session !== undefined && joined.session === this.#session;
    return isHere && (this.#grantedAt.get(filter) ?? -1) < joined.at;
  }

  /** A retained message that comes for a filter may be for this client: it waits for SUBACK, or gets what is retained once more. */
  mayFetch(account: Account, filter: string): boolean {
    return this.#isNewcomer(account, filter) || this.fetches.isAgain(account, filter);
  }

  /**
   * A retained message comes that names no subscription: it may be for this client, which has asked for a filter that matches, and has not had all of that
   * (I-96). For whom it was sent the gateway cannot tell.
   */
  mayBeFor(account: Account, topic: string): boolean {
    const { shadow, asking } = this.#of(account);
    const isMeant = (filter: string): boolean => !isShare(filter) && filterMatches(filter, topic);
    const isNamed = (this.#session?.identifiers.size ?? 0) > 0;
    const isAsking = [...asking.values()].some(({ filter }) => shadow.isDoubted(filter) && isMeant(filter));
    return !isNamed && (isAsking || this.fetches.isOpen(account, isMeant));
  }

  /** What is retained comes for the SUBSCRIBE with which the gateway asked last: that of a client, too, that has had SUBACK for a copy of before. */
  #isNewcomer(account: Account, filter: string): boolean {
    const { shadow, asksAt } = this.#of(account);
    return shadow.isDoubted(filter) || (asksAt.get(filter) ?? -1) > (this.#askedBefore.get(filter) ?? -1);
  }

  /** What was asked for may be answered by another life, which knows nothing of it. */
  gatewayEnded(): void {
    this.fetches.broken();
    for (const [filter, at] of this.#askedFor) {
      if (this.#parts.now() - at <= this.#parts.heldByDisk()) {
        this.#unknown.add(filter); // nobody waits for the disk before SUBSCRIBE
      }
    }
    for (const [account, { at, filters }] of this.#lastGone) {
      for (const [filter, qoses] of this.#parts.now() - at <= this.#parts.heldByDisk() ? filters : []) {
        for (const qos of qoses) {
          this.shadowOf(account).asks(filter, qos); // the disk may not know that it is gone (I-62)
        }
      }
    }
    for (const { asking } of this.#known.values()) {
      for (const [msgId, asked] of asking) {
        asking.set(msgId, { ...asked, retained: new Map() });
      }
    }
  }

  /** the client has refused a topic, and with it the subscription for it. */
  refuses(account: Account, topic: string): void {
    const mounted = this.mounted(account, topic);
    this.shadowOf(account).leaves(mounted);
    this.#parts.onEnd(account, (other) => other === mounted);
  }

  /** The gateway begins to forget a session, or to send a client away, for the operator wants it. */
  operated(account: Account): void {
    this.#of(account).ends.operated();
  }

  /** The session is gone by a rule. That may be told late: what the client has asked for in the next one is not. `isSaid`: the client, or the operator, has ended it. */
  gone(account: Account, isSaid = false): void {
    const { shadow, ends } = this.#of(account);
    if (shadow.possible.size > 0) {
      this.#lastGone.set(account, { at: this.#parts.now(), filters: shadow.possible });
    }
    shadow.wiped(ends.sinceEnd(isSaid, this.#parts.now() - this.#parts.heldByDisk()));
    this.#parts.onEnd(account, () => true);
  }

  /** A clean session may be known to the next life for the sake of its will; CONNECT with CleanSession may come to nothing. */
  mayBeGone(account: Account): void {
    this.shadowOf(account).leavesAll();
    this.#parts.onEnd(account, () => true);
  }

  /** A publish reaches the broker on the shared connection: each subscription of a client is there. */
  published(name: string): void {
    this.#compare(
      'published-too-early',
      (filter, id) => `${name} is published before the broker has ${filter} of ${id}`,
    );
  }

  /** Everything must be in order now. `strangers`: somebody else may have subscriptions. */
  atEnd(strangers: boolean): void {
    const session = this.#session;
    if (session?.wire === undefined) {
      return;
    }
    this.#compare('subscription-differs', (filter, id) => `the broker has lost ${filter} of ${id}`);
    for (const filter of strangers ? [] : ownedByNobody(session, this.#shadows)) {
      if (!this.#unknown.has(filter)) {
        this.#parts.findings.object('place-not-freed', `the broker has ${filter}, and no client has it`);
      }
    }
  }

  #compare(check: Check, text: (filter: string, clientId: string) => string): void {
    for (const [account, filter] of missingAtBroker(this.#session, this.#shadows)) {
      if (check !== 'published-too-early' || !this.isStillToCome(account, filter)) {
        this.#parts.findings.object(check, text(filter, account.plan.id));
      }
    }
  }

  get #shadows(): [Account, Shadow][] {
    const sharing = [...this.#known].filter(([{ isShared }]) => isShared);
    return sharing.map(([account, { shadow }]) => [account, shadow]);
  }

  get #session(): BrokerSession | undefined {
    return this.#parts.broker().sessions.get(SHARED);
  }

  #of(account: Account): Known {
    let known = this.#known.get(account);
    if (known === undefined) {
      known = {
        shadow: new Shadow(),
        asking: new Map(),
        leaving: new Map(),
        asksAt: new Map(),
        ends: new SessionEnds(),
      };
      this.#known.set(account, known);
    }
    return known;
  }

  /** A topic, or a filter, of a client as the broker knows it. */
  mounted({ plan }: Account, topic: string): string {
    return mountedFilter(mountOf(this.#parts.plan.topicPrefix, plan.id), topic);
  }

  #filterOf(account: Account, { topic }: MessageOf<'SUBSCRIBE' | 'UNSUBSCRIBE'>): string {
    if (topic.topicIdType === 'reserved') {
      return '';
    }
    const name = topic.topicIdType === 'predefined' ? PREDEFINED.get(topic.topicId) : topic.topicName;
    return this.mounted(account, String(name));
  }
}
