import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Incident } from '../../../../src/http/api-contract.ts';
import { GatewayWatch } from '../../../../src/http/model/gateway-watch.ts';
import { HourHistory } from '../../../../src/http/model/hour-history.ts';
import { MessageRates, messagesIn } from '../../../../src/http/model/message-rates.ts';
import type { Note } from '../../../../src/ports/observer.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const link = 'udp:192.0.2.7:4000';
const START = Date.parse('2026-05-04T10:20:30Z');

let clock: ManualClock;
let told: Incident[];
let watch: GatewayWatch;

const wall = () => START + clock.now() - 1_000_000;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  watch = new GatewayWatch({
    ...{ clock, wall },
    isKnown: (clientId) => clientId !== 'stranger',
    tell: (incident) => told.push(incident),
  });
});

const connected = (clientId: string): Note => ({
  ...{ type: 'client-connected', clientId, link, cleanSession: true, keepAlive: 60, will: false },
});
const asleep = (clientId: string): Note => ({ type: 'client-asleep', clientId, link, duration: 60 });

describe('what has become of a client', () => {
  it('is told newest first, with the reason', () => {
    watch.note(connected('a'));
    clock.advance(1_000);
    watch.note(asleep('a'));
    clock.advance(1_000);
    watch.note({ type: 'client-awake', clientId: 'a', link, waiting: 0 });
    watch.note({ type: 'client-asleep-again', clientId: 'a', link, duration: 60 });
    watch.note({
      type: 'client-asleep-again',
      clientId: 'a',
      link,
      duration: 60,
      reason: 'its CONNECT came to nothing',
    });
    watch.note({ type: 'client-moved', clientId: 'a', link: 'udp:2', from: 'udp:1' });
    watch.note({ type: 'client-refused', clientId: 'a', link, returnCode: 1, reason: 'no room' });
    watch.note({ type: 'client-lost', clientId: 'a', link, reason: 'nothing came for 90 s', will: false });
    watch.note({ type: 'client-disconnected', clientId: 'a', link, reason: 'by itself' });
    expect(watch.history.of('a')).toEqual([
      { time: '2026-05-04T10:20:32.000Z', state: 'disconnected', reason: 'by itself' },
      { time: '2026-05-04T10:20:32.000Z', state: 'lost', reason: 'nothing came for 90 s' },
      { time: '2026-05-04T10:20:32.000Z', state: 'refused', reason: 'no room' },
      { time: '2026-05-04T10:20:32.000Z', state: 'moved', reason: 'from udp:1 to udp:2' },
      { time: '2026-05-04T10:20:32.000Z', state: 'asleep', reason: 'again, for 60 s: its CONNECT came to nothing' },
      { time: '2026-05-04T10:20:32.000Z', state: 'asleep', reason: 'again, for 60 s' },
      { time: '2026-05-04T10:20:32.000Z', state: 'awake', reason: null },
      { time: '2026-05-04T10:20:31.000Z', state: 'asleep', reason: 'for 60 s' },
      { time: '2026-05-04T10:20:30.000Z', state: 'active', reason: 'clean session' },
    ]);
  });

  it('is the last twenty changes of one, ten thousand in all, and nothing of a session that is gone', () => {
    for (let change = 0; change < 30; change++) {
      watch.note(asleep('old'));
    }
    expect([watch.history.of('old').length, watch.history.size]).toEqual([20, 20]);
    for (let number = 0; number < 10_000; number++) {
      watch.note(connected(`s${number}`));
    }
    expect([watch.history.size, watch.history.of('old').length, watch.history.of('s0').length]).toEqual([10_000, 0, 1]);
    watch.note({ type: 'session-expired', clientId: 's0', link, reason: 'too old' });
    expect([watch.history.size, watch.history.of('s0').length]).toEqual([9_999, 0]);
  });

  it('is not filled by strangers who are refused', () => {
    watch.note({ type: 'client-refused', clientId: 'stranger', link, returnCode: 1, reason: 'no room' });
    expect(watch.history.size).toBe(0);
  });
});

