import type { Note, Observer } from '../ports/observer.ts';
import type { DropCount } from '../ports/site.ts';
import type { NoteOf } from './note-line.ts';
import { ReasonWords } from './reason-words.ts';

type Drop = NoteOf<'client-publish-dropped'> | NoteOf<'delivery-dropped'>;

/** Counts dropped messages by why they were dropped, in words of which there is a bounded number. */
export class DropReasons implements Observer {
  readonly #counts = new Map<string, { direction: 'up' | 'down'; qos: Drop['qos']; reason: string; count: number }>();
  readonly #words = new ReasonWords(/\d+(?= octets)/g);

  note(note: Note): void {
    if (note.type === 'client-publish-dropped') {
      this.#count('up', note);
    } else if (note.type === 'delivery-dropped') {
      this.#count('down', note);
    }
  }

  /** What has been dropped since the start. */
  counts(): readonly DropCount[] {
    return [...this.#counts.values()].map((drop) => ({ ...drop }));
  }

  #count(direction: 'up' | 'down', { qos, reason: text }: Drop): void {
    const reason = this.#words.of(text.replace(/^its will: /, 'its will, '));
    const key = `${direction} ${qos} ${reason}`;
    const known = this.#counts.get(key);
    if (known === undefined) {
      this.#counts.set(key, { direction, qos, reason, count: 1 });
    } else {
      known.count++;
    }
  }
}
