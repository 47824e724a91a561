/** The log lines of the notes about what the gateway says of itself at the broker. */
import type { StatusNote } from '../ports/observer.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

export const STATUS_NOTE_LINES: { readonly [T in StatusNote['type']]: NoteLine<NoteOf<T>> } = {
  'status-up': { level: () => 'info', sentence: () => 'the gateway says its status at the broker' },
  'status-down': {
    level: () => 'info',
    sentence: ({ reason }) => `the connection for the status of the gateway does not stand: ${reason}`,
    fields: ({ retryIn }) => ({ retryIn: `${retryIn}ms` }),
  },
  'status-off': {
    level: () => 'warn',
    sentence: ({ reason }) =>
      `the status of the gateway is not said any more until the next start, clients are not touched: ${reason}; does the broker permit this topic (status.topicPrefix), the client id with -status behind it, and Retain?`,
    fields: ({ topic }) => ({ topic }),
  },
  'status-problem': { level: () => 'warn', sentence: ({ reason }) => `status of the gateway: ${reason}` },
};
