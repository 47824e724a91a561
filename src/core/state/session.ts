/**
 * The protocol state of one ClientId. This file only composes the states of the procedures; what happens to them is in the
 * procedures themselves, and which message reaches which procedure in receive.ts.
 */

import type { ClientState } from '../contract/client-state.ts';
import type { Millis } from '../contract/link.ts';
import type { SessionCounters } from '../contract/session-view.ts';
import { SmallMap } from '../topics/small-map.ts';
import { TopicRegistry } from '../topics/topic-registry.ts';
import { BrokerConnection } from './broker-connection.ts';
import type { StateCounts } from './census.ts';
import type { ClientAccess, SessionQuota } from './client-access.ts';
import {
  type ClientPublishState,
  dropFinished,
  isIdle as hasNoClientPublish,
  newClientPublishState,
} from './client-publish-state.ts';
import { nextState, type StateEvent } from './client-state.ts';
import type { AcceptedConnect, ConnectAttempt } from './connect-attempt.ts';
import type { Deadline, DeadlineOwner, SessionTimer } from './deadlines.ts';
import { type Dialect, V1_2 } from './dialect.ts';
import {
  type Delivery,
  type GatewayPublishState,
  isIdle as hasNoGatewayPublish,
  newGatewayPublishState,
} from './gateway-publish-state.ts';
import { ReservedIds } from './msg-id.ts';
import type { Path } from './path.ts';
import type { SleepState } from './sleep-state.ts';
import { nothingStored, type StoredState } from './stored-state.ts';
import { SubscribeState } from './subscribe-state.ts';
import { type Farewell, NO_WILL, type PendingWillUpdate, type WillState } from './will.ts';

export class Session implements DeadlineOwner<SessionTimer> {
  readonly kind = 'session';
  readonly clientId: string;
  readonly timers = new SmallMap<SessionTimer, Deadline>();

  /** The version of the protocol that the client speaks. */
  readonly dialect: Dialect;
  /** 6.14, SL-1; changed by `become`. */
  state: ClientState = 'disconnected';
  /** Since when it is in that state. */
  since: Millis = 0;
  /** Where it is counted; undefined: it is in no directory. */
  countedIn: StateCounts | undefined;
  /** Where the client is, or was last; see `bound`. */
  path: Path;
  /** The identity to which the session belongs (I-117); undefined: it is nobody's. The path of a client has it too. */
  owner: string | undefined;
  /** What its client may do (access rules); undefined: everything. */
  access: ClientAccess | undefined;
  /** Where it is counted as one of so many that there may be; undefined: nowhere. */
  quota: SessionQuota | undefined;
  /** Messages from `path` are this client's, and messages for it go there. */
  bound = false;
  readonly stored: StoredState = nothingStored();
  /** Nothing is known of it but the CONNECT that is being worked on. */
  isNew = true;
  /** CleanSession of the last accepted CONNECT. */
  cleanSession = true;
  /** Keep-alive of the last accepted CONNECT; 0 = none (T-06). */
  keepAlive: Millis = 0;
  /** When the last well-formed message came from the client (K-2, T-34). */
  lastHeard: Millis = 0;
  /** Well-formed messages that have come from the client (T-r6). */
  heard = 0;
  /** Why a frame for it did not arrive, as its medium says; undefined once it has been heard again. */
  undelivered: string | undefined;
  /** What it is to get waits for the disk (I-38). */
  held = false;
  /** Gateway PINGREQs without an answer (T-06). */
  probes = 0;

