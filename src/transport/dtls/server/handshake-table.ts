import type { Association } from './association.ts';

/** Milliseconds after which a handshake that is not over is given up: the waits of RFC 6347 4.2.4.1 up to the sixth repetition. */
const PATIENCE = 63_000;
/** Deadlines are looked at no more often than this, in milliseconds: there may be a thousand of them. */
const GRAIN = 50;

/** Associations whose clients have not proven anything but that they are at their address, the oldest first. */
export class HandshakeTable {
  readonly #limit: number;
  readonly #byAddress = new Map<string, Association>();
  readonly #byId = new Map<number, Association>();
  readonly #begun = new Map<Association, number>();
  #deadline: number | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byAddress.size;
  }

  from(address: string): Association | undefined {
    return this.#byAddress.get(address);
  }

  withId(id: number): Association | undefined {
    return this.#byId.get(id);
  }

  /** Takes one in, begun at `now`. Returns the oldest one where there would be more than the limit: it is out by then. */
  add(association: Association, now: number): Association | undefined {
    const [oldest] = this.#byAddress.size >= this.#limit ? this.#byAddress.values() : [];
    if (oldest !== undefined) {
      this.remove(oldest);
    }
    this.#byAddress.set(association.remote.key, association);
    this.#byId.set(association.id, association);
    this.#begun.set(association, now);
    this.noteDeadline(association, now);
    return oldest;
  }

  remove(association: Association): void {
    this.#byAddress.delete(association.remote.key);
    this.#byId.delete(association.id);
    this.#begun.delete(association);
  }

  /** Something of this one has changed at `now`. */
  noteDeadline(association: Association, now: number): void {
    const deadline = Math.max(this.#deadlineOf(association), now + GRAIN);
    this.#deadline = Math.min(this.#deadline ?? Number.POSITIVE_INFINITY, deadline);
  }

  /** When `due` is to be asked, in milliseconds; undefined: there is no handshake. Early is harmless. */
  get deadline(): number | undefined {
    return this.#byAddress.size === 0 ? undefined : this.#deadline;
  }

  /** Those that have to be looked at by `now`: `over`: given up, and out by now; `unanswered`: their flight is to be sent again. */
  due(now: number): { readonly over: readonly Association[]; readonly unanswered: readonly Association[] } {
    if (this.#deadline === undefined || now < this.#deadline) {
      return { over: [], unanswered: [] };
    }
    const all = [...this.#begun];
    const over = all.filter(([, begun]) => begun + PATIENCE <= now).map(([association]) => association);
    for (const association of over) {
      this.remove(association);
    }
    const unanswered = [...this.#begun.keys()].filter(({ handshake }) => (handshake?.deadline ?? now + 1) <= now);
    this.#deadline = undefined;
    for (const association of this.#begun.keys()) {
      this.noteDeadline(association, now);
    }
    return { over, unanswered };
  }

  #deadlineOf(association: Association): number {
    const end = (this.#begun.get(association) ?? 0) + PATIENCE;
    return Math.min(end, association.handshake?.deadline ?? end);
  }
}
