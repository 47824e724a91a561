/** The lines of transports and of radio modules. */
import type { RadioNote, TransportNote } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

const warn = (): LogLevel => 'warn';
const info = (): LogLevel => 'info';
const trace = (): LogLevel => 'trace';

type TransportNoteType = (TransportNote | RadioNote)['type'];

export const TRANSPORT_NOTE_LINES: { readonly [T in TransportNoteType]: NoteLine<NoteOf<T>> } = {
  'transport-up': {
    level: info,
    sentence: ({ transport, address }) => `${transport} listens on ${address}`,
    fields: ({ transport, address }) => ({ transport, address }),
  },
  'transport-problem': {
    level: warn,
    sentence: ({ transport, code, reason }) => `${transport}: ${reason} (${code})`,
    fields: ({ transport, code }) => ({ transport, code }),
  },
  'transport-down': {
    level: warn,
    sentence: ({ transport, reason }) => `${transport}: ${reason}`,
    fields: ({ transport, code }) => ({ transport, code }),
  },
  'octets-discarded': {
    // Noise comes and goes; a frame that is too long stays so.
    level: ({ reason }) => (reason === 'tooLong' ? 'info' : 'debug'),
    sentence: ({ transport, reason }) => `${transport}: octets discarded: ${reason}`,
    fields: ({ transport, octets }) => ({ transport, octets }),
  },
  'radio-signal': { level: trace, sentence: () => 'radio signal', fields: ({ rssi, retries }) => ({ rssi, retries }) },
  'radio-node': {
    level: info,
    sentence: () => 'node identified itself',
    fields: ({ name, role }) => ({ name, role }),
  },
  'radio-status': {
    level: info,
    sentence: ({ transport, meaning }) => `${transport}: radio module: ${meaning}`,
    fields: ({ transport, status }) => ({ transport, status }),
  },
};
