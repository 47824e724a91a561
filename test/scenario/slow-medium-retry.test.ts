import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame, publishLine } from '../support/core-bench.ts';
import { A, B, expectAt, fill, onRadio } from '../support/core-bench-radio.ts';

describe('T_retry counts from when the medium has carried the frame (I-24)', () => {
  it.each([
    [1, '20', 'a0'],
    [2, '40', 'c0'],
  ] as const)('PUBLISH QoS %d, each repetition again, and giving up', (qos, flags, dup) => {
    const bench = onRadio([A, B]);
    const start = bench.now;
    fill(bench, 2);
    bench.message(1, 'c/d', 'm', { qos, packetId: 7 });
    expectAt(bench, start + 80, [publishLine(A, flags, 1, 'm')]); // carried at 440
    expectAt(bench, start + 10_440, [publishLine(A, dup, 1, 'm')]);
    expectAt(bench, start + 20_550, [publishLine(A, dup, 1, 'm')]);
    expectAt(bench, start + 30_660, [publishLine(A, dup, 1, 'm')]);
    expectAt(bench, start + 40_770, ['#1 close without DISCONNECT']);
  });

  it('REGISTER', () => {
    const bench = onRadio([A, B]);
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    bench.pass(10_000);
    const start = bench.now;
    const register = `${A} < ${frame('0a 0002 0001', 'g/h')}`; // 120 ms
    bench.message(2, 'c/d', 'x');
    expect(bench.message(1, 'g/h', 'w')).toEqual([register]); // carried at 230
    expectAt(bench, start + 10_230, [register]);
    expectAt(bench, start + 20_350, [register]);
  });

  it('PUBREL', () => {
    const bench = onRadio([A, B]);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 7 });
    bench.pass(1_000);
    bench.from(A, '04 0F 00 01');
    const start = bench.now;
    fill(bench, 2);
    expect(bench.released(1, 7)).toEqual([`${A} < 04100001`]); // at once, carried at 330 + 70
    expectAt(bench, start + 10_400, [`${A} < 04100001`]);
    expectAt(bench, start + 20_470, [`${A} < 04100001`]);
  });

  it('a repetition waits for a medium that is not free, like every publish', () => {
    const bench = onRadio([A, B]);
    const start = bench.now;
    expect(bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 })).toEqual([publishLine(A, '20', 1, 'm')]); // carried at 110
    bench.pass(10_100);
    fill(bench, 2); // carried at 10 430
    expectAt(bench, start + 10_180, [publishLine(A, 'a0', 1, 'm')]); // carried at 10 540
    expectAt(bench, start + 20_540, [publishLine(A, 'a0', 1, 'm')]);
  });

  it('an acknowledgement that comes while the repetition waits ends it', () => {
    const bench = onRadio([A, B]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(10_100);
    fill(bench, 2);
    expect(bench.pass(20)).toEqual([]);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7']);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('a frame that takes longer than T_retry is not repeated before it has left', () => {
    const bench = onRadio([A], {}, { speed: { octetsPerSecond: 0.5, overhead: 0 } });
    bench.pass(100_000);
    const start = bench.now;
    expect(bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 })).toEqual([publishLine(A, '20', 1, 'm')]); // 16 s
    expectAt(bench, start + 26_000, [publishLine(A, 'a0', 1, 'm')]);
    expectAt(bench, start + 52_000, [publishLine(A, 'a0', 1, 'm')]);
  });
});

