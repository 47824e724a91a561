import { beforeEach, describe, expect, it } from '@jest/globals';
import { LogObserver, type LogObserverSettings } from '../../../src/observe/log-observer.ts';
import { enabledLevels, LOG_LEVELS, type LogFields, type Logger, type LogLevel } from '../../../src/observe/logger.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { octets } from '../codec/vectors.ts';
import { NOTES } from './notes.ts';

/** Lines as arrays; a field without value is left out. */
class Paper implements Logger {
  readonly lines: [LogLevel, string, LogFields?][] = [];
  readonly enabled: Logger['enabled'];

  constructor(level: LogLevel) {
    this.enabled = enabledLevels(level);
  }

  log(level: LogLevel, sentence: string, fields?: LogFields): void {
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
  'upstream-up': ['debug', 'client connected to the broker', { clientId: 'sensor-1', sessionPresent: true }],
  'upstream-down': [
    'info',
    'client has no connection to the broker: connect ECONNREFUSED',
    { clientId: 'sensor-1', retryIn: '2000ms' },
  ],
  'broker-answer-ignored': [
    'warn',
    'PUBCOMP of the broker ignored: it answers nothing that was sent, or is out of step',
    { clientId: 'sensor-1' },
  ],
  'broker-without-qos2': [
    'warn',
    'the broker answers QoS 2 as QoS 1 (PUBACK): it knows no QoS 2, so messages may be published twice where a connection breaks',
    {},
  ],
  'gateway-reachable': ['warn', 'gateway cannot reach the broker', {}],
  'gateway-started': [
    'info',
    'MQTT-SN gateway ready: UDP 0.0.0.0:1884, serial /dev/ttyUSB0; broker mqtt://127.0.0.1:1883 (embedded, for a first try)',
    { gwId: 1 },
  ],
  'gateway-stopping': ['info', 'SIGTERM: stopping', { clients: 3 }],
  'gateway-stopped': ['info', 'stopped', { 'client-connected': 3, 'client-published.qos1': 7 }],
  'setting-unused': ['warn', 'gateway.radius is accepted, but this version does not use it', {}],
  'transport-up': ['info', 'udp listens on 0.0.0.0:1884', { transport: 'udp', address: '0.0.0.0:1884' }],
  'frame-undelivered': ['debug', 'frame did not arrive: no acknowledgement from the node', CLIENT],
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
  'transport-problem': ['warn', 'udp: cannot send (ENETUNREACH)', { transport: 'udp', code: 'ENETUNREACH' }],
  'store-problem': ['error', 'session store: disk full', {}],
  'sessions-restored': ['info', '3 stored sessions', { sessions: 3 }],
  'session-expired': [
    'info',
    'stored session dropped: its client did not come back',
    { clientId: 'sensor-1', link: 'udp:192.0.2.7:4711' },
  ],
  'session-failed': ['error', 'session ended by a defect of the gateway: invariant', { clientId: 'sensor-1' }],
  'observer-failed': ['error', 'an observer of the gateway failed: Error: no room', {}],
};

describe('lines of notes', () => {
  it.each(Object.keys(NOTES) as Note['type'][])('%s', (type) => {
    observer().note(NOTES[type]);
    expect(paper.lines).toEqual([LINES[type]]);
  });

  it.each<[string, Note, LogLevel, string]>([
    [
      'the gateway reaches the broker again',
      { type: 'gateway-reachable', reachable: true },
      'info',
      'gateway can reach the broker',
    ],
    [
      'a client used an unknown topic id, and will register it again',
      { ...NOTES['request-rejected'], message: 'PUBLISH', returnCode: 2, reason: 'topic id is not registered' },
      'debug',
      'PUBLISH answered with "rejected: invalid topic id": topic id is not registered',
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
      'connected to the broker',
    ],
    [
      "the gateway's own connection is down for good",
      { type: 'upstream-down', clientId: undefined, reason: 'refused', retryIn: undefined },
      'info',
      'no connection to the broker: refused',
    ],
  ])('%s', (_story, note, level, sentence) => {
    observer().note(note);
    expect(paper.lines).toEqual([[level, sentence, expect.anything()]]);
  });

  it.each(LOG_LEVELS)('at level %s those that matter less are not written', (level) => {
    paper = new Paper(level);
    const log = observer();
    for (const note of Object.values(NOTES)) {
      log.note(note);
    }
    const shown = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    expect(paper.sentences).toEqual(
      (Object.keys(NOTES) as Note['type'][])
        .map((type) => LINES[type])
        .flatMap(([each, sentence]) => (shown.includes(each) ? [sentence] : [])),
    );
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

describe('lines that repeat themselves', () => {
  const dropped = NOTES['frame-dropped'];

  it('are counted after five in ten seconds', () => {
    const log = observer();
    for (let i = 0; i < 128; i++) {
      log.note(dropped);
    }
    expect(paper.sentences).toEqual(new Array(5).fill('frame dropped: truncated'));
    now += 9_999;
    log.note(NOTES['client-awake']);
    expect(paper.lines).toHaveLength(6);
    now += 1;
    log.note(dropped);
    expect(paper.lines.slice(6)).toEqual([
      ['debug', 'frame dropped: truncated … 123 more', { repeated: 123 }],
      ['debug', 'frame dropped: truncated', { link: CLIENT.link }],
    ]);
  });

  it('are summed up by any later line, by a call, and at the end', () => {
    const log = observer({ repeats: 1, repeatWindow: 100 });
    log.note(dropped);
    log.note(dropped);
    now += 100;
    log.note(NOTES['client-awake']);
    expect(paper.sentences).toEqual(['frame dropped: truncated', 'frame dropped: truncated … 1 more', 'client awake']);
    log.note(dropped);
    log.note(dropped);
    log.summarize();
    expect(paper.lines).toHaveLength(4);
    now += 100;
    log.summarize();
    expect(paper.sentences.slice(4)).toEqual(['frame dropped: truncated … 1 more']);
    log.note(dropped);
    log.note(dropped);
    log.flush();
    log.flush();
    expect(paper.sentences.slice(5)).toEqual(['frame dropped: truncated', 'frame dropped: truncated … 1 more']);
  });

  it('are told apart by what they say, not by who caused them', () => {
    const log = observer({ repeats: 2 });
    for (let i = 0; i < 5; i++) {
      log.note({ ...dropped, link: `udp:192.0.2.7:${i}` });
      log.note({ ...dropped, reason: 'trailing' });
      log.note({ ...NOTES['client-refused'], clientId: `sensor-${i}` });
    }
    log.flush();
    expect(paper.sentences.slice(6)).toEqual([
      'frame dropped: truncated … 3 more',
      'frame dropped: trailing … 3 more',
      'client refused: ProtocolId 2 (rejected: not supported) … 3 more',
    ]);
  });

  it('are never held back for clients that come and go', () => {
    const log = observer({ repeats: 1 });
    for (let i = 0; i < 50; i++) {
      log.note(NOTES['client-connected']);
    }
    expect(paper.lines).toHaveLength(50);
  });

  it('share a count where too many different ones come', () => {
    const log = observer({ repeats: 2 });
    for (let i = 0; i < 1_000; i++) {
      log.note({ ...NOTES['client-refused'], reason: `the broker says ${i}` });
    }
    expect(paper.lines).toHaveLength(202); // 200 that are told apart, then two of the group
    log.flush();
    expect(paper.sentences.slice(202)).toEqual(['client-refused … 798 more']);
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

  it('are read as the gateway reads them', () => {
    observer().frame('received', CLIENT.link, octets('02 16 00'));
    observer({ decode: { trailing: 'ignore' } }).frame('broadcast', CLIENT.link, octets('02 16 00'));
    expect(paper.sentences).toEqual([
      'received not a message (trailing: Length says 2 octets, 3 came)',
      'broadcast PINGREQ',
    ]);
  });
});
