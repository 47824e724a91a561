/** Which clients share the connection to the broker since this start, and did not before, or the other way round. */

import type { CoreSettings } from '../contract/core-settings.ts';
import type { Note } from '../contract/note.ts';

/** So many of them are named. */
const NAMED = 5;

interface Concerned {
  clients: number;
  readonly some: string[];
}

export class ModeChange {
  readonly #shared: Concerned = { clients: 0, some: [] };
  readonly #own: Concerned = { clients: 0, some: [] };

  add(clientId: string, isShared: boolean): void {
    const concerned = isShared ? this.#shared : this.#own;
    concerned.clients++;
    if (concerned.some.length < NAMED) {
      concerned.some.push(clientId);
    }
  }

  /** What is to be told. */
  notes({ mode }: CoreSettings['upstream']): readonly Note[] {
    const ofShared: Note = { type: 'mode-changed', to: 'shared', mode, ...this.#shared };
    const ofOwn: Note = { type: 'mode-changed', to: 'own', mode, ...this.#own };
    return [...(this.#shared.clients > 0 ? [ofShared] : []), ...(this.#own.clients > 0 ? [ofOwn] : [])];
  }
}
