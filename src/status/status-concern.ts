import type { Note } from '../ports/observer.ts';

/** Notes about a client, or the session of one. */
const OF_CLIENTS = [
  'client-connected',
  'client-moved',
  'client-disconnected',
  'client-asleep',
  'client-awake',
  'client-asleep-again',
  'client-lost',
  'connect-abandoned',
  'session-expired',
  'session-forgotten',
  'session-failed',
  'radio-signal',
] as const;

const OF_THE_GATEWAY = [
  'upstream-up',
  'upstream-down',
  'transport-up',
  'transport-down',
  'transport-problem',
  'settings-reloaded',
] as const;

const ALL: ReadonlySet<Note['type']> = new Set([...OF_CLIENTS, ...OF_THE_GATEWAY]);

export type ClientConcern = Extract<Note, { type: (typeof OF_CLIENTS)[number] }>;

/** A note after which there may be something else to say. */
export type StatusConcern = ClientConcern | Extract<Note, { type: (typeof OF_THE_GATEWAY)[number] }>;

/** Whether a note is one of them: all that most cost a gateway that says its status. */
export function concernsStatus(note: Note): note is StatusConcern {
  return ALL.has(note.type);
}
