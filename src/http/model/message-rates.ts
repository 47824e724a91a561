import type { Clock, Millis } from '../../ports/clock.ts';

/** Messages since the start. */
export interface MessageCounts {
  /** From clients. */
  readonly up: number;
  /** To clients. */
  readonly down: number;
}

/** A rate is that of so long at least: of less it would jump. */
const SHORTEST: Millis = 2_000;
/** And of so long at most. */
const LONGEST: Millis = 15_000;

const KINDS = { up: 'client-published.', down: 'delivered.' } as const;

/** Messages of all QoS in what the gateway has counted (`Site.counts`). */
export function messagesIn(counts: Readonly<Record<string, number>>): MessageCounts {
  const sum = { up: 0, down: 0 };
  for (const [name, count] of Object.entries(counts)) {
    if (name.startsWith(KINDS.up)) {
      sum.up += count;
    } else if (name.startsWith(KINDS.down)) {
      sum.down += count;
    }
  }
  return sum;
}

interface Sample extends MessageCounts {
  readonly at: Millis;
}

/** Messages a second, from the counts as they are at some moments: the more often it is told them, the fresher. */
export class MessageRates {
  readonly #clock: Pick<Clock, 'now'>;
  /** Oldest first; the first is the newest that is old enough, or the oldest there is. */
  #samples: Sample[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The counts as they are now. Returns the rates of the last seconds; 0 where none are known yet. */
  sample(counts: MessageCounts): MessageCounts {
    const now = this.#clock.now();
    this.#samples = this.#samples.filter(({ at }) => now - at <= LONGEST);
    const oldEnough = this.#samples.findLastIndex(({ at }) => now - at >= SHORTEST);
    if (oldEnough > 0) {
      this.#samples.splice(0, oldEnough);
    }
    const [before] = this.#samples;
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= SHORTEST / 4) {
      this.#samples.push({ at: now, ...counts });
    }
    if (before === undefined || now === before.at) {
      return { up: 0, down: 0 };
    }
    const seconds = (now - before.at) / 1_000;
    return { up: (counts.up - before.up) / seconds, down: (counts.down - before.down) / seconds };
  }
}
