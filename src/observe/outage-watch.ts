import type { Clock, Millis } from '../ports/clock.ts';
import type { Note, Observer } from '../ports/observer.ts';

/** Clients that are waited for by name; what becomes of more is not told. */
const MOST_CLIENTS = 100_000;

/** How long after the broker is back its clients are waited for. */
const RECOVERY_LIMIT: Millis = 60_000;

/** The own connection and a client's break so soon after each other where the broker drops everybody. */
const TOGETHER: Millis = 2_000;

interface Outage {
  /** When the last connection broke. */
  readonly since: Millis;
  /** When the broker was back; undefined: it is away. */
  over: Millis | undefined;
  back: number;
  lost: number;
  /** Clients that share a connection: how many there were, and how many have gone since; undefined: none share one. */
  readonly shared: number | undefined;
  sharedLost: number;
}

/**
 * Tells in one note what an outage of the broker has cost: how long it was, how many clients have their connection again, how many were
 * lost. It is told when the last one has come or gone, or a minute after the broker was back.
 */
export class OutageWatch implements Observer {
  readonly skipsMessages = true;
  readonly #tell: (note: Note) => void;
  readonly #clock: Pick<Clock, 'now'>;
  /** Clients whose connection to the broker broke and has not been made again, and when it broke. */
  readonly #missing = new Map<string, Millis>();
  /** When the own connection broke that has not been made again. */
  #ownBroke: Millis | undefined;
  #outage: Outage | undefined;
  readonly #present: (() => number) | undefined;
  /** The connection that clients share broke, and has not been made again. */
  #sharedBroke = false;

  /** `tell` gets the note. `present`: how many clients are there, where they share one connection, of which each has none to lose. */
  constructor(tell: (note: Note) => void, clock: Pick<Clock, 'now'>, present?: () => number) {
    this.#tell = tell;
    this.#clock = clock;
    this.#present = present;
  }

  note(note: Note): void {
    switch (note.type) {
      case 'gateway-reachable':
        this.#reachable(note);
        break;
      case 'upstream-down':
        this.#broke(note.clientId);
        break;
      case 'upstream-up':
        if (note.clientId === undefined) {
          this.#ownIsBack();
        }
        this.#decided(note.clientId, 'back');
        break;
      case 'shared-connection-down':
        this.#sharedBroke = true;
        break;
      case 'shared-connection-up':
        this.#sharedBroke = false;
        break;
      case 'client-lost':
      case 'client-disconnected':
        if (!this.#decided(note.clientId, 'lost') && this.#outage?.shared !== undefined) {
          this.#outage.sharedLost++;
        }
        break;
      default:
        return;
    }
    this.look();
  }

  /** Tells of an outage that is over long enough; to be called every few seconds. */
  look(): void {
    const outage = this.#outage;
    if (outage?.over === undefined) {
      return;
    }
    const isAllDecided = this.#missing.size === 0 && !(this.#sharedBroke && outage.shared !== undefined);
    if (isAllDecided || this.#clock.now() - outage.over >= RECOVERY_LIMIT) {
      this.#finish(outage, outage.over);
    }
  }

  #reachable({ reachable, lostFor = 0 }: Extract<Note, { type: 'gateway-reachable' }>): void {
    const now = this.#clock.now();
    if (reachable) {
      if (this.#outage !== undefined) {
        this.#outage.over ??= now;
      }
      return;
    }
    if (this.#outage?.over !== undefined) {
      this.#finish(this.#outage, this.#outage.over);
    }
    this.#outage ??= this.#begins(now - lostFor, undefined);
  }

  #broke(clientId: string | undefined): void {
    const now = this.#clock.now();
    if (clientId === undefined) {
      this.#ownBroke ??= now;
    } else if (this.#missing.size < MOST_CLIENTS && !this.#missing.has(clientId)) {
      this.#missing.set(clientId, now);
    }
  }

  /** A broker that is back before any attempt was in vain was away all the same, where it has dropped clients as well. */
  #ownIsBack(): void {
    const since = this.#ownBroke;
    this.#ownBroke = undefined;
    if (since === undefined || this.#outage !== undefined) {
      return;
    }
    for (const broke of this.#missing.values()) {
      if (Math.abs(broke - since) <= TOGETHER) {
        this.#outage = this.#begins(since, this.#clock.now());
        return;
      }
    }
  }

  #begins(since: Millis, over: Millis | undefined): Outage {
    const shared = this.#present === undefined ? undefined : Math.max(0, this.#present() - this.#missing.size);
    return { since, over, back: 0, lost: 0, shared, sharedLost: 0 };
  }

  /** Whether the client was waited for. */
  #decided(clientId: string | undefined, outcome: 'back' | 'lost'): boolean {
    const isAwaited = clientId !== undefined && this.#missing.delete(clientId);
    if (isAwaited && this.#outage !== undefined) {
      this.#outage[outcome]++;
    }
    return isAwaited;
  }

  /** Of the clients that share a connection those that were not lost meanwhile are served again, or wait for it. */
  #finish({ since, back, lost, shared = 0, sharedLost }: Outage, over: Millis): void {
    this.#outage = undefined;
    const kept = Math.max(0, shared - sharedLost);
    const missing = this.#missing.size + (this.#sharedBroke ? kept : 0);
    this.#tell({
      type: 'outage-over',
      duration: over - since,
      back: back + (this.#sharedBroke ? 0 : kept),
      lost: lost + sharedLost,
      missing,
    });
  }
}
