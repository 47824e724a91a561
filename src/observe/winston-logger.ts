/** Lines to an output. The only file that knows winston. */
import { Writable } from 'node:stream';
import { createLogger, format, transports } from 'winston';
import { journalLine, jsonLine, type LogEntry, prettyLine, withPriority } from './log-line.ts';
import type { LogOutput } from './log-output.ts';
import { enabledLevels, LOG_LEVELS, type LogEvent, type LogFields, type Logger, type LogLevel } from './logger.ts';

export interface LoggerSettings {
  /** The least important level that is written. */
  readonly level: LogLevel;
  /** `pretty`: lines for people, in local time. `json`: one object for each line. */
  readonly format: 'pretty' | 'json';
  /** The output is the journal of systemd: lines carry its priorities, and those for people no time of their own. */
  readonly journal?: boolean;
}

/** A logger that writes to `output`, and there also how many lines were lost. `now`: the time of each line. */
export function winstonLogger(settings: LoggerSettings, output: LogOutput, now: () => Date = () => new Date()): Logger {
  const line = lineOf(settings);
  output.lostLine = (lost) =>
    `${line({
      time: now(),
      level: 'warn',
      event: 'lines-lost',
      sentence: `${lost} lines of the log were lost: whoever reads it had stopped, or gone`,
      fields: { lost },
    })}\n`;
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      output.write(text);
      done();
    },
  });
  const winston = createLogger({
    levels: Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
    level: 'trace', // what is not enabled never gets there
    format: format.printf((entry) => line(entry.entry as LogEntry)),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  let { level: least } = settings;
  let enabled = enabledLevels(least);
  return {
    get level() {
      return least;
    },
    set level(level) {
      least = level;
      enabled = enabledLevels(level);
    },
    get enabled() {
      return enabled;
    },
    log(level: LogLevel, event: LogEvent, sentence: string, fields: LogFields = {}): void {
      if (!enabled[level]) {
        return;
      }
      // Fields stay out of winston's own entry: it would join a field named `message` to the sentence.
      const entry: LogEntry = { time: now(), level, event, sentence, fields };
      winston.log({ level, message: '', entry });
    },
  };
}

function lineOf({ format: form, journal = false }: LoggerSettings): (entry: LogEntry) => string {
  const line = form === 'json' ? jsonLine : journal ? journalLine : prettyLine;
  return journal ? (entry) => withPriority(entry.level, line(entry)) : line;
}
