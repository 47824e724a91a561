import type { Note } from '../ports/observer.ts';

/** Whose state may have changed by what a note tells; undefined: nobody's. */
export function changedClient(note: Note): string | undefined {
  switch (note.type) {
    case 'client-connected':
    case 'client-moved':
    case 'client-disconnected':
    case 'client-asleep':
    case 'client-awake':
    case 'client-lost':
    case 'connect-abandoned':
    case 'session-expired':
    case 'session-failed':
      return note.clientId;
    default:
      return undefined;
  }
}
