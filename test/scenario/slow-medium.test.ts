import { describe, expect, it } from '@jest/globals';
import type { TransportOpened } from '../../src/core/input.ts';
import { type BenchOptions, CoreBench, connectFrame, frame, hex16, publishLine } from '../support/core-bench.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

const A = 'xbee:a';
const B = 'xbee:b';
const C = 'xbee:c';

/** A PUBLISH of one octet of payload takes (8 + 3) / 100 s = 110 ms; of three, 330 ms, there are less than 250 ms left after 80 ms. */
const speed = { octetsPerSecond: 100, overhead: 3 };

/** A QoS 0 message as the client gets it. */
const qos0 = (client: string, text: string) => publishLine(client, '00', 0, text);

/** Clients on a slow radio, each with "c/d" as topic id 1, on #1, #2, …; the medium is idle. */
function onRadio(clients: readonly string[], options: BenchOptions = {}, medium: Partial<TransportOpened> = { speed }): CoreBench {
  const bench = new CoreBench(options);
  bench.open('xbee', medium);
  for (const client of clients) bench.subscriber(client);
  bench.pass(10_000);
  return bench;
}

/** Three messages of QoS 0 for a client, which fill the medium for 330 ms. */
function fill(bench: CoreBench, connection: number): string[] {
  return ['x', 'y', 'z'].flatMap((text) => bench.message(connection, 'c/d', text));
}

/** Nothing happens until just before `at`, then these lines come (within a millisecond). */
function expectAt(bench: CoreBench, at: number, lines: readonly string[]): void {
  expect(bench.pass(at - 1 - bench.now)).toEqual([]);
  expect(bench.pass(2)).toEqual(lines);
}

