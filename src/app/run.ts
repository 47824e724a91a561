/** Runs a gateway as a program: log lines, signals, exit code. */
import { isatty } from 'node:tty';
import type { LoadedSettings } from '../config/load.ts';
import { FanOut } from '../observe/fan-out.ts';
import { LogObserver } from '../observe/log-observer.ts';
import { OutageWatch } from '../observe/outage-watch.ts';
import { isJournal, standardOutput } from '../observe/standard-output.ts';
import { winstonLogger } from '../observe/winston-logger.ts';
import type { Note, Observer } from '../ports/observer.ts';
import { formerStore, holdsStore } from '../store/former-store.ts';
import type { Gateway } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { logSettings } from './log-settings.ts';
import { ProgramOperator } from './program-operator.ts';
import { serveHttp } from './serve-http.ts';
import { ServiceManager } from './service-manager.ts';
import { startCapture } from './start-capture.ts';
import { awaitStopSignal, endBySignal, leaveTerminal } from './stop-signal.ts';
import { systemClock } from './system-clock.ts';

/** How often it is looked whether there is something to sum up, in milliseconds. */
const SUMMARY_INTERVAL = 10_000;
/** The gateway stops within this time, in milliseconds. */
const STOP_LIMIT = 4_300;
/** Whoever reads the log has this time to take its last lines, in milliseconds. */
const FLUSH_LIMIT = 300;

/**
 * Runs until SIGTERM or SIGINT, or SIGHUP where standard output is a terminal, then says DISCONNECT to clients and broker. Resolves
 * with the exit code; rejects with an `Error` that has a `code` where the gateway cannot start. `load`: reads the same settings again, as they are
 * by then, for SIGHUP and whoever else asks for it.
 */
export async function runGateway(loaded: LoadedSettings, load: () => Promise<LoadedSettings>): Promise<number> {
  const { settings, predefinedTopics, pskKeys, credentials } = loaded;
  const output = standardOutput(systemClock);
  const log = new LogObserver(
    winstonLogger({ ...settings.logging, journal: isJournal(1, process.env) }, output),
    logSettings(settings),
    systemClock,
  );
  const observer = new FanOut(log);
  let tell = (note: Note): void => observer.note(note);
  const isAggregating = settings.upstream.mode === 'aggregating';
  let present = (): number => 0;
  const outages = new OutageWatch((note) => tell(note), systemClock, isAggregating ? () => present() : undefined);
  observer.add(outages);
  const capture = startCapture(settings, observer, (note) => tell(note));
  const terminal = process.stdout.isTTY === true;
  let operator: ProgramOperator | undefined;
  let isAsked = false; // to read again what has been read a moment ago
  const onHangup = (): void => {
    isAsked = true;
    void operator?.reload('SIGHUP');
  };
  const stopSignal = awaitStopSignal({ terminal, onHangup });
  if (process.getuid?.() === 0) {
    observer.note({ type: 'running-as-root' });
  }
  await tellOfStore(loaded, observer);
  const gateway = await startGateway({
    settings,
    predefinedTopics,
    pskKeys,
    credentials,
    observer,
    program: () => operator,
  });
  present = () => presentIn(gateway);
  tell = gateway.note; // from now on whoever observes the gateway hears of it too
  const { brokerUrl, embedded, listening } = gateway;
  tell({ type: 'gateway-started', gwId: settings.gateway.id, brokerUrl, embedded, addresses: listening });
  operator = new ProgramOperator({ clock: systemClock, gateway, log, loaded, load, tell });
  if (isAsked) {
    void operator.reload('SIGHUP');
  }
  const systemd = new ServiceManager({
    ...{ environment: process.env, pid: process.pid, clock: systemClock },
    status: () => statusLine(gateway),
    storeStalledFor: () => gateway.site.storeStalledFor(),
    failed: (reason) => tell({ type: 'service-manager-problem', reason }),
  });
  systemd.ready();
  const stopHttp = settings.http.enabled ? serveHttp({ settings, gateway, operator }) : undefined;
  const summaries = setInterval(() => {
    outages.look();
    log.summarize();
  }, SUMMARY_INTERVAL);

  const signal = await stopSignal;
  systemd.stopping();
  tell({ type: 'gateway-stopping', signal, clients: gateway.sessionCount() });
  operator.stop();
  await stopHttp?.();
  const inTime = await stopInTime(gateway);
  const isCaptured = (await capture?.stop()) ?? true;
  clearInterval(summaries);
  log.flush();
  tell({ type: 'gateway-stopped', inTime, counts: gateway.site.counts() });
  const flushed = await output.flushed(FLUSH_LIMIT);
  if (!(inTime && isCaptured)) {
    endBySignal(signal);
  }
  if (terminal && !isatty(1)) {
    leaveTerminal();
    process.exit(0);
  }
  if (!flushed) {
    // What waits for a reader keeps the process alive.
    process.exit(0);
  }
  return 0;
}

/** For `systemctl status`. It changes seldom: each change is a process. */
function statusLine({ site, listening }: Gateway): string {
  const { state, url, reason } = site.broker();
  const why = state === 'unreachable' && reason !== undefined ? ` (${reason})` : '';
  return `${listening.join(', ')}; broker ${url} ${state}${why}`;
}

/** Clients that are connected, or asleep. */
function presentIn(gateway: Gateway): number {
  let count = 0;
  for (const { active, asleep, awake } of gateway.census().values()) {
    count += active + asleep + awake;
  }
  return count;
}

/** Where the sessions are, and that they may be elsewhere: nothing else shows that a gateway has forgotten all its clients. */
async function tellOfStore({ settings, otherSessionFolders }: LoadedSettings, observer: Observer): Promise<void> {
  const { path } = settings.sessions;
  if (path !== 'memory') {
    const isNew = !(await holdsStore(path));
    const elsewhere = isNew ? await formerStore(otherSessionFolders) : undefined;
    observer.note({ type: 'store-chosen', path, isNew, elsewhere });
  }
}

/** False where something does not let itself be closed. */
async function stopInTime(gateway: Gateway): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_LIMIT);
  });
  const stopped = await Promise.race([gateway.stop(), limit]);
  clearTimeout(timer);
  return stopped;
}
