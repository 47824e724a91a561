import type { Clock, Millis } from '../ports/clock.ts';

/** How often files are looked at. */
const LOOK_INTERVAL: Millis = 1_000;

export interface FileWatchParts {
  readonly clock: Clock;
  /** What tells one state of a file from another; never rejects. */
  readonly stampOf: (path: string) => Promise<string>;
  /** Files are others than those that are known, and have stayed so from one look to the next. */
  readonly changed: () => void;
}

/**
 * Looks at some files every second. What tells of changes by itself, as inotify does, knows nothing of files behind links, on network disks, or that
 * are replaced as a whole folder is; a look costs one question for each file. A file that is still being written is another one at the next look.
 */
export class FileWatch {
  readonly #parts: FileWatchParts;
  #files: readonly string[] = [];
  /** What is known of them. */
  #known = '';
  /** What the last look has shown where that was something else. */
  #seen: string | undefined;
  /** Counts what is asked for, so that a look that was under way then says nothing. */
  #turn = 0;
  #cancel: () => void = () => {};

  constructor(parts: FileWatchParts) {
    this.#parts = parts;
  }

  /** Looks at these files from now on, in place of others; `stamps`: how each was when it was read, by path. None: looks at nothing. */
  watch(stamps: ReadonlyMap<string, string>): void {
    this.#files = [...stamps.keys()];
    this.#known = [...stamps.values()].join('|');
    this.#seen = undefined;
    this.#lookLater();
  }

  /** Looks at these as well; how one that is looked at already is known stays. Where nothing is looked at, nothing is. */
  add(stamps: ReadonlyMap<string, string>): void {
    const more = [...stamps].filter(([path]) => !this.#files.includes(path));
    if (this.#files.length === 0 || more.length === 0) {
      return;
    }
    this.#files = [...this.#files, ...more.map(([path]) => path)];
    this.#known = [this.#known, ...more.map(([, stamp]) => stamp)].join('|');
    this.#seen = undefined;
    this.#lookLater();
  }

  /** Somebody else is about to read them: what they are by now is known, what changes from now on is told. */
  async know(): Promise<void> {
    const files = this.#files;
    const state = await this.#state();
    if (files === this.#files) {
      this.#known = state;
      this.#seen = undefined;
    }
  }

  #lookLater(): void {
    this.#cancel();
    const turn = ++this.#turn;
    if (this.#files.length > 0) {
      this.#cancel = this.#parts.clock.wakeAt(this.#parts.clock.now() + LOOK_INTERVAL, () => void this.#look(turn));
    }
  }

  async #look(turn: number): Promise<void> {
    const state = await this.#state();
    if (turn !== this.#turn) {
      return;
    }
    this.#lookLater();
    if (state === this.#known) {
      this.#seen = undefined;
    } else if (state === this.#seen) {
      this.#known = state;
      this.#seen = undefined;
      this.#parts.changed();
    } else {
      this.#seen = state;
    }
  }

  async #state(): Promise<string> {
    const stamps = await Promise.all(this.#files.map((path) => this.#parts.stampOf(path)));
    return stamps.join('|');
  }
}
