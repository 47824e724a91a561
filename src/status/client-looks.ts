import type { Millis } from '../ports/clock.ts';
import type { Link, Note } from '../ports/observer.ts';
import type { Sessions } from '../ports/sessions.ts';
import { type ClientReport, clientReport, departedReport } from './client-report.ts';
import { Departed } from './departed.ts';
import { Signals } from './signals.ts';

/** A client as it is now, or was when it left. */
export interface ClientLook {
  readonly report: ClientReport;
  /** On the clock of the sessions. */
  readonly lastHeard: Millis;
}

/** A note that a client left. */
export type Leaving = Extract<Note, { type: 'client-lost' | 'client-disconnected' }>;

export interface ClientLooksParts {
  readonly sessions: Sessions;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** What can be seen of clients: of those that have a session, and for a while of those whose session ended when they left. */
export class ClientLooks {
  readonly #parts: ClientLooksParts;
  readonly #signals = new Signals();
  readonly #departed = new Departed();

  constructor(parts: ClientLooksParts) {
    this.#parts = parts;
  }

  /** Client ids of all of which there is something to see. */
  *clientIds(): Generator<string> {
    yield* this.#parts.sessions.clientIds();
    yield* this.#departed.clientIds;
  }

  /** A radio tells how strong it has heard somebody, in dBm. */
  signal(link: Link, rssi: number): void {
    this.#signals.heard(link, rssi);
  }

  /** A client leaves; `lastHeard`: as it was said last, where it was. Returns a client of whom there is nothing to see any more for it. */
  left({ type, clientId, link }: Leaving, lastHeard: Millis | undefined, now: Millis): string | undefined {
    const state = type === 'client-lost' ? 'lost' : 'disconnected';
    return this.#departed.add(clientId, { state, link, lastHeard: lastHeard ?? this.#parts.sessions.now() }, now);
  }

  /** There is nothing to see of it any more, where it has no session. False: there was nothing. */
  forget(clientId: string): boolean {
    return this.#departed.delete(clientId);
  }

  /** Undefined: there is nothing to see. */
  at(clientId: string, now: Millis): ClientLook | undefined {
    const { sessions, wallClock } = this.#parts;
    const view = sessions.session(clientId);
    const moment = { now: sessions.now(), wall: wallClock() };
    if (view !== undefined) {
      this.#departed.delete(clientId);
      return { report: clientReport(view, moment, this.#signals.of(view.link)), lastHeard: view.lastHeard };
    }
    const departure = this.#departed.get(clientId, now);
    if (departure === undefined) {
      return undefined;
    }
    const { lastHeard, link } = departure;
    return { report: departedReport(clientId, departure, moment, this.#signals.of(link)), lastHeard };
  }
}
