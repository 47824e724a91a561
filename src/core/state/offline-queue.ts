/**
 * QoS 0 and −1 publishes that wait while the broker is away (3.5 item 3): one queue for the whole gateway, bounded in number and octets,
 * so that no number of clients can make it grow. On overflow the oldest, or the newest, is dropped.
 */

/** What waits. */
export interface WaitingPublish {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** For the note where it has to be dropped. */
  readonly clientId: string | undefined;
  readonly link: string;
  /** QoS −1: the host of its sender, over all transports. */
  readonly host?: string;
  readonly qos: 0 | -1;
}

export class OfflineQueue {
  readonly #maxMessages: number;
  readonly #maxOctets: number;
  readonly #drop: 'oldest' | 'newest';
  readonly #entries = new Map<number, { readonly owner: object; readonly publish: WaitingPublish }>();
  readonly #byOwner = new Map<object, Set<number>>();
  #sequence = 0;
  #octets = 0;

  constructor(maxMessages: number, maxOctets: number, drop: 'oldest' | 'newest' = 'oldest') {
    this.#maxMessages = maxMessages;
    this.#maxOctets = maxOctets;
    this.#drop = drop;
  }

  /** Keeps a publish for the connection of `owner`; returns what had to be dropped for it, oldest first. */
  push(owner: object, publish: WaitingPublish): readonly WaitingPublish[] {
    const full = this.#entries.size >= this.#maxMessages || this.#octets + publish.payload.length > this.#maxOctets;
    if (full && this.#drop === 'newest') {
      return [publish];
    }
    const key = this.#sequence++;
    this.#entries.set(key, { owner, publish });
    this.#octets += publish.payload.length;
    const keys = this.#byOwner.get(owner);
    if (keys) {
      keys.add(key);
    } else {
      this.#byOwner.set(owner, new Set([key]));
    }
    const dropped: WaitingPublish[] = [];
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxMessages && this.#octets <= this.#maxOctets) {
        break;
      }
      const entry = this.#take(oldest);
      if (entry) {
        dropped.push(entry);
      }
    }
    return dropped;
  }

  /** What waits longest for the connection of `owner`; undefined: nothing does. */
  first(owner: object): WaitingPublish | undefined {
    const key = this.#byOwner.get(owner)?.values().next().value;
    return key === undefined ? undefined : this.#entries.get(key)?.publish;
  }

  /** Takes that out. */
  take(owner: object): void {
    const key = this.#byOwner.get(owner)?.values().next().value;
    if (key !== undefined) {
      this.#take(key);
    }
  }

  /** Takes out everything that waits for the connection of `owner`, in order. */
  drain(owner: object): readonly WaitingPublish[] {
    const waiting: WaitingPublish[] = [];
    for (const key of this.#byOwner.get(owner) ?? []) {
      const publish = this.#take(key);
      if (publish) {
        waiting.push(publish);
      }
    }
    return waiting;
  }

  #take(key: number): WaitingPublish | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    this.#entries.delete(key);
    this.#octets -= entry.publish.payload.length;
    const keys = this.#byOwner.get(entry.owner);
    keys?.delete(key);
    if (keys?.size === 0) {
      this.#byOwner.delete(entry.owner);
    }
    return entry.publish;
  }
}
