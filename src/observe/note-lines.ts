/**
 * The log line of each note: level, sentence, fields (levels: `error` broken now, `warn` an operator should look, `info` clients and broker
 * come and go, `debug` small state changes, `trace` each message). What differs from client to client is a field, never in the sentence:
 * equal sentences are counted together where they come too often.
 */
import { returnCodeName } from '../codec/describe.ts';
import type { Note } from '../ports/observer.ts';
import type { LogFields, LogLevel } from './logger.ts';

export type NoteOf<T extends Note['type']> = Extract<Note, { type: T }>;

export interface NoteLine<N extends Note> {
  level(note: N): LogLevel;
  /** A sender, a broker or a medium can cause any number of them: repeated ones are counted instead of written. */
  readonly limited?: true;
  sentence(note: N): string;
  fields?(note: N): LogFields;
}

const error = (): LogLevel => 'error';
const warn = (): LogLevel => 'warn';
const info = (): LogLevel => 'info';
const debug = (): LogLevel => 'debug';
const trace = (): LogLevel => 'trace';

export const NOTE_LINES: { readonly [T in Note['type']]: NoteLine<NoteOf<T>> } = {
  'client-connected': {
    level: info,
    sentence: () => 'client connected',
    fields: ({ keepAlive, cleanSession, will }) => ({ keepAlive, cleanSession, will }),
  },
  'client-refused': {
    level: warn,
    limited: true,
    sentence: ({ returnCode, reason }) => `client refused: ${reason} (${returnCodeName(returnCode)})`,
  },
  'connect-abandoned': { level: info, limited: true, sentence: ({ reason }) => `connecting given up: ${reason}` },
  'client-moved': {
    level: info,
    limited: true,
    sentence: () => 'client has a new address',
    fields: ({ from }) => ({ from }),
  },
  'client-disconnected': { level: info, sentence: ({ reason }) => `client disconnected: ${reason}` },
  'client-asleep': { level: info, sentence: () => 'client asleep', fields: ({ duration }) => ({ duration }) },
  'client-awake': { level: debug, sentence: () => 'client awake', fields: ({ waiting }) => ({ waiting }) },
  'client-lost': { level: info, sentence: ({ reason }) => `client lost: ${reason}`, fields: ({ will }) => ({ will }) },
  'frame-dropped': {
    level: debug,
    limited: true,
    sentence: ({ reason }) => `frame dropped: ${reason}`,
  },
  'frame-undelivered': { level: debug, limited: true, sentence: ({ reason }) => `frame did not arrive: ${reason}` },
  'unknown-sender': {
    level: debug,
    limited: true,
    sentence: ({ message, answered }) =>
      `${message} from a sender without a session, ${answered ? 'answered with DISCONNECT' : 'not answered'}`,
  },
  'message-ignored': {
    level: debug,
    limited: true,
    sentence: ({ message, reason }) => `${message} ignored: ${reason}`,
  },
  'request-rejected': {
    // An unknown topic id is how a client learns to register again (§6.10); the other codes tell of something that stays wrong.
    level: ({ returnCode }) => (returnCode === 2 ? 'debug' : 'warn'),
    limited: true,
    sentence: ({ message, returnCode, reason }) =>
      `${message} answered with "${returnCodeName(returnCode)}": ${reason}`,
  },
  'topic-registered': {
    level: debug,
    sentence: () => 'topic registered',
    fields: ({ topicId, topicName }) => ({ topicId, topicName }),
  },
  subscribed: { level: debug, sentence: () => 'subscribed', fields: ({ filter, qos }) => ({ filter, qos }) },
  unsubscribed: { level: debug, sentence: () => 'unsubscribed', fields: ({ filter }) => ({ filter }) },
  'client-published': { level: trace, sentence: () => 'published by the client', fields: ({ qos }) => ({ qos }) },
  'duplicate-absorbed': { level: debug, limited: true, sentence: ({ message }) => `repeated ${message} absorbed` },
  'client-publish-dropped': {
    level: warn,
    limited: true,
    sentence: ({ reason }) => `PUBLISH of a client dropped: ${reason}`,
    fields: ({ qos }) => ({ qos }),
  },
  delivered: { level: trace, sentence: () => 'delivered to the client', fields: ({ qos }) => ({ qos }) },
  'delivery-dropped': {
    level: warn,
    limited: true,
    sentence: ({ reason }) => `message for a client dropped: ${reason}`,
    fields: ({ topic, qos }) => ({ topic, qos }),
  },
  retransmitted: {
    level: debug,
    limited: true,
    sentence: ({ message }) => `${message} sent again`,
    fields: ({ attempt }) => ({ attempt }),
  },
  'upstream-up': {
    level: ({ clientId }) => (clientId === undefined ? 'info' : 'debug'),
    limited: true,
    sentence: ({ clientId }) => (clientId === undefined ? 'connected to the broker' : 'client connected to the broker'),
    fields: ({ sessionPresent }) => ({ sessionPresent }),
  },
  'upstream-down': {
    level: info,
    limited: true,
    sentence: ({ clientId, reason }) =>
      `${clientId === undefined ? 'no connection' : 'client has no connection'} to the broker: ${reason}`,
    fields: ({ retryIn }) => ({ retryIn: retryIn === undefined ? undefined : `${retryIn}ms` }),
  },
  'broker-answer-ignored': {
    level: warn,
    limited: true,
    sentence: ({ packet }) => `${packet} of the broker ignored: it answers nothing that was sent, or is out of step`,
  },
  'broker-without-qos2': {
    level: warn,
    sentence: () =>
      'the broker answers QoS 2 as QoS 1 (PUBACK): it knows no QoS 2, so messages may be published twice where a connection breaks',
  },
  'gateway-reachable': {
    level: ({ reachable }) => (reachable ? 'info' : 'warn'),
    sentence: ({ reachable }) => (reachable ? 'gateway can reach the broker' : 'gateway cannot reach the broker'),
  },
  'gateway-started': {
    level: info,
    sentence: ({ addresses, brokerUrl, embedded }) =>
      `MQTT-SN gateway ready: ${addresses.join(', ')}; broker ${brokerUrl}${embedded ? ' (embedded, for a first try)' : ''}`,
    fields: ({ gwId }) => ({ gwId }),
  },
  'gateway-stopping': {
    level: info,
    sentence: ({ signal }) => `${signal}: stopping`,
    fields: ({ clients }) => ({ clients }),
  },
  'gateway-stopped': { level: info, sentence: () => 'stopped', fields: ({ counts }) => counts },
  'setting-unused': {
    level: warn,
    sentence: ({ setting }) => `${setting} is accepted, but this version does not use it`,
  },
  'transport-up': {
    level: info,
    sentence: ({ transport, address }) => `${transport} listens on ${address}`,
    fields: ({ transport, address }) => ({ transport, address }),
  },
  'transport-problem': {
    level: warn,
    limited: true,
    sentence: ({ transport, code, reason }) => `${transport}: ${reason} (${code})`,
    fields: ({ transport, code }) => ({ transport, code }),
  },
  'transport-down': {
    level: warn,
    sentence: ({ transport, reason }) => `${transport}: ${reason}`,
    fields: ({ transport, code }) => ({ transport, code }),
  },
  'octets-discarded': {
    level: debug,
    limited: true,
    sentence: ({ transport, reason }) => `${transport}: octets discarded: ${reason}`,
    fields: ({ transport, octets }) => ({ transport, octets }),
  },
  'radio-signal': { level: trace, sentence: () => 'radio signal', fields: ({ rssi, retries }) => ({ rssi, retries }) },
  'radio-node': {
    level: info,
    limited: true,
    sentence: () => 'node identified itself',
    fields: ({ name, role }) => ({ name, role }),
  },
  'radio-status': {
    level: info,
    limited: true,
    sentence: ({ transport, meaning }) => `${transport}: radio module: ${meaning}`,
    fields: ({ transport, status }) => ({ transport, status }),
  },
  'store-problem': { level: error, limited: true, sentence: ({ reason }) => `session store: ${reason}` },
  'sessions-restored': {
    level: info,
    sentence: ({ sessions }) => `${sessions} stored sessions`,
    fields: ({ sessions }) => ({ sessions }),
  },
  'session-expired': { level: info, limited: true, sentence: ({ reason }) => `stored session dropped: ${reason}` },
  'session-failed': {
    level: error,
    limited: true,
    sentence: ({ reason }) => `session ended by a defect of the gateway: ${reason}`,
  },
  'observer-failed': {
    level: error,
    limited: true,
    sentence: ({ reason }) => `an observer of the gateway failed: ${reason}`,
  },
};
