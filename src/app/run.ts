/** Runs a gateway as a program: log lines, signals, exit code. */
import type { LoadedSettings } from '../config/load.ts';
import { Counters } from '../observe/counters.ts';
import { FanOut } from '../observe/fan-out.ts';
import { LogObserver } from '../observe/log-observer.ts';
import { winstonLogger } from '../observe/winston-logger.ts';
import type { Gateway } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { systemClock } from './system-clock.ts';

/** How often held-back log lines are summed up, in milliseconds. */
const SUMMARY_INTERVAL = 10_000;
/** The gateway stops within this time, in milliseconds. */
const STOP_LIMIT = 4_500;
/** Milliseconds for the last log lines to go out. */
const LAST_LINES = 200;
/**
 * A signal that comes again this soon is the same one, in milliseconds: Ctrl-C reaches the process from the terminal and once more from
 * npm, which passes it on.
 */
const SAME_SIGNAL = 300;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Runs until SIGTERM or SIGINT, then says DISCONNECT to clients and broker. Resolves with the exit code; rejects with an `Error`
 * that has a `code` where the gateway cannot start.
 */
export async function runGateway(loaded: LoadedSettings): Promise<number> {
  const { settings, predefinedTopics } = loaded;
  const { logging, frames } = settings;
  const log = new LogObserver(
    winstonLogger(logging),
    { payloads: logging.payloads, decode: decodeOptions(frames) },
    systemClock,
  );
  const counters = new Counters();
  const observer = new FanOut(log, counters);
  const stopSignal = awaitSignal();
  const gateway = await startGateway({ settings, predefinedTopics, observer });
  const { brokerUrl, embedded, listening } = gateway;
  observer.note({ type: 'gateway-started', gwId: settings.gateway.id, brokerUrl, embedded, addresses: listening });
  if (settings.http.enabled) {
    observer.note({ type: 'setting-unused', setting: 'http.enabled' });
  }
  const summaries = setInterval(() => log.summarize(), SUMMARY_INTERVAL);

  const signal = await stopSignal;
  observer.note({ type: 'gateway-stopping', signal, clients: gateway.sessionCount() });
  const inTime = await stopInTime(gateway);
  clearInterval(summaries);
  log.flush();
  observer.note({ type: 'gateway-stopped', counts: counters.snapshot() });
  if (!inTime) {
    setTimeout(() => endBy(signal), LAST_LINES).unref();
  }
  return 0;
}

function decodeOptions({ trailing, tolerateLength255 }: LoadedSettings['settings']['frames']): {
  trailing: 'drop' | 'ignore';
  tolerateLength255: boolean;
} {
  return { trailing: trailing === 'drop' ? 'drop' : 'ignore', tolerateLength255 };
}

/** The first signal that asks to stop. The next one, if it is not the same, ends the process at once. */
function awaitSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const receive = (signal: Signal): void => {
      if (first === undefined) {
        first = performance.now();
        setTimeout(() => endBy(signal), STOP_LIMIT + 2 * LAST_LINES).unref(); // also where the start hangs
        resolve(signal);
      } else if (performance.now() - first > SAME_SIGNAL) {
        endBy(signal);
      }
    };
    for (const signal of SIGNALS) {
      process.on(signal, receive);
    }
  });
}

/** False where something does not let itself be closed. */
async function stopInTime(gateway: Gateway): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_LIMIT);
  });
  const stopped = await Promise.race([gateway.stop().then(() => true), limit]);
  clearTimeout(timer);
  return stopped;
}

/**
 * Ends the process at once, although something is still open: by the signal itself, which systemd takes for a regular end too. `process.exit` would
 * wait for a disk that hangs.
 */
function endBy(signal: Signal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
