import type { Note, Observer } from '../ports/observer.ts';
import { ReasonWords } from './reason-words.ts';

/** Requests of one type that were refused for one reason. */
export interface RefusalCount {
  /** `CONNECT`, `SUBSCRIBE`, … */
  readonly message: string;
  /** As in the log; numbers are `N`, and the rule, or what else stands in brackets or behind a colon, is left out. */
  readonly reason: string;
  readonly count: number;
}

/** Counts refused requests by why they were refused, in words of which there is a bounded number. */
export class RefusalReasons implements Observer {
  readonly #counts = new Map<string, { message: string; reason: string; count: number }>();
  readonly #words = new ReasonWords(/U\+[0-9A-F]+|\d+/g);

  note(note: Note): void {
    if (note.type === 'client-refused') {
      this.#count('CONNECT', note.reason);
    } else if (note.type === 'request-rejected') {
      this.#count(note.message, note.reason);
    }
  }

  /** What has been refused since the start. */
  counts(): readonly RefusalCount[] {
    return [...this.#counts.values()].map((refusal) => ({ ...refusal }));
  }

  #count(message: string, text: string): void {
    const reason = this.#words.of(text.replace(/^its will: /, 'its will, '));
    const key = `${message} ${reason}`;
    const known = this.#counts.get(key);
    if (known === undefined) {
      this.#counts.set(key, { message, reason, count: 1 });
    } else {
      known.count++;
    }
  }
}
