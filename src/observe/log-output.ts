import type { Clock, Millis } from '../ports/clock.ts';

/** A stream of which one can tell how much it has not taken yet. */
export type OutputStream = NodeJS.WritableStream & { readonly writableLength: number };

export interface LogOutputSettings {
  /** Octets that wait for a reader who does not keep up; 1 MiB unless told. */
  readonly maxBacklog?: number;
  /** Milliseconds after a failed write until the next one is tried; 1 s unless told. */
  readonly retryInterval?: Millis;
}

const MIB = 1_048_576;
const SECOND = 1_000;

/**
 * Lines to a reader that may stall or go away (a pipe that nobody reads, a terminal that is held, a full disk): what it does not take is
 * lost and counted, and nothing else happens. When it takes lines again, the first one says how many are missing.
 */
export class LogOutput {
  readonly #stream: OutputStream;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #maxBacklog: number;
  readonly #retryInterval: Millis;
  #lostLine: (lost: number) => string = (lost) => `${lost} lines lost\n`;
  #lost = 0;
  /** There was no room: none is taken until half of it is free again, so that not every second line tells of losses. */
  #full = false;
  #brokenUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(stream: OutputStream, clock: Pick<Clock, 'now'>, settings: LogOutputSettings = {}) {
    this.#stream = stream;
    this.#clock = clock;
    this.#maxBacklog = settings.maxBacklog ?? MIB;
    this.#retryInterval = settings.retryInterval ?? SECOND;
    stream.on('error', () => this.#broke());
    stream.on('drain', () => this.#flows());
  }

  /** How the line looks that tells of lost ones; with its end of line. */
  set lostLine(lostLine: (lost: number) => string) {
    this.#lostLine = lostLine;
  }

  /** Lines that are lost and not told of yet. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes one line, which has its end of line, or counts it as lost. Never throws. */
  write(line: string): void {
    if (this.#takes(line)) {
      this.#tellOfLost();
    }
    // Telling may have failed.
    if (this.#takes(line)) {
      this.#send(line, 1);
    } else {
      this.#lost++;
    }
  }

  /** Whether all that was taken is out, or lost for good; false where the reader has not taken it within `limit` milliseconds. */
  flushed(limit: Millis): Promise<boolean> {
    if (this.#stream.writableLength === 0) {
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      this.#stream.write('', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #takes(line: string): boolean {
    if (this.#clock.now() < this.#brokenUntil) {
      return false;
    }
    const waiting = this.#stream.writableLength;
    this.#full = this.#full ? waiting > this.#maxBacklog / 2 : waiting > 0 && waiting + line.length > this.#maxBacklog;
    return !this.#full;
  }

  #tellOfLost(): void {
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#send(this.#lostLine(lost), lost);
    }
  }

  /** `lines`: how many are lost if this is. */
  #send(text: string, lines: number): void {
    this.#stream.write(text, (error) => {
      if (error) {
        this.#lost += lines;
        this.#broke();
      }
    });
  }

  #broke(): void {
    this.#brokenUntil = this.#clock.now() + this.#retryInterval;
  }

  #flows(): void {
    if (this.#takes('')) {
      this.#tellOfLost();
    }
  }
}
