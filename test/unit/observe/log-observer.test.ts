import { beforeEach, describe, expect, it } from '@jest/globals';
import { EXPECTED_DROPS } from '../../../src/observe/drop-level.ts';
import { LogObserver, type LogObserverSettings } from '../../../src/observe/log-observer.ts';
import {
  enabledLevels,
  LOG_LEVELS,
  type LogEvent,
  type LogFields,
  type Logger,
  type LogLevel,
} from '../../../src/observe/logger.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { octets } from '../codec/vectors.ts';
import { NOTES } from './notes.ts';

/** Lines as arrays; a field without value is left out. */
class Paper implements Logger {
  readonly lines: [LogLevel, string, LogFields?][] = [];
  readonly events: LogEvent[] = [];
  level: LogLevel;

  constructor(level: LogLevel) {
    this.level = level;
  }

  get enabled(): Logger['enabled'] {
    return enabledLevels(this.level);
  }

  log(level: LogLevel, event: LogEvent, sentence: string, fields?: LogFields): void {
    this.events.push(event);
    this.lines.push(
      fields === undefined ? [level, sentence] : [level, sentence, JSON.parse(JSON.stringify(fields)) as LogFields],
    );
  }

  get sentences(): string[] {
    return this.lines.map(([, sentence]) => sentence);
  }
}

let now = 0;
let paper: Paper;

beforeEach(() => {
  now = 1_000;
  paper = new Paper('trace');
});

function observer(settings: Partial<LogObserverSettings> = {}): LogObserver {
  return new LogObserver(paper, { payloads: false, ...settings }, { now: () => now });
}

const CLIENT = { clientId: 'sensor-1', link: 'udp:192.0.2.7:4711' };

