import type { Millis } from '../ports/clock.ts';

export interface RepeatLimitSettings {
  /** Lines with the same key that are written in one window. */
  readonly lines: number;
  /** Milliseconds from the first line of a window to its end. */
  readonly window: Millis;
  /** Keys that are told apart at the same time; more share one by their `group`. */
  readonly keys: number;
}

/** Lines that were held back in a window that is over. */
export interface HeldBack<K> {
  readonly key: K;
  readonly count: number;
}

interface Window<K> {
  readonly key: K;
  readonly end: Millis;
  lines: number;
}

/** Counts what repeats itself. Memory is bounded: `keys`, and one window more for each group. */
export class RepeatLimit<K> {
  readonly #settings: RepeatLimitSettings;
  /** In the order in which the windows end: all last equally long. */
  readonly #windows = new Map<string, Window<K>>();

  constructor(settings: RepeatLimitSettings) {
    this.#settings = settings;
  }

  /**
   * Whether one more line may be written. `id` tells the line from others; where too many different ones came, `group` does
   * (few values). `key` is given back with the count by `expired`, made by `keyOf` when a window begins.
   */
  admits(id: string, group: string, now: Millis, keyOf: (grouped: boolean) => K): boolean {
    const { lines, window, keys } = this.#settings;
    const grouped = this.#windows.size >= keys && !this.#windows.has(id);
    const name = grouped ? `\0${group}` : id;
    let open = this.#windows.get(name);
    if (open === undefined) {
      open = { key: keyOf(grouped), end: now + window, lines: 0 };
      this.#windows.set(name, open);
    }
    return ++open.lines <= lines;
  }

  /** Forgets the windows that are over at `now` (all of them, at infinity) and returns those in which lines were held back, oldest first. */
  expired(now: Millis): readonly HeldBack<K>[] {
    const heldBack: HeldBack<K>[] = [];
    for (const [name, { key, end, lines }] of this.#windows) {
      if (end > now) {
        break;
      }
      this.#windows.delete(name);
      if (lines > this.#settings.lines) {
        heldBack.push({ key, count: lines - this.#settings.lines });
      }
    }
    return heldBack;
  }

  /** Windows that are open, or over and not yet forgotten. */
  get size(): number {
    return this.#windows.size;
  }
}
