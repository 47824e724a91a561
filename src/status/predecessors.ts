import type { Millis } from '../ports/clock.ts';
import type { Note } from '../ports/observer.ts';
import type { ClientTeller } from './client-teller.ts';
import type { GatewayTeller } from './gateway-teller.ts';
import type { HomeAssistant } from './home-assistant.ts';
import { Introduction } from './introduction.ts';
import { Leftovers } from './leftovers.ts';
import type { StatusHeard } from './link-user.ts';
import type { StatusTopics } from './status-topics.ts';

export interface PredecessorsParts {
  readonly topics: StatusTopics;
  /** Of this gateway's own connection. */
  readonly clientId: string;
  readonly discoveryPrefix: string | undefined;
  /** Home Assistant at another prefix. */
  readonly former: (discoveryPrefix: string) => HomeAssistant;
  readonly clients: ClientTeller;
  readonly gateway: GatewayTeller;
  readonly tell: (note: Note) => void;
}

/**
 * What was said at the topics of this gateway before it said anything (I-108): by a former life of its own, whose clients that are known no more are taken
 * away, or by another gateway, whose clients are not.
 */
export class Predecessors {
  readonly #parts: PredecessorsParts;
  readonly #leftovers = new Leftovers();
  /** Undefined: it is known who was here. */
  #introduction: Introduction | undefined;
  /** Another gateway is here. */
  #hasRival = false;

  constructor(parts: PredecessorsParts) {
    this.#parts = parts;
    this.#introduction = new Introduction(parts.topics, parts.clientId);
  }

  /** What is to be heard, beside the state of the gateway, before anything is said. */
  get filters(): readonly string[] {
    return this.#introduction ? [this.#parts.topics.info] : [];
  }

  /** Something that was retained, before anything is said. */
  heard(message: StatusHeard): void {
    this.#introduction?.heard(message);
  }

  /** All of that has been heard. True: the filters are not needed any more. */
  introduce(): boolean {
    const introduction = this.#introduction;
    if (introduction === undefined) {
      return false;
    }
    this.#introduction = undefined;
    const { problem, discoveryPrefix } = introduction;
    if (problem !== undefined) {
      this.#hasRival = true;
      this.#parts.tell({ type: 'status-problem', reason: problem });
      return true;
    }
    this.#leftovers.begin();
    if (discoveryPrefix !== undefined && discoveryPrefix !== this.#parts.discoveryPrefix) {
      const former = this.#parts.former(discoveryPrefix);
      this.#parts.gateway.moveFrom(former);
      this.#parts.clients.moveFrom(former);
    }
    return true;
  }

  /** Somebody who was here has gone. */
  left(): void {
    if (this.#hasRival) {
      this.#hasRival = false;
      this.#leftovers.begin();
    }
  }

  /** A message that is no other: maybe what is retained of a client. */
  found({ topic, payload, retain }: StatusHeard, now: Millis): void {
    if (retain && payload.length > 0 && this.#leftovers.isListening) {
      const clientId = this.#parts.topics.clientOf(topic);
      this.#leftovers.heard(clientId !== undefined && this.#parts.clients.found(clientId, now), now);
    }
  }

  /** Everything has been said. True: what is retained of clients is to be heard now. */
  allTold(now: Millis): boolean {
    this.#leftovers.allTold();
    return this.#leftovers.subscribes(now);
  }

  /** When `isOver` is to be asked; undefined: not now. */
  get deadline(): Millis | undefined {
    return this.#leftovers.deadline;
  }

  /** True once where nothing retained of clients comes any more. */
  isOver(now: Millis): boolean {
    return this.#leftovers.unsubscribes(now);
  }

  /** The connection is gone. */
  interrupted(): void {
    this.#leftovers.interrupted();
  }
}
