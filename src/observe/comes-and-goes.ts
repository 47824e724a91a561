import type { Clock, Millis } from '../ports/clock.ts';
import type { Note } from '../ports/observer.ts';
import type { NoteOf } from './note-line.ts';

type Coming = NoteOf<
  'client-connected' | 'client-disconnected' | 'client-asleep' | 'client-lost' | 'connect-abandoned'
>;

/** What became of a client that comes and goes, in a while. */
export interface Comings {
  readonly clientId: string;
  /** Where it was last. */
  readonly link: string;
  connects: number;
  lost: number;
  /** It has not come or gone for a while: what is told of it from now on is told at once. */
  readonly isOver: boolean;
  /** Milliseconds that this counts for. */
  over: Millis;
}

export interface ComingsSummary {
  /** Those that came most often. */
  readonly clients: readonly Comings[];
  /** How many others there were, and how often they came. */
  readonly others: number;
  readonly otherConnects: number;
}

interface Known {
  /** When it connected first in this row. */
  readonly first: Millis;
  /** How often in a row it has come, none of them long after the one before. */
  row: number;
  /** When it was heard of last. */
  last: Millis;
  /** From when on it is summed up; undefined: it is not. */
  since: Millis | undefined;
  sum: Comings;
}

const MINUTE: Millis = 60_000;

/** So many connects in a row are many. */
const MANY = 4;

/** A client that comes again within this time goes on with its row. */
const GAP: Millis = 20 * MINUTE;

/** How often those that come and go are summed up. */
const INTERVAL: Millis = 60 * MINUTE;

/** Clients that are known at a time; of more, those that were heard of longest ago are forgotten. */
const MOST_KNOWN = 2_000;

/** Clients that are named in one summary. */
const MOST_NAMED = 10;

/**
 * Clients that connect again and again, because they sleep that way or because something is wrong: after the fourth time in a row they are summed up
 * once an hour, in place of two lines for each time.
 */
export class ComesAndGoes {
  /** In the order in which they were heard of last. */
  readonly #known = new Map<string, Known>();
  #nextSummary: Millis | undefined;
  /** Of those that have stopped since the last summary and begun anew; never more than are named. */
  #ended: Comings[] = [];
  /** Of those that had to be forgotten since the last summary, or that were too many to be named. */
  #forgotten = { clients: 0, connects: 0 };

  /**
   * What to do with the line of a note: tell it; hold it back, for its client comes and goes; or tell that this begins, `over` so many milliseconds
   * since its first time.
   */
  heard(note: Note, clock: Pick<Clock, 'now'>): 'tell' | 'hold' | Comings {
    if (!isComing(note)) {
      return 'tell';
    }
    const now = clock.now();
    const known = this.#known.get(note.clientId);
    if (note.type === 'client-connected') {
      return this.#connected(note, known, now);
    }
    if (known?.since === undefined) {
      return 'tell';
    }
    known.last = now;
    known.sum.lost += note.type === 'client-lost' ? 1 : 0;
    return 'hold';
  }

  /** What is to be told by now of those that come and go; undefined: nothing. At infinity: all that is left. */
  summary(now: Millis): ComingsSummary | undefined {
    if (this.#nextSummary === undefined || now < this.#nextSummary) {
      return undefined;
    }
    const sums = this.#ended;
    this.#ended = [];
    for (const [clientId, known] of this.#known) {
      const { since, sum, last } = known;
      if (since === undefined) {
        continue;
      }
      const until = now === Number.POSITIVE_INFINITY ? last : now;
      const isOver = until - last > GAP;
      sums.push({ ...sum, isOver, over: until - since });
      if (isOver) {
        this.#known.delete(clientId); // it stays where it is
      } else {
        known.since = until;
        known.sum = { ...sum, connects: 0, lost: 0 };
      }
    }
    const isAny = [...this.#known.values()].some(({ since }) => since !== undefined);
    this.#nextSummary = isAny ? now + INTERVAL : undefined;
    sums.sort((one, other) => other.connects - one.connects);
    const rest = sums.slice(MOST_NAMED);
    const others = rest.length + this.#forgotten.clients;
    const otherConnects = rest.reduce((sum, { connects }) => sum + connects, this.#forgotten.connects);
    this.#forgotten = { clients: 0, connects: 0 };
    return { clients: sums.slice(0, MOST_NAMED), others, otherConnects };
  }

  /** How many are known. */
  get size(): number {
    return this.#known.size;
  }

  #connected(
    { clientId, link }: NoteOf<'client-connected'>,
    before: Known | undefined,
    now: Millis,
  ): 'tell' | 'hold' | Comings {
    const goesOn = before !== undefined && now - before.last <= GAP;
    if (!goesOn && before?.since !== undefined) {
      this.#hasEnded(before.sum, before.last - before.since);
    }
    const known = goesOn ? before : newKnown(clientId, link, now);
    this.#known.delete(clientId);
    this.#known.set(clientId, known);
    this.#forgetOldest();
    known.row++;
    known.last = now;
    known.sum = { ...known.sum, link, connects: known.sum.connects + 1 };
    if (known.since !== undefined) {
      return 'hold';
    }
    if (known.row < MANY) {
      return 'tell';
    }
    known.since = now;
    known.sum = { ...known.sum, connects: 0, lost: 0 };
    this.#nextSummary ??= now + INTERVAL;
    return { ...known.sum, connects: known.row, over: now - known.first };
  }

  /** What was held back of a client that begins anew is told all the same. */
  #hasEnded(sum: Comings, over: Millis): void {
    if (this.#ended.length < MOST_NAMED) {
      this.#ended.push({ ...sum, isOver: true, over });
    } else {
      this.#forgotten.clients++;
      this.#forgotten.connects += sum.connects;
    }
  }

  #forgetOldest(): void {
    for (const [clientId, { since, sum }] of this.#known) {
      if (this.#known.size <= MOST_KNOWN) {
        return;
      }
      this.#known.delete(clientId);
      if (since !== undefined) {
        this.#forgotten.clients++;
        this.#forgotten.connects += sum.connects;
      }
    }
  }
}

function newKnown(clientId: string, link: string, now: Millis): Known {
  return {
    first: now,
    row: 0,
    last: now,
    since: undefined,
    sum: { clientId, link, connects: 0, lost: 0, isOver: false, over: 0 },
  };
}

function isComing(note: Note): note is Coming {
  switch (note.type) {
    case 'client-connected':
    case 'client-disconnected':
    case 'client-asleep':
    case 'client-lost':
    case 'connect-abandoned':
      return true;
    default:
      return false;
  }
}
