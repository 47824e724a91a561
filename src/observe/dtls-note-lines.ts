/** The lines of DTLS associations. */
import type { AssociationEnd, DtlsNote, HandshakeEnd, ResumeRefusal } from '../ports/dtls-note.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

const info = (): LogLevel => 'info';
const debug = (): LogLevel => 'debug';

const ENDS: Readonly<Record<AssociationEnd, string>> = {
  'closed-by-client': 'the client has closed it',
  'closed-by-gateway': 'the gateway stops',
  replaced: 'the client has made another one from the same address',
  idle: 'nothing came for as long as idle allows',
  limit: 'there were as many as maxAssociations allows',
  'key-changed': 'its identity has no key any more, or another one',
  'worn-out': 'its record numbers are used up',
  forged: 'so many records in its name were forged that one more might have been taken for genuine',
};

const FAILURES: Readonly<Record<HandshakeEnd, string>> = {
  'wrong-key': 'the client has another key than the file of keys has for its identity',
  'unknown-identity': 'the file of keys does not have the identity',
  malformed: 'the client sent what is no DTLS handshake',
  'bad-share': 'the client sent a public key that is none',
  version: 'the client does not speak DTLS 1.2',
  'no-common-suite': 'the client offers no cipher suite that is allowed here',
  renegotiation: 'the client takes this for a second handshake',
  timeout: 'the client went silent',
  limit: 'there were as many as maxHandshakes allows, and this was the oldest',
};

const REFUSALS: Readonly<Record<ResumeRefusal, string>> = {
  copied: 'the folder is a copy, or was put back from one',
  'unclean-stop': 'the machine was started anew, and the gateway was not stopped before',
  damaged: 'what was stored of them is damaged',
  'sessions-damaged': 'the sessions are not all there',
  unreadable: 'what was stored of them cannot be read',
};

/** What an operator has to do something about, unless somebody is trying keys. */
const SERIOUS: readonly HandshakeEnd[] = ['wrong-key', 'unknown-identity', 'version', 'no-common-suite'];

export const DTLS_NOTE_LINES: { readonly [T in DtlsNote['type']]: NoteLine<NoteOf<T>> } = {
  'association-opened': {
    level: info,
    sentence: () => 'DTLS association made',
    fields: ({ address, identity, suite, connectionId }) => ({ address, identity, suite, connectionId }),
  },
  'associations-resumed': {
    level: info,
    sentence: () => 'DTLS associations go on',
    fields: ({ transport, count, dropped }) => ({ transport, count, dropped }),
  },
  'associations-refused': {
    level: info,
    sentence: ({ reason }) => `DTLS associations do not go on, clients shake hands anew: ${REFUSALS[reason]}`,
    fields: ({ count }) => ({ count }),
  },
  'association-moved': {
    level: debug,
    sentence: () => 'DTLS association goes on from another address',
    fields: ({ identity, from, to }) => ({ identity, from, to }),
  },
  'association-closed': {
    level: info,
    sentence: ({ reason }) => `DTLS association over: ${ENDS[reason]}`,
    fields: ({ identity }) => ({ identity }),
  },
  'handshake-failed': {
    level: ({ reason }) => (SERIOUS.includes(reason) ? 'warn' : 'info'),
    sentence: ({ reason }) => `DTLS handshake failed: ${FAILURES[reason]}`,
    fields: ({ transport, address, identity }) => ({ transport, address, identity }),
  },
  'record-dropped': {
    level: debug,
    sentence: ({ reason }) => `DTLS record dropped: ${reason}`,
    fields: ({ transport, address }) => ({ transport, address }),
  },
};
