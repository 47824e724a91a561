/** Which clients share the connection to the broker since this start, and did not before, or the other way round, or have other names there. */

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
  readonly #waiting: Concerned = { clients: 0, some: [] };
  readonly #renamed: Concerned = { clients: 0, some: [] };

  add(clientId: string, isShared: boolean): void {
    count(isShared ? this.#shared : this.#own, clientId);
  }

  /** It is to share the connection, and does not yet. */
  addWaiting(clientId: string): void {
    count(this.#waiting, clientId);
  }

  /** Its topics have another prefix than before. */
  addRenamed(clientId: string): void {
    count(this.#renamed, clientId);
  }

  /** What is to be told. */
  notes({ mode }: CoreSettings['upstream']): readonly Note[] {
    const ofShared = { type: 'mode-changed', to: 'shared', mode, ...this.#shared } as const;
    const ofOwn = { type: 'mode-changed', to: 'own', mode, ...this.#own } as const;
    const waiting = { type: 'mode-change-waits', ...this.#waiting } as const;
    const renamed = { type: 'topic-prefix-changed', ...this.#renamed } as const;
    return [ofShared, waiting, ofOwn, renamed].filter(({ clients }) => clients > 0);
  }
}

function count(concerned: Concerned, clientId: string): void {
  concerned.clients++;
  if (concerned.some.length < NAMED) {
    concerned.some.push(clientId);
  }
}
