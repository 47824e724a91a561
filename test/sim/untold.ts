/**
 * What the gateway has decided and nobody has been told: a note waits for the write behind which it stands, and a process that ends takes it along, though
 * the write may be on the disk.
 */
import type { Core } from '../../src/core/contract/core.ts';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Note } from '../../src/ports/observer.ts';

export type DroppedNote = Extract<Note, { type: 'delivery-dropped' }>;

export class Untold {
  readonly #notes = new Set<DroppedNote>();

  /** Drops, in the order in which they were decided. */
  get drops(): readonly DroppedNote[] {
    return [...this.#notes];
  }

  /** The same core, listened to. */
  of(core: Core): Core {
    return {
      get nextDeadline() {
        return core.nextDeadline;
      },
      handle: (input, now) => this.#said(core.handle(input, now)),
      clientOf: (input) => core.clientOf(input),
    };
  }

  #said(effects: readonly Effect[]): readonly Effect[] {
    for (const effect of effects) {
      if (effect.type === 'note' && effect.note.type === 'delivery-dropped') {
        this.#notes.add(effect.note);
      }
    }
    return effects;
  }

  told(note: Note): void {
    if (note.type === 'delivery-dropped') {
      this.#notes.delete(note);
    }
  }
}
