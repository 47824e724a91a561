/** The log lines of the notes about the status page. */
import type { HttpNote } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

const warn = (): LogLevel => 'warn';
const info = (): LogLevel => 'info';

const ACTIONS: Readonly<Record<NoteOf<'operator-acted'>['action'], string>> = {
  disconnect: 'sends a client away',
  forget: 'has a session forgotten',
  publish: 'publishes',
  reload: 'has the settings read again',
  'log-level': 'sets the level of the log',
  trace: 'watches the frames of a client',
};

export const HTTP_NOTE_LINES: { readonly [T in HttpNote['type']]: NoteLine<NoteOf<T>> } = {
  'http-up': {
    level: info,
    sentence: ({ url, login }) =>
      `status page: ${url}${login ? '' : ' (shows only; with http.users or http.token it acts, too)'}`,
  },
  'http-problem': {
    level: warn,
    sentence: ({ code, reason }) => `status page: ${reason} (${code})`,
    fields: ({ code }) => ({ code }),
  },
  'http-login-blocked': {
    level: warn,
    sentence: ({ seconds }) =>
      `status page: wrong passwords or tokens came again and again; none is looked at for ${seconds} s from this address`,
    fields: ({ address }) => ({ address }),
  },
  'operator-acted': {
    level: info,
    sentence: ({ action }) => `operator: ${ACTIONS[action]}`,
    fields: ({ by }) => ({ by }),
  },
};
