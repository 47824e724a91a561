import type { Note } from '../ports/observer.ts';
import type { TransportView } from '../ports/site.ts';

/** How a transport is, as its notes tell. */
export type TransportStatus = Pick<TransportView, 'state' | 'since' | 'reason' | 'problems'>;

type TransportNote = Extract<
  Note,
  { readonly type: 'transport-up' | 'transport-down' | 'transport-problem' | 'octets-discarded' }
>;

/** Remembers of each transport whether it works, since when, and what its last problem was. */
export class TransportWatch {
  readonly #wallClock: () => number;
  readonly #startedAt: number;
  /** By name: as many as there are transports. */
  readonly #known = new Map<string, TransportStatus>();

  /** `wallClock`: milliseconds since 1970. */
  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
    this.#startedAt = wallClock();
  }

  note(note: TransportNote): void {
    const before = this.of(note.transport);
    this.#known.set(note.transport, this.#after(before, note));
  }

  /** One that has told nothing yet is down. */
  of(transport: string): TransportStatus {
    const unknown = { state: 'down', since: this.#startedAt, reason: undefined, problems: 0 } as const;
    return this.#known.get(transport) ?? unknown;
  }

  #after(before: TransportStatus, note: TransportNote): TransportStatus {
    const problems = before.problems + 1;
    switch (note.type) {
      case 'transport-up':
        return { state: 'up', since: this.#wallClock(), reason: undefined, problems: before.problems };
      case 'transport-down': {
        const since = before.state === 'down' ? before.since : this.#wallClock();
        return { state: 'down', since, reason: note.reason, problems };
      }
      case 'transport-problem':
        return { ...before, reason: note.reason, problems };
      case 'octets-discarded':
        return { ...before, problems };
    }
  }
}
