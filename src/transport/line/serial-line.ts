/** A serial port, here or behind a TCP connection, that comes and goes: not there yet, busy, unplugged, back again. */
import type { Observer } from '../../ports/observer.ts';
import { errorCode, errorMessage } from '../problem-reporter.ts';
import { openLine } from './open-line.ts';
import { explainPortLoss, explainPortProblem, isAbsence } from './port-problem.ts';
import type { OpenPort, PortEvents, PortOpener } from './serial-port.ts';
import type { SerialPortSettings } from './serial-port-settings.ts';

/** First and longest pause between two attempts to open the port, in milliseconds. */
const REOPEN_MIN = 250;
const REOPEN_MAX = 5_000;

export interface SerialLineOptions {
  /** Name of the transport, for notes. */
  readonly transport: string;
  readonly port: SerialPortSettings;
  readonly observer: Observer;
  /** The port is open. */
  readonly up: () => void;
  /** The port is gone, or could not be opened at first. Told once; `up` follows when it is back. */
  readonly down: () => void;
  /** Octets came. */
  readonly octets: (octets: Uint8Array) => void;
  /** Where ports come from; the operating system and the network unless a test says otherwise. */
  readonly opener?: PortOpener;
}

export class SerialLine {
  readonly #options: SerialLineOptions;
  #wanted = false;
  #port: OpenPort | undefined;
  #attempt: Promise<void> | undefined;
  #abandoned = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #pause = REOPEN_MIN;
  /** When the port was opened: milliseconds of `performance.now()`. */
  #openedAt = 0;
  /** How often in a row it died as soon as it was opened. */
  #shortLives = 0;
  /** Why the port is not open, as far as the log has been told. */
  #toldCode: string | undefined;

  constructor(options: SerialLineOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#port !== undefined;
  }

  /** Resolves when the first attempt has been made, whatever came of it: a port may come later. Never rejects. */
  async open(): Promise<void> {
    if (this.#wanted) {
      return;
    }
    this.#wanted = true;
    this.#abandoned = new AbortController();
    this.#pause = REOPEN_MIN;
    this.#toldCode = undefined;
    await this.#try();
    if (this.#port === undefined && this.#wanted) {
      this.#options.down();
    }
  }

  /** Octets that were written and that the operating system has not taken yet. */
  get pending(): number {
    return this.#port?.pending ?? 0;
  }

  /** Dropped where the port is not open. */
  write(octets: Uint8Array): void {
    this.#port?.write(octets);
  }

  /** Frees the port, and tries it no more. Nothing is told after that. */
  async close(): Promise<void> {
    this.#wanted = false;
    this.#abandoned.abort(); // a host that does not answer would hold up the end
    clearTimeout(this.#timer);
    const port = this.#port;
    this.#port = undefined;
    await port?.close();
    await this.#attempt; // one that is under way sees that it is not wanted any more
  }

  #try(): Promise<void> {
    this.#attempt = this.#open().catch((error: unknown) => {
      if (this.#port !== undefined) {
        throw error; // not the port's doing
      }
      this.#failed(errorCode(error), (path, code) => explainPortProblem(path, code, errorMessage(error)));
    });
    return this.#attempt;
  }

  async #open(): Promise<void> {
    const { port: settings, opener = openLine, octets } = this.#options;
    let lost: Error | undefined;
    let current: OpenPort | undefined;
    const events: PortEvents = {
      octets: (came) => {
        if (this.#wanted) {
          octets(came);
        }
      },
      closed: (error) => {
        lost = error;
        if (current !== undefined && this.#port === current) {
          this.#lost(error);
        }
      },
    };
    const port = await opener(settings, events, this.#abandoned.signal);
    if (!this.#wanted) {
      await port.close();
      return;
    }
    if (lost !== undefined) {
      throw Object.assign(new Error(lost.message), { code: 'EIO' });
    }
    current = port;
    this.#port = port;
    this.#openedAt = performance.now();
    this.#toldCode = undefined;
    this.#options.up();
  }

  #lost(error: Error): void {
    this.#port = undefined;
    this.#pause = Math.min(REOPEN_MIN * 2 ** this.#shortLives, REOPEN_MAX);
    this.#shortLives = performance.now() - this.#openedAt < REOPEN_MAX ? this.#shortLives + 1 : 0;
    this.#failed('ENODEV', (path) => explainPortLoss(path, error.message));
    this.#options.down();
  }

  /** One line in the log for each new reason, however often it is tried. A port that was lost and is not there is one story. */
  #failed(code: string, explain: (path: string, code: string) => string): void {
    if (!this.#wanted) {
      return;
    }
    const { transport, observer, port } = this.#options;
    const sameStory = code === this.#toldCode || (isAbsence(code) && this.#toldCode === 'ENODEV');
    if (!sameStory) {
      this.#toldCode = code;
      observer.note({ type: 'transport-down', transport, code, reason: explain(port.path, code) });
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, REOPEN_MAX);
  }
}
