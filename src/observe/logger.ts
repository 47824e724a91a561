/** What lines are written with. Behind it stands winston, in one file. */

import type { Note } from '../ports/observer.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** From what is broken to what nobody usually wants to know. */
export const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** What a line is about, besides its sentence. Fields without a value are left out. Four names are those of the line itself. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly time?: never;
  readonly level?: never;
  readonly event?: never;
  readonly message?: never;
};

/** What a line may be about: a note, by its type, or what the log makes of several of them, or of itself. */
export type LogEvent = Note['type'] | LogOwnEvent;

/** Events that are no notes. */
export const LOG_OWN_EVENTS = [
  'client-id-shared',
  'client-comes-and-goes',
  'clients-come-and-go',
  'repeated',
  'frame',
  'lines-lost',
] as const;

export type LogOwnEvent = (typeof LOG_OWN_EVENTS)[number];

export interface Logger {
  /** The least important level that is written. */
  level: LogLevel;
  /** Whether lines of a level are written. Looked at before a line is made, so that a level that is off costs nothing. */
  readonly enabled: Readonly<Record<LogLevel, boolean>>;
  /**
   * Writes one line where its level is on. `event`: what it is about, by the stable name that docs/log-events.md explains. Texts may come from anybody:
   * whatever could forge or garble a line is escaped here.
   */
  log(level: LogLevel, event: LogEvent, sentence: string, fields?: LogFields): void;
}

/** The levels that are on where `least` is the least important one. */
export function enabledLevels(least: LogLevel): Readonly<Record<LogLevel, boolean>> {
  const last = LOG_LEVELS.indexOf(least);
  return Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index <= last])) as Record<LogLevel, boolean>;
}
