import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { type FrameTextOptions, maskedFrame, senderOf } from '../../observe/frame-text.ts';
import type { Clock, Millis } from '../../ports/clock.ts';
import type { Link, Note, Observer } from '../../ports/observer.ts';
import { FrameCapture } from './frame-capture.ts';

export interface CaptureFileOptions {
  readonly path: string;
  /** Octets of a file, and files, with the one that is written. */
  readonly maxSize: number;
  readonly maxFiles: number;
  /** How frames are read, and whether payloads are captured. */
  readonly frames: FrameTextOptions;
  /** Who writes it. */
  readonly application: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  readonly tell: (note: Note) => void;
}

/** Octets that may wait for the disk: frames beyond it are lost. */
const MOST_WAITING = 4 * 1024 * 1024;
/** Octets that are written at a time. */
const BATCH = 65_536;
/** A file that cannot be written is tried again after so long. */
const PATIENCE: Millis = 60_000;
/** What waits at the end has so long to reach the disk. */
const LAST_WRITES: Millis = 500;

const HIDDEN = 'zeros in place of the payload (capture.payloads)';

/** All frames of the gateway in a file for Wireshark. A full one gets a number behind its name, and the oldest goes: `frames.pcapng`, `frames.pcapng.1`, … */
export class CaptureFile implements Observer {
  readonly #options: CaptureFileOptions;
  readonly #capture: FrameCapture;
  #waiting: Buffer[] = [];
  #waitingSize = 0;
  #lost = 0;
  #file: FileHandle | undefined;
  #size = 0;
  #work: Promise<void> | undefined;
  #retryAt: Millis = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(options: CaptureFileOptions) {
    this.#options = options;
    this.#capture = new FrameCapture(options.application);
  }

  /** Not while a file cannot be written. */
  get wantsFrames(): boolean {
    return !this.#isStopped && this.#options.clock.now() >= this.#retryAt;
  }

  note(): void {
    // Only frames are captured.
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: Link, frame: Uint8Array): void {
    const { wall, frames } = this.#options;
    if (this.#waitingSize >= MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    const octets = maskedFrame(frame, frames);
    const block = this.#capture.frame({
      ...{ time: wall(), direction: direction === 'received' ? 'received' : 'sent' },
      ...{ link: senderOf(link, frame), octets },
      ...(octets !== frame && { comment: HIDDEN }),
    });
    this.#waiting.push(block);
    this.#waitingSize += block.length;
    this.#begin();
  }

  /** Begins the file, so that a path that cannot be written is told at once. */
  start(): void {
    this.#begin();
  }

  /** What waits is written, and the file closed. False: the disk has not taken it within half a second, and a thread may hang at it. */
  async stop(): Promise<boolean> {
    this.#isStopped = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), LAST_WRITES);
    });
    const isClosed = await Promise.race([this.#close().then(() => true), late]);
    clearTimeout(timer);
    return isClosed;
  }

  async #close(): Promise<void> {
    while (this.#work !== undefined) {
      await this.#work;
    }
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  #begin(): void {
    this.#work ??= this.#write().finally(() => {
      this.#work = undefined;
      if (this.#waiting.length > 0) {
        this.#begin(); // came behind the last look
      }
    });
  }

  async #write(): Promise<void> {
    const { path, maxSize, tell } = this.#options;
    try {
      this.#file ??= await this.#next();
      while (this.#waiting.length > 0) {
        const batch = this.#batch();
        if (this.#size + batch.length > maxSize) {
          await this.#file.close();
          this.#file = undefined; // should the next one not open
          this.#file = await this.#next();
        }
        await this.#file.appendFile(batch);
        this.#size += batch.length;
      }
      if (this.#lost > 0) {
        const reason = `${this.#lost} frames are missing: the disk was too slow`;
        this.#lost = 0;
        tell({ type: 'capture-problem', path, code: 'EBUSY', reason });
      }
    } catch (error) {
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
      this.#waiting = [];
      this.#waitingSize = 0;
      this.#retryAt = this.#options.clock.now() + PATIENCE;
      tell({ type: 'capture-problem', path, code, reason: `${message}; it is tried again in a minute` });
    }
  }

  /** What is written next. */
  #batch(): Buffer {
    const blocks: Buffer[] = [];
    let size = 0;
    for (const block of this.#waiting) {
      if (size > 0 && size + block.length > BATCH) {
        break;
      }
      blocks.push(block);
      size += block.length;
    }
    this.#waiting = this.#waiting.slice(blocks.length);
    this.#waitingSize -= size;
    return Buffer.concat(blocks);
  }

  /** A new file under the path; what is there already goes one number up. */
  async #next(): Promise<FileHandle> {
    const { path, maxFiles } = this.#options;
    const named = (number: number): string => (number === 0 ? path : `${path}.${number}`);
    const isThere = await stat(path).then(
      ({ size }) => size > 0,
      () => false,
    );
    if (isThere) {
      await rm(named(maxFiles - 1), { force: true });
      for (let number = maxFiles - 1; number > 0; number -= 1) {
        await rename(named(number - 1), named(number)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') {
            throw error;
          }
        });
      }
    }
    const file = await open(path, 'w', 0o600); // what clients say is nobody else's business
    const header = this.#capture.begin();
    try {
      await file.appendFile(header);
    } catch (error) {
      await file.close().catch(() => undefined); // nobody else knows it
      throw error;
    }
    this.#size = header.length;
    return file;
  }
}
