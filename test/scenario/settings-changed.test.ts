import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame, hex16, publishLine } from '../support/core-bench.ts';
import { openOwnConnection } from '../support/core-bench-frames.ts';
import { breakUpstream, connected, encapsulated, registered, sent, subscribed } from '../support/core-bench-traffic.ts';

const CONGESTION = '01';

/** PUBLISH with QoS 1 to the short topic tp. */
function publish(msgId: number): string {
  return frame(`0c 22 7470 ${hex16(msgId)}`, 'x');
}

describe('settings that change while the gateway runs (I-112)', () => {
  it('that are the same change nothing, and nobody hears of it', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    expect(bench.changed({})).toEqual([]);
    expect(bench.notes).toEqual([]);
    expect(bench.stored).toEqual([]);
  });

  it('T_retry and N_retry count for what is sent from then on', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.message(1, 'a/b', '1', { qos: 1, packetId: 1 });
    bench.changed({ settings: { timing: { retryInterval: 2_000, retryCount: 1 } } });
    expect(bench.pass(9_999)).toEqual([]); // it waits as it was set
    expect(bench.pass(1)).toEqual([publishLine('s', 'a0', 1, '1')]);
    expect(bench.pass(1_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('clients.maxInflight counts from the next publish on; what is under way goes on', () => {
    const bench = connected();
    expect([1, 2, 3].flatMap((msgId) => bench.from('s', publish(msgId)))).toHaveLength(3);
    bench.changed({ settings: { clients: { maxInflight: 2 } } });
    expect(bench.from('s', publish(4))).toEqual([sent(`0d 7470 0004 ${CONGESTION}`)]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 7470 0001 00')]);
    expect(bench.from('s', publish(4))).toEqual([sent(`0d 7470 0004 ${CONGESTION}`)]);
    bench.acked(1, 'PUBACK', 2);
    expect(bench.from('s', publish(4))).toEqual(['#1 PUBLISH qos1 id4 tp "x"']);
  });

  it('clients.maxTopics and maxSubscriptions count for clients that are there, and take nothing from them', () => {
    const bench = connected();
    registered(bench, 'a');
    registered(bench, 'b');
    subscribed(bench, 'x/#');
    bench.changed({ settings: { clients: { maxTopics: 1, maxSubscriptions: 1 } } });
    expect(bench.from('s', frame('0a 0000 0001', 'c'))).toEqual([sent(`0b 0000 0001 ${CONGESTION}`)]);
    expect(bench.from('s', frame('0a 0000 0002', 'b'))).toEqual([sent('0b 0002 0002 00')]);
    expect(bench.from('s', frame('12 00 0003', 'y/#'))).toEqual([sent(`13 00 0000 0003 ${CONGESTION}`)]);
    bench.changed({ settings: { clients: { maxTopics: 3, maxSubscriptions: 2 } } });
    expect(bench.from('s', frame('0a 0000 0004', 'c'))).toEqual([sent('0b 0003 0004 00')]);
    expect(bench.from('s', frame('12 00 0005', 'y/#'))).toEqual(['#1 SUBSCRIBE id2 y/# qos0']);
  });

  it('sessions.limit that is lower keeps everybody, and lets nobody new in', () => {
    const bench = new CoreBench();
    bench.connect('s');
    bench.connect('t');
    bench.changed({ settings: { sessions: { limit: 1 } } });
    expect(bench.core.sessionCount).toBe(2);
    expect(bench.from('u', frame('04 04 01 003c', 'u'))).toEqual([`u < 0305${CONGESTION}`]);
    expect(bench.from('s', publish(1))).toEqual(['#1 PUBLISH qos1 id1 tp "x"']);
  });

  it('sessions.expiry counts anew for sessions whose client is gone', () => {
    const bench = new CoreBench({ settings: { sessions: { expiry: 100_000 } } });
    bench.connect('s', 's', { clean: false });
    bench.from('s', '02 18');
    bench.pass(50_000);
    bench.changed({ settings: { sessions: { expiry: 200_000 } } });
    bench.pass(149_999);
    expect(bench.core.sessionCount).toBe(1);
    bench.pass(1);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('sessions.expiry that is over already ends them at the next moment', () => {
    const bench = new CoreBench();
    bench.connect('s', 's', { clean: false });
    bench.from('s', '02 18');
    bench.pass(50_000);
    bench.changed({ settings: { sessions: { expiry: 10_000 } } });
    bench.pass(0);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('what waits for a sleeper above a lower limit stays: for each that comes one goes', () => {
    const bench = connected();
    subscribed(bench, 'a/b', 0);
    bench.from('s', '04 18 01 2C');
    for (const text of ['1', '2', '3', '4']) {
      bench.message(1, 'a/b', text);
    }
    bench.changed({ settings: { sessions: { sleepBufferMessages: 2 } } });
    expect(bench.notes).toEqual([]);
    bench.message(1, 'a/b', '5');
    expect(bench.notes.map(({ type }) => type)).toEqual(['delivery-dropped']);
    const got = bench.from('s', frame('16', 's'));
    expect(got).toEqual([...['2', '3', '4', '5'].map((text) => publishLine('s', '00', 0, text)), 's < 0217']);
    bench.from('s', '04 18 01 2C');
    for (const text of ['6', '7', '8']) {
      bench.message(1, 'a/b', text);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([
      publishLine('s', '00', 0, '7'),
      publishLine('s', '00', 0, '8'),
      's < 0217',
    ]);
  });

  it('the offline queue above a lower limit stays: for each that comes one goes', () => {
    const bench = connected();
    bench.down(1);
    for (const text of ['1', '2', '3']) {
      bench.from('s', frame('0c 02 7470 0000', text));
    }
    bench.changed({ settings: { upstream: { offlineQueue: { messages: 1 } } } });
    bench.from('s', frame('0c 02 7470 0000', '4'));
    expect(bench.notes.map(({ type }) => type)).toEqual(['client-published', 'client-publish-dropped']);
    bench.pass(1_000);
    expect(bench.up(3)).toEqual(['2', '3', '4'].map((text) => `#3 PUBLISH qos0 tp "${text}"`));
  });

  it('the rate of QoS −1 counts at once, together with what was admitted before', () => {
    const bench = new CoreBench({ settings: { clients: { qosMinus1PerSecond: 0 } } });
    openOwnConnection(bench);
    const published = (count: number): number =>
      Array.from({ length: count }, () => bench.from('any', frame('0c 62 7470 0000', 'x'))).flat().length;
    expect(published(100)).toBe(100);
    bench.changed({ settings: { clients: { qosMinus1PerSecond: 10 } } });
    const admitted = published(100);
    expect(admitted).toBeGreaterThan(0);
    expect(admitted).toBeLessThanOrEqual(10);
    bench.changed({ settings: { clients: { qosMinus1PerSecond: 0 } } });
    expect(published(100)).toBe(100);
  });

  it('who may publish with QoS −1, and to which topics, counts at once', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.changed({ settings: { clients: { qosMinus1From: ['other'], qosMinus1Topics: ['ab'] } } });
    expect(bench.from('any', frame('0c 62 6162 0000', 'x'))).toEqual([]);
    expect(bench.from('other', frame('0c 62 7470 0000', 'x'))).toEqual([]);
    expect(bench.from('other', frame('0c 62 6162 0000', 'x'))).toEqual(['#1 PUBLISH qos0 ab "x"']);
    bench.changed({ settings: { clients: { qosMinus1: false } } });
    expect(bench.from('other', frame('0c 62 6162 0000', 'x'))).toEqual([]);
  });

  it('who may forward counts at once, and for a transport that opens again (F-8)', () => {
    const bench = connected();
    const capsule = encapsulated('aa', publish(1));
    bench.changed({ transports: { udp: { forwarders: ['192.0.2.1'] } } });
    expect(bench.from('s', capsule)).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'frame-dropped', link: 'udp:s', reason: 'forwarder' }]);
    bench.close('udp');
    bench.open('udp');
    bench.from('s', capsule);
    expect(bench.notes).toEqual([{ type: 'frame-dropped', link: 'udp:s', reason: 'forwarder' }]);
    bench.changed({ transports: { udp: {} } });
    expect(bench.from('s', capsule)).not.toEqual([]);
  });

  it('T_retry of a transport counts for what is sent from then on', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.changed({ transports: { udp: { retryInterval: 3_000 } } });
    bench.message(1, 'a/b', '1', { qos: 1, packetId: 1 });
    expect(bench.pass(2_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([publishLine('s', 'a0', 1, '1')]);
  });

  it('more connections may be made at a time: those that wait in line begin', () => {
    const bench = new CoreBench({ settings: { upstream: { maxConnecting: 1 } } });
    expect(bench.from('s', frame('04 04 01 003c', 's'))).toEqual(['#1 CONNECT s clean']);
    expect(bench.from('t', frame('04 04 01 003c', 't'))).toEqual([]);
    expect(bench.from('u', frame('04 04 01 003c', 'u'))).toEqual([]);
    expect(bench.changed({ settings: { upstream: { maxConnecting: 2 } } })).toEqual(['#2 CONNECT t clean']);
  });

  it('pauses between attempts, and the grace time, count from the next break on', () => {
    const bench = connected();
    bench.down(1);
    bench.up(2);
    bench.changed({ settings: { upstream: { reconnectMin: 4_000, reconnectMax: 4_000, grace: 100_000 } } });
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s clean']); // as it was set
    bench.down(3);
    expect(bench.pass(3_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#4 CONNECT s clean']);
  });

  it('ADVERTISE goes out at once with another interval, and then by that', () => {
    const bench = new CoreBench({ broadcast: true, settings: { gateway: { advertiseInterval: 0 } } });
    bench.up(1);
    expect(bench.changed({ settings: { gateway: { advertiseInterval: 60_000 } } })).toEqual([
      'all udp r0 < 050001003c',
    ]);
    expect(bench.pass(60_000)).toEqual(['all udp r0 < 050001003c']);
    expect(bench.changed({ settings: { gateway: { advertiseInterval: 0 } } })).toEqual([]);
    expect(bench.pass(600_000)).toEqual([]);
  });

  it('how strictly frames are read counts from the next frame on', () => {
    const bench = connected();
    const behind = `${publish(1)}00`;
    expect(bench.from('s', behind)).toEqual([]);
    bench.changed({ settings: { frames: { trailing: 'ignore' } } });
    expect(bench.from('s', behind)).toEqual(['#1 PUBLISH qos1 id1 tp "x"']);
    bench.changed({ settings: { frames: { trailing: 'parse' } } });
    expect(bench.from('s', `${publish(2)}${publish(3)}`)).toEqual([
      '#1 PUBLISH qos1 id2 tp "x"',
      '#1 PUBLISH qos1 id3 tp "x"',
    ]);
  });

  it('which characters names may have counts for pre-defined topics as well (T-48)', () => {
    const bench = connected({ predefined: { '*': { 7: 'a\u0001' } }, settings: { clients: { names: 'utf8' } } });
    const on = frame('0c 01 0007 0000', 'x');
    expect(bench.from('s', on)).toEqual(['#1 PUBLISH qos0 a\u0001 "x"']);
    bench.changed({ settings: { clients: { names: 'strict' } } });
    expect(bench.from('s', on)).toEqual([sent('0d 0007 0000 03')]);
  });

  it('while the broker is away count all the same', () => {
    const bench = connected();
    breakUpstream(bench);
    bench.changed({ settings: { clients: { maxInflight: 1 } } });
    bench.from('s', publish(1));
    expect(bench.from('s', publish(2))).toEqual([sent(`0d 7470 0002 ${CONGESTION}`)]);
  });

  it('are nothing to a gateway that has stopped', () => {
    const bench = connected();
    bench.feed({ type: 'operator-stopped' });
    expect(bench.changed({ settings: { clients: { maxInflight: 1 } } })).toEqual([]);
  });
});
