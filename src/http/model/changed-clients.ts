import type { Note, Observer } from '../../ports/observer.ts';
import type { ClientChanges, ClientItem } from '../api-contract.ts';

/**
 * Rows that are told at a time, of clients that have another state and of those that have only sent more: each costs some microseconds, and nobody
 * reads more in a second.
 */
const MOST_TELLING = 100;
const MOST_OTHERS = 50;
/** Clients that are remembered to have changed. Where there are more, whoever looks has to ask for the list again. */
const MOST_REMEMBERED = 10_000;

/**
 * Messages whose clients are looked up at a time: one by one a message would cost several times as much, for it would find the table out of the
 * processor's cache.
 */
const BATCH = 1_000;

/** What changes how a client is shown, not only how much it has sent: those are told first. */
const TELLING: ReadonlySet<Note['type']> = new Set([
  'client-connected',
  'client-disconnected',
  'client-asleep',
  'client-awake',
  'client-asleep-again',
  'client-lost',
  'client-moved',
  'session-expired',
  'session-forgotten',
  'session-failed',
]);

export interface ChangedClientsParts {
  /** From now on the observer is told everything; returns how to stop that. */
  observe(observer: Observer): () => void;
  /** Undefined: its session is gone. */
  item(clientId: string): ClientItem | undefined;
}

/** Which clients have changed since somebody was told. Watches only between `start` and `stop`. */
export class ChangedClients implements Observer {
  readonly #parts: ChangedClientsParts;
  readonly #telling = new Set<string>();
  readonly #others = new Set<string>();
  /** Clients of the last messages, which are not among the others yet: the first `#fresh` of them. */
  readonly #batch: string[] = new Array(BATCH).fill('');
  #fresh = 0;
  #reset = false;
  #end: (() => void) | undefined;

  constructor(parts: ChangedClientsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#end ??= this.#parts.observe(this);
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#telling.clear();
    this.#others.clear();
    this.#fresh = 0;
    this.#reset = false;
  }

  note(note: Note): void {
    if (note.type === 'client-published' || note.type === 'delivered') {
      if (note.clientId !== undefined) {
        this.#batch[this.#fresh++] = note.clientId;
        if (this.#fresh === BATCH) {
          this.#sortIn();
        }
      }
      return;
    }
    if (!('clientId' in note) || note.clientId === undefined) {
      return;
    }
    const isTelling = TELLING.has(note.type);
    const changed = isTelling ? this.#telling : this.#others;
    if (changed.size < MOST_REMEMBERED) {
      changed.add(note.clientId);
    } else if (isTelling && !changed.has(note.clientId)) {
      this.#reset = true;
    }
  }

  /** The next ones to be told of, those first whose state has changed; undefined: there are none. */
  take(): ClientChanges | undefined {
    this.#sortIn();
    if (this.#reset) {
      this.#telling.clear();
      this.#others.clear();
      this.#reset = false;
      return { changed: [], removed: [], reset: true };
    }
    const changed: ClientItem[] = [];
    const removed: string[] = [];
    for (const clientId of this.#next()) {
      const item = this.#parts.item(clientId);
      if (item === undefined) {
        removed.push(clientId);
      } else {
        changed.push(item);
      }
    }
    return changed.length + removed.length === 0 ? undefined : { changed, removed, reset: false };
  }

  #sortIn(): void {
    for (let n = 0; n < this.#fresh && this.#others.size < MOST_REMEMBERED; n++) {
      this.#others.add(this.#batch[n] ?? '');
    }
    this.#fresh = 0;
  }

  #next(): string[] {
    const next: string[] = [];
    for (const clientId of this.#telling) {
      if (next.length === MOST_TELLING) {
        break;
      }
      this.#telling.delete(clientId);
      this.#others.delete(clientId);
      next.push(clientId);
    }
    for (const clientId of this.#others) {
      if (next.length >= MOST_OTHERS) {
        break;
      }
      this.#others.delete(clientId);
      next.push(clientId);
    }
    return next;
  }
}
