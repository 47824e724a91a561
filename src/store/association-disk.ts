import fs from 'node:fs';
import type { ReceiveMark } from '../ports/association-store.ts';
import { type Batch, isEmpty, newBatch } from './association-batch.ts';
import type { AssociationDiskOptions } from './association-disk-options.ts';
import { CAPACITY, markAt, slotAt } from './association-file.ts';
import { MARK, RESERVED } from './association-slot.ts';
import { flush, whyOf, write } from './disk.ts';
import { MarkImage } from './mark-image.ts';
import type { MarkMemory } from './mark-memory.ts';
import { MarkTurn, type WaitingMark } from './mark-turn.ts';
import { StallWatch } from './stall-watch.ts';
import { throwAway } from './throw-away.ts';

/** Milliseconds after which an operator should look. */
const STALLED = 3_000;
/** Milliseconds between the begins of two batches where there is much to do, for each write has a cost of its own: one that comes alone waits for nothing. */
const SPACING = 1;
/** Slots that may wait to be written before no more associations are taken. */
const MAX_BACKLOG = 4_096;

/**
 * Writes the file of associations in the background; receive marks go to memory, without a disk, where there is such a memory (MarkTurn). One batch is at the disk at a time: all that comes in one turn of the event loop, or while a batch is
 * under way, is the next one. Within a batch the receive marks are first, in one write, for a slot counts only with its mark: so a kill of the process
 * leaves each association as it was, as it is, or away. A disk that hangs keeps those waiting who wait for it, and nobody else.
 */
export class AssociationDisk {
  readonly #options: AssociationDiskOptions;
  #memory: MarkMemory | undefined;
  /** Undefined: receive marks go to the file. */
  #turn: MarkTurn | undefined;
  /** `failed`: what is on the disk has to be thrown away; `gone`: it has been; `closed`: it is as it was meant to be, and must stay so. */
  #state: 'open' | 'failed' | 'gone' | 'closed' = 'open';
  #next = newBatch();
  #isBusy = false;
  #isFlushing = false;
  #begunAt = 0;
  #toFlush: (() => void)[] = [];
  #idle: (() => void) | undefined;
  #isFileOpen = true;
  readonly #image: MarkImage;
  readonly #writes: StallWatch;
  readonly #flushes: StallWatch;
  #isTold = false;

  constructor(options: AssociationDiskOptions) {
    this.#options = options;
    this.#image = new MarkImage(options.marks);
    const { memory, now, stalledAfter = STALLED } = options;
    this.#memory = memory;
    const isOver = (): boolean => this.#state === 'closed';
    const failed = this.#leaveMemory.bind(this);
    this.#turn = memory && new MarkTurn({ memory, image: this.#image, now, isOver, failed });
    this.#writes = new StallWatch(stalledAfter, (seconds) => this.#tell(seconds));
    this.#flushes = new StallWatch(stalledAfter, (seconds) => this.#tell(seconds));
  }

  /** Whether one more association can be stored. */
  get isOpen(): boolean {
    return this.#state === 'open' && this.#next.slots.size < MAX_BACKLOG;
  }

  /** The mark of a slot, which is looked at when it is written; `done`: behind that. */
  mark(slot: number, received: ReceiveMark, seed: number, done?: () => void): void {
    if (this.#turn !== undefined && this.#state !== 'closed') {
      this.#turn.add({ slot, received, seed, done });
    } else {
      this.#markInFile({ slot, received, seed, done });
    }
  }

  /** `done`: when all of this is written, in memory and in the file. */
  written(done: () => void): void {
    const launch = (): void => this.#launch(done);
    if (this.#turn?.addBehind(launch) !== true) {
      launch();
    }
  }