const LINES: { readonly [T in Note['type']]: [LogLevel, string, LogFields] } = {
  'client-connected': ['info', 'client connected', { ...CLIENT, keepAlive: 60, cleanSession: true, will: false }],
  'client-refused': ['warn', 'client refused: ProtocolId 2 (rejected: not supported)', CLIENT],
  'connect-abandoned': ['info', 'connecting given up: no WILLMSG came', CLIENT],
  'client-moved': ['info', 'client has a new address', { ...CLIENT, from: 'udp:192.0.2.7:4710' }],
  'client-disconnected': ['info', 'client disconnected: by itself', CLIENT],
  'client-asleep': ['info', 'client asleep', { ...CLIENT, duration: 300 }],
  'client-awake': ['debug', 'client awake', { ...CLIENT, waiting: 2 }],
  'client-asleep-again': ['debug', 'client asleep again', { ...CLIENT, duration: 300 }],
  'client-lost': ['info', 'client lost: nothing came for 90 s', { ...CLIENT, will: true }],
  'frame-dropped': ['debug', 'frame dropped: truncated', { link: CLIENT.link }],
  'unknown-sender': [
    'debug',
    'PUBLISH from a sender without a session, answered with DISCONNECT',
    { link: CLIENT.link },
  ],
  'message-ignored': ['debug', 'WILLMSG ignored: nobody asked for it', CLIENT],
  'request-rejected': ['warn', 'SUBSCRIBE answered with "rejected: not supported": topic filter is not valid', CLIENT],
  'topic-registered': ['debug', 'topic registered', { ...CLIENT, topicId: 1, topicName: 'sensors/1/temp' }],
  subscribed: ['debug', 'subscribed', { ...CLIENT, filter: 'cmd/s1/#', qos: 1 }],
  unsubscribed: ['debug', 'unsubscribed', { ...CLIENT, filter: 'cmd/s1/#' }],
  'subscription-refused': [
    'warn',
    'a subscription of the client is gone, for it could not be made again: the broker refused it',
    { ...CLIENT, filter: 'cmd/s1/#' },
  ],
  'subscription-moved': [
    'info',
    'pre-defined topic id means another topic now: the subscription moves with it',
    { ...CLIENT, topicId: 7, from: 'old/name', to: 'new/name' },
  ],
  'client-published': ['trace', 'published by the client', { ...CLIENT, qos: 1 }],
  'duplicate-absorbed': ['debug', 'repeated PUBLISH absorbed', CLIENT],
  'client-publish-dropped': ['warn', 'PUBLISH of a client dropped: the queue is full', { ...CLIENT, qos: 0 }],
  delivered: ['trace', 'delivered to the client', { ...CLIENT, qos: 2 }],
  'delivery-dropped': [
    'warn',
    'message for a client dropped: it does not fit into a frame',
    { ...CLIENT, topic: 'cmd/s1/led', qos: 1 },
  ],
  retransmitted: ['debug', 'REGISTER sent again', { ...CLIENT, attempt: 2 }],
  'upstream-up': ['debug', 'client connected to the broker', { ...CLIENT, sessionPresent: true }],
  'upstream-down': [
    'info',
    'client has no connection to the broker: closed by the broker',
    { ...CLIENT, attempt: 3, retryIn: '2000ms' },
  ],
  'upstream-problem': ['warn', 'way to the broker: ca.pem cannot be read', {}],
  'poison-given-up': [
    'warn',
    'the broker closes the connection on a PUBLISH of the client, which is given up',
    { ...CLIENT, topic: 'sensors/1/temp', octets: 7 },
  ],
  'qos0-unconfirmed': [
    'info',
    'a connection broke before the broker had answered anything behind its last publishes with QoS 0: they may be lost, and are not sent again',
    { ...CLIENT, publishes: 25 },
  ],
  'own-connection-contested': [
    'warn',
    'another client has taken over the client id of the gateway at the broker; set upstream.gatewayClientId to one that nobody else has',
    { brokerClientId: 'mqtt-sn-gw-1-0a1b2c' },
  ],
  'shared-connection-contested': [
    'warn',
    'another client has taken over the client id of the connection to the broker that the clients share (that of the gateway with -s behind it), and may have got, or ended, what waited there; find it, or set upstream.gatewayClientId to an id that nobody else has',
    { brokerClientId: 'mqtt-sn-gw-1-0a1b2c-s' },
  ],
  'broker-answer-ignored': [
    'info',
    'PUBCOMP of the broker ignored: it answers nothing that was sent, or is out of step',
    CLIENT,
  ],
  'shared-connection-up': [
    'info',
    'the connection to the broker that the clients share stands',
    { sessionPresent: true, mqtt: '5' },
  ],
  'shared-connection-down': [
    'debug',
    'the connection to the broker that the clients share cannot be made: closed by the broker',
    { retryIn: '800ms' },
  ],
  'shared-protocol-changed': [
    'warn',
    'the broker does not speak MQTT 5: the connection to the broker that the clients share speaks MQTT 3.1.1 (set upstream.protocolVersion: 4 and it does so at once)',
    {},
  ],
  'shared-session-ended': [
    'info',
    'the connection to the broker that the clients share has ended for good: what was to go out on it has, and the broker keeps nothing for it',
    {},
  ],
  'message-for-nobody': [
    'info',
    'the broker has sent a message on the connection to the broker that the clients share to which none of them has subscribed: dropped',
    { topic: 'a/b', qos: 1 },
  ],
  'subscription-unknown': [
    'warn',
    'the broker keeps a subscription on the connection to the broker that the clients share that is in no record and that no client has: what it brings is dropped. It ends with the session there: when nothing waits for clients stop the gateway, connect to the broker once with a clean session and the client id of that connection (that of the gateway with -s behind it), and start the gateway again',
    { topic: 'a/b' },
  ],
  'shared-session-unknown': [
    'info',
    'the broker has a session for the connection to the broker that the clients share of which nothing is stored here (the store is a new one, or keeps nothing): it is ended, with what waits in it',
    {},
  ],
  'status-refused': [
    'warn',
    'the broker takes the connection that the clients share only without the status of the gateway, a retained will, so that is not told: does it permit this topic (status.topicPrefix), and Retain?',
    { topic: 'mqtt-sn-gateway/1/state' },
  ],
  'topic-prefix-changed': [
    'warn',
    '1 client ("a") with subscriptions has another prefix at the broker than before (upstream.topicPrefix): what waits under the former one, here and at the broker, is lost',
    { clients: 1 },
  ],
  'mode-changed': [
    'warn',
    '3 clients ("a", "b" and "c") with connections of their own to the broker until now share one (upstream.mode: aggregating, upstream.ownConnection): messages may wait at the broker in their former sessions, which end when the clients are back; a change back before that fetches them',
    { mode: 'aggregating', clients: 3 },
  ],
  'mode-change-waits': [
    'info',
    '1 client ("a") keeps a connection of its own to the broker for now, for the broker may not have had PUBREL there: it shares one (upstream.mode: aggregating) after a later start',
    { clients: 1 },
  ],
  'broker-without-qos2': [
    'warn',
    'the broker answers QoS 2 as QoS 1 (PUBACK): it knows no QoS 2, so messages may be published twice where a connection breaks',
    {},
  ],
  'gateway-reachable': ['warn', 'the broker is away: connect ECONNREFUSED', {}],
  'outage-over': [
    'info',
    'after the outage: 40 clients are back, 0 lost',
    { duration: '25000ms', back: 40, lost: 0, missing: 0 },
  ],
  'gateway-started': [
    'info',
    'MQTT-SN gateway ready: UDP 0.0.0.0:1884, serial /dev/ttyUSB0; broker mqtt://127.0.0.1:1883 (embedded, for a first try)',
    { gwId: 1 },
  ],
  'gateway-stopping': ['info', 'SIGTERM: stopping', { clients: 3 }],
  'gateway-stopped': ['info', 'stopped', { 'client-connected': 3, 'client-published.qos1': 7 }],
  'settings-reloaded': [
    'info',
    'settings read again (SIGHUP): 3 changes in effect, and 1 setting needs a restart',
    { changed: 3, needsRestart: 1 },
  ],
  'setting-changed': [
    'info',
    'clients.maxInflight has changed',
    { setting: 'clients.maxInflight', from: '16', to: '8' },
  ],
  'predefined-topic-changed': [
    'info',
    'pre-defined topic id means another topic: publishes to it go there from now on',
    { clientId: '*', topicId: 7, from: 'old/name', to: 'new/name' },
  ],
  'predefined-topics-changed': ['info', '230 more pre-defined topic ids have changed', { more: 230 }],
  'restart-needed': [
    'warn',
    'transports[0].port has changed, which needs a restart of the gateway',
    { setting: 'transports[0].port' },
  ],
  'secrets-exposed': [
    'warn',
    'everybody on this machine can read /etc/psk.yaml, which has secrets: chmod o-r mends that',
    { path: '/etc/psk.yaml' },
  ],
  'reload-refused': [
    'warn',
    'settings not read again (a file has changed): 2 problems; nothing has changed',
    { problems: 2 },
  ],
  'settings-problem': ['warn', 'gateway.yaml:6:3: unknown setting', {}],
  'log-level-changed': ['info', 'the log shows debug and what is more important from now on', { logLevel: 'debug' }],
  'capture-on': [
    'info',
    'every frame is written to /tmp/a.pcapng; to read it: tshark -d udp.port==1884,mqttsn -r /tmp/a.pcapng',
    {},
  ],
  'capture-problem': [
    'warn',
    'frames are not written to /tmp/a.pcapng (capture): no space left on device',
    { code: 'ENOSPC' },
  ],
  'http-up': [
    'info',
    'status page: http://127.0.0.1:8884/ (shows only; with http.users or http.token it acts, too)',
    {},
  ],
  'http-problem': ['warn', 'status page: port 8884 is in use (EADDRINUSE)', { code: 'EADDRINUSE' }],
  'http-login-blocked': [
    'warn',
    'status page: wrong passwords or tokens came again and again; none is looked at for 60 s from this address',
    { address: '192.0.2.9' },
  ],
  'operator-acted': ['info', 'operator: has a session forgotten', { clientId: 'sensor-1', by: 'anna' }],
  'status-up': ['info', 'the gateway says its status at the broker', {}],
  'status-down': [
    'info',
    'the connection for the status of the gateway does not stand: closed by the broker',
    { retryIn: '1000ms' },
  ],
  'status-off': [
    'warn',
    'the status of the gateway is not said any more until the next start, clients are not touched: the broker closes the connection on it; does the broker permit this topic (status.topicPrefix), the client id with -status behind it, and Retain?',
    { topic: 'gw/info' },
  ],
  'status-problem': ['warn', 'status of the gateway: the broker does not take gw/info: Not authorized (0x87)', {}],
  'transport-up': ['info', 'udp listens on 0.0.0.0:1884', { transport: 'udp', address: '0.0.0.0:1884' }],
  'frame-undelivered': ['info', 'frame did not arrive: no acknowledgement from the node', CLIENT],
  'transport-down': [
    'warn',
    'serial: cannot open /dev/ttyUSB0: there is no such device',
    { transport: 'serial', code: 'ENOENT' },
  ],
  'octets-discarded': ['debug', 'serial: octets discarded: noise', { transport: 'serial', octets: 7 }],
  'radio-signal': ['trace', 'radio signal', { link: 'xbee:0013a20040014011', rssi: -71 }],
  'radio-node': [
    'info',
    'node identified itself',
    { link: 'xbee:0013a20040014011', name: 'BOILER', role: 'end device' },
  ],
  'radio-status': ['info', 'xbee: radio module: coordinator started', { transport: 'xbee', status: 6 }],
  'association-opened': [
    'info',
    'DTLS association made',
    {
      ...{ link: 'dtls:0a1b2c3d4e5f', address: '192.0.2.7:4711', identity: 'sensor-1' },
      ...{ suite: 'TLS_PSK_WITH_AES_128_CCM_8', connectionId: true },
    },
  ],
  'associations-resumed': ['info', 'DTLS associations go on', { transport: 'dtls', count: 12, dropped: 1 }],
  'associations-refused': [
    'info',
    'DTLS associations do not go on, clients shake hands anew: the folder is a copy, or was put back from one',
    { count: 12 },
  ],
  'association-moved': [
    'debug',
    'DTLS association goes on from another address',
    { link: 'dtls:0a1b2c3d4e5f', identity: 'sensor-1', from: '192.0.2.7:4711', to: '192.0.2.7:4712' },
  ],
  'association-closed': [
    'info',
    'DTLS association over: nothing came for as long as idle allows',
    { link: 'dtls:0a1b2c3d4e5f', identity: 'sensor-1' },
  ],
  'handshake-failed': [
    'warn',
    'DTLS handshake failed: the client has another key than the file of keys has for its identity',
    { transport: 'dtls', address: '192.0.2.7:4711', identity: 'sensor-1' },
  ],
  'record-dropped': ['debug', 'DTLS record dropped: replayed', { transport: 'dtls', address: '192.0.2.7:4711' }],
  'transport-problem': ['warn', 'udp: cannot send (ENETUNREACH)', { transport: 'udp', code: 'ENETUNREACH' }],
  'store-problem': ['error', 'session store: disk full', {}],
  'store-chosen': ['info', 'sessions are kept in /var/lib/gateway', {}],
  'store-stalled': [
    'warn',
    'session store: the disk has not answered for 3 s; clients that need it wait, the others go on',
    {},
  ],
  'store-recovered': [
    'info',
    'session store: it can be written again, after 50 s; nothing that was promised is lost',
    {},
  ],
  'message-not-taken': [
    'warn',
    'a frame was not taken: too much waits for the session store',
    { clientId: 'sensor-1' },
  ],
  'running-as-root': [
    'warn',
    'the gateway runs as root, and needs nothing of that: run it as a user of its own, in the group dialout for serial lines',
    {},
  ],
  'service-manager-problem': [
    'warn',
    'systemd cannot be told that the gateway is ready and lives (there is no program systemd-notify), and may end it: the unit needs NotifyAccess=all and the program systemd-notify, else Type=exec and no WatchdogSec',
    {},
  ],
  'process-paused': [
    'warn',
    'the process stood still for 15.0 s (stopped, or a machine with too much to do); no client is lost by that',
    {},
  ],
  'sessions-restored': ['info', '3 stored sessions', { sessions: 3 }],
  'session-expired': [
    'info',
    'stored session dropped: its client did not come back',
    { clientId: 'sensor-1', link: 'udp:192.0.2.7:4711' },
  ],
  'session-forgotten': ['info', 'session forgotten, as the operator wanted', CLIENT],
  'broker-session-ended': ['debug', 'the broker has ended a former session of the client', { clientId: 'sensor-1' }],
  'broker-session-left': [
    'warn',
    'the broker may still have a former session of the client: it took too long',
    { clientId: 'sensor-1' },
  ],
  'session-failed': ['error', 'session ended by a defect of the gateway: invariant', { clientId: 'sensor-1' }],
  'observer-failed': ['error', 'an observer of the gateway failed: Error: no room', {}],
};