describe('T_retry of a transport (T-r4)', () => {
  const medium = { retryInterval: 3_000 };

  it('PUBLISH and giving up; a client on another transport has that of the settings', () => {
    const bench = onRadio([A, 's'], {}, medium);
    const start = bench.now;
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.message(2, 'c/d', 'm', { qos: 1, packetId: 7 });
    for (const at of [3_000, 6_000, 9_000]) {
      expectAt(bench, start + at, [publishLine(A, 'a0', 1, 'm')]);
    }
    expectAt(bench, start + 10_000, [publishLine('s', 'a0', 1, 'm')]);
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
    for (const at of [20_000, 30_000]) {
      expectAt(bench, start + at, [publishLine('s', 'a0', 1, 'm')]);
    }
    expectAt(bench, start + 40_000, ['#2 close without DISCONNECT']);
  });

  it('REGISTER', () => {
    const bench = onRadio([A], {}, medium);
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    const register = `${A} < ${frame('0a 0002 0001', 'g/h')}`;
    const start = bench.now;
    expect(bench.message(1, 'g/h', 'w')).toEqual([register]);
    for (const at of [3_000, 6_000, 9_000]) {
      expectAt(bench, start + at, [register]);
    }
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
  });

  it('PUBREL', () => {
    const bench = onRadio([A], {}, medium);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 7 });
    bench.from(A, '04 0F 00 01');
    const start = bench.now;
    expect(bench.released(1, 7)).toEqual([`${A} < 04100001`]);
    for (const at of [3_000, 6_000, 9_000]) {
      expectAt(bench, start + at, [`${A} < 04100001`]);
    }
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
  });

  it('WILLTOPICREQ and WILLMSGREQ (C-7)', () => {
    const bench = onRadio([], {}, medium);
    expect(bench.from(A, `${frame('04 0c 01 003c', 'a')}`)).toEqual([`${A} < 0206`]);
    let start = bench.now;
    for (const at of [3_000, 6_000]) {
      expectAt(bench, start + at, [`${A} < 0206`]);
    }
    start = bench.now;
    expect(bench.from(A, frame('07 00', 'w'))).toEqual([`${A} < 0208`]);
    for (const at of [3_000, 6_000, 9_000]) {
      expectAt(bench, start + at, [`${A} < 0208`]);
    }
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('probes of a client with keep-alive 0 (T-06)', () => {
    const bench = new CoreBench({ settings: { timing: { idleProbeAfter: 100_000 } } });
    bench.open('xbee', medium);
    bench.subscriber(A, A, { duration: 0 });
    const start = bench.now;
    for (const at of [100_000, 103_000, 106_000, 109_000]) {
      expectAt(bench, start + at, [`${A} < 0216`]);
    }
    expectAt(bench, start + 112_000, ['#1 close without DISCONNECT']);
  });

  it('a sleeper that vanishes while it is awake (T-r7)', () => {
    const bench = onRadio([A], {}, medium);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    const start = bench.now;
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, '20', 1, 'm')]);
    for (const at of [3_000, 6_000, 9_000]) {
      expectAt(bench, start + at, [publishLine(A, 'a0', 1, 'm')]);
    }
    expect(bench.pass(3_000)).toEqual([]);
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, 'a0', 1, 'm')]);
  });

  it('how long a repeated SUBSCRIBE gets its SUBACK again (I-9)', () => {
    const bench = onRadio([A, 's'], {}, medium);
    for (const [client, connection] of [
      [A, 1],
      ['s', 2],
    ] as const) {
      expect(bench.from(client, frame('12 00 0009', 'e'))).toEqual([`#${connection} SUBSCRIBE id2 e qos0`]);
      bench.suback(connection, 2, 0);
    }
    const suback = frame('13 00 0002 0009 00');
    bench.pass(11_999);
    expect(bench.from(A, frame('12 00 0009', 'e'))).toEqual([`${A} < ${suback}`]);
    bench.pass(2);
    expect(bench.from('s', frame('12 00 0009', 'e'))).toEqual([`s < ${suback}`]);
    expect(bench.from(A, frame('12 00 0009', 'e'))).toEqual(['#1 SUBSCRIBE id3 e qos0']);
  });

  it('how long an identical CONNECT is only answered again (T-03)', () => {
    const bench = new CoreBench();
    bench.open('xbee', medium);
    const connection = bench.connect(A);
    expect(connection).toBe(1);
    bench.pass(11_999);
    expect(bench.from(A, connectFrame(A))).toEqual([`${A} < 030500`]);
    bench.pass(12_001);
    expect(bench.from(A, connectFrame(A))).toEqual(['#1 DISCONNECT', `#2 CONNECT ${A} clean`]);
  });

  it('how long a repeated DISCONNECT is answered (T-11)', () => {
    const bench = onRadio([A, 's'], {}, medium);
    bench.from(A, '02 18');
    bench.from('s', '02 18');
    bench.pass(11_999);
    expect(bench.from(A, '02 18')).toEqual([`${A} < 0218`]);
    bench.pass(2);
    expect(bench.from(A, '02 18')).toEqual([]);
    expect(bench.from('s', '02 18')).toEqual(['s < 0218']);
  });

  it('how often a stranger is sent DISCONNECT (T-10)', () => {
    const bench = onRadio([], {}, medium);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0218`]);
    expect(bench.from('s', '02 16')).toEqual(['s < 0218']);
    bench.pass(2_999);
    expect(bench.from(A, '02 16')).toEqual([]);
    bench.pass(2);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0218`]);
    expect(bench.from('s', '02 16')).toEqual([]);
  });

  it('how soon a repeated DISCONNECT is answered after an unasked one (T-11)', () => {
    const bench = onRadio([A, 's'], {}, medium);
    for (const client of [A, 's']) {
      bench.from(client, '02 18');
      expect(bench.from(client, '02 16')).toEqual([`${client} < 0218`]);
    }
    bench.pass(2_999);
    expect(bench.from(A, '02 18')).toEqual([]);
    bench.pass(1);
    expect(bench.from(A, '02 18')).toEqual([`${A} < 0218`]);
    expect(bench.from('s', '02 18')).toEqual([]);
  });

  it('how long a CONNECT is held for the broker, but never less than the settings say: a fast line makes no broker faster (I-2)', () => {
    const bench = onRadio([], {}, { retryInterval: 30_000 });
    const fast = onRadio([], {}, medium);
    const start = bench.now;
    for (const each of [bench, fast]) {
      each.from(A, connectFrame(A));
      each.from('s', connectFrame('s'));
    }
    expectAt(bench, start + 10_000, ['s < 030501', '#2 DISCONNECT']);
    expectAt(bench, start + 30_000, [`${A} < 030501`, '#1 DISCONNECT']);
    expectAt(fast, start + 10_000, [`${A} < 030501`, '#1 DISCONNECT', 's < 030501', '#2 DISCONNECT']);
  });

  it('how long a repeated PUBLISH of the client is absorbed (3.3)', () => {
    const bench = onRadio([A, 's'], {}, medium);
    const puback = frame('0d 0001 0009 00');
    for (const [client, connection] of [
      [A, 1],
      ['s', 2],
    ] as const) {
      expect(bench.from(client, frame('0c 20 0001 0009', 'p'))).toEqual([`#${connection} PUBLISH qos1 id2 c/d "p"`]);
      bench.acked(connection, 'PUBACK', 2);
    }
    bench.pass(12_000);
    expect(bench.from(A, frame('0c a0 0001 0009', 'p'))).toEqual([`${A} < ${puback}`]);
    bench.pass(1);
    expect(bench.from('s', frame('0c a0 0001 0009', 'p'))).toEqual([`s < ${puback}`]);
    expect(bench.from(A, frame('0c a0 0001 0009', 'p'))).toEqual(['#1 PUBLISH qos1 id3 c/d "p"']);
  });

  it('how long PUBREL of the broker is waited for again where the broker was away (I-7)', () => {
    const bench = onRadio([A], {}, medium);
    bench.message(1, 'c/d', '1', { qos: 2, packetId: 7 });
    const start = bench.now;
    expect(bench.from(A, '04 0F 00 01')).toEqual(['#1 PUBREC id7']);
    bench.pass(11_500);
    expect([...bench.down(1), ...bench.pass(1_000)]).toEqual(['#2 CONNECT (gateway) clean', `#3 CONNECT ${A}`]); // 12 s are over
    bench.up(3, true);
    expectAt(bench, start + 24_000, [`${A} < 04100001`]);
  });

  it('how long PUBREL of the broker is waited for (I-7)', () => {
    const bench = onRadio([A], {}, medium);
    bench.message(1, 'c/d', '1', { qos: 2, packetId: 7 });
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    const start = bench.now;
    expect(bench.from(A, '04 0F 00 01')).toEqual(['#1 PUBREC id7']);
    expectAt(bench, start + 12_000, [`${A} < 04100001`]);
    expect(bench.from(A, '04 0E 00 01')).toEqual([publishLine(A, '20', 2, '2')]);
  });

  it('a client that comes over another transport has the T_retry of that one', () => {
    const bench = onRadio([A], {}, medium);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    expect(bench.from('s', frame('16', A))).toEqual([publishLine('s', '20', 1, 'm')]);
    const start = bench.now;
    expectAt(bench, start + 10_000, [publishLine('s', 'a0', 1, 'm')]);
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, 'a0', 1, 'm')]);
    const moved = bench.now;
    expectAt(bench, moved + 3_000, [publishLine(A, 'a0', 1, 'm')]);
  });
});
