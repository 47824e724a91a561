import type { Millis } from '../ports/clock.ts';

/** One move of a client id from one address to another. */
export interface ClientMove {
  readonly clientId: string;
  readonly link: string;
  readonly from: string;
}

/** Client ids that are watched at a time; of more, those that moved longest ago are forgotten. */
const WATCHED = 200;

/** Moves to and fro that make two devices of one: a device that roams comes back to where it was as well, but not again and again. */
const MOVES = 3;

/** Moves that are further apart than this have nothing to do with each other. */
const WINDOW: Millis = 300_000;

/** Time between two warnings of one client id. */
const QUIET: Millis = 60_000;

interface Watched {
  /** The two places between which it moves. */
  places: readonly [string, string];
  moves: number;
  movedAt: Millis;
  toldAt: Millis;
}

/**
 * Tells two devices with one client id, each of which takes it from the other, from one that roams: the id goes to and fro between the same
 * two places. A place is a host where the hosts differ, for a device may come with another port each time; else it is an address.
 */
export class SharedClientIds {
  /** In the order of the last moves. */
  readonly #watched = new Map<string, Watched>();

  /** What to write of a move: the move itself, a warning that two devices have one id, or nothing, for that has been told. */
  moved({ clientId, link, from }: ClientMove, now: Millis): 'move' | 'shared' | 'nothing' {
    const places = placesOf(from, link);
    const before = this.#watched.get(clientId);
    this.#watched.delete(clientId);
    const goesOn = before && now - before.movedAt <= WINDOW && isBackOf(places, before.places);
    const moves = goesOn ? before.moves + 1 : 1;
    const isShared = moves >= MOVES;
    const isTold = goesOn === true && isShared && now - before.toldAt < QUIET;
    const toldAt = isShared && !isTold ? now : (before?.toldAt ?? Number.NEGATIVE_INFINITY);
    this.#watched.set(clientId, { places, moves, movedAt: now, toldAt });
    this.#forgetOldest();
    if (!isShared) {
      return 'move';
    }
    return isTold ? 'nothing' : 'shared';
  }

  /** Whether two devices are at it right now. */
  isShared(clientId: string, now: Millis): boolean {
    const watched = this.#watched.get(clientId);
    return watched !== undefined && watched.moves >= MOVES && now - watched.movedAt < QUIET;
  }

  /** How many are watched. */
  get size(): number {
    return this.#watched.size;
  }

  #forgetOldest(): void {
    for (const clientId of this.#watched.keys()) {
      if (this.#watched.size <= WATCHED) {
        return;
      }
      this.#watched.delete(clientId);
    }
  }
}

function placesOf(from: string, to: string): readonly [string, string] {
  const [hostFrom, hostTo] = [withoutPort(from), withoutPort(to)];
  return hostFrom === hostTo ? [from, to] : [hostFrom, hostTo];
}

function withoutPort(link: string): string {
  return link.replace(/:\d+$/, '');
}

function isBackOf([from, to]: readonly [string, string], [formerFrom, formerTo]: readonly [string, string]): boolean {
  return from === formerTo && to === formerFrom;
}