describe('lines of notes', () => {
  it.each(Object.keys(NOTES) as Note['type'][])('%s', (type) => {
    observer().note(NOTES[type]);
    expect(paper.lines).toEqual([LINES[type]]);
    expect(paper.events).toEqual([type]);
  });

  it.each<[string, Note, LogLevel, string]>([
    [
      'the gateway reaches the broker for the first time',
      { type: 'gateway-reachable', reachable: true },
      'debug',
      'the broker is there',
    ],
    [
      'a client used an unknown topic id, and will register it again',
      { ...NOTES['request-rejected'], message: 'PUBLISH', returnCode: 2, reason: 'topic id is not registered' },
      'debug',
      'PUBLISH answered with "rejected: invalid topic id": topic id is not registered',
    ],
    [
      'a client used a pre-defined topic id that an operator has to configure',
      {
        ...NOTES['request-rejected'],
        ...{ message: 'PUBLISH', returnCode: 2, reason: 'pre-defined topic id is not configured', predefinedId: 10 },
      },
      'warn',
      'PUBLISH answered with "rejected: invalid topic id": pre-defined topic id is not configured',
    ],
    [
      'a sender got no answer',
      { ...NOTES['unknown-sender'], answered: false },
      'debug',
      'PUBLISH from a sender without a session, not answered',
    ],
    [
      "the gateway's own connection is up",
      { ...NOTES['upstream-up'], clientId: undefined },
      'info',
      "the gateway's own connection to the broker stands",
    ],
    [
      "the gateway's own connection ends again and again, and nobody else has one",
      { type: 'own-connection-contested', proof: 'none' },
      'warn',
      "the gateway's own connection to the broker is closed again and again: the broker closes every connection, or another client has the client id of the gateway (then set upstream.gatewayClientId to one that nobody else has)",
    ],
    [
      "the gateway's own connection ends again and again beside another one",
      { type: 'own-connection-contested', proof: 'client' },
      'warn',
      "the gateway's own connection to the broker ends again and again: perhaps another client has the client id of the gateway there; set upstream.gatewayClientId to one that nobody else has",
    ],
    [
      "the gateway's own connection is refused",
      { type: 'upstream-down', clientId: undefined, reason: 'not authorized', retryIn: 60_000 },
      'warn',
      "the gateway's own connection to the broker cannot be made: not authorized",
    ],
    [
      "the gateway's own connection breaks",
      { type: 'upstream-down', clientId: undefined, reason: 'closed by the broker', retryIn: 1_000, stood: true },
      'info',
      "the gateway's own connection to the broker broke: closed by the broker",
    ],
    [
      'a connection of a client breaks for the first time',
      { ...NOTES['upstream-down'], attempt: 1 },
      'debug',
      'client has no connection to the broker: closed by the broker',
    ],
    [
      'the shared connection ends again and again beside the own one',
      { type: 'shared-connection-contested', proof: 'own' },
      'warn',
      'the connection to the broker that the clients share ends again and again: perhaps another client has its client id (that of the gateway with -s behind it), and may have got, or ended, what waited there; find it, or set upstream.gatewayClientId to an id that nobody else has',
    ],
    [
      'the shared connection stands again, and its session is lost',
      { ...NOTES['shared-connection-up'], sessionPresent: false, sessionLost: true },
      'warn',
      'the connection to the broker that the clients share stands; the broker has no session for it any more, so messages that waited there are lost (is upstream.sessionExpiry, or what the broker allows, too short, has the broker been restarted without persistence, or has the gateway another client id than before?); all subscriptions are made again',
    ],
    [
      'the shared connection breaks',
      { ...NOTES['shared-connection-down'], stood: true },
      'info',
      'the connection to the broker that the clients share broke: closed by the broker',
    ],
    ...EXPECTED_DROPS.map((reason): [string, Note, LogLevel, string] => [
      `a message is dropped as it should be: ${reason}`,
      { ...NOTES['delivery-dropped'], reason },
      'info',
      `message for a client dropped: ${reason}`,
    ]),
    ...([0, 1, 2] as const).map((qos): [string, Note, LogLevel, string] => [
      `a message with QoS ${qos} has waited for too long`,
      { ...NOTES['delivery-dropped'], qos, reason: 'it has waited for too long (sessions.queue.age: 7d)' },
      qos === 0 ? 'info' : 'warn',
      'message for a client dropped: it has waited for too long (sessions.queue.age: 7d)',
    ]),
    [
      'a publish is dropped as it should be',
      { ...NOTES['client-publish-dropped'], reason: 'the client left before the broker was back' },
      'info',
      'PUBLISH of a client dropped: the client left before the broker was back',
    ],
    [
      'a frame on a line is too long',
      { ...NOTES['octets-discarded'], reason: 'tooLong' },
      'info',
      'serial: octets discarded: tooLong',
    ],
    [
      'an outage has cost clients',
      { ...NOTES['outage-over'], duration: 185_000, back: 1, lost: 2, missing: 3 },
      'info',
      'after the outage: 1 client is back, 3 not yet, 2 lost',
    ],
    [
      'an outage was nobody’s',
      { ...NOTES['outage-over'], back: 0 },
      'debug',
      'after the outage: 0 clients are back, 0 lost',
    ],
    [
      'sessions begin anew in a folder',
      { ...NOTES['store-chosen'], isNew: true },
      'info',
      'sessions are kept in /var/lib/gateway, which has none yet',
    ],
    [
      'sessions begin anew in a folder, and there are some in another one',
      { ...NOTES['store-chosen'], isNew: true, elsewhere: '/home/pi/sessions' },
      'warn',
      'sessions are kept in /var/lib/gateway, which has none yet; there is a store of sessions in /home/pi/sessions: where those are wanted, stop, and move that folder here, or name it in sessions.path',
    ],
    [
      'something did not let itself be closed',
      { ...NOTES['gateway-stopped'], inTime: false },
      'warn',
      'stopped, but not everything could be closed in time',
    ],
  ])('%s', (_story, note, level, sentence) => {
    observer().note(note);
    expect(paper.lines).toEqual([[level, sentence, expect.anything()]]);
  });

  it.each(['request-rejected', 'client-publish-dropped'] as const)('%s names the pre-defined topic id', (type) => {
    observer().note({ ...NOTES[type], predefinedId: 10 });
    expect(paper.lines).toEqual([['warn', expect.anything(), expect.objectContaining({ topicId: 10 })]]);
  });

  it.each(LOG_LEVELS)('at level %s those that matter less are not written', (level) => {
    paper = new Paper(level);
    for (const note of Object.values(NOTES)) {
      observer().note(note);
    }
    const shown = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    expect(paper.sentences).toEqual(
      (Object.keys(NOTES) as Note['type'][])
        .map((type) => LINES[type])
        .flatMap(([each, sentence]) => (shown.includes(each) ? [sentence] : [])),
    );
  });

  it('a reason that somebody made very long is cut', () => {
    observer().note({ ...NOTES['upstream-down'], clientId: undefined, reason: 'a'.repeat(65_535) });
    const beginning = "the gateway's own connection to the broker cannot be made: ";
    expect(paper.sentences).toEqual([`${beginning}${'a'.repeat(2_048 - beginning.length)}…`]);
  });

  it('a note whose level is off is not even looked at', () => {
    paper = new Paper('info');
    const untouchable = { ...NOTES['topic-registered'] };
    Object.defineProperty(untouchable, 'topicName', {
      get: () => {
        throw new Error('looked at');
      },
    });
    observer().note(untouchable);
    expect(paper.lines).toEqual([]);
    paper = new Paper('debug');
    expect(() => observer().note(untouchable)).toThrow('looked at');
  });
});

