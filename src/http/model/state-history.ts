import type { Note } from '../../ports/observer.ts';
import type { ClientDetail } from '../api-contract.ts';
import { isoTime } from './wall-clock.ts';

/** Changes that are remembered of one client, and in all. */
const MOST_OF_CLIENT = 20;
const MOST = 10_000;

interface Change {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: string;
  readonly reason: string | null;
}

/**
 * What has become of each client lately. Where there is too much of it, the oldest goes of the client that has not changed for longest; what
 * is told of a session that is gone goes with it.
 */
export class StateHistory {
  readonly #wall: () => number;
  /** By client id, oldest change first; the client that changed last at the end. */
  readonly #changes = new Map<string, Change[]>();
  #size = 0;

  /** `wall`: milliseconds since 1970. */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  /** Changes that are remembered. */
  get size(): number {
    return this.#size;
  }

  note(note: Note): void {
    switch (note.type) {
      case 'client-connected':
        this.#add(note.clientId, 'active', note.cleanSession ? 'clean session' : null);
        break;
      case 'client-disconnected':
        this.#add(note.clientId, 'disconnected', note.reason);
        break;
      case 'client-asleep':
        this.#add(note.clientId, 'asleep', `for ${note.duration} s`);
        break;
      case 'client-awake':
        this.#add(note.clientId, 'awake', null);
        break;
      case 'client-asleep-again': {
        const why = note.reason === undefined ? '' : `: ${note.reason}`;
        this.#add(note.clientId, 'asleep', `again, for ${note.duration} s${why}`);
        break;
      }
      case 'client-lost':
        this.#add(note.clientId, 'lost', note.reason);
        break;
      case 'client-moved':
        this.#add(note.clientId, 'moved', `from ${note.from} to ${note.link}`);
        break;
      case 'client-refused':
        // Whoever is unknown and refused would fill it.
        if (note.clientId !== undefined && this.#changes.has(note.clientId)) {
          this.#add(note.clientId, 'refused', note.reason);
        }
        break;
      case 'session-expired':
      case 'session-forgotten':
        this.#forget(note.clientId);
        break;
      default:
    }
  }

  /** Newest first. */
  of(clientId: string): ClientDetail['history'] {
    const changes = this.#changes.get(clientId) ?? [];
    return changes.toReversed().map(({ at, state, reason }) => ({ time: isoTime(at), state, reason }));
  }

  #add(clientId: string, state: string, reason: string | null): void {
    const changes = this.#changes.get(clientId) ?? [];
    this.#changes.delete(clientId);
    this.#changes.set(clientId, changes);
    changes.push({ at: this.#wall(), state, reason });
    this.#size += 1;
    if (changes.length > MOST_OF_CLIENT) {
      changes.shift();
      this.#size -= 1;
    }
    if (this.#size > MOST) {
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    for (const [clientId, changes] of this.#changes) {
      changes.shift();
      this.#size -= 1;
      if (changes.length === 0) {
        this.#changes.delete(clientId);
      }
      return;
    }
  }

  #forget(clientId: string): void {
    this.#size -= this.#changes.get(clientId)?.length ?? 0;
    this.#changes.delete(clientId);
  }
}
