import type { Millis } from '../ports/clock.ts';

export interface RepeatLimitSettings {
  /** Lines of one kind that are written in one window, over all sources. */
  readonly lines: number;
  /** Lines of one kind and one source that are written in one window. */
  readonly perSource: number;
  /** Milliseconds from the first line of a kind to the end of its window. */
  readonly window: Millis;
}

/** Lines of one kind that were held back in a window that is over. */
export interface HeldBack<K> {
  /** Of the first one that was held back. */
  readonly key: K;
  readonly count: number;
  /** The source of most of them where one has more than half; undefined where there is no such one, or no source. */
  readonly mostly: string | undefined;
}

interface Source {
  lines: number;
  heldBack: number;
}

interface Window<K> {
  readonly end: Millis;
  /** Those that had a line in this window: never more than lines. */
  readonly sources: Map<string, Source>;
  lines: number;
  key: K | undefined;
  heldBack: number;
}

/** A source is known by its beginning: what clients call themselves may be long. */
const MAX_SOURCE = 256;

/**
 * Holds back what repeats itself, and counts it: by kind and source, and by kind in all. Fair between sources: the second half of what a
 * kind may write is for sources that had no line yet. Memory is bounded: for each kind one window, in it at most `lines` sources.
 */
export class RepeatLimit<K> {
  readonly #settings: RepeatLimitSettings;
  /** By kind, in the order in which the windows end: all last equally long. */
  readonly #windows = new Map<string, Window<K>>();

  constructor(settings: RepeatLimitSettings) {
    this.#settings = settings;
  }

  /**
   * Whether one more line may be written. `kind`: few values. `source`: whoever caused it, empty where there is nobody. `keyOf` makes what
   * `expired` gives back: from that of the lines held back before, undefined at first.
   */
  admits(kind: string, source: string, now: Millis, keyOf: (before: K | undefined) => K): boolean {
    const window = this.#windowOf(kind, now);
    const name = source.slice(0, MAX_SOURCE);
    const known = window.sources.get(name);
    if (this.#hasRoom(window, known)) {
      window.lines++;
      if (known === undefined) {
        window.sources.set(name, { lines: 1, heldBack: 0 });
      } else {
        known.lines++;
      }
      return true;
    }
    window.key = keyOf(window.key);
    window.heldBack++;
    if (known !== undefined) {
      known.heldBack++;
    }
    return false;
  }

  /** Forgets the windows that are over at `now` (all of them, at infinity) and returns those in which lines were held back, oldest first. */
  expired(now: Millis): readonly HeldBack<K>[] {
    const all: HeldBack<K>[] = [];
    for (const [kind, window] of this.#windows) {
      if (window.end > now) {
        break;
      }
      this.#windows.delete(kind);
      if (window.key !== undefined) {
        all.push({ key: window.key, count: window.heldBack, mostly: mostly(window) });
      }
    }
    return all;
  }

  /** Sources that are remembered, over all windows that are open, or over and not yet forgotten. */
  get size(): number {
    return [...this.#windows.values()].reduce((sum, { sources }) => sum + sources.size, 0);
  }

  #windowOf(kind: string, now: Millis): Window<K> {
    let window = this.#windows.get(kind);
    if (window === undefined) {
      window = { end: now + this.#settings.window, sources: new Map(), lines: 0, key: undefined, heldBack: 0 };
      this.#windows.set(kind, window);
    }
    return window;
  }

  #hasRoom(window: Window<K>, source: Source | undefined): boolean {
    const { lines, perSource } = this.#settings;
    return source === undefined ? window.lines < lines : source.lines < perSource && window.lines < lines / 2;
  }
}

function mostly<K>({ sources, heldBack }: Window<K>): string | undefined {
  for (const [name, source] of sources) {
    if (source.heldBack > heldBack / 2) {
      return name === '' ? undefined : name;
    }
  }
  return undefined;
}
