/** What the log line of one type of note is made of. */
import type { Note } from '../ports/observer.ts';
import type { LogFields, LogLevel } from './logger.ts';

export type NoteOf<T extends Note['type']> = Extract<Note, { type: T }>;

export interface NoteLine<N extends Note> {
  level(note: N): LogLevel;
  sentence(note: N): string;
  fields?(note: N): LogFields;
}
