/** Reads records that the core asks for again. Nothing counts as gone that could not be read: it is asked for until the disk answers. */
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { RecordOfKey, StoreWriter } from './store-writer.ts';

/** Pause before what could not be read is asked for again. */
const AGAIN: Millis = 5_000;

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
  /** Why the disk does not answer, as the log has been told last; undefined: it answers. */
  #told: string | undefined;

  constructor(parts: RecordReaderParts) {
    this.#parts = parts;
  }

  /** The records of some keys, with what is not written yet. */
  load(keys: readonly string[]): void {
    const { writer, clock, observer, loaded } = this.#parts;
    const read = (records: readonly RecordOfKey[]): void => {
      this.#told = undefined;
      loaded(records);
    };
    writer.read(keys).then(read, (error: unknown) => {
      if (this.#stopped) {
        return;
      }
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
    });
  }

  /** Nothing is asked for again. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#again) {
      cancel();
    }
    this.#again.clear();
  }
}
