/** Reads records that the core asks for again. Nothing counts as gone that could not be read: it is asked for until the disk answers. */
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { RecordOfKey, StoreWriter } from './store-writer.ts';

/** Pause before what could not be read is asked for again. */
const AGAIN: Millis = 5_000;

/** Reads at a time: each has a thread of the few that Node.js has, which serial ports and the names of hosts need as well while a disk hangs. */
const AT_A_TIME = 2;

export interface RecordReaderParts {
  readonly writer: StoreWriter;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly loaded: (records: readonly RecordOfKey[]) => void;
}

export class RecordReader {
  readonly #parts: RecordReaderParts;
  /** What waits to be asked for again. */
  readonly #again = new Set<() => void>();
  #stopped = false;
  #underWay = 0;
  /** Keys whose turn has not come. */
  readonly #waiting: (readonly string[])[] = [];
  /** Why the disk does not answer, as the log has been told last; undefined: it answers. */
  #told: string | undefined;

  constructor(parts: RecordReaderParts) {
    this.#parts = parts;
  }

  /** The records of some keys, with what is not written yet. */
  load(keys: readonly string[]): void {
    this.#waiting.push(keys);
    this.#next();
  }

  #next(): void {
    if (this.#stopped || this.#underWay >= AT_A_TIME) {
      return;
    }
    const keys = this.#waiting.shift();
    if (keys === undefined) {
      return;
    }
    this.#underWay++;
    this.#parts.writer.read(keys).then(
      (records) => {
        this.#ended();
        this.#told = undefined;
        this.#parts.loaded(records);
      },
      (error: unknown) => {
        this.#ended();
        this.#failed(keys, error);
      },
    );
  }

  #ended(): void {
    this.#underWay--;
    this.#next();
  }

  #failed(keys: readonly string[], error: unknown): void {
    if (this.#stopped) {
      return;
    }
    const { clock, observer } = this.#parts;
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.#told) {
      this.#told = reason; // however often it is asked for again
      observer.note({ type: 'store-problem', reason });
    }
    const cancel = clock.wakeAt(clock.now() + AGAIN, () => {
      this.#again.delete(cancel);
      this.load(keys);
    });
    this.#again.add(cancel);
  }

  /** Nothing is asked for again. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
    for (const cancel of this.#again) {
      cancel();
    }
    this.#again.clear();
  }
}
