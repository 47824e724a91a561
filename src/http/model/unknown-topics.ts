import type { Note } from '../../ports/observer.ts';
import type { Topics } from '../api-contract.ts';
import { isoTime } from './wall-clock.ts';

/** Ids that are remembered, of one client and in all; the one goes first that was used longest ago. */
const MOST = 1_000;
const MOST_OF_CLIENT = 50;

interface Unknown {
  readonly clientId: string | undefined;
  readonly source: string;
  readonly link: string;
  readonly topicId: number;
  count: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** Pre-defined topic ids that clients used and nobody has defined: the usual mistake, and nothing of it arrives. */
export class UnknownTopics {
  readonly #wall: () => number;
  /** The last used at the end. */
  readonly #unknown = new Map<string, Unknown>();
  /** How many there are of each client, or of each address where that is not known. */
  readonly #counts = new Map<string, number>();

  /** `wall`: milliseconds since 1970. */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  note(note: Note): void {
    if (
      (note.type !== 'request-rejected' && note.type !== 'client-publish-dropped') ||
      note.predefinedId === undefined
    ) {
      return;
    }
    const { clientId, link, predefinedId: topicId } = note;
    const source = clientId === undefined ? `link ${link}` : `client ${clientId}`;
    const key = `${topicId} ${source}`;
    const known = this.#unknown.get(key);
    if (known === undefined && (this.#counts.get(source) ?? 0) >= MOST_OF_CLIENT) {
      this.#drop((one) => one.source === source);
    }
    this.#unknown.delete(key);
    this.#unknown.set(key, { clientId, source, link, topicId, count: (known?.count ?? 0) + 1, at: this.#wall() });
    if (known === undefined) {
      this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
      if (this.#unknown.size > MOST) {
        this.#drop(() => true);
      }
    }
  }

  /** Last used first. */
  list(): Topics['unknown'] {
    return [...this.#unknown.values()].reverse().map(({ clientId, link, topicId, count, at }) => ({
      clientId: clientId ?? null,
      link,
      topicId,
      count,
      lastSeen: isoTime(at),
    }));
  }

  #drop(isMeant: (one: Unknown) => boolean): void {
    for (const [key, one] of this.#unknown) {
      if (isMeant(one)) {
        this.#unknown.delete(key);
        const count = (this.#counts.get(one.source) ?? 1) - 1;
        if (count === 0) {
          this.#counts.delete(one.source);
        } else {
          this.#counts.set(one.source, count);
        }
        return;
      }
    }
  }
}
