import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { DISK_PATIENCE } from '../http/health/health-answers.ts';
import type { Clock, Millis } from '../ports/clock.ts';

/** How often it is looked whether what is shown of the gateway has changed. */
const LOOK_INTERVAL: Millis = 10_000;
/** `systemd-notify` takes some milliseconds; where it hangs, it is ended after this time. */
const PATIENCE: Millis = 10_000;
/** Of what `systemd-notify` says where it fails, in characters. */
const MOST_WORDS = 500;

export interface ServiceManagerParts {
  /** That of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` count (sd_notify(3), sd_watchdog_enabled(3)). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: Clock;
  /** In a line, for `systemctl status`. */
  readonly status: () => string;
  /** For how long the session store has not answered; undefined: there is none. */
  readonly storeStalledFor: () => Millis | undefined;
  /** Hands over assignments such as `READY=1`; rejects where that fails. */
  readonly tell?: (assignments: readonly string[]) => Promise<void>;
  /** It cannot be told, for the first time. */
  readonly failed: (reason: string) => void;
}

/**
 * Tells systemd, where that started the gateway with `Type=notify`, that it is ready, how it is, that it lives, and that it ends. Node.js opens no
 * datagram sockets of Unix, so `systemd-notify` does it (`NotifyAccess=all`), one process at a time.
 *
 * The watchdog means that the event loop turns and that the session store answers: where one of them does not, systemd hears nothing and starts the
 * gateway anew. That the broker or a radio is away is none of its business, for no restart mends that.
 */
export class ServiceManager {
  readonly #parts: ServiceManagerParts;
  readonly #tell: (assignments: readonly string[]) => Promise<void>;
  /** Time between two signs of life; undefined: nobody waits for any. */
  readonly #watchdog: Millis | undefined;
  /** What is to be told next, by its name: what is newer replaces it. */
  readonly #next = new Map<string, string>();
  readonly #timers = new Map<string, () => void>();
  #telling: Promise<void> | undefined;
  #shown = '';
  #hasFailed = false;

  constructor(parts: ServiceManagerParts) {
    this.#parts = parts;
    this.#tell = parts.tell ?? systemdNotify;
    this.#watchdog = watchdogInterval(parts);
  }

  /** The gateway has started. Does nothing where nobody wants to know. */
  ready(): void {
    if (this.#parts.environment.NOTIFY_SOCKET === undefined) {
      return;
    }
    this.#say('READY', '1');
    this.#show();
    this.#every('status', LOOK_INTERVAL, () => this.#show());
    if (this.#watchdog !== undefined) {
      this.#sign();
      this.#every('watchdog', this.#watchdog, () => this.#sign());
    }
  }

  /** The gateway begins to stop. */
  stopping(): void {
    if (this.#timers.size > 0) {
      for (const cancel of this.#timers.values()) {
        cancel();
      }
      this.#timers.clear();
      this.#next.clear();
      this.#tell(['STOPPING=1']).catch(() => undefined); // at once: what is being told may wait for an answer, and the process ends
    }
  }

  #show(): void {
    const status = this.#parts.status();
    if (status !== this.#shown) {
      this.#shown = status;
      this.#say('STATUS', status.replaceAll('\n', ' '));
    }
  }

  #sign(): void {
    if ((this.#parts.storeStalledFor() ?? 0) < DISK_PATIENCE) {
      this.#say('WATCHDOG', '1');
    }
  }

  #every(name: string, interval: Millis, run: () => void): void {
    const { clock } = this.#parts;
    const wake = (): void => {
      this.#timers.set(name, clock.wakeAt(clock.now() + interval, wake));
      run();
    };
    this.#timers.set(name, clock.wakeAt(clock.now() + interval, wake));
  }

  #say(name: string, value: string): void {
    this.#next.set(name, value);
    this.#telling ??= Promise.resolve().then(() => this.#tellAll());
  }

  async #tellAll(): Promise<void> {
    while (this.#next.size > 0) {
      const assignments = [...this.#next].map(([name, value]) => `${name}=${value}`);
      this.#next.clear();
      try {
        await this.#tell(assignments);
        this.#hasFailed = false;
      } catch (error) {
        if (!this.#hasFailed) {
          this.#hasFailed = true;
          this.#parts.failed((error as Error).message);
        }
      }
    }
    this.#telling = undefined;
  }
}

/** A third of what systemd allows: a sign may come late, or one be lost. */
function watchdogInterval({ environment, pid }: ServiceManagerParts): Millis | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
  const isForUs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
  const limit = Number(WATCHDOG_USEC) / 1000;
  return isForUs && limit > 0 ? limit / 3 : undefined;
}

function systemdNotify(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-notify', assignments, { stdio: ['ignore', 'ignore', 'pipe'] });
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = `${errors}${text}`.slice(0, MOST_WORDS);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(patience);
      reject(error.code === 'ENOENT' ? new Error('there is no program systemd-notify') : error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(errors.trim() || `systemd-notify ended with ${signal ?? code}`));
      }
    });
    // It waits until systemd has read what it sent; the end of the gateway does not wait for that.
    patience.unref();
    child.unref();
    (child.stderr as Socket).unref();
  });
}
