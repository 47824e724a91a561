import type { Millis } from '../ports/clock.ts';
import type { Link } from '../ports/observer.ts';

/** How long something is said of a client whose session ended with its connection. */
const KEPT_FOR: Millis = 3_600_000;

/** Such clients; the one that left first goes first. */
const MOST = 10_000;

/** How a client left. */
export interface Departure {
  readonly state: 'lost' | 'disconnected';
  readonly link: Link;
  /** When it was seen last, on the clock of the sessions. */
  readonly lastHeard: Millis;
}

/** Clients that had no session to come back to when they left: that one is lost is of most interest when nothing is left of it. */
export class Departed {
  /** With the time until when something is said of it. */
  readonly #clients = new Map<string, Departure & { readonly until: Millis }>();

  get clientIds(): Iterable<string> {
    return this.#clients.keys();
  }

  /** Returns the one of which nothing is said any more for it; undefined: there is room. */
  add(clientId: string, departure: Departure, now: Millis): string | undefined {
    this.#clients.delete(clientId);
    this.#clients.set(clientId, { ...departure, until: now + KEPT_FOR });
    const [first] = this.#clients.keys();
    if (first === undefined || this.#clients.size <= MOST) {
      return undefined;
    }
    this.#clients.delete(first);
    return first;
  }

  /** Nothing is said of it any more. False: nothing was. */
  delete(clientId: string): boolean {
    return this.#clients.delete(clientId);
  }

  /** How it left; undefined: it did not, or that is long ago. */
  get(clientId: string, now: Millis): Departure | undefined {
    const departure = this.#clients.get(clientId);
    if (departure !== undefined && now >= departure.until) {
      this.#clients.delete(clientId);
      return undefined;
    }
    return departure;
  }
}