describe('a publish of the gateway waits for a slow medium', () => {
  it('goes out while less than 250 ms are outstanding, then one by one as the medium carries them', () => {
    const bench = onRadio([A]);
    const start = bench.now;
    expect(bench.message(1, 'c/d', '1')).toEqual([qos0(A, '1')]);
    expect(bench.message(1, 'c/d', '2')).toEqual([qos0(A, '2')]);
    expect(bench.message(1, 'c/d', '3')).toEqual([qos0(A, '3')]);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
    expect(bench.message(1, 'c/d', '5')).toEqual([]);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 190, [qos0(A, '5')]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('the octets that come with each frame count as well', () => {
    const bench = onRadio([A], {}, { speed: { octetsPerSecond: 100, overhead: 22 } });
    const start = bench.now;
    expect(bench.message(1, 'c/d', '1')).toEqual([qos0(A, '1')]);
    expect(bench.message(1, 'c/d', '2')).toEqual([]);
    expectAt(bench, start + 50, [qos0(A, '2')]);
  });

  it('a capsule counts as well (5.5)', () => {
    const bench = new CoreBench();
    bench.open('xbee', { speed });
    bench.from(A, encapsulated('1234', connectFrame('s')));
    bench.up(1);
    bench.from(A, encapsulated('1234', frame('12 00 0004', 'c/d')));
    bench.suback(1, 1, 0);
    bench.pass(10_000);
    const start = bench.now;
    const line = (text: string) => `${A} < ${encapsulated('1234', frame('0c 00 0001 0000', text))}`;
    expect(bench.message(1, 'c/d', '1')).toEqual([line('1')]); // 16 octets
    expect(bench.message(1, 'c/d', '2')).toEqual([line('2')]);
    expect(bench.message(1, 'c/d', '3')).toEqual([]);
    expectAt(bench, start + 70, [line('3')]);
  });

  it('time that has passed is carried time: a message every 110 ms never waits', () => {
    const bench = onRadio([A]);
    for (let count = 0; count < 50; count++) {
      expect(bench.message(1, 'c/d', 'm')).toEqual([qos0(A, 'm')]);
      expect(bench.pass(110)).toEqual([]);
    }
  });

  it('time in which nothing was sent is not saved up', () => {
    const bench = onRadio([A]);
    bench.pass(600_000);
    expect(fill(bench, 1)).toHaveLength(3);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
  });

  it('REGISTER waits as well, and the PUBLISH behind it when REGACK comes (R-6)', () => {
    const bench = onRadio([A, B]);
    const packetId = Number(/id(\d+)/.exec(bench.from(A, frame('12 00 0701', 'g/#')).join())?.[1]);
    bench.suback(1, packetId, 0);
    bench.pass(10_000);
    const start = bench.now;
    fill(bench, 2);
    expect(bench.message(1, 'g/h', 'w')).toEqual([]);
    expectAt(bench, start + 80, [`${A} < ${frame('0a 0002 0001', 'g/h')}`]); // 9 + 3 octets: busy until 450
    expect(bench.from(A, frame('0b 0002 0001 00'))).toEqual([]);
    expectAt(bench, start + 200, [`${A} < ${frame('0c 00 0002 0000', 'w')}`]);
  });

  it('QoS 1 and 2 wait as well', () => {
    const bench = onRadio([A, B, C]);
    const start = bench.now;
    fill(bench, 3);
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 })).toEqual([]);
    expect(bench.message(2, 'c/d', '2', { qos: 2, packetId: 8 })).toEqual([]);
    expectAt(bench, start + 80, [publishLine(A, '20', 1, '1')]);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7']);
    expectAt(bench, start + 190, [publishLine(B, '40', 1, '2')]);
  });

  it('the next message of QoS 1 waits when the acknowledgement comes before the medium is free', () => {
    const bench = onRadio([A, B]);
    const start = bench.now;
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 })).toEqual([publishLine(A, '20', 1, '1')]);
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    bench.message(2, 'c/d', 'x');
    bench.message(2, 'c/d', 'y');
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7']);
    expectAt(bench, start + 80, [publishLine(A, '20', 2, '2')]);
  });

  it('a transport without speed carries everything at once', () => {
    const bench = onRadio([A], {}, {});
    for (let count = 0; count < 50; count++) expect(bench.message(1, 'c/d', 'm')).toEqual([qos0(A, 'm')]);
  });

  it('another transport does not wait', () => {
    const bench = onRadio([A, 's']);
    fill(bench, 1);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
    for (let count = 0; count < 50; count++) expect(bench.message(2, 'c/d', 'm')).toEqual([qos0('s', 'm')]);
  });

  it('two slow transports are reckoned apart', () => {
    const bench = onRadio([A]);
    bench.open('serial', { speed: { octetsPerSecond: 55, overhead: 3 } });
    bench.subscriber('serial:s');
    bench.pass(10_000);
    const start = bench.now;
    fill(bench, 1);
    bench.message(1, 'c/d', '4');
    expect(bench.message(2, 'c/d', '1')).toEqual([qos0('serial:s', '1')]); // 200 ms
    expect(bench.message(2, 'c/d', '2')).toEqual([qos0('serial:s', '2')]);
    expect(bench.message(2, 'c/d', '3')).toEqual([]);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 150, [qos0('serial:s', '3')]);
  });
});

