/**
 * The log line of each note: level, sentence, fields (levels: `error` broken now, `warn` an operator should look, `info` clients and broker
 * come and go, `debug` small state changes, `trace` each message). What differs from client to client is a field, never in the sentence:
 * where they come too often, one sentence stands for all of them.
 */
import { returnCodeName } from '../codec/describe.ts';
import type { Note } from '../ports/observer.ts';
import { BROKER_NOTE_LINES } from './broker-note-lines.ts';
import { dropLevel } from './drop-level.ts';
import { DTLS_NOTE_LINES } from './dtls-note-lines.ts';
import { HTTP_NOTE_LINES } from './http-note-lines.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';
import { SETTINGS_NOTE_LINES } from './settings-note-lines.ts';
import { STATUS_NOTE_LINES } from './status-note-lines.ts';
import { TRANSPORT_NOTE_LINES } from './transport-note-lines.ts';

const error = (): LogLevel => 'error';
const warn = (): LogLevel => 'warn';
const info = (): LogLevel => 'info';
const debug = (): LogLevel => 'debug';
const trace = (): LogLevel => 'trace';

export const NOTE_LINES: { readonly [T in Note['type']]: NoteLine<NoteOf<T>> } = {
  'client-connected': {
    level: info,
    sentence: () => 'client connected',
    fields: ({ keepAlive, cleanSession, will, identity }) => ({ keepAlive, cleanSession, will, identity }),
  },
  'client-refused': {
    level: warn,
    sentence: ({ returnCode, reason }) => `client refused: ${reason} (${returnCodeName(returnCode)})`,
  },
  'connect-abandoned': { level: info, sentence: ({ reason }) => `connecting given up: ${reason}` },
  'client-moved': {
    level: info,
    sentence: () => 'client has a new address',
    fields: ({ from }) => ({ from }),
  },
  'client-disconnected': { level: info, sentence: ({ reason }) => `client disconnected: ${reason}` },
  'client-asleep': { level: info, sentence: () => 'client asleep', fields: ({ duration }) => ({ duration }) },
  'client-awake': { level: debug, sentence: () => 'client awake', fields: ({ waiting }) => ({ waiting }) },
  'client-asleep-again': {
    level: debug,
    sentence: ({ reason }) => `client asleep again${reason === undefined ? '' : `: ${reason}`}`,
    fields: ({ duration }) => ({ duration }),
  },
  'client-lost': { level: info, sentence: ({ reason }) => `client lost: ${reason}`, fields: ({ will }) => ({ will }) },
  'frame-dropped': {
    level: debug,
    sentence: ({ reason }) => `frame dropped: ${reason}`,
  },
  'frame-undelivered': { level: info, sentence: ({ reason }) => `frame did not arrive: ${reason}` },
  'unknown-sender': {
    level: debug,
    sentence: ({ message, answered }) =>
      `${message} from a sender without a session, ${answered ? 'answered with DISCONNECT' : 'not answered'}`,
  },
  'message-ignored': {
    level: debug,
    sentence: ({ message, reason }) => `${message} ignored: ${reason}`,
  },
  'request-rejected': {
    // An unknown normal topic id is how a client learns to register again (§6.10); anything else tells of something that stays wrong.
    level: ({ returnCode, predefinedId }) => (returnCode === 2 && predefinedId === undefined ? 'debug' : 'warn'),
    sentence: ({ message, returnCode, reason }) =>
      `${message} answered with "${returnCodeName(returnCode)}": ${reason}`,
    fields: ({ predefinedId, topic }) => ({ topicId: predefinedId, topic }),
  },
  'topic-registered': {
    level: debug,
    sentence: () => 'topic registered',
    fields: ({ topicId, topicName }) => ({ topicId, topicName }),
  },
  subscribed: { level: debug, sentence: () => 'subscribed', fields: ({ filter, qos }) => ({ filter, qos }) },
  unsubscribed: { level: debug, sentence: () => 'unsubscribed', fields: ({ filter }) => ({ filter }) },
  'subscription-refused': {
    level: warn,
    sentence: ({ reason, kept }) =>
      kept
        ? `a subscription of the client could not be made again, and is asked for on its next connection: ${reason}`
        : `a subscription of the client is gone, for it could not be made again: ${reason}`,
    fields: ({ filter }) => ({ filter }),
  },
  'subscription-moved': {
    level: info,
    sentence: () => 'pre-defined topic id means another topic now: the subscription moves with it',
    fields: ({ topicId, from, to }) => ({ topicId, from, to }),
  },
  'client-published': { level: trace, sentence: () => 'published by the client', fields: ({ qos }) => ({ qos }) },
  'duplicate-absorbed': { level: debug, sentence: ({ message }) => `repeated ${message} absorbed` },
  'client-publish-dropped': {
    level: ({ reason, qos }) => dropLevel(reason, qos),
    sentence: ({ reason }) => `PUBLISH of a client dropped: ${reason}`,
    fields: ({ qos, predefinedId, topic }) => ({ qos, topicId: predefinedId, topic }),
  },
  delivered: { level: trace, sentence: () => 'delivered to the client', fields: ({ qos }) => ({ qos }) },
  'delivery-dropped': {
    level: ({ reason, qos }) => dropLevel(reason, qos),
    sentence: ({ reason }) => `message for a client dropped: ${reason}`,
    fields: ({ topic, qos }) => ({ topic, qos }),
  },
  retransmitted: {
    level: debug,
    sentence: ({ message }) => `${message} sent again`,
    fields: ({ attempt }) => ({ attempt }),
  },
  ...BROKER_NOTE_LINES,
  ...STATUS_NOTE_LINES,
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
  'gateway-stopped': {
    level: ({ inTime }) => (inTime ? 'info' : 'warn'),
    sentence: ({ inTime }) => (inTime ? 'stopped' : 'stopped, but not everything could be closed in time'),
    fields: ({ counts }) => counts,
  },
  ...SETTINGS_NOTE_LINES,
  ...TRANSPORT_NOTE_LINES,
  ...DTLS_NOTE_LINES,
  'store-problem': { level: error, sentence: ({ reason }) => `session store: ${reason}` },
  'store-chosen': {
    level: ({ elsewhere }) => (elsewhere === undefined ? 'info' : 'warn'),
    sentence: ({ path, isNew, elsewhere }) => {
      if (elsewhere !== undefined) {
        return `sessions are kept in ${path}, which has none yet; there is a store of sessions in ${elsewhere}: where those are wanted, stop, and move that folder here, or name it in sessions.path`;
      }
      return `sessions are kept in ${path}${isNew ? ', which has none yet' : ''}`;
    },
  },
  'store-stalled': {
    level: warn,
    sentence: ({ seconds }) =>
      `session store: the disk has not answered for ${seconds} s; clients that need it wait, the others go on`,
  },
  'store-recovered': {
    level: info,
    sentence: ({ seconds }) =>
      `session store: it can be written again, after ${seconds} s; nothing that was promised is lost`,
  },
  'message-not-taken': {
    level: warn,
    sentence: ({ message }) =>
      message === 'frame'
        ? 'a frame was not taken: too much waits for the session store'
        : 'a QoS 0 message for a client was dropped: too much waits for the session store',
  },
  ...HTTP_NOTE_LINES,
  'process-paused': {
    level: warn,
    sentence: ({ milliseconds }) =>
      `the process stood still for ${(milliseconds / 1000).toFixed(1)} s (stopped, or a machine with too much to do); no client is lost by that`,
  },
  'running-as-root': {
    level: warn,
    sentence: () =>
      'the gateway runs as root, and needs nothing of that: run it as a user of its own, in the group dialout for serial lines',
  },
  'capture-on': {
    level: info,
    sentence: ({ path }) => `every frame is written to ${path}; to read it: tshark -d udp.port==1884,mqttsn -r ${path}`,
  },
  'capture-problem': {
    level: warn,
    sentence: ({ path, reason }) => `frames are not written to ${path} (capture): ${reason}`,
    fields: ({ code }) => ({ code }),
  },
  'service-manager-problem': {
    level: warn,
    sentence: ({ reason }) =>
      `systemd cannot be told that the gateway is ready and lives (${reason}), and may end it: the unit needs NotifyAccess=all and the program systemd-notify, else Type=exec and no WatchdogSec`,
  },
  'sessions-restored': {
    level: info,
    sentence: ({ sessions }) => `${sessions} stored sessions`,
    fields: ({ sessions }) => ({ sessions }),
  },
  'session-forgotten': { level: info, sentence: () => 'session forgotten, as the operator wanted' },
  'broker-session-ended': { level: debug, sentence: () => 'the broker has ended a former session of the client' },
  'broker-session-left': {
    level: warn,
    sentence: ({ reason }) => `the broker may still have a former session of the client: ${reason}`,
  },
  'session-expired': { level: info, sentence: ({ reason }) => `stored session dropped: ${reason}` },
  'session-failed': {
    level: error,
    sentence: ({ reason }) => `session ended by a defect of the gateway: ${reason}`,
  },
  'observer-failed': {
    level: error,
    sentence: ({ reason }) => `an observer of the gateway failed: ${reason}`,
  },
};