const MINUTE = 60_000;

describe('lines that repeat themselves', () => {
  const dropped = NOTES['frame-dropped'];
  const DROPPED = 'frame dropped: truncated';

  it('are counted after ten of one kind and one client in a minute', () => {
    const log = observer();
    for (let i = 0; i < 133; i++) {
      log.note(dropped);
    }
    expect(paper.sentences).toEqual(new Array(10).fill(DROPPED));
    now += MINUTE - 1;
    log.note(NOTES['client-awake']);
    expect(paper.lines).toHaveLength(11);
    now += 1;
    log.note(dropped);
    expect(paper.lines.slice(11)).toEqual([
      ['debug', `${DROPPED} … 123 more`, { of: 'frame-dropped', repeated: 123, mostlyFrom: CLIENT.link }],
      ['debug', DROPPED, { link: CLIENT.link }],
    ]);
    expect(paper.events.slice(11)).toEqual(['repeated', 'frame-dropped']);
  });

  it('are told ever more seldom as long as a client goes on: a night of one publish a second is some hundred lines', () => {
    paper = new Paper('warn');
    const log = observer();
    const unknown = { ...NOTES['request-rejected'], returnCode: 2 as const, predefinedId: 9 };
    for (let second = 0; second < 8 * 3_600; second++) {
      log.note(unknown);
      log.note({ ...unknown, clientId: `quiet-${Math.floor(second / 1_200)}` });
      now += 1_000;
    }
    const own = paper.lines.filter(([, , fields]) => fields?.clientId === 'sensor-1');
    expect(own.length).toBeLessThan(150);
    const quiet = new Set(paper.lines.map(([, , fields]) => fields?.clientId));
    expect(quiet.size).toBeGreaterThan(24); // each of the others has lines of its own
    now += 3 * 3_600_000;
    paper.lines.length = 0;
    log.summarize();
    paper.lines.length = 0;
    for (let i = 0; i < 12; i++) {
      log.note(unknown);
    }
    now += MINUTE; // it was quiet: as soon as ever
    log.summarize();
    expect(paper.lines).toHaveLength(11);
  });

  it('are summed up by any later line, by a frame, by a call, and at the end', () => {
    const log = observer();
    const flood = (): void => {
      now += 10 * MINUTE; // it was quiet
      for (let i = 0; i < 12; i++) {
        log.note(dropped);
      }
      paper.lines.length = 0;
    };
    const sum = `${DROPPED} … 2 more`;
    flood();
    now += MINUTE;
    log.note(NOTES['client-awake']);
    expect(paper.sentences).toEqual([sum, 'client awake']);
    flood();
    now += MINUTE;
    log.frame('sent', CLIENT.link, octets('02 16'));
    expect(paper.sentences).toEqual([sum, 'sent PINGREQ']);
    flood();
    log.summarize();
    expect(paper.lines).toEqual([]);
    now += MINUTE;
    log.summarize();
    expect(paper.sentences).toEqual([sum]);
    flood();
    log.flush();
    log.flush();
    expect(paper.sentences).toEqual([sum]);
  });

  it.each(LOG_LEVELS)('have a limit at level %s, whatever kind they are of', (level) => {
    const log = observer();
    for (const note of Object.values(NOTES).filter((each) => LINES[each.type][0] === level)) {
      paper.lines.length = 0;
      for (let i = 0; i < 1_000; i++) {
        log.note('clientId' in note ? { ...note, clientId: `sensor-${i}` } : note);
        const other = 'clientId' in note ? { clientId: `other-${i}` } : {};
        log.note('link' in note ? { ...note, ...other, link: `udp:192.0.2.7:${i}` } : note);
      }
      log.flush();
      expect([note.type, paper.lines.length <= 101]).toEqual([note.type, true]);
      expect([note.type, paper.sentences.at(-1)]).toEqual([note.type, expect.stringMatching(/ … \d+ more$/)]);
    }
  });

  it('of a client that comes and goes are told three times, then once an hour', () => {
    paper = new Paper('info');
    const log = observer();
    for (let i = 0; i < 20_000; i++) {
      log.note(NOTES['client-connected']);
      now += 500;
      log.note(NOTES['client-disconnected']);
      now += 500;
      log.summarize(); // as the program does every few seconds
    }
    const comes = 'client comes and goes';
    const advice = ' (its power supply, its radio, or another device with its client id?)';
    expect(paper.lines.slice(6)).toEqual([
      ['warn', `${comes}${advice}; from now on that is summed up once an hour`, { ...CLIENT, connects: 4, seconds: 3 }],
      ['info', comes, { ...CLIENT, connects: 3_599, lost: 0, seconds: 3_600 }],
      ['info', comes, { ...CLIENT, connects: 3_600, lost: 0, seconds: 3_600 }],
      ['info', comes, { ...CLIENT, connects: 3_600, lost: 0, seconds: 3_600 }],
      ['info', comes, { ...CLIENT, connects: 3_600, lost: 0, seconds: 3_600 }],
      ['info', comes, { ...CLIENT, connects: 3_600, lost: 0, seconds: 3_600 }],
    ]);
    expect(paper.events.slice(6)).toEqual(new Array(6).fill('client-comes-and-goes'));
  });

  it('of a client that comes and goes are there for whoever looks at the details', () => {
    paper = new Paper('debug');
    const log = observer();
    for (let i = 0; i < 6; i++) {
      log.note(NOTES['client-connected']);
    }
    expect(paper.lines.map(([level]) => level)).toEqual(['info', 'info', 'info', 'warn', 'debug', 'debug', 'debug']);
  });

  it('of one client hide no line of the same kind of the others', () => {
    const log = observer();
    for (let i = 0; i < 1_000; i++) {
      log.note(NOTES['client-connected']);
    }
    paper.lines.length = 0;
    for (let i = 0; i < 40; i++) {
      log.note({ ...NOTES['client-connected'], clientId: `quiet-${i}` });
    }
    expect(paper.lines.map(([, , fields]) => fields?.clientId)).toEqual(
      Array.from({ length: 40 }, (_, i) => `quiet-${i}`),
    );
  });

  it.each(['transport-problem', 'transport-down'] as const)(
    'of one trouble of a transport hide no other trouble of it: %s',
    (type) => {
      const log = observer();
      for (let second = 0; second < 3_600; second++) {
        log.note({ type, transport: 'udp', code: 'ENETUNREACH', reason: 'no network' });
        now += 1_000;
      }
      paper.lines.length = 0;
      log.note({ type, transport: 'udp', code: 'EMSGSIZE', reason: 'too long' });
      expect(paper.lines).toEqual([
        ['warn', expect.stringContaining('too long'), expect.objectContaining({ transport: 'udp', code: 'EMSGSIZE' })],
      ]);
    },
  );

  it('that say different things are summed up by their type, at the worst level of them', () => {
    const log = observer();
    const unknownTopic: Note = { ...NOTES['request-rejected'], returnCode: 2 };
    for (let i = 0; i < 11; i++) {
      log.note(unknownTopic);
    }
    log.note(NOTES['request-rejected']);
    log.flush();
    expect(paper.lines.at(-1)).toEqual([
      'warn',
      'request-rejected … 2 more',
      { of: 'request-rejected', repeated: 2, mostlyFrom: 'sensor-1' },
    ]);
  });

  it('name nobody where no client has caused most of them', () => {
    const log = observer();
    for (let i = 0; i < 200; i++) {
      log.note({ ...NOTES['client-connected'], clientId: `sensor-${i}` });
    }
    log.flush();
    expect(paper.lines.at(-1)).toEqual([
      'info',
      'client connected … 100 more',
      { of: 'client-connected', repeated: 100 },
    ]);
  });
});

