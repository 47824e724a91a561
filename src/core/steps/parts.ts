/**
 * A turn of several parts: messages of one datagram, deadlines of one tick, sessions after a start. What an earlier part did stands where a
 * later one breaks an invariant, and the parts behind it are not forgotten (design 3).
 */

import { collectWrites } from './persistence.ts';
import type { Part, Turn } from './turn.ts';

/** One of several messages or deadlines of a turn is done: what it promised is written, also where a later one breaks an invariant. */
export function partDone(turn: Turn): void {
  collectWrites(turn);
  turn.stand();
}

/** Not a part: others may be heard before what follows, where there are any (`Shared.pauses`). */
export const PAUSE: Part = { session: undefined, run: () => {} };

/** Runs the parts, one after the other. Where one breaks an invariant, `continueParts` goes on behind it. */
export function inParts(parts: Iterator<Part, void>, turn: Turn): void {
  turn.shared.unfinished = parts;
  continueParts(turn);
}

/** Goes on with what an invariant, or a pause, has broken off; nothing where there is nothing. */
export function continueParts(turn: Turn): void {
  const parts = turn.shared.unfinished;
  if (parts === undefined) {
    return;
  }
  turn.shared.isPaused = false;
  for (let next = parts.next(); !next.done; next = parts.next()) {
    turn.current = next.value.session;
    next.value.run(turn);
    partDone(turn);
    if (next.value === PAUSE && turn.shared.pauses) {
      turn.shared.isPaused = true;
      return;
    }
  }
  turn.shared.unfinished = undefined;
}