describe('what was refused to a client', () => {
  const rejected = (clientId: string, topic: string, message: 'SUBSCRIBE' | 'REGISTER' = 'REGISTER'): Note => ({
    ...{ type: 'request-rejected', clientId, link, message, returnCode: 3, topic },
    reason: 'publishing to this topic is not granted (access rule "sensors")',
  });
  const text =
    'REGISTER answered with "rejected: not supported": publishing to this topic is not granted (access rule "sensors")';

  it('is told newest first, what repeats itself once', () => {
    watch.note(rejected('a', 'site/x'));
    clock.advance(1_000);
    watch.note(rejected('a', 'site/x'));
    watch.note(rejected('a', 'site/y'));
    watch.note(rejected('a', 'site/y', 'SUBSCRIBE'));
    watch.note({ type: 'client-refused', clientId: 'a', link, returnCode: 3, reason: 'another identity has it' });
    watch.note({
      ...{ type: 'client-publish-dropped', clientId: 'a', link, qos: 0 },
      ...{ reason: 'this pre-defined topic id is not configured', predefinedId: 300 },
    });
    // How a client learns to register again.
    watch.note({ ...rejected('a', 'z'), returnCode: 2 } as Note);
    expect(watch.refusals.of('a')).toEqual([
      {
        time: '2026-05-04T10:20:31.000Z',
        text: 'PUBLISH of a client dropped: this pre-defined topic id is not configured (topic id 300)',
        topic: null,
        count: 1,
      },
      {
        time: '2026-05-04T10:20:31.000Z',
        text: 'client refused: another identity has it (rejected: not supported)',
        topic: null,
        count: 1,
      },
      { time: '2026-05-04T10:20:31.000Z', text: text.replace('REGISTER', 'SUBSCRIBE'), topic: 'site/y', count: 1 },
      { time: '2026-05-04T10:20:31.000Z', text, topic: 'site/y', count: 1 },
      { time: '2026-05-04T10:20:31.000Z', text, topic: 'site/x', count: 2 },
    ]);
  });

  it('is ten of one, ten thousand in all, nothing of strangers, and nothing of a session that is gone', () => {
    for (let number = 0; number < 30; number++) {
      watch.note(rejected('old', `site/${number}`));
    }
    watch.note({ type: 'client-refused', clientId: 'stranger', link, returnCode: 3, reason: 'no room' });
    expect([watch.refusals.of('old').length, watch.refusals.size]).toEqual([10, 10]);
    for (let number = 0; number < 10_000; number++) {
      watch.note(rejected(`s${number}`, 'site/x'));
    }
    expect([watch.refusals.size, watch.refusals.of('old'), watch.refusals.of('s0').length]).toEqual([10_000, [], 1]);
    watch.note({ type: 'session-forgotten', clientId: 's0', link });
    expect([watch.refusals.size, watch.refusals.of('s0')]).toEqual([9_999, []]);
  });

  it('keeps no more of a topic than somebody reads', () => {
    watch.note(rejected('a', 'x'.repeat(60_000)));
    expect(watch.refusals.of('a')[0]?.topic).toBe(`${'x'.repeat(500)}…`);
  });

  it('names topic, topic id and identity among the incidents, too', () => {
    watch.note(rejected('a', 'site/x'));
    watch.note({
      ...{
        type: 'handshake-failed',
        transport: 'dtls',
        address: '192.0.2.7:4',
        reason: 'wrong-key',
        identity: 'meter',
      },
    });
    expect(told.map((incident) => incident.text)).toEqual([
      `${text} (topic site/x)`,
      'DTLS handshake failed: the client has another key than the file of keys has for its identity (identity meter)',
    ]);
  });
});

describe('refusals and errors', () => {
  const refused = (clientId: string): Note => ({
    ...{ type: 'client-refused', clientId, link: `udp:${clientId}`, returnCode: 3, reason: 'ProtocolId 2' },
  });

  it('are the last hundred; who repeats himself leaves room for others', () => {
    for (let number = 0; number < 1_000; number++) {
      watch.note(refused('loud'));
    }
    expect(told).toHaveLength(5);
    for (let number = 0; number < 1_000; number++) {
      watch.note(refused(`s${number}`));
    }
    expect(told).toHaveLength(25);
    watch.note({ type: 'store-problem', reason: 'the disk is full' });
    expect(watch.incidents.recent()[0]).toMatchObject({ event: 'store-problem', level: 'error' });
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(60_000);
      for (let number = 0; number < 30; number++) {
        watch.note(refused(`s${number}`));
      }
    }
    expect(watch.incidents.recent()).toHaveLength(100);
  });

  it('are what the log warns of, and what becomes of that; nothing that comes with each message', () => {
    const notes: Note[] = [
      connected('a'),
      { type: 'client-published', clientId: 'a', link, qos: 1 },
      { type: 'frame-dropped', link, reason: 'truncated' },
      { ...{ type: 'request-rejected', clientId: 'a', link, message: 'PUBLISH', returnCode: 2 }, reason: 'unknown id' },
      { type: 'gateway-reachable', reachable: false },
      { type: 'outage-over', duration: 25_000, back: 40, lost: 0, missing: 0 },
      { type: 'client-lost', clientId: 'a', link, reason: 'silence', will: true },
    ];
    for (const note of notes) {
      watch.note(note);
    }
    expect(told.map(({ event, level }) => [event, level])).toEqual([
      ['gateway-reachable', 'warn'],
      ['outage-over', 'info'],
      ['client-lost', 'info'],
    ]);
  });
});

