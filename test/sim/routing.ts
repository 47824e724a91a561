/** Which sessions at the broker get a message, and in how many copies; and the messages that it retains. */
import type { Qos } from './adapter.ts';
import type { Books } from './books/books.ts';
import type { BrokerSession } from './broker-session.ts';
import { bareTopic } from './mounted.ts';
import { nameOf } from './payload.ts';
import type { BrokerPlan } from './plan.ts';
import type { Timeline } from './timeline.ts';
import { filterMatches, isShare } from './topic-match.ts';
import { OWN, SHARED } from './wire.ts';

export interface RoutingParts {
  readonly plan: BrokerPlan;
  readonly topicPrefix: string;
  readonly timeline: Timeline;
  readonly books: Books;
  readonly sessions: ReadonlyMap<string, BrokerSession>;
}

/** A message that the broker retains. */
export interface Retained {
  readonly name: string;
  readonly qos: Qos;
}

/** One copy of a message for a session. */
interface Copy {
  readonly filters: readonly string[];
  readonly granted: Qos;
  /** Subscription Identifiers; undefined: it has none. */
  readonly identifiers: readonly number[] | undefined;
}

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

export class Routing {
  readonly #parts: RoutingParts;
  readonly #retained = new Map<string, { readonly payload: Uint8Array; readonly qos: Qos }>();

  constructor(parts: RoutingParts) {
    this.#parts = parts;
  }

  /** A broker that does not let clients publish there, or subscribe. */
  isDenied(topic: string): boolean {
    return bareTopic(this.#parts.topicPrefix, topic).startsWith('deny/');
  }

  /** What is retained, by topic. */
  get retained(): ReadonlyMap<string, Retained> {
    return new Map(Array.from(this.#retained, ([topic, { payload, qos }]) => [topic, { name: nameOf(payload), qos }]));
  }

  forgetRetained(): void {
    this.#retained.clear();
  }

  /** A message to everybody who has subscribed to its topic. */
  publish(topic: string, payload: Uint8Array, qos: Qos, retain: boolean): void {
    if (this.isDenied(topic)) {
      return;
    }
    if (retain) {
      this.#retained.set(topic, { payload, qos });
    }
    for (const session of this.#parts.sessions.values()) {
      const copies = this.#copiesFor(session, topic);
      const kept: string[] = [];
      for (const copy of copies) {
        if (this.#enqueue(session, { topic, payload, qos, retain: false }, copy)) {
          kept.push(...copy.filters);
        }
      }
      if (session.clientId === SHARED) {
        const matching = copies.flatMap(({ filters }) => filters);
        this.#parts.books.routed({ name: nameOf(payload), topic, qos, matching, kept });
      }
    }
  }

  sendRetained(session: BrokerSession, filter: string, granted: Qos): void {
    if (isShare(filter)) {
      return; // nothing that is retained comes for a group
    }
    const identifier = session.identifiers.get(filter);
    const identifiers = identifier === undefined ? undefined : [identifier];
    for (const [topic, { payload, qos }] of this.#retained) {
      if (filterMatches(filter, topic)) {
        const isKept = this.#enqueue(
          session,
          { topic, payload, qos, retain: true },
          { filters: [filter], granted, identifiers },
        );
        if (isKept && session.clientId === SHARED) {
          this.#parts.books.routedRetained({ name: nameOf(payload), topic, qos, filter });
        }
      }
    }
  }

  /** One of the highest QoS; where messages name their subscriptions one for each, or one that names them all. */
  #copiesFor(session: BrokerSession, topic: string): Copy[] {
    const matching = [...session.subscriptions].filter(([filter]) => filterMatches(filter, topic));
    const named = matching.filter(([filter]) => session.identifiers.has(filter));
    const joined = (of: typeof matching): Copy[] => {
      const identifiers = of.flatMap(([filter]) => session.identifiers.get(filter) ?? []);
      const granted = Math.max(...of.map(([, qos]) => qos)) as Qos;
      const filters = of.map(([filter]) => filter);
      return of.length === 0
        ? []
        : [{ filters, granted, identifiers: identifiers.length > 0 ? identifiers : undefined }];
    };
    if (named.length === 0 || this.#parts.plan.joinsCopies) {
      return joined(matching);
    }
    return matching.flatMap((one) => joined([one]));
  }

  #enqueue(session: BrokerSession, { topic, payload, qos: sent, retain }: Message, copy: Copy): boolean {
    const { timeline, books } = this.#parts;
    const qos = Math.min(sent, copy.granted) as Qos;
    const since = timeline.now;
    const { identifiers, filters } = copy;
    const message = {
      topic,
      payload,
      qos,
      retain,
      since,
      identifiers,
      filters,
      packetId: 0,
      sent: false,
      released: false,
    };
    if (session.clientId === OWN || !session.enqueue(message)) {
      return false;
    }
    books.enqueued(session.clientId, nameOf(payload), topic, qos, retain);
    return true;
  }
}
