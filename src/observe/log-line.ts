/** One line of the log as text. */
import { escapedText, quotedText } from '../codec/quoted-text.ts';
import type { LogFields, LogLevel } from './logger.ts';

export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly sentence: string;
  readonly fields: LogFields;
}

/** A field is cut here: a topic name may have 64 KiB, and nobody reads that in a log. */
const MAX_FIELD = 256;

/** A sentence is cut here: it may have the reason of a broker in it, which may say as much. A stack trace fits. */
const MAX_SENTENCE = 2_048;

/** What needs no quotes: ids, addresses, topic names as most people write them. */
const PLAIN = /^[\w.:/[\]@%+#$-]+$/;

/** `2026-05-04T10:20:30.400+02:00 info  client connected  clientId=sensor-1 link=udp:192.0.2.7:4711`, in local time. */
export function prettyLine({ time, level, sentence, fields }: LogEntry): string {
  let line = `${localTime(time)} ${level.padEnd(5)} ${escapedText(cut(sentence, MAX_SENTENCE))}`;
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

/** One JSON object: `time` (UTC), `level`, `message`, then the fields by their names. */
export function jsonLine({ time, level, sentence, fields }: LogEntry): string {
  const shown = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? cut(value, MAX_FIELD) : value,
  ]);
  return escapedText(
    JSON.stringify({ time, level, message: cut(sentence, MAX_SENTENCE), ...Object.fromEntries(shown) }),
  );
}

function fieldText(value: string): string {
  return PLAIN.test(value) && value.length <= MAX_FIELD ? value : quotedText(cut(value, MAX_FIELD));
}

function cut(value: string, most: number): string {
  return value.length <= most ? value : `${value.slice(0, most)}…`;
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
