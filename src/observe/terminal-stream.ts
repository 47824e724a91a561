/** A terminal as a stream that never blocks: Node.js waits for terminals, and one that is held (Ctrl-S) would hold the whole process. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** When a terminal that takes nothing is asked again, in milliseconds: soon at first, for it is being read, then less and less often. */
const MIN_RETRY = 1;
const MAX_RETRY = 64;

export class TerminalStream extends Writable {
  readonly #fd: number;
  #timer: NodeJS.Timeout | undefined;
  #retry = MIN_RETRY;

  /** `path`: the device, opened anew, so that whoever else writes to it is not affected. Throws where it cannot be opened. */
  constructor(path: string) {
    super();
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  }

  override _write(octets: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let rest = octets;
    try {
      while (rest.length > 0) {
        rest = rest.subarray(writeSync(this.#fd, rest));
        this.#retry = MIN_RETRY;
      }
      done();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
        this.#timer = setTimeout(() => this._write(rest, encoding, done), this.#retry);
        this.#retry = Math.min(this.#retry * 2, MAX_RETRY);
      } else {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    closeSync(this.#fd);
    done(error);
  }
}