describe('two devices with one client id', () => {
  const [A, B] = ['udp:192.0.2.7:4711', 'udp:192.0.2.8:4711'];
  const SHARED = 'two devices have the same client id and take it from each other; give one of them another';

  /** The id changes its address every second, as often as told, each time with a new connection. */
  function fight(log: LogObserver, turns: number): void {
    for (let turn = 0; turn < turns; turn++) {
      now += 1_000;
      const [from, link] = turn % 2 === 0 ? [A, B] : [B, A];
      log.note({ ...NOTES['client-moved'], from, link });
      log.note({ ...NOTES['client-connected'], link });
    }
  }

  it('are one warning a minute that names both addresses, not two lines for each of their turns', () => {
    fight(observer(), 120);
    expect(paper.sentences.slice(0, 4)).toEqual([
      ...['client has a new address', 'client connected'],
      ...['client has a new address', 'client connected'],
    ]);
    expect(paper.lines.slice(4)).toEqual([
      ['warn', SHARED, { clientId: 'sensor-1', link: B, from: A }],
      ['warn', SHARED, { clientId: 'sensor-1', link: B, from: A }],
    ]);
  });

  it('are told at the level warn as well, and not above it', () => {
    paper = new Paper('warn');
    fight(observer(), 10);
    expect(paper.sentences).toEqual([SHARED]);
    paper = new Paper('error');
    fight(observer(), 10);
    expect(paper.sentences).toEqual([]);
  });

  it('hide nothing of other clients', () => {
    const log = observer();
    fight(log, 10);
    const before = paper.lines.length;
    log.note({ ...NOTES['client-connected'], clientId: 'sensor-2' });
    expect(paper.lines).toHaveLength(before + 1);
  });
});

