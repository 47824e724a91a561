/** What the log says of a note, for whoever shows it elsewhere. */
import type { Note } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine } from './note-line.ts';
import { NOTE_LINES } from './note-lines.ts';

/** Texts may have the reason of a broker in them, of any length. */
const MAX_TEXT = 500;

export interface NoteText {
  readonly level: LogLevel;
  /** In words, without the fields; made when it is read. */
  readonly text: string;
}

/** Level and sentence of a note. */
export function noteText(note: Note): NoteText {
  const line: NoteLine<Note> = NOTE_LINES[note.type];
  return {
    level: line.level(note),
    get text() {
      const text = line.sentence(note);
      return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
    },
  };
}