describe('answers are never held back', () => {
  it('but they take time on the medium, and publishes wait for them', () => {
    const bench = onRadio([A]);
    const start = bench.now;
    for (let count = 0; count < 10; count++) expect(bench.from(A, '02 16')).toEqual([`${A} < 0217`]); // 50 ms each
    expect(bench.message(1, 'c/d', '1')).toEqual([]);
    expectAt(bench, start + 250, [qos0(A, '1')]);
  });

  it('not behind publishes that wait either', () => {
    const bench = onRadio([A, B]);
    fill(bench, 1);
    for (const text of ['4', '5', '6']) expect(bench.message(1, 'c/d', text)).toEqual([]);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0217`]);
    expect(bench.from(B, frame('0a 0000 0003', 'n'))).toEqual([`${B} < ${frame('0b 0002 0003 00')}`]);
    bench.from(B, frame('0c 20 0002 0004', 'p'));
    expect(bench.acked(2, 'PUBACK', 2)).toEqual([`${B} < ${frame('0d 0002 0004 00')}`]);
    bench.from(C, connectFrame('c'));
    expect(bench.up(3)).toEqual([`${C} < 030500`]);
    expect(bench.from('xbee:unknown', '02 16')).toEqual(['xbee:unknown < 0218']);
    expect(bench.from('xbee:unknown', '03 01 00')).toEqual(['xbee:unknown < 030201']);
    expect(bench.from(B, '02 18')).toEqual([`${B} < 0218`, '#2 DISCONNECT']);
  });

  it('a broadcast takes time as well', () => {
    const bench = new CoreBench();
    bench.open('xbee', { speed, broadcast: true });
    bench.up(1);
    bench.subscriber(A);
    bench.pass(10_000);
    const start = bench.now;
    for (let count = 0; count < 3; count++) expect(bench.from('xbee:z', '03 01 02')).toEqual(['xbee:z < 030201', 'all xbee r2 < 030201']); // 120 ms
    expect(bench.message(2, 'c/d', '1')).toEqual([]);
    expectAt(bench, start + 110, [qos0(A, '1')]);
  });
});

describe('sessions take turns', () => {
  it('a node does not wait behind the whole queue of another one', () => {
    const bench = onRadio([A, B, C]);
    const start = bench.now;
    fill(bench, 1);
    for (const text of ['1', '2', '3']) bench.message(1, 'c/d', text);
    for (const text of ['4', '5']) bench.message(2, 'c/d', text);
    bench.message(3, 'c/d', '6');
    const turns = [qos0(A, '1'), qos0(B, '4'), qos0(C, '6'), qos0(A, '2'), qos0(B, '5'), qos0(A, '3')];
    for (const [place, line] of turns.entries()) expectAt(bench, start + 80 + 110 * place, [line]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('one whose message comes when there is room, but before the tick that says so, does not overtake those that wait', () => {
    const bench = onRadio([A, B, C]);
    fill(bench, 3);
    expect(bench.message(1, 'c/d', '1')).toEqual([]);
    bench.now += 200;
    expect(bench.message(2, 'c/d', '2')).toEqual([]);
    expect(bench.pass(0)).toEqual([qos0(A, '1'), qos0(B, '2')]);
  });

  it('100 that wait all get theirs, in the order in which they came, and each its first message before anyone its second', () => {
    const clients = Array.from({ length: 100 }, (_, number) => `xbee:${number}`);
    const bench = onRadio(clients);
    bench.pass(60_000);
    const start = bench.now;
    expect(fill(bench, 1)).toHaveLength(3);
    for (const text of ['1', '2']) {
      for (const connection of clients.keys()) expect(bench.message(connection + 1, 'c/d', text)).toEqual([]);
    }
    const expected = ['1', '2'].flatMap((text) => clients.map((client) => qos0(client, text)));
    expect(bench.pass(start + 79 - bench.now)).toEqual([]);
    expect(bench.pass(110 * 100)).toEqual(expected.slice(0, 100));
    expect(bench.pass(110 * 100)).toEqual(expected.slice(100));
    expect(bench.pass(60_000)).toEqual([]);
  });

  it.each([
    ['disconnects', (bench: CoreBench) => bench.from(A, '02 18'), [`${A} < 0218`, '#1 DISCONNECT']],
    ['falls asleep', (bench: CoreBench) => bench.from(A, '04 18 01 2C'), [`${A} < 0218`]],
    ['is ended by a failure', (bench: CoreBench) => bench.feed({ type: 'session-failed', clientId: A }), [`${A} < 0218`, '#1 DISCONNECT']],
  ] as const)('one that %s lets the next one go first', (_what, leave, lines) => {
    const bench = onRadio([A, B, C]);
    const start = bench.now;
    fill(bench, 3);
    bench.message(1, 'c/d', '1');
    bench.message(2, 'c/d', '2');
    expect(leave(bench)).toEqual(lines); // 2 + 3 octets: busy until 380
    expectAt(bench, start + 130, [qos0(B, '2')]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('one that was lost lets the next one go', () => {
    const bench = onRadio([B, C]);
    bench.subscriber(A, A, { duration: 10 });
    bench.pass(14_950);
    const start = bench.now; // 50 ms before the keep-alive is over
    fill(bench, 2);
    bench.message(3, 'c/d', '1');
    bench.message(1, 'c/d', '2');
    expect(bench.pass(60)).toEqual(['#3 close without DISCONNECT']);
    expectAt(bench, start + 80, [qos0(B, '2')]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('one that connects clean while it waits gets nothing of before', () => {
    const bench = onRadio([A, B]);
    fill(bench, 2);
    bench.message(1, 'c/d', '1');
    expect(bench.from(A, connectFrame(A, true))).toEqual(['#1 DISCONNECT', `#3 CONNECT ${A} clean`]);
    expect(bench.up(3)).toEqual([`${A} < 030500`]);
    expect(bench.pass(60_000)).toEqual([]);
  });
});

