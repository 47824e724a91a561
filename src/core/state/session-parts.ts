/** What a session is made of, but for who its client is, where it is and in which state: all of this can be folded up while it sleeps (folded-session.ts). */

import type { Millis } from '../contract/link.ts';
import type { SessionCounters } from '../contract/session-view.ts';
import { TopicRegistry } from '../topics/topic-registry.ts';
import { BrokerConnection } from './broker-connection.ts';
import {
  type ClientPublishState,
  dropFinished,
  isIdle as hasNoClientPublish,
  newClientPublishState,
} from './client-publish-state.ts';
import type { AcceptedConnect, ConnectAttempt } from './connect-attempt.ts';
import {
  type GatewayPublishState,
  isIdle as hasNoGatewayPublish,
  newGatewayPublishState,
} from './gateway-publish-state.ts';
import { ReservedIds } from './msg-id.ts';
import type { SleepState } from './sleep-state.ts';
import { nothingStored, type StoredState } from './stored-state.ts';
import { SubscribeState } from './subscribe-state.ts';
import type { Farewell, PendingWillUpdate } from './will.ts';

export class SessionParts {
  readonly stored: StoredState = nothingStored();
  isNew = true;
  cleanSession = true;
  keepAlive: Millis = 0;
  lastHeard: Millis = 0;
  heard = 0;
  undelivered: string | undefined;
  held = false;
  probes = 0;
  attempt: ConnectAttempt | undefined;
  accepted: AcceptedConnect | undefined;
  sleep: SleepState | undefined;
  willUpdate: PendingWillUpdate | undefined;
  farewell: Farewell | undefined;
  topics: TopicRegistry;
  readonly subscribing = new SubscribeState();
  readonly msgIds = new ReservedIds();
  #inbound: ClientPublishState | undefined;
  #outbound: GatewayPublishState | undefined;
  readonly upstream = new BrokerConnection();
  asksClean = false;
  lastTopic: string | undefined;
  lastOctets = 0;
  readonly counters: SessionCounters = { published: 0, delivered: 0, dropped: 0 };

  constructor(topics: TopicRegistry) {
    this.topics = topics;
  }

  get inbound(): ClientPublishState {
    this.#inbound ??= newClientPublishState();
    return this.#inbound;
  }

  get outbound(): GatewayPublishState {
    this.#outbound ??= newGatewayPublishState();
    return this.#outbound;
  }

  /** What the client has published and may repeat, and nothing is under way; undefined: something is, or a message waits for it. */
  get repeatable(): Pick<ClientPublishState, 'finished' | 'lastNumber'> | undefined {
    const inbound = this.#inbound ?? NOTHING_PUBLISHED;
    const isUnderWay = inbound.exchanges.size > 0 || inbound.letGo.length > 0 || this.#outbound !== undefined;
    return isUnderWay ? undefined : inbound;
  }

  /** What it had published before may be repeated. */
  repeat(published: ClientPublishState | undefined): void {
    this.#inbound = published;
  }

  /** Messages that wait for the client. */
  get waiting(): GatewayPublishState['queue']['waiting'] {
    return this.#outbound?.queue.waiting ?? [];
  }

  /** Publishes of the client that are under way. */
  get inFlight(): number {
    return this.#inbound?.exchanges.size ?? 0;
  }

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
}

/** Of a client that has published nothing; nothing is ever put in. */
const NOTHING_PUBLISHED = newClientPublishState();

/** As of a client of which nothing is known. */
export function newSessionParts(maxTopics: number, above: number): SessionParts {
  return new SessionParts(new TopicRegistry(maxTopics, above));
}
