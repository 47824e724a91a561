/** What the log has in the fields of a note, and whoever reads its sentence alone has to know. */
import type { Note } from '../../ports/observer.ts';

/** The id that would have to be configured; empty: there is none. */
export function topicIdIn(note: Note): string {
  return 'predefinedId' in note && note.predefinedId !== undefined ? ` (topic id ${note.predefinedId})` : '';
}

/** Topic or filter, of at most so many characters; undefined: it is not about one. */
export function topicIn(note: Note, most: number): string | undefined {
  const topic = 'topic' in note ? note.topic : 'filter' in note ? note.filter : undefined;
  // A part of a text keeps all of it in memory: this is a copy.
  return topic === undefined || topic.length <= most ? topic : `${Buffer.from(topic.slice(0, most)).toString()}…`;
}

/** All of it, behind a sentence. */
export function detailsOf(note: Note): string {
  const topic = topicIn(note, 200);
  const identity = 'identity' in note ? note.identity : undefined;
  return `${topicIdIn(note)}${topic === undefined ? '' : ` (topic ${topic})`}${identity === undefined ? '' : ` (identity ${identity})`}`;
}