describe('frames', () => {
  const publish = octets('0b 0c 20 00 01 00 02 32 31 2e 35');

  it('are wanted at trace only', () => {
    expect(observer().wantsFrames).toBe(true);
    paper = new Paper('debug');
    const log = observer();
    expect(log.wantsFrames).toBe(false);
    log.frame('received', CLIENT.link, publish);
    expect(paper.lines).toEqual([]);
  });

  it('are described without payload', () => {
    observer().frame('received', CLIENT.link, publish);
    expect(paper.lines).toEqual([
      ['trace', 'received PUBLISH qos=1 topicIdType=normal topicId=1 msgId=2 4 octets', { link: CLIENT.link }],
    ]);
  });

  it('are described with payload where that is asked for', () => {
    observer({ payloads: true }).frame('sent', CLIENT.link, publish);
    expect(paper.sentences).toEqual([
      'sent PUBLISH qos=1 topicIdType=normal topicId=1 msgId=2 4 octets 32312e35 "21.5"',
    ]);
  });

  it('have a limit that leaves room for the frames of others', () => {
    const log = observer();
    for (let i = 0; i < 10_000; i++) {
      log.frame('received', CLIENT.link, publish);
    }
    log.frame('received', 'udp:192.0.2.8:4711', publish);
    log.flush();
    expect(paper.lines).toHaveLength(3_002);
    expect(paper.lines.at(-2)?.[2]).toEqual({ link: 'udp:192.0.2.8:4711' });
    expect(paper.lines.at(-1)).toEqual([
      'trace',
      'frames … 7000 more',
      { of: 'frame', repeated: 7_000, mostlyFrom: CLIENT.link },
    ]);
  });

  it('are read as the gateway reads them', () => {
    observer().frame('received', CLIENT.link, octets('02 16 00'));
    observer({ decode: { trailing: 'ignore' } }).frame('broadcast', CLIENT.link, octets('02 16 00'));
    expect(paper.sentences).toEqual([
      'received not a message (trailing: Length says 2 octets, 3 came)',
      'broadcast PINGREQ',
    ]);
  });
});
