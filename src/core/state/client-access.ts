/** What one client may do: its access rule, found when it comes, with the filters that are its own. */

import type { QosFlag } from '../../codec/message.ts';
import type { AccessGrants } from '../contract/access-settings.ts';
import type { Millis } from '../contract/units.ts';
import type { GrantedTopics } from '../topics/granted-topics.ts';
import type { PublishRate } from './publish-rate.ts';

/** Why something is refused, in words for the log, with the rule in brackets. */
export type AccessRefusal = string;

/** What is asked of a publish, or a will. `octets`: of the payload. */
export interface PublishFacts {
  readonly topic: string;
  readonly qos: QosFlag;
  readonly retain: boolean;
  readonly octets: number;
}

/** Sessions that share one limit. */
export interface SessionQuota {
  readonly most: number;
  count: number;
}

export interface ClientAccessParts {
  /** For people: `access rule "sensors"`. */
  readonly rule: string;
  readonly grants: AccessGrants;
  readonly publish: GrantedTopics;
  readonly subscribe: GrantedTopics;
  /** Undefined: it may publish as much as it likes. */
  readonly rate: PublishRate | undefined;
  /** Undefined: there may be any number of sessions. */
  readonly quota: SessionQuota | undefined;
}

export class ClientAccess {
  readonly rule: string;
  readonly grants: AccessGrants;
  readonly quota: SessionQuota | undefined;
  readonly #publish: GrantedTopics;
  readonly #subscribe: GrantedTopics;
  readonly #rate: PublishRate | undefined;
  /** The topics that were asked for last, one in each way: most clients use no more. */
  #lastPublished: string | undefined;
  #mayPublishLast = false;
  #lastRead: string | undefined;
  #mayReadLast = false;

  constructor({ rule, grants, publish, subscribe, rate, quota }: ClientAccessParts) {
    this.rule = rule;
    this.grants = grants;
    this.#publish = publish;
    this.#subscribe = subscribe;
    this.#rate = rate;
    this.quota = quota;
  }

  get mayConnect(): boolean {
    return this.grants.connect;
  }

  /** Whether there is no place for one session more. */
  get isFull(): boolean {
    return this.quota !== undefined && this.quota.count >= this.quota.most;
  }

  /** Whether it may publish to a topic at all. */
  mayPublishTo(topic: string): boolean {
    if (topic !== this.#lastPublished) {
      this.#mayPublishLast = this.#publish.has(topic);
      this.#lastPublished = topic;
    }
    return this.#mayPublishLast;
  }

  /** Why a publish, or a will, is refused; undefined: it may pass. How many there are is another question (`admits`). */
  refusalOf({ topic, qos, retain, octets }: PublishFacts): AccessRefusal | undefined {
    const { grants } = this;
    if (!this.mayPublishTo(topic)) {
      return this.because('publishing to this topic is not granted');
    }
    if (qos === -1 && !grants.qosMinus1) {
      return this.because('QoS −1 is not granted');
    }
    if (qos > grants.maxQos) {
      return this.because('so high a QoS is not granted');
    }
    if (retain && !grants.retain) {
      return this.because('Retain is not granted');
    }
    if (grants.maxPayload !== undefined && octets > grants.maxPayload) {
      return this.because('so long a payload is not granted');
    }
    return undefined;
  }

  /** Whether one publish more may pass now; counts it where it may. */
  admits(octets: number, now: Millis): boolean {
    return this.#rate === undefined || this.#rate.admits(octets, now);
  }

  /** Whether a message on this topic may reach the client. */
  mayRead(topic: string): boolean {
    if (topic !== this.#lastRead) {
      this.#mayReadLast = this.#subscribe.has(topic);
      this.#lastRead = topic;
    }
    return this.#mayReadLast;
  }

  /** Whether the client may read anything that a filter matches; of a shared one all of it. */
  maySubscribe(filter: string): boolean {
    return this.#subscribe.hasSome(filter);
  }

  /** A reason that names the rule. */
  because(reason: string): AccessRefusal {
    return `${reason} (${this.rule})`;
  }
}
