/**
 * What the broker's session of one client would be, had it one: where clients share the connection nobody has it, and what the client is owed follows
 * from what it has been told. Between a request and its answer either is right. Filters are as the broker knows them.
 */
import { filterMatches, isShare } from '../topic-match.ts';

interface Grant {
  readonly qos: number;
  /** Of two with the same QoS the older one counts. */
  readonly order: number;
  /** When SUBACK was told. */
  readonly since: number;
}

/** A message for the client. */
export interface Claim {
  /** The filter whose copy it gets where each has one; of a message that it only may get: undefined. */
  readonly best: string | undefined;
  /** That one, and others with the same QoS: one of them is the older one, which the client cannot know where others had them before. */
  readonly ties: readonly string[];
  /** With which QoS it may come. */
  readonly qoses: ReadonlySet<number>;
  /** It may come for another filter, whose SUBACK is still to be told. */
  readonly isDoubted: boolean;
  /** When SUBACK was told for the filter whose copy it is, and with which QoS it would come for others that the client has. */
  readonly since: number;
  readonly besides: ReadonlySet<number>;
}

export class Shadow {
  /** From SUBACK to UNSUBSCRIBE. */
  readonly #grants = new Map<string, Grant>();
  /** Between a request and its answer, either way; QoS that may be granted. */
  readonly #doubted = new Map<string, Set<number>>();
  #lastOrder = 0;

  get filters(): ReadonlyMap<string, { readonly qos: number }> {
    return this.#grants;
  }

  /** What it has, or may have, and with which QoS. */
  get possible(): ReadonlyMap<string, ReadonlySet<number>> {
    const all = new Map([...this.#doubted].map(([filter, qoses]) => [filter, new Set(qoses)]));
    for (const [filter, { qos }] of this.#grants) {
      all.set(filter, (all.get(filter) ?? new Set()).add(qos));
    }
    return all;
  }

  isDoubted(filter: string): boolean {
    return this.#doubted.has(filter);
  }

  /** The gateway handles SUBSCRIBE. */
  asks(filter: string, qos: number): void {
    this.#doubt(filter, qos);
  }

  /** SUBACK. */
  granted(filter: string, qos: number, since = 0): void {
    const order = this.#grants.get(filter)?.order ?? ++this.#lastOrder;
    this.#grants.set(filter, { qos, order, since });
    this.#doubted.delete(filter);
  }

  /** The gateway handles UNSUBSCRIBE, or what ends the subscription by a rule. */
  leaves(filter: string): void {
    const grant = this.#grants.get(filter);
    if (grant !== undefined) {
      this.#grants.delete(filter);
      this.#doubt(filter, grant.qos);
    }
  }

  /** UNSUBACK. */
  left(filter: string): void {
    if (!this.#grants.has(filter)) {
      this.#doubted.delete(filter);
    }
  }

  /** The gateway handles what ends the session, if it comes to an answer. */
  leavesAll(): void {
    for (const filter of [...this.#grants.keys()]) {
      this.leaves(filter);
    }
  }

  /** The session is gone. `isLater`: the client has asked for a filter since, and may have been granted it for that. */
  wiped(isLater: (filter: string) => 'asked' | 'granted' | undefined = () => undefined): void {
    for (const [filter, { qos }] of [...this.#grants]) {
      const later = isLater(filter);
      if (later !== 'granted') {
        this.#grants.delete(filter);
      }
      if (later === 'asked') {
        this.#doubt(filter, qos);
      }
    }
    for (const filter of [...this.#doubted.keys()]) {
      if (isLater(filter) === undefined) {
        this.#doubted.delete(filter);
      }
    }
  }

  #doubt(filter: string, qos: number): void {
    const qoses = this.#doubted.get(filter) ?? new Set();
    this.#doubted.set(filter, qoses.add(qos));
  }

  /** What the client is owed, or may get, of a message; undefined: it must not get it. */
  claim(topic: string, sent: number): Claim | undefined {
    const qoses = new Set<number>();
    let best: (Grant & { readonly filter: string }) | undefined;
    for (const [filter, grant] of this.#grants) {
      if (filterMatches(filter, topic)) {
        qoses.add(Math.min(sent, grant.qos));
        best = isShare(filter) || (best !== undefined && isBetter(best, grant)) ? best : { ...grant, filter };
      }
    }
    const besides = new Set(qoses);
    if (best !== undefined) {
      qoses.clear();
      qoses.add(Math.min(sent, best.qos));
    }
    const sure = qoses.size;
    let isDoubted = false;
    for (const [filter, doubted] of this.#doubted) {
      isDoubted ||= sure > 0 && filterMatches(filter, topic);
      for (const qos of filterMatches(filter, topic) ? doubted : []) {
        const most = Math.min(sent, qos);
        for (let less = Math.min(1, most); less <= most; less++) {
          qoses.add(less); // it may have been gone for a while, and the others have asked for less
        }
      }
    }
    if (qoses.size === 0) {
      return undefined;
    }
    const isOwed = best !== undefined && !qoses.has(0) && !this.#doubted.has(best.filter);
    const ties = [...this.#grants].filter(
      ([filter, { qos }]) => qos === best?.qos && !isShare(filter) && filterMatches(filter, topic),
    );
    return {
      best: isOwed ? best?.filter : undefined,
      ties: isOwed ? ties.map(([filter]) => filter) : [],
      qoses,
      isDoubted,
      since: best?.since ?? 0,
      besides,
    };
  }
}

function isBetter(one: Grant, other: Grant): boolean {
  return one.qos > other.qos || (one.qos === other.qos && one.order < other.order);
}
