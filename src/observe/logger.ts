/** What lines are written with. Behind it stands winston, in one file. */

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** From what is broken to what nobody usually wants to know. */
export const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** What a line is about, besides its sentence. Fields without a value are left out. Three names are those of the line itself. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly time?: never;
  readonly level?: never;
  readonly message?: never;
};

export interface Logger {
  /** The least important level that is written. */
  level: LogLevel;
  /** Whether lines of a level are written. Looked at before a line is made, so that a level that is off costs nothing. */
  readonly enabled: Readonly<Record<LogLevel, boolean>>;
  /** Writes one line where its level is on. Texts may come from anybody: whatever could forge or garble a line is escaped here. */
  log(level: LogLevel, sentence: string, fields?: LogFields): void;
}

/** The levels that are on where `least` is the least important one. */
export function enabledLevels(least: LogLevel): Readonly<Record<LogLevel, boolean>> {
  const last = LOG_LEVELS.indexOf(least);
  return Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index <= last])) as Record<LogLevel, boolean>;
}
