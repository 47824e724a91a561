/** Standard output and standard error, whatever stands behind them. */
import { fstatSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import { LogOutput } from './log-output.ts';
import { TerminalStream } from './terminal-stream.ts';

/** Octets that wait for somebody who holds a terminal: more than a page or two nobody reads there. */
const TERMINAL_BACKLOG = 65_536;

/** Standard output for the log. It does not block where that can be had: a terminal is opened anew (Linux). */
export function standardOutput(clock: Pick<Clock, 'now'>): LogOutput {
  if (process.stdout.isTTY === true && process.platform === 'linux') {
    try {
      return new LogOutput(new TerminalStream('/proc/self/fd/1'), clock, { maxBacklog: TERMINAL_BACKLOG });
    } catch {
      // of another user, after `su`
    }
  }
  return new LogOutput(process.stdout, clock);
}

/** Standard error for any number of lines. */
export function standardError(clock: Pick<Clock, 'now'>): LogOutput {
  return new LogOutput(process.stderr, clock);
}

/**
 * Whether a file descriptor is the very stream that systemd has made to its journal: `JOURNAL_STREAM` is `device:inode` of it, and is
 * inherited also by programs whose output goes elsewhere.
 */
export function isJournal(fd: 1 | 2, environment: Readonly<Record<string, string | undefined>>): boolean {
  const named = environment.JOURNAL_STREAM;
  if (named === undefined || named === '') {
    return false;
  }
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