describe('ids that nobody has defined', () => {
  const used = (clientId: string | undefined, predefinedId: number): Note => ({
    ...{ type: 'client-publish-dropped', clientId, link, qos: -1, reason: 'no such id', predefinedId },
  });

  it('are counted for each client and id, last used first', () => {
    watch.note(used('a', 1));
    watch.note(used(undefined, 2));
    clock.advance(5_000);
    watch.note(used('a', 1));
    expect(watch.unknownTopics.list()).toEqual([
      { clientId: 'a', link, topicId: 1, count: 2, lastSeen: '2026-05-04T10:20:35.000Z' },
      { clientId: null, link, topicId: 2, count: 1, lastSeen: '2026-05-04T10:20:30.000Z' },
    ]);
  });

  it('are fifty of one client and a thousand in all', () => {
    for (let id = 0; id < 60; id++) {
      watch.note(used('loud', id));
    }
    watch.note(used('b', 1));
    expect(watch.unknownTopics.list()).toHaveLength(51);
    for (let number = 0; number < 2_000; number++) {
      watch.note(used(`s${number}`, 1));
    }
    expect(watch.unknownTopics.list()).toHaveLength(1_000);
    expect(watch.unknownTopics.list()[0]).toMatchObject({ clientId: 's1999' });
  });
});

describe('how strong a radio node is', () => {
  it('is what its last frame said, for ten thousand nodes', () => {
    const signal = (node: string, rssi: number | undefined): Note => ({
      type: 'radio-signal',
      link: node,
      rssi,
      retries: 0,
    });
    watch.note(signal('xbee:1', -70));
    watch.note(signal('xbee:1', -60));
    watch.note(signal('xbee:1', undefined));
    expect(watch.signals.of('xbee:1')).toBe(-60);
    for (let number = 0; number < 10_000; number++) {
      watch.note(signal(`xbee:node-${number}`, -50));
    }
    expect([watch.signals.of('xbee:1'), watch.signals.of('xbee:node-9999')]).toEqual([undefined, -50]);
  });
});

describe('rates', () => {
  it('are of the last seconds, and nothing before there are two moments', () => {
    const rates = new MessageRates(clock);
    expect(rates.sample({ up: 100, down: 10 })).toEqual({ up: 0, down: 0 });
    clock.advance(1_000);
    expect(rates.sample({ up: 110, down: 10 })).toEqual({ up: 10, down: 0 });
    for (let second = 0; second < 20; second++) {
      clock.advance(1_000);
      rates.sample({ up: 110, down: 10 });
    }
    expect(rates.sample({ up: 110, down: 10 })).toEqual({ up: 0, down: 0 });
    clock.advance(10_000);
    expect(rates.sample({ up: 210, down: 30 })).toEqual({ up: 10, down: 2 });
    clock.advance(3_600_000);
    expect(rates.sample({ up: 9_999, down: 30 })).toEqual({ up: 0, down: 0 });
  });

  it('count messages of every QoS, and nothing else', () => {
    const counts = {
      ...{ 'client-published.qos-1': 1, 'client-published.qos0': 2, 'client-published.qos2': 4 },
      ...{ 'delivered.qos1': 8, 'delivery-dropped.qos1': 16, 'client-publish-dropped.qos0': 32 },
    };
    expect(messagesIn(counts)).toEqual({ up: 7, down: 8 });
  });
});

describe('the last hour', () => {
  it('has an entry for each ten seconds, with the longest delay of the event loop in them', () => {
    let up = 0;
    let delay = 1;
    const history = new HourHistory({
      ...{ clock, wall },
      read: () => ({ up, down: 0, clients: 5, queued: 2 }),
      eventLoopDelay: () => delay,
    });
    history.start();
    clock.advance(4_000);
    delay = 30;
    clock.advance(1_000);
    delay = 1;
    up = 50;
    clock.advance(5_000);
    expect(history.history()).toEqual({
      time: [START / 1_000 + 10],
      ...{ up: [5], down: [0], clients: [5], eventLoopDelay: [30], queued: [2] },
    });
    clock.advance(3_600_000);
    const { time, eventLoopDelay } = history.history();
    expect([time.length, time[0], time.at(-1), eventLoopDelay[0]]).toEqual([
      360,
      START / 1_000 + 20,
      START / 1_000 + 3_610,
      1,
    ]);
    history.stop();
    expect(clock.waiting).toBe(0);
  });
});
