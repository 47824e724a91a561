/** Lines to standard output. The only file that knows winston. */
import { createLogger, format, transports } from 'winston';
import { jsonLine, type LogEntry, prettyLine } from './log-line.ts';
import { enabledLevels, LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.ts';

export interface LoggerSettings {
  /** The least important level that is written. */
  readonly level: LogLevel;
  /** `pretty`: lines for people, in local time. `json`: one object for each line. */
  readonly format: 'pretty' | 'json';
}

/** A logger that writes to `output`, standard output unless told. `now`: the time of each line. */
export function winstonLogger(
  settings: LoggerSettings,
  output: NodeJS.WritableStream = process.stdout,
  now: () => Date = () => new Date(),
): Logger {
  const line = settings.format === 'json' ? jsonLine : prettyLine;
  const winston = createLogger({
    levels: Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
    level: settings.level,
    format: format.printf((entry) => line(entry.entry as LogEntry)),
    transports: [new transports.Stream({ stream: output, eol: '\n' })],
  });
  const enabled = enabledLevels(settings.level);
  return {
    enabled,
    log(level: LogLevel, sentence: string, fields: LogFields = {}): void {
      if (!enabled[level]) {
        return;
      }
      // Fields stay out of winston's own entry: it would join a field named `message` to the sentence.
      const entry: LogEntry = { time: now(), level, sentence, fields };
      winston.log({ level, message: '', entry });
    },
  };
}
