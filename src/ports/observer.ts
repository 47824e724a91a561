/** Who is told what happens: log, counters, and whatever else an operator looks at. */
import type { Link } from '../core/contract/link.ts';
import type { Note } from '../core/contract/note.ts';

export type { Note } from '../core/contract/note.ts';

export interface Observer {
  /** One fact. Must not throw. */
  note(note: Note): void;
  /** True when `frame` wants to be called: looked at before each frame, so that nobody pays for a log that nobody reads. */
  readonly wantsFrames: boolean;
  /** One whole frame, as received or as sent. */
  frame(direction: 'received' | 'sent' | 'broadcast', link: Link, frame: Uint8Array): void;
}
