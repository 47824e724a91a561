/** One line of the log as text. */
import { escapedText, quotedText } from '../codec/quoted-text.ts';
import type { LogEvent, LogFields, LogLevel } from './logger.ts';

export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly event: LogEvent;
  readonly sentence: string;
  readonly fields: LogFields;
}

/** A field is cut here: a topic name may have 64 KiB, and nobody reads that in a log. */
const MAX_FIELD = 256;

/** What needs no quotes: ids, addresses, topic names as most people write them. */
const PLAIN = /^[\w.:/[\]@%+#$-]+$/;

/** Priorities of syslog, as the journal of systemd reads them at the beginning of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7, trace: 7 };

/** `2026-05-04T10:20:30.400+02:00 info  client connected  clientId=sensor-1 link=udp:192.0.2.7:4711`, in local time. */
export function prettyLine(entry: LogEntry): string {
  return `${localTime(entry.time)} ${entry.level.padEnd(5)} ${journalLine(entry)}`;
}

/** `client connected  clientId=sensor-1 link=udp:192.0.2.7:4711`: for a journal, which has the time and the level beside the line. */
export function journalLine({ sentence, fields }: LogEntry): string {
  let line = escapedText(sentence);
  let gap = '  ';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) {
      continue;
    }
    line += `${gap}${name}=${typeof value === 'string' ? fieldText(value) : value}`;
    gap = ' ';
  }
  return line;
}

/** A line, whatever its format, with the priority that the journal of systemd takes off again: `<6>client connected`. */
export function withPriority(level: LogLevel, line: string): string {
  return `<${PRIORITIES[level]}>${line}`;
}

/** One JSON object: `time` (UTC), `level`, `event`, `message`, then the fields by their names. */
export function jsonLine({ time, level, event, sentence, fields }: LogEntry): string {
  const shown = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]);
  return escapedText(JSON.stringify({ time, level, event, message: sentence, ...Object.fromEntries(shown) }));
}

function fieldText(value: string): string {
  return PLAIN.test(value) && value.length <= MAX_FIELD ? value : quotedText(cut(value));
}

function cut(value: string): string {
  return value.length <= MAX_FIELD ? value : `${value.slice(0, MAX_FIELD)}…`;
}

function localTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