  /** The CONNECT under way, if any (6.2). */
  attempt: ConnectAttempt | undefined;
  /** The CONNECT that was accepted last, as long as nothing else has been heard since (T-03 a). */
  accepted: AcceptedConnect | undefined;
  sleep: SleepState | undefined;
  will: WillState = NO_WILL;
  /** The will that the last CONNECT to the broker had in it: what the broker publishes where that connection breaks. */
  toldWill: WillState = NO_WILL;
  /** Will updates that are answered when the broker has the new will (T-24). */
  willUpdate: PendingWillUpdate | undefined;
  /** A changed will on its way to the broker after the client was lost (T-24). */
  farewell: Farewell | undefined;
  topics: TopicRegistry;
  readonly subscribing = new SubscribeState();
  /** Of gateway publishes and REGISTERs to the client. */
  readonly msgIds = new ReservedIds();
  #inbound: ClientPublishState | undefined;
  #outbound: GatewayPublishState | undefined;
  readonly upstream = new BrokerConnection();
  /** The last CONNECT to the broker has asked for a clean session. */
  asksClean = false;

  /** The topic of the client's last PUBLISH; undefined: it has published nothing since the session is known. */
  lastTopic: string | undefined;
  /** Octets of the payload of that one. */
  lastOctets = 0;
  readonly counters: SessionCounters = { published: 0, delivered: 0, dropped: 0 };

  /** `dialect`: the one that its CONNECT was in. `above`: see {@link TopicRegistry}. */
  constructor(clientId: string, path: Path, maxTopics: number, above: number, dialect: Dialect = V1_2) {
    this.dialect = dialect;
    this.clientId = clientId;
    this.path = path;
    this.owner = path.identity;
    this.topics = new TopicRegistry(maxTopics, above);
  }

  /**
   * CleanSession of the next CONNECT to the broker: a session that was opened clean is opened clean again (3.5 item 6), and a sleeper that comes back goes on
   * as it began, whatever flag it says now (T-04).
   */
  get connectsClean(): boolean {
    const { attempt } = this;
    return attempt === undefined || attempt.resumes ? this.cleanSession : attempt.cleanSession;
  }

  get inbound(): ClientPublishState {
    this.#inbound ??= newClientPublishState();
    return this.#inbound;
  }

  get outbound(): GatewayPublishState {
    this.#outbound ??= newGatewayPublishState();
    return this.#outbound;
  }

  /** Messages that wait for the client. */
  get waiting(): number {
    return this.#outbound?.queue.waiting.length ?? 0;
  }

  /** The first of these. */
  firstWaiting(most: number): readonly Delivery[] {
    return this.#outbound?.queue.waiting.slice(0, most) ?? [];
  }

  /** Publishes of the client that are under way. */
  get inFlight(): number {
    return this.#inbound?.exchanges.size ?? 0;
  }

  /** Lets go of the parts that hold nothing; they are made anew when they are needed. Most clients say nothing for hours. */
  rest(now: Millis): void {
    if (this.#inbound) {
      dropFinished(this.#inbound, now);
      this.#inbound = hasNoClientPublish(this.#inbound) ? undefined : this.#inbound;
    }
    if (this.#outbound && hasNoGatewayPublish(this.#outbound)) {
      this.#outbound = undefined;
    }
    this.subscribing.rest(now);
    this.upstream.rest();
  }

  /** Until when it remembers what its client may repeat, at most; the past: nothing, or nothing that ends by itself. */
  get remembersUntil(): Millis {
    let latest = Number.NEGATIVE_INFINITY;
    for (const { until } of this.subscribing.answered) {
      latest = Math.max(latest, until);
    }
    for (const { until } of this.#inbound?.finished ?? []) {
      latest = Math.max(latest, until);
    }
    return latest;
  }

  /** Something happens that may change the state (client-state.ts). */
  become(event: StateEvent, now: Millis): void {
    this.enter(nextState(this.state, event), now);
  }

  /** The client is in this state, whatever it was in before: only where it is restored. */
  enter(state: ClientState, now: Millis): void {
    if (state !== this.state || this.since === 0) {
      this.since = now;
    }
    if (this.countedIn !== undefined) {
      this.countedIn[this.state]--;
      this.countedIn[state]++;
    }
    this.state = state;
  }
}

/** Client id and address, for notes. */
export function where(session: Session): { readonly clientId: string; readonly link: string } {
  return { clientId: session.clientId, link: session.path.key };
}
