/** The log lines of what the gateway says of itself at the broker. */
import type { StatusNote } from '../ports/observer.ts';
import type { NoteLine } from './note-lines.ts';

export const STATUS_LINES: { readonly [T in StatusNote['type']]: NoteLine<Extract<StatusNote, { type: T }>> } = {
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
  'status-request': { level: () => 'info', sentence: ({ request }) => `request at the broker: ${request}` },
};
