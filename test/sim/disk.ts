/** A disk: what was written outlives the process, what was synced outlives a loss of power. It can be full, and it can hang. */
import { asWritten, type StoredRecord, type StoreWrite } from './adapter.ts';
import type { Random } from './streams.ts';
import type { Timeline } from './timeline.ts';

type Change = readonly [key: string, record: StoredRecord | undefined];

interface Batch {
  readonly changes: Change[];
  durable: boolean;
  readonly settle: ((error: Error | undefined) => void)[];
}

export class Disk {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #onSettled: () => void;
  readonly #synced = new Map<string, StoredRecord>();
  /** Handed over, and not synced yet: each batch is there as a whole or not at all. */
  #unsynced: (readonly Change[])[] = [];
  #open: Batch | undefined;
  #writing: Batch | undefined;
  /** Batches of a process that is gone settle nothing. */
  #life = 0;
  full = false;
  #hangs = false;

  /** `onSettled`: promises have been settled, and what waits for them has to run. */
  constructor(timeline: Timeline, random: Random, onSettled: () => void) {
    this.#timeline = timeline;
    this.#random = random;
    this.#onSettled = onSettled;
  }

  get hangs(): boolean {
    return this.#hangs;
  }

  set hangs(value: boolean) {
    this.#hangs = value;
    if (!value && this.#writing !== undefined) {
      const life = this.#life;
      this.#timeline.after(1, () => this.#done(life));
    }
  }

  /** As the port says: joined into batches, one after the other. */
  write(writes: readonly StoreWrite[], durable: boolean): Promise<void> {
    const changes = writes.map(({ key, record }): Change => [key, record]);
    return new Promise((resolve, reject) => {
      this.#open ??= { changes: [], durable: false, settle: [] };
      this.#open.changes.push(...changes);
      this.#open.durable ||= durable;
      this.#open.settle.push((error) => (error === undefined ? resolve() : reject(error)));
      this.#begin();
    });
  }

  /** As the port says; what hangs hangs. */
  find(keys: readonly string[]): Promise<readonly (StoredRecord | undefined)[]> {
    const life = this.#life;
    return new Promise((resolve) => {
      const look = (): void => {
        if (life !== this.#life) {
          return;
        }
        if (this.#hangs) {
          this.#timeline.after(100, look);
          return;
        }
        const records = new Map([...this.#synced, ...this.#unsynced.flat()]);
        resolve(keys.map((key) => records.get(key)));
        this.#onSettled();
      };
      this.#timeline.after(1, look);
    });
  }

  #begin(): void {
    if (this.#writing !== undefined || this.#open === undefined) {
      return;
    }
    this.#writing = this.#open;
    this.#open = undefined;
    if (!this.#hangs) {
      const life = this.#life;
      this.#timeline.after(this.#writing.durable ? this.#random.between(2, 25) : 1, () => this.#done(life));
    }
  }

  #done(life: number): void {
    const batch = this.#writing;
    if (life !== this.#life || batch === undefined || this.#hangs) {
      return;
    }
    this.#writing = undefined;
    if (!this.full) {
      this.#unsynced.push(batch.changes);
      if (batch.durable) {
        this.#sync(this.#unsynced.length);
      }
    }
    const error = this.full ? new Error('no space left on device') : undefined;
    for (const settle of batch.settle) {
      settle(error);
    }
    this.#onSettled();
    this.#begin();
  }

  #sync(count: number): void {
    for (const [key, record] of this.#unsynced.splice(0, count).flat()) {
      if (record === undefined) {
        this.#synced.delete(key);
      } else {
        this.#synced.set(key, record);
      }
    }
  }

  /** The process ends. `power`: only what was synced is left, and perhaps some of what came next. */
  crash(power: boolean): void {
    this.#life++;
    if (this.#writing !== undefined && !this.full && this.#random.chance(0.5)) {
      this.#unsynced.push(this.#writing.changes); // it had got that far
    }
    this.#writing = undefined;
    this.#open = undefined;
    this.#sync(power ? this.#random.between(0, this.#unsynced.length) : this.#unsynced.length);
    this.#unsynced = [];
  }

  /** What a start would find now after a loss of power. */
  records(): StoredRecord[] {
    return [...this.#synced.values()];
  }

  /** The same for a start: read from what stands on the disk. */
  read(): StoredRecord[] {
    return Array.from(this.#synced, ([key, record]) => asWritten(key, record));
  }

  /** Keys of QoS 2 messages that wait for PUBREL alone: one that the broker has said before a crash is not said again. */
  waitingForRelease(): ReadonlySet<string> {
    const waits = [...this.#synced].filter(([, record]) => record.kind === 'message' && record.packetId !== undefined);
    return new Set(waits.map(([key]) => key));
  }

  keys(): string[] {
    const keys = new Set(this.#synced.keys());
    for (const [key, record] of this.#unsynced.flat()) {
      if (record === undefined) {
        keys.delete(key);
      } else {
        keys.add(key);
      }
    }
    return [...keys];
  }
}
