/** The log lines of the notes about the broker's side. What is told of them besides follows from what was told before (broker-story.ts). */
import type { Note, OutageNote, UpstreamProblemNote } from '../ports/observer.ts';
import type { LogLevel } from './logger.ts';
import type { NoteLine, NoteOf } from './note-line.ts';

type BrokerNote =
  | OutageNote
  | UpstreamProblemNote
  | NoteOf<
      | 'upstream-up'
      | 'upstream-down'
      | 'poison-given-up'
      | 'qos0-unconfirmed'
      | 'own-connection-contested'
      | 'shared-connection-contested'
      | 'shared-connection-up'
      | 'shared-connection-down'
      | 'shared-protocol-changed'
      | 'shared-session-ended'
      | 'shared-session-unknown'
      | 'message-for-nobody'
      | 'subscription-unknown'
      | 'status-refused'
      | 'mode-changed'
      | 'mode-change-waits'
      | 'topic-prefix-changed'
      | 'broker-answer-ignored'
      | 'broker-without-qos2'
      | 'gateway-reachable'
    >;

const warn = (): LogLevel => 'warn';
const info = (): LogLevel => 'info';

/** `25 s`, `3 min 5 s`, `2 h 10 min`. */
function durationText(millis: number): string {
  const seconds = Math.round(millis / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) {
    return `${seconds} s`;
  }
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const OWN = "the gateway's own connection to the broker";
const SHARED = 'the connection to the broker that the clients share';
const ANOTHER_ID = 'set upstream.gatewayClientId to one that nobody else has';

const CONTESTED: Readonly<Record<NoteOf<'own-connection-contested'>['proof'], string>> = {
  broker: `another client has taken over the client id of the gateway at the broker; ${ANOTHER_ID}`,
  client: `${OWN} ends again and again: perhaps another client has the client id of the gateway there; ${ANOTHER_ID}`,
  none: `${OWN} is closed again and again: the broker closes every connection, or another client has the client id of the gateway (then ${ANOTHER_ID})`,
};

/** An id that may have been taken for that of the connection that clients share, which has a session at the broker. */
const SHARED_ID =
  '(that of the gateway with -s behind it), and may have got, or ended, what waited there; find it, or set upstream.gatewayClientId to an id that nobody else has';

const SHARED_CONTESTED: Readonly<Record<NoteOf<'shared-connection-contested'>['proof'], string>> = {
  broker: `another client has taken over the client id of ${SHARED} ${SHARED_ID}`,
  own: `${SHARED} ends again and again: perhaps another client has its client id ${SHARED_ID}`,
};

/** What is worse where the broker does not say for which subscriptions a message comes (MQTT 3.1.1). */
const WITHOUT_IDENTIFIERS =
  'the broker does not name the subscriptions of a message: what several filters match may come twice, and newcomers get retained messages one filter at a time';

type ModeChanged = NoteOf<'mode-changed'>;

/** `2 clients ("a" and "b")`, `7 clients ("a", "b", "c", "d", "e" and 2 more)`. */
function concerned({ clients, some }: Pick<ModeChanged, 'clients' | 'some'>): string {
  const names = some.map((name) => `"${name}"`);
  const last = clients > some.length ? `${clients - some.length} more` : names.pop();
  const list = names.length > 0 ? `${names.join(', ')} and ${last}` : last;
  return `${clients} ${clients === 1 ? 'client' : 'clients'} (${list})`;
}

function sharesNow(note: ModeChanged): string {
  const [had, share, sessions, back] =
    note.clients === 1
      ? ['a connection of its own', 'shares one', 'its former session, which ends', 'the client is back']
      : ['connections of their own', 'share one', 'their former sessions, which end', 'the clients are back'];
  return `${concerned(note)} with ${had} to the broker until now ${share} (upstream.mode: ${note.mode}, upstream.ownConnection): messages may wait at the broker in ${sessions} when ${back}; a change back before that fetches them`;
}

function hasOwnNow(note: ModeChanged): string {
  const why = note.mode === 'transparent' ? 'upstream.mode: transparent' : 'upstream.ownConnection';
  const [has, its] = note.clients === 1 ? ['has', 'its'] : ['have', 'their'];
  return `${concerned(note)} that shared the connection to the broker ${has} one of ${its} own now (${why}): what waits here comes first`;
}

function hasOwnStill(note: NoteOf<'mode-change-waits'>): string {
  const [keeps, shares] =
    note.clients === 1
      ? ['keeps a connection of its own', 'it shares']
      : ['keep connections of their own', 'they share'];
  return `${concerned(note)} ${keeps} to the broker for now, for the broker may not have had PUBREL there: ${shares} one (upstream.mode: aggregating) after a later start`;
}

const SESSION_LOST =
  'the broker has no session for it any more, so messages that waited there are lost (is upstream.sessionExpiry, or what the broker allows, too short, has the broker been restarted without persistence, or has the gateway another client id than before?); all subscriptions are made again';

/** What became of a connection. */
function downText({ clientId, stood, reason }: NoteOf<'upstream-down'>): string {
  if (clientId !== undefined) {
    return `client has no connection to the broker: ${reason}`;
  }
  return stood ? `${OWN} broke: ${reason}` : `${OWN} cannot be made: ${reason}`;
}

function reachableText({ reachable, lostFor, reason }: NoteOf<'gateway-reachable'>): string {
  if (!reachable) {
    return `the broker is away${reason === undefined ? '' : `: ${reason}`}`;
  }
  return lostFor === undefined ? 'the broker is there' : `the broker is back after ${durationText(lostFor)}`;
}

function outageText({ back, lost, missing }: OutageNote): string {
  const others = missing === 0 ? '' : `, ${missing} not yet`;
  return `after the outage: ${back} ${back === 1 ? 'client is' : 'clients are'} back${others}, ${lost} lost`;
}

export const BROKER_NOTE_LINES: { readonly [T in BrokerNote['type']]: NoteLine<Extract<Note, { type: T }>> } = {
  'upstream-up': {
    level: ({ clientId }) => (clientId === undefined ? 'info' : 'debug'),
    sentence: ({ clientId }) => (clientId === undefined ? `${OWN} stands` : 'client connected to the broker'),
    fields: ({ clientId, sessionPresent }) => ({ sessionPresent: clientId === undefined ? undefined : sessionPresent }),
  },
  'upstream-down': {
    level: ({ clientId, stood }) => (clientId === undefined && !stood ? 'warn' : 'info'),
    sentence: downText,
    fields: ({ retryIn, url, attempt }) => ({
      url,
      attempt,
      retryIn: retryIn === undefined ? undefined : `${Math.round(retryIn)}ms`,
    }),
  },
  'poison-given-up': {
    level: warn,
    sentence: ({ message }) => `the broker closes the connection on a ${message} of the client, which is given up`,
    fields: ({ topic, octets }) => ({ topic, octets }),
  },
  'qos0-unconfirmed': {
    level: info,
    sentence: ({ clientId }) =>
      `${clientId === undefined ? OWN : 'a connection'} broke before the broker had answered anything behind its last publishes with QoS 0: they may be lost, and are not sent again`,
    fields: ({ publishes }) => ({ publishes }),
  },
  'own-connection-contested': {
    level: warn,
    sentence: ({ proof }) => CONTESTED[proof],
    fields: ({ brokerClientId }) => ({ brokerClientId }),
  },
  'shared-connection-contested': {
    level: warn,
    sentence: ({ proof }) => SHARED_CONTESTED[proof],
    fields: ({ brokerClientId }) => ({ brokerClientId }),
  },
  'upstream-problem': { level: warn, sentence: ({ reason }) => `way to the broker: ${reason}` },
  'shared-connection-up': {
    level: ({ identifies, sessionLost }) => (identifies && !sessionLost ? 'info' : 'warn'),
    sentence: ({ identifies, sessionLost }) =>
      `${SHARED} stands${sessionLost ? `; ${SESSION_LOST}` : ''}${identifies ? '' : `; ${WITHOUT_IDENTIFIERS}`}`,
    fields: ({ sessionPresent, protocolVersion }) => ({ sessionPresent, mqtt: protocolVersion === 5 ? '5' : '3.1.1' }),
  },
  'shared-connection-down': {
    level: ({ stood }) => (stood ? 'info' : 'warn'),
    sentence: ({ stood, reason }) => `${SHARED} ${stood ? 'broke' : 'cannot be made'}: ${reason}`,
    fields: ({ retryIn }) => ({ retryIn: `${Math.round(retryIn)}ms` }),
  },
  'shared-protocol-changed': {
    level: warn,
    sentence: () =>
      `the broker does not speak MQTT 5: ${SHARED} speaks MQTT 3.1.1 (set upstream.protocolVersion: 4 and it does so at once)`,
  },
  'shared-session-ended': {
    level: info,
    sentence: () => `${SHARED} has ended for good: what was to go out on it has, and the broker keeps nothing for it`,
  },
  'shared-session-unknown': {
    level: info,
    sentence: () =>
      `the broker has a session for ${SHARED} of which nothing is stored here (the store is a new one, or keeps nothing): it is ended, with what waits in it`,
  },
  'message-for-nobody': {
    level: info,
    sentence: () => `the broker has sent a message on ${SHARED} to which none of them has subscribed: dropped`,
    fields: ({ topic, qos }) => ({ topic, qos }),
  },
  'subscription-unknown': {
    level: warn,
    sentence: () =>
      `the broker keeps a subscription on ${SHARED} that is in no record and that no client has: what it brings is dropped. It ends with the session there: when nothing waits for clients stop the gateway, connect to the broker once with a clean session and the client id of that connection (that of the gateway with -s behind it), and start the gateway again`,
    fields: ({ topic }) => ({ topic }),
  },
  'status-refused': {
    level: warn,
    sentence: () =>
      `the broker takes ${SHARED.replace(' to the broker', '')} only without the status of the gateway, a retained will, so that is not told: does it permit this topic (status.topicPrefix), and Retain?`,
    fields: ({ topic }) => ({ topic }),
  },
  'mode-changed': {
    level: ({ to }) => (to === 'shared' ? 'warn' : 'info'),
    sentence: (note) => (note.to === 'shared' ? sharesNow(note) : hasOwnNow(note)),
    fields: ({ mode, clients }) => ({ mode, clients }),
  },
  'mode-change-waits': {
    level: info,
    sentence: (note) => hasOwnStill(note),
    fields: ({ clients }) => ({ clients }),
  },
  'topic-prefix-changed': {
    level: warn,
    sentence: (note) =>
      `${concerned(note)} with subscriptions ${note.clients === 1 ? 'has' : 'have'} another prefix at the broker than before (upstream.topicPrefix): what waits under the former one, here and at the broker, is lost`,
    fields: ({ clients }) => ({ clients }),
  },
  'broker-answer-ignored': {
    level: info,
    sentence: ({ clientId, packet }) =>
      `${packet} of the broker${clientId === undefined ? ` on ${OWN}` : ''} ignored: it answers nothing that was sent, or is out of step`,
  },
  'broker-without-qos2': {
    level: warn,
    sentence: () =>
      'the broker answers QoS 2 as QoS 1 (PUBACK): it knows no QoS 2, so messages may be published twice where a connection breaks',
  },
  'gateway-reachable': {
    level: ({ reachable }) => (reachable ? 'info' : 'warn'),
    sentence: reachableText,
    fields: ({ url, lostFor }) => ({
      url,
      lostFor: lostFor === undefined ? undefined : `${Math.round(lostFor)}ms`,
    }),
  },
  'outage-over': {
    level: ({ back, lost, missing }) => (back + lost + missing === 0 ? 'debug' : 'info'),
    sentence: outageText,
    fields: ({ duration, back, lost, missing }) => ({
      duration: `${Math.round(duration)}ms`,
      back,
      lost,
      missing,
    }),
  },
};