describe('QoS 0 that waits for the medium is bounded (SL-16)', () => {
  it('in number: the oldest is dropped, and noted', () => {
    const bench = onRadio([A], { settings: { maxQueuedMessages: 2 } });
    const start = bench.now;
    fill(bench, 1);
    for (const text of ['4', '5']) {
      expect(bench.message(1, 'c/d', text)).toEqual([]);
      expect(bench.notes).toEqual([]);
    }
    expect(bench.message(1, 'c/d', '6')).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'delivery-dropped', clientId: A, link: A, topic: 'c/d', qos: 0, reason: expect.any(String) }]);
    expectAt(bench, start + 80, [qos0(A, '5')]);
    expectAt(bench, start + 190, [qos0(A, '6')]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('in octets: the oldest are dropped', () => {
    const bench = onRadio([A], { settings: { maxQueuedOctets: 100 } });
    fill(bench, 1);
    for (const letter of ['1', '2', '3']) bench.message(1, 'c/d', letter.repeat(60));
    expect(bench.pass(60_000)).toEqual([qos0(A, '3'.repeat(60))]);
  });

  it('each client has its own limit', () => {
    const bench = onRadio([A, B], { settings: { maxQueuedMessages: 1 } });
    fill(bench, 1);
    bench.message(1, 'c/d', '1');
    bench.message(2, 'c/d', '2');
    expect(bench.pass(60_000)).toEqual([qos0(A, '1'), qos0(B, '2')]);
  });

  it('QoS 1 beside it is never dropped', () => {
    const bench = onRadio([A], { settings: { maxQueuedMessages: 1 } });
    fill(bench, 1);
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    bench.message(1, 'c/d', '3');
    expect(bench.pass(5_000)).toEqual([publishLine(A, '20', 1, '2')]);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id8', qos0(A, '3')]);
  });
});

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
    for (const at of [3_000, 6_000, 9_000]) expectAt(bench, start + at, [publishLine(A, 'a0', 1, 'm')]);
    expectAt(bench, start + 10_000, [publishLine('s', 'a0', 1, 'm')]);
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
    for (const at of [20_000, 30_000]) expectAt(bench, start + at, [publishLine('s', 'a0', 1, 'm')]);
    expectAt(bench, start + 40_000, ['#2 close without DISCONNECT']);
  });

  it('REGISTER', () => {
    const bench = onRadio([A], {}, medium);
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    const register = `${A} < ${frame('0a 0002 0001', 'g/h')}`;
    const start = bench.now;
    expect(bench.message(1, 'g/h', 'w')).toEqual([register]);
    for (const at of [3_000, 6_000, 9_000]) expectAt(bench, start + at, [register]);
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
  });

  it('PUBREL', () => {
    const bench = onRadio([A], {}, medium);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 7 });
    bench.from(A, '04 0F 00 01');
    const start = bench.now;
    expect(bench.released(1, 7)).toEqual([`${A} < 04100001`]);
    for (const at of [3_000, 6_000, 9_000]) expectAt(bench, start + at, [`${A} < 04100001`]);
    expectAt(bench, start + 12_000, ['#1 close without DISCONNECT']);
  });

  it('WILLTOPICREQ and WILLMSGREQ (C-7)', () => {
    const bench = onRadio([], {}, medium);
    expect(bench.from(A, `${frame('04 0c 01 003c', 'a')}`)).toEqual([`${A} < 0206`]);
    let start = bench.now;
    for (const at of [3_000, 6_000]) expectAt(bench, start + at, [`${A} < 0206`]);
    start = bench.now;
    expect(bench.from(A, frame('07 00', 'w'))).toEqual([`${A} < 0208`]);
    for (const at of [3_000, 6_000, 9_000]) expectAt(bench, start + at, [`${A} < 0208`]);
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('probes of a client with keep-alive 0 (T-06)', () => {
    const bench = new CoreBench({ settings: { idleProbeAfter: 100_000 } });
    bench.open('xbee', medium);
    bench.subscriber(A, A, { duration: 0 });
    const start = bench.now;
    for (const at of [100_000, 103_000, 106_000, 109_000]) expectAt(bench, start + at, [`${A} < 0216`]);
    expectAt(bench, start + 112_000, ['#1 close without DISCONNECT']);
  });

  it('a sleeper that vanishes while it is awake (T-r7)', () => {
    const bench = onRadio([A], {}, medium);
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    const start = bench.now;
    expect(bench.from(A, frame('16', A))).toEqual([publishLine(A, '20', 1, 'm')]);
    for (const at of [3_000, 6_000, 9_000]) expectAt(bench, start + at, [publishLine(A, 'a0', 1, 'm')]);
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

  it('how long a CONNECT is held for the broker (I-2)', () => {
    const bench = onRadio([], {}, medium);
    const start = bench.now;
    bench.from(A, connectFrame(A));
    bench.from('s', connectFrame('s'));
    expectAt(bench, start + 3_000, [`${A} < 030501`, '#1 DISCONNECT']);
    expectAt(bench, start + 10_000, ['s < 030501', '#2 DISCONNECT']);
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

describe('a sleeping client on a slow medium (6.14)', () => {
  /** A sleeps for 300 s with so many messages of QoS 0 waiting. */
  function asleep(texts: readonly string[], options: BenchOptions = {}): CoreBench {
    const bench = onRadio([A, B], options);
    bench.from(A, '04 18 01 2C');
    for (const text of texts) bench.message(1, 'c/d', text);
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
    const bench = asleep(['1', '2', '3', '4', '5'], { settings: { maxAwakeTime: 100 } });
    const start = bench.now;
    expect(bench.from(A, pingReq)).toHaveLength(3);
    expectAt(bench, start + 80, [qos0(A, '4')]);
    expectAt(bench, start + 100, [`${A} < 0217`]);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '5'), `${A} < 0217`]);
  });

  it('maxAwakeMessages counts what has been sent, not what waits (SL-15)', () => {
    const bench = asleep(['1', '2', '3', '4', '5'], { settings: { maxAwakeMessages: 4 } });
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

describe('what may overtake what (precedence of frames)', () => {
  it('publish: PUBLISH, its repetition, and REGISTER; PUBREL is an answer', () => {
    const bench = onRadio([A], {}, {});
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    for (const [qos, packetId] of [
      [0, 0],
      [1, 7],
    ] as const) {
      bench.message(1, 'c/d', 'm', { qos, packetId });
      expect(bench.precedences).toEqual(['publish']);
    }
    expect(bench.pass(10_000)).toEqual([publishLine(A, 'a0', 1, 'm')]);
    expect(bench.precedences).toEqual(['publish']);
    bench.from(A, frame('0d 0001 0001 00'));
    bench.message(1, 'g/h', 'm');
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.pass(10_000)).toEqual([`${A} < ${frame('0a 0002 0002', 'g/h')}`]);
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.from(A, frame('0b 0002 0002 00'))).toEqual([`${A} < ${frame('0c 00 0002 0000', 'm')}`]);
    expect(bench.precedences).toEqual(['publish']);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 8 });
    expect(bench.precedences).toEqual(['publish']);
    bench.from(A, '04 0F 00 03');
    expect(bench.released(1, 8)).toEqual([`${A} < 04100003`]);
    expect(bench.precedences).toEqual(['answer']);
    expect(bench.pass(10_000)).toEqual([`${A} < 04100003`]);
    expect(bench.precedences).toEqual(['answer']);
  });

  it('answer: what answers a client, PINGRESP to an active one included, and what asks it', () => {
    const bench = onRadio([], { settings: { idleProbeAfter: 100_000 } });
    const expectAnswer = (lines: readonly string[], start: string) => {
      expect(lines).toEqual([expect.stringMatching(new RegExp(`^${A} < ${start}`))]);
      expect(bench.precedences).toEqual(['answer']);
    };
    expectAnswer(bench.from(A, frame('04 0c 01 0000', 'a')), '0206');
    expectAnswer(bench.pass(10_100), '0206');
    expectAnswer(bench.from(A, frame('07 00', 'w')), '0208');
    bench.from(A, frame('09', 'off'));
    expectAnswer(bench.up(1), '030500');
    expectAnswer(bench.from(A, frame('0a 0000 0001', 'n')), '070b');
    bench.from(A, frame('12 00 0002', 'm'));
    expectAnswer(bench.suback(1, 1, 0), '0813');
    bench.from(A, frame('14 00 0003', 'm'));
    expectAnswer(bench.unsuback(1, 2), '0415');
    bench.from(A, frame('0c 20 0001 0004', 'p'));
    expectAnswer(bench.acked(1, 'PUBACK', 3), '070d');
    bench.from(A, frame('0c 40 0001 0005', 'p'));
    expectAnswer(bench.acked(1, 'PUBREC', 4), '040f');
    bench.from(A, '04 10 00 05');
    expectAnswer(bench.acked(1, 'PUBCOMP', 4), '040e');
    expectAnswer(bench.from(A, '02 1A'), '031b');
    expectAnswer(bench.from(A, '02 16'), '0217');
    expectAnswer(bench.from(A, frame('16', 'a')), '0217');
    expectAnswer(bench.from(A, frame('0c 20 00ff 0006', 'p')), '070d');
    expectAnswer(bench.from(A, '03 01 00'), '0302');
    expectAnswer(bench.pass(100_000), '0216');
  });

  it.each([
    ['acknowledges DISCONNECT', (bench: CoreBench) => bench.from(A, '02 18'), [`${A} < 0218`, '#1 DISCONNECT']],
    ['acknowledges DISCONNECT with a duration', (bench: CoreBench) => bench.from(A, '04 18 01 2C'), [`${A} < 0218`]],
    ['tells a stranger that it is unknown', (bench: CoreBench) => bench.from(B, '02 16'), [`${B} < 0218`]],
    ['ends a session that failed', (bench: CoreBench) => bench.feed({ type: 'session-failed', clientId: A }), [`${A} < 0218`, '#1 DISCONNECT']],
  ] as const)('last: DISCONNECT that %s', (_what, act, lines) => {
    const bench = onRadio([A]);
    expect(act(bench)).toEqual(lines);
    expect(bench.precedences).toEqual(['last']);
  });

  it('last: DISCONNECT when the operator stops the gateway (X-7)', () => {
    const bench = onRadio([A]);
    const lines = bench.feed({ type: 'operator-stopped' });
    expect(lines.filter((line) => line.startsWith(A))).toEqual([`${A} < 0218`]);
    expect(bench.precedences).toEqual(['last']);
  });

  it('last: PINGRESP that ends an awake period, with something delivered or without', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    expect(bench.from(A, frame('16', A))).toEqual([`${A} < 0217`]);
    expect(bench.precedences).toEqual(['last']);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.from(A, frame('16', A));
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', `${A} < 0217`]);
    expect(bench.precedences).toEqual(['last']);
  });

  it('a frame in a capsule has the precedence of what is in it', () => {
    const bench = new CoreBench();
    bench.from('f', encapsulated('1234', connectFrame('s')));
    bench.up(1);
    expect(bench.precedences).toEqual(['answer']);
    bench.from('f', encapsulated('1234', frame('12 00 0004', 'c/d')));
    bench.suback(1, 1, 0);
    bench.message(1, 'c/d', 'm');
    expect(bench.precedences).toEqual(['publish']);
    bench.from('f', encapsulated('1234', '0218'));
    expect(bench.precedences).toEqual(['last']);
  });
});

describe('a slow medium that is closed and opened', () => {
  it('what is overdue is sent again at its pace, in turn with what waits', () => {
    const bench = onRadio([A, B, C]);
    for (const connection of [1, 2]) bench.message(connection, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.close('xbee');
    expect(bench.pass(60_000)).toEqual([]);
    for (const text of ['1', '2']) bench.message(3, 'c/d', text);
    const start = bench.now;
    expect(bench.open('xbee', { speed })).toEqual([publishLine(A, 'a0', 1, 'm'), publishLine(B, 'a0', 1, 'm'), qos0(C, '1')]);
    expectAt(bench, start + 80, [qos0(C, '2')]);
    expectAt(bench, start + 10_110, [publishLine(A, 'a0', 1, 'm')]);
    expectAt(bench, start + 10_220, [publishLine(B, 'a0', 1, 'm')]);
  });

  it('closed while an overdue message waits for its turn: it is sent when the medium is back for good', () => {
    const bench = onRadio([A, B]);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.close('xbee');
    for (const text of ['1', '2', '3', '4']) bench.message(2, 'c/d', text);
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
    for (const text of ['1', '2']) bench.message(1, 'c/d', text);
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
