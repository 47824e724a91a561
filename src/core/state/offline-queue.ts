/**
 * QoS 0 and −1 publishes that wait while the broker is away (3.5 item 3): one queue for the whole gateway, bounded in number and octets,
 * so that no number of clients can make it grow. On overflow the oldest, or the newest, of the source that has most is dropped: of the hosts the one
 * that has most, and of its links again the one that has most (I-50). So nobody's messages have to go for those of a flood.
 */

import type { OwnPublish } from './own-publish.ts';
import { SourceTable } from './source-table.ts';

/** What waits. */
export interface WaitingPublish extends OwnPublish {
  readonly host: string;
  readonly qos: 0 | -1;
}

/** One that waits, between its neighbours of the same link. */
interface Waiting {
  readonly owner: object;
  readonly publish: WaitingPublish;
  before: Waiting | undefined;
  after: Waiting | undefined;
}

interface OfflineLimits {
  readonly messages: number;
  readonly octets: number;
  /** Which one of the source that has most is dropped. */
  readonly drop: 'oldest' | 'newest';
}

export class OfflineQueue {
  #limits: OfflineLimits;
  /** The limits by which what waits is weighed: those of the time when nothing waited, so that each weighs the same as long as it is there. */
  #scale: OfflineLimits;
  readonly #byOwner = new Map<object, Set<Waiting>>();
  readonly #hosts: SourceTable<Waiting>;
  /** By host; and the last one of each link, by host and link. */
  readonly #links = new Map<string, SourceTable<Waiting>>();
  readonly #newest = new Map<string, Waiting>();
  #octets = 0;

  constructor(messages: number, octets: number, drop: 'oldest' | 'newest' = 'oldest') {
    this.#limits = { messages, octets, drop };
    this.#scale = this.#limits;
    this.#hosts = new SourceTable(this.#weightOf);
  }

  /** Other limits from now on. What is above them stays until it goes by itself: nothing comes in for which nothing goes. */
  set limits(limits: OfflineLimits) {
    this.#limits = limits;
  }

  /** Keeps a publish for the connection of `owner`; returns what had to be dropped for it, in the order in which it was: itself where it is larger than what may wait. */
  push(owner: object, publish: WaitingPublish): readonly WaitingPublish[] {
    if (publish.payload.length > this.#limits.octets) {
      return [publish]; // all others would have to go, and it would be too much still
    }
    if (this.#hosts.size === 0) {
      this.#scale = this.#limits;
    }
    const messages = Math.max(this.#limits.messages, this.#hosts.size);
    const octets = Math.max(this.#limits.octets, this.#octets);
    this.#add({ owner, publish, before: undefined, after: undefined });
    const dropped: WaitingPublish[] = [];
    while (this.#hosts.size > messages || this.#octets > octets) {
      const next = this.#toDrop();
      if (next === undefined) {
        break;
      }
      this.#remove(next);
      dropped.push(next.publish);
    }
    return dropped;
  }

  /** What waits longest for the connection of `owner`; undefined: nothing does. */
  first(owner: object): WaitingPublish | undefined {
    return this.#byOwner.get(owner)?.values().next().value?.publish;
  }

  /** Takes that out. */
  take(owner: object): void {
    const waiting = this.#byOwner.get(owner)?.values().next().value;
    if (waiting !== undefined) {
      this.#remove(waiting);
    }
  }

  /** Takes out everything that waits for the connection of `owner`, in order. */
  drain(owner: object): readonly WaitingPublish[] {
    const all = [...(this.#byOwner.get(owner) ?? [])];
    for (const waiting of all) {
      this.#remove(waiting);
    }
    return all.map(({ publish }) => publish);
  }

  /** Share of both bounds: one for the message, and as many as its octets take of the room for messages. */
  readonly #weightOf = ({ publish }: Waiting): number => {
    const { messages, octets } = this.#scale;
    return 1 + (octets > 0 ? Math.ceil((publish.payload.length * messages) / octets) : 0);
  };

  #toDrop(): Waiting | undefined {
    const ofHost = this.#hosts.first?.entry.publish.host;
    const oldest = ofHost === undefined ? undefined : this.#links.get(ofHost)?.first?.entry;
    return oldest && this.#limits.drop === 'newest' ? this.#newest.get(linkOf(oldest)) : oldest;
  }

  #add(waiting: Waiting): void {
    const { owner, publish } = waiting;
    const ofOwner = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.set(owner, ofOwner.add(waiting));
    const links = this.#links.get(publish.host) ?? new SourceTable<Waiting>(this.#weightOf);
    this.#links.set(publish.host, links);
    for (const [table, name] of [
      [this.#hosts, publish.host],
      [links, publish.link],
    ] as const) {
      table.add(waiting, name);
      table.offer(waiting);
    }
    const link = linkOf(waiting);
    waiting.before = this.#newest.get(link);
    if (waiting.before) {
      waiting.before.after = waiting;
    }
    this.#newest.set(link, waiting);
    this.#octets += publish.payload.length;
  }

  #remove(waiting: Waiting): void {
    const { owner, publish, before, after } = waiting;
    const ofOwner = this.#byOwner.get(owner);
    ofOwner?.delete(waiting);
    if (ofOwner?.size === 0) {
      this.#byOwner.delete(owner);
    }
    this.#hosts.remove(waiting);
    const links = this.#links.get(publish.host);
    links?.remove(waiting);
    if (links?.size === 0) {
      this.#links.delete(publish.host);
    }
    if (before) {
      before.after = after;
    }
    if (after) {
      after.before = before;
    } else if (before) {
      this.#newest.set(linkOf(waiting), before);
    } else {
      this.#newest.delete(linkOf(waiting));
    }
    this.#octets -= publish.payload.length;
  }
}

function linkOf({ publish }: Waiting): string {
  return `${publish.host} ${publish.link}`;
}
