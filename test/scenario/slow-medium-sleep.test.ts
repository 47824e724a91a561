import { describe, expect, it } from '@jest/globals';
import { type BenchOptions, type CoreBench, frame, hex16, publishLine } from '../support/core-bench.ts';
import { A, B, C, expectAt, fill, onRadio, qos0, speed } from '../support/core-bench-radio.ts';

describe('a sleeping client on a slow medium (6.14)', () => {
  /** A sleeps for 300 s with so many messages of QoS 0 waiting. */
  function asleep(texts: readonly string[], options: BenchOptions = {}): CoreBench {
    const bench = onRadio([A, B], options);
    bench.from(A, '04 18 01 2C');
    for (const text of texts) {
      bench.message(1, 'c/d', text);
    }
    bench.pass(1_000);
    return bench;
  }
  const pingReq = frame('16', A);

  it('gets PINGRESP after everything else (SL-5)', () => {
    const bench = asleep(['1', '2', '3', '4', '5']);
    const start = bench.now;
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(A, '3')]);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 190, [qos0(A, '5'), `${A} < 0217`]);
    expect(bench.precedences).toEqual(['publish', 'last']);
    expect(bench.message(1, 'c/d', '6')).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('the medium is full at its PINGREQ: everything waits, and PINGRESP too', () => {
    const bench = asleep(['1']);
    const start = bench.now;
    fill(bench, 2);
    expect(bench.from(A, pingReq)).toEqual([]);
    expectAt(bench, start + 80, [qos0(A, '1'), `${A} < 0217`]);
  });

  it('with nothing waiting it gets PINGRESP at once, however full the medium is (SL-6)', () => {
    const bench = asleep([]);
    fill(bench, 2);
    expect(bench.from(A, pingReq)).toEqual([`${A} < 0217`]);
  });

  it('PINGREQ repeated while the medium is awaited starts nothing over and gets no PINGRESP (SL-9)', () => {
    const bench = asleep(['1', '2', '3', '4', '5']);
    const start = bench.now;
    expect(bench.from(A, pingReq)).toHaveLength(3);
    bench.pass(10);
    expect(bench.from(A, pingReq)).toEqual([]);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 190, [qos0(A, '5'), `${A} < 0217`]);
  });

  it('QoS 1: acknowledgement, next message as the medium allows, PINGRESP behind the last one (SL-7)', () => {
    const bench = asleep([]);
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    const start = bench.now;
    expect(bench.from(A, pingReq)).toEqual([publishLine(A, '20', 1, '1')]);
    bench.message(2, 'c/d', 'x');
    bench.message(2, 'c/d', 'y');
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7']);
    expectAt(bench, start + 80, [publishLine(A, '20', 2, '2')]);
    expect(bench.from(A, frame('0d 0001 0002 00'))).toEqual(['#1 PUBACK id8', `${A} < 0217`]);
  });

  it('DISCONNECT with a duration while it waits: asleep, and the medium gets nothing for it until the next PINGREQ (SL-12)', () => {
    const bench = asleep(['1', '2', '3', '4', '5']);
    expect(bench.from(A, pingReq)).toHaveLength(3);
    expect(bench.from(A, '04 18 01 2C')).toEqual([`${A} < 0218`]);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '4'), qos0(A, '5'), `${A} < 0217`]);
  });

  it('the awake period is as long as it may be: PINGRESP although messages wait for the medium (SL-15)', () => {
    const bench = asleep(['1', '2', '3', '4', '5'], { settings: { sessions: { maxAwakeTime: 100 } } });
    const start = bench.now;
    expect(bench.from(A, pingReq)).toHaveLength(3);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 100, [`${A} < 0217`]);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '5'), `${A} < 0217`]);
  });

  it('maxAwakeMessages counts what has been sent, not what waits (SL-15)', () => {
    const bench = asleep(['1', '2', '3', '4', '5'], { settings: { sessions: { maxAwakeMessages: 4 } } });
    const start = bench.now;
    expect(bench.from(A, pingReq)).toHaveLength(3);
    expectAt(bench, start + 80, [qos0(A, '4'), `${A} < 0217`]);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '5'), `${A} < 0217`]);
  });

  it('the sleep is supervised from the last that was heard, not from the last that was sent (SL-3)', () => {
    const bench = asleep(['1', '2', '3', '4', '5']);
    const start = bench.now;
    bench.from(A, pingReq);
    expect(bench.pass(1_000)).toHaveLength(3);
    const lines = bench.pass(start + 329_999 - bench.now);
    expect(lines).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('a slow medium that is closed and opened', () => {
  it('what is overdue is sent again at its pace, in turn with what waits', () => {
    const bench = onRadio([A, B, C]);
    for (const connection of [1, 2]) {
      bench.message(connection, 'c/d', 'm', { qos: 1, packetId: 7 });
    }
    bench.close('xbee');
    expect(bench.pass(60_000)).toEqual([]);
    for (const text of ['1', '2']) {
      bench.message(3, 'c/d', text);
    }
    const start = bench.now;
    expect(bench.open('xbee', { speed })).toEqual([
      publishLine(A, 'a0', 1, 'm'),
      publishLine(B, 'a0', 1, 'm'),
      qos0(C, '1'),
    ]);
    expectAt(bench, start + 80, [qos0(C, '2')]);
    expectAt(bench, start + 10_110, [publishLine(A, 'a0', 1, 'm')]);
    expectAt(bench, start + 10_220, [publishLine(B, 'a0', 1, 'm')]);
  });

  it('closed while an overdue message waits for its turn: it is sent when the medium is back for good', () => {
    const bench = onRadio([A, B]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.close('xbee');
    for (const text of ['1', '2', '3', '4']) {
      bench.message(2, 'c/d', text);
    }
    bench.pass(60_000);
    expect(bench.open('xbee', { speed })).toEqual([qos0(B, '1'), qos0(B, '2'), qos0(B, '3')]);
    bench.close('xbee');
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.open('xbee', { speed })).toEqual([publishLine(A, 'a0', 1, 'm'), qos0(B, '4')]);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7']);
  });

  it('what was outstanding on it is forgotten with it, and what waited goes out at its pace', () => {
    const bench = onRadio([A, B]);
    fill(bench, 1);
    for (const text of ['1', '2']) {
      bench.message(1, 'c/d', text);
    }
    bench.message(2, 'c/d', '3');
    expect(bench.close('xbee')).toEqual([]);
    expect(bench.pass(5_000)).toEqual([]);
    const start = bench.now;
    expect([...bench.open('xbee', { speed }), ...bench.pass(0)]).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(B, '3')]);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
    expectAt(bench, start + 80, [qos0(A, '4')]);
  });

  it('may have another speed afterwards', () => {
    const bench = onRadio([A]);
    bench.close('xbee');
    bench.open('xbee', { speed: { octetsPerSecond: 11, overhead: 3 } });
    const start = bench.now;
    expect(bench.message(1, 'c/d', '1')).toEqual([qos0(A, '1')]);
    expect(bench.message(1, 'c/d', '2')).toEqual([]);
    expectAt(bench, start + 750, [qos0(A, '2')]);
  });

  it.each([[hex16(0)], [hex16(65_535)]])('MsgId of the client, %s, means nothing to the medium', (msgId) => {
    const bench = onRadio([A]);
    fill(bench, 1);
    bench.message(1, 'c/d', '4');
    expect(bench.from(A, frame(`0b 0001 ${msgId} 00`))).toEqual([]);
    expect(bench.from(A, frame(`0d 0001 ${msgId} 00`))).toEqual([]);
    expect(bench.pass(10_000)).toEqual([qos0(A, '4')]);
  });
});
