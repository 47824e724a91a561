import type { Millis } from '../ports/clock.ts';

export interface RepeatLimitSettings {
  /** Lines of one kind that are written in one window, over all sources. */
  readonly lines: number;
  /** Lines of one kind and one source that are written in one window. */
  readonly perSource: number;
  /** Milliseconds from the first line of a kind to the end of its window. */
  readonly window: Millis;
  /**
   * As long as a source goes on repeating itself the windows of the kind grow, each twice as long as the one before, up to this; `lines` grows with
   * them, ten times at most. Left out: they do not.
   */
  readonly longest?: Millis;
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
  readonly length: Millis;
  /** Lines that may be written in it. */
  readonly limit: number;
  /** One source has repeated itself too often. */
  isRepeated: boolean;
  /** Those that had a line in this window: never more than lines. */
  readonly sources: Map<string, Source>;
  lines: number;
  key: K | undefined;
  heldBack: number;
}

/** A source is known by its beginning: what clients call themselves may be long. */
const MAX_SOURCE = 256;

const NONE: readonly never[] = [];

/** How much more may be written in a long window than in the shortest. */
const MOST_LINES = 10;

/**
 * Holds back what repeats itself, and counts it: by kind and source, and by kind in all. Fair between sources: the second half of what a
 * kind may write is for sources that had no line yet. Memory is bounded: for each kind one window, in it as many sources as lines may be written.
 */
export class RepeatLimit<K> {
  readonly #settings: RepeatLimitSettings;
  /** By kind. */
  readonly #windows = new Map<string, Window<K>>();
  /** When the first of them ends. */
  #firstEnd: Millis = Number.POSITIVE_INFINITY;
  /** Kinds that went on repeating themselves in a window that is over: how long the next one is, if it begins by then. */
  readonly #growing = new Map<string, { readonly length: Millis; readonly until: Millis }>();

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
    window.isRepeated ||= known !== undefined && known.lines >= this.#settings.perSource;
    window.heldBack++;
    if (known !== undefined) {
      known.heldBack++;
    }
    return false;
  }

  /** Forgets the windows that are over at `now` (all of them, at infinity) and returns those in which lines were held back, oldest first. */
  expired(now: Millis): readonly HeldBack<K>[] {
    if (now < this.#firstEnd) {
      return NONE;
    }
    this.#firstEnd = Number.POSITIVE_INFINITY;
    const over: (Window<K> & { readonly key: K })[] = [];
    for (const [kind, window] of this.#windows) {
      if (window.end > now) {
        this.#firstEnd = Math.min(this.#firstEnd, window.end);
        continue;
      }
      this.#windows.delete(kind);
      this.#ended(kind, window);
      if (hasKey(window)) {
        over.push(window);
      }
    }
    over.sort((one, other) => one.end - other.end);
    return over.map((window) => ({ key: window.key, count: window.heldBack, mostly: mostly(window) }));
  }

  /** The next window is longer where a source has repeated itself too often, if it begins before as much time has passed again. */
  #ended(kind: string, { isRepeated, length, end }: Window<K>): void {
    const { window, longest = window } = this.#settings;
    if (isRepeated && longest > window) {
      this.#growing.set(kind, { length: Math.min(2 * length, longest), until: end + length });
    } else {
      this.#growing.delete(kind);
    }
  }

  /** Sources that are remembered, over all windows that are open, or over and not yet forgotten. */
  get size(): number {
    return [...this.#windows.values()].reduce((sum, { sources }) => sum + sources.size, 0);
  }

  #windowOf(kind: string, now: Millis): Window<K> {
    let window = this.#windows.get(kind);
    if (window === undefined) {
      window = this.#newWindow(kind, now);
      this.#firstEnd = Math.min(this.#firstEnd, window.end);
      this.#windows.set(kind, window);
    }
    return window;
  }

  #newWindow(kind: string, now: Millis): Window<K> {
    const { window: shortest, lines } = this.#settings;
    const growing = this.#growing.get(kind);
    const length = growing !== undefined && now <= growing.until ? growing.length : shortest;
    const limit = lines * Math.min(MOST_LINES, length / shortest);
    const nothing = { lines: 0, key: undefined, heldBack: 0, isRepeated: false };
    return { end: now + length, length, limit, sources: new Map(), ...nothing };
  }

  #hasRoom(window: Window<K>, source: Source | undefined): boolean {
    const { perSource } = this.#settings;
    return source === undefined
      ? window.lines < window.limit
      : source.lines < perSource && window.lines < window.limit / 2;
  }
}

function hasKey<K>(window: Window<K>): window is Window<K> & { readonly key: K } {
  return window.key !== undefined;
}

function mostly<K>({ sources, heldBack }: Window<K>): string | undefined {
  for (const [name, source] of sources) {
    if (source.heldBack > heldBack / 2) {
      return name === '' ? undefined : name;
    }
  }
  return undefined;
}
