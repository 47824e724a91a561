/** Signals: the first one asks to stop, and the process ends in time whatever hangs. */
import { closeSync } from 'node:fs';
import { constants } from 'node:os';

/** From the first signal until the process ends by force, in milliseconds: less than the 5 s that are promised. */
const END_LIMIT = 4_800;
/**
 * A signal that comes again this soon is the same one, in milliseconds: Ctrl-C reaches the process from the terminal and once more from
 * npm, which passes it on.
 */
const SAME_SIGNAL = 300;

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface StopSignalOptions {
  /** Standard output is a terminal: when that closes (SIGHUP), nobody is left to stop the gateway. */
  readonly terminal: boolean;
  /** SIGHUP without a terminal: settings are to be read again. */
  readonly onHangup: () => void;
}

/**
 * The first signal that asks to stop. From then on a further signal, if it is not the same, ends the process at once, and so does the end
 * of the time to stop. Call it before anything that may hang.
 */
export function awaitStopSignal({ terminal, onHangup }: StopSignalOptions): Promise<Signal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const receive = (signal: Signal): void => {
      if (first === undefined) {
        first = performance.now();
        // Keeps nothing alive, and ends what something else keeps alive.
        setTimeout(() => endBySignal(signal), END_LIMIT).unref();
        resolve(signal);
      } else if (performance.now() - first > SAME_SIGNAL) {
        endBySignal(signal);
      }
    };
    process.on('SIGINT', receive);
    process.on('SIGTERM', receive);
    process.on('SIGHUP', terminal ? receive : onHangup);
  });
}

/**
 * Node.js sets terminals back at its end, and aborts where one is gone; what is closed it leaves alone. Nothing is read or written after this.
 */
export function leaveTerminal(): void {
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd);
    } catch {
      // closed already
    }
  }
}

/**
 * Ends the process at once, as the signal does where nobody handles it. `process.exit` waits for threads, and one that hangs at a disk never
 * comes back; it is left for the first process of a container, which no signal ends by itself.
 */
export function endBySignal(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + constants.signals[signal]);
}