  #markInFile({ slot, received, seed, done }: WaitingMark): void {
    if (slot !== undefined) {
      this.#next.marks.set(slot, { received, seed });
    }
    this.#launch(done);
  }

  /** A whole slot; `done`: when it is written. */
  put(slot: number, octets: Buffer, done?: () => void): void {
    this.#next.slots.set(slot, { octets, from: 0 });
    this.#launch(done);
  }

  /** What a slot says of what is reserved; `done`: when it has been flushed. */
  reserve(slot: number, octets: Buffer, done: () => void): void {
    const whole = this.#next.slots.get(slot);
    if (whole?.from === 0) {
      octets.copy(whole.octets, RESERVED);
    } else {
      this.#next.slots.set(slot, { octets, from: RESERVED });
    }
    this.flushed(done);
  }

  /** `done`: when all of this has been flushed. */
  flushed(done: () => void): void {
    if (this.#state === 'gone') {
      done(); // nothing is stored that could contradict it
    } else {
      this.#next.flushed.push(done);
      this.#launch();
    }
  }

  /** Resolves when all is written and flushed, with `header` in the first slot behind everything else; or when there is nothing any more. */
  async close(header: Buffer): Promise<void> {
    if (this.#state === 'open' && this.#isAtWork) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    if (this.#state !== 'open') {
      return;
    }
    this.#state = 'closed';
    const { descriptor, disk } = this.#options;
    this.#isBusy = true;
    try {
      if (this.#memory !== undefined) {
        const marks = this.#image.octets.subarray(0, CAPACITY * MARK);
        await write(disk, descriptor, marks, markAt(0));
      }
      await flush(disk, descriptor);
      await write(disk, descriptor, header, 0);
      await flush(disk, descriptor);
    } catch (error) {
      this.#tellOf(error);
      await new Promise<void>((resolve) => throwAway(this.#options, resolve));
    }
    this.#memory?.remove();
    this.#isBusy = false;
    this.#rest();
  }

  get #isAtWork(): boolean {
    return this.#isBusy || this.#isFlushing;
  }

  #launch(done?: () => void): void {
    if (this.#state === 'gone') {
      this.#release([done]);
      return;
    }
    if (done !== undefined) {
      this.#next.written.push(done);
    }
    if (!this.#isBusy && this.#state === 'open') {
      this.#isBusy = true;
      if (performance.now() - this.#begunAt < SPACING) {
        setTimeout(this.#write, SPACING);
      } else {
        setImmediate(this.#write);
      }
    }
  }

  readonly #write = (): void => {
    this.#begunAt = performance.now();
    const batch = this.#next;
    this.#next = newBatch();
    this.#writes.begin();
    const slots = [...batch.slots];
    const nextSlot = (): void => {
      const [slot, write] = slots.shift() ?? [];
      if (slot === undefined || write === undefined) {
        this.#written(batch);
      } else {
        this.#put(write.octets, 0, write.octets.length, slotAt(slot) + write.from, batch, nextSlot);
      }
    };
    if (batch.marks.size === 0) {
      nextSlot();
    } else {
      const { first, last } = this.#image.drawAll(batch.marks, this.#options.now());
      this.#put(this.#image.octets, first * MARK, (last - first + 1) * MARK, markAt(first), batch, nextSlot);
    }
  };

  #put(octets: Buffer, from: number, length: number, at: number, batch: Batch, then: () => void): void {
    this.#options.disk.write(this.#options.descriptor, octets, from, length, at, (error, count) => {
      if (error || count !== length) {
        this.#next.written.unshift(...batch.written);
        this.#next.flushed.unshift(...batch.flushed);
        this.#writes.end();
        this.#isBusy = false;
        this.#fail(error ?? new Error('the disk took only a part of it'));
      } else {
        then();
      }
    });
  }

  #written(batch: Batch): void {
    this.#writes.end();
    this.#isBusy = false;
    this.#toFlush.push(...batch.flushed);
    this.#flush();
    if (!isEmpty(this.#next)) {
      this.#launch();
    }
    this.#release(batch.written);
    this.#rest();
  }

  #flush(): void {
    if (this.#isFlushing || this.#toFlush.length === 0 || this.#state !== 'open') {
      return;
    }
    this.#isFlushing = true;
    this.#flushes.begin();
    const waiting = this.#toFlush.splice(0);
    this.#options.disk.fdatasync(this.#options.descriptor, (error) => {
      this.#flushes.end();
      this.#isFlushing = false;
      if (error) {
        this.#next.flushed.unshift(...waiting);
        this.#fail(error);
        return;
      }
      this.#release(waiting);
      this.#flush();
      this.#rest();
    });
  }

  #tell(seconds: number): void {
    const { onStalled, onRecovered } = this.#options;
    const isStalled = this.#writes.isStalled || this.#flushes.isStalled;
    if (isStalled !== this.#isTold) {
      this.#isTold = isStalled;
      (isStalled ? onStalled : onRecovered)?.(seconds);
    }
  }

  /** Nothing is at the disk, for now: it may be that somebody waits for that, or that there will be nothing any more. */
  #rest(): void {
    if (this.#isAtWork) {
      return;
    }
    this.#idle?.();
    if ((this.#state === 'gone' || this.#state === 'closed') && this.#isFileOpen) {
      this.#isFileOpen = false;
      this.#writes.stop();
      this.#flushes.stop();
      fs.close(this.#options.descriptor, () => undefined); // not before: its number would be that of another file
    }
  }

  /** The marks in memory say what is not so, and stay. */
  #leaveMemory(problem: Error, waiting: readonly WaitingMark[]): void {
    this.#turn = undefined;
    this.#memory = undefined;
    this.#fail(problem);
    for (const mark of waiting) {
      this.#markInFile(mark);
    }
  }

  /** What is stored would not be true any more: better nothing is. */
  #fail(error: unknown): void {
    if (this.#state === 'open') {
      this.#state = 'failed';
      this.#tellOf(error);
      throwAway(this.#options, () => this.#gone());
    } else if (this.#state === 'gone') {
      this.#gone();
    }
    this.#rest();
  }

  #tellOf(error: unknown): void {
    this.#options.onProblem(`DTLS associations are not stored any more, and end with this process: ${whyOf(error)}`);
  }

  #gone(): void {
    const { written, flushed } = this.#next;
    this.#state = 'gone';
    this.#memory?.remove();
    this.#next = newBatch();
    this.#release(written);
    this.#release([...this.#toFlush.splice(0), ...flushed]);
    this.#rest();
  }

  #release(waiting: readonly ((() => void) | undefined)[]): void {
    for (const done of waiting) {
      done?.();
    }
  }
}
