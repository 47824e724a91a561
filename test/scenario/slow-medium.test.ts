import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame, publishLine } from '../support/core-bench.ts';
import { A, B, C, expectAt, fill, onRadio, qos0, speed } from '../support/core-bench-radio.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

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
    for (let count = 0; count < 50; count++) {
      expect(bench.message(1, 'c/d', 'm')).toEqual([qos0(A, 'm')]);
    }
  });

  it('another transport does not wait', () => {
    const bench = onRadio([A, 's']);
    fill(bench, 1);
    expect(bench.message(1, 'c/d', '4')).toEqual([]);
    for (let count = 0; count < 50; count++) {
      expect(bench.message(2, 'c/d', 'm')).toEqual([qos0('s', 'm')]);
    }
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
    for (let count = 0; count < 10; count++) {
      expect(bench.from(A, '02 16')).toEqual([`${A} < 0217`]); // 50 ms each
    }
    expect(bench.message(1, 'c/d', '1')).toEqual([]);
    expectAt(bench, start + 250, [qos0(A, '1')]);
  });

  it('not behind publishes that wait either', () => {
    const bench = onRadio([A, B]);
    fill(bench, 1);
    for (const text of ['4', '5', '6']) {
      expect(bench.message(1, 'c/d', text)).toEqual([]);
    }
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
    for (let count = 0; count < 3; count++) {
      expect(bench.from('xbee:z', '03 01 02')).toEqual(['xbee:z < 030201', 'all xbee r2 < 030201']); // 120 ms
    }
    expect(bench.message(2, 'c/d', '1')).toEqual([]);
    expectAt(bench, start + 110, [qos0(A, '1')]);
  });
});

describe('sessions take turns', () => {
  it('a node does not wait behind the whole queue of another one', () => {
    const bench = onRadio([A, B, C]);
    const start = bench.now;
    fill(bench, 1);
    for (const text of ['1', '2', '3']) {
      bench.message(1, 'c/d', text);
    }
    for (const text of ['4', '5']) {
      bench.message(2, 'c/d', text);
    }
    bench.message(3, 'c/d', '6');
    const turns = [qos0(A, '1'), qos0(B, '4'), qos0(C, '6'), qos0(A, '2'), qos0(B, '5'), qos0(A, '3')];
    for (const [place, line] of turns.entries()) {
      expectAt(bench, start + 80 + 110 * place, [line]);
    }
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
      for (const connection of clients.keys()) {
        expect(bench.message(connection + 1, 'c/d', text)).toEqual([]);
      }
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
    [
      'is ended by a failure',
      (bench: CoreBench) => bench.feed({ type: 'session-failed', clientId: A }),
      [`${A} < 0218`, '#1 DISCONNECT'],
    ],
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
    const bench = onRadio([A], { settings: { sessions: { sleepBufferMessages: 2 } } });
    const start = bench.now;
    fill(bench, 1);
    for (const text of ['4', '5']) {
      expect(bench.message(1, 'c/d', text)).toEqual([]);
      expect(bench.notes).toEqual([]);
    }
    expect(bench.message(1, 'c/d', '6')).toEqual([]);
    expect(bench.notes).toEqual([
      { type: 'delivery-dropped', clientId: A, link: A, topic: 'c/d', qos: 0, reason: expect.any(String) },
    ]);
    expectAt(bench, start + 80, [qos0(A, '5')]);
    expectAt(bench, start + 190, [qos0(A, '6')]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('in octets: the oldest are dropped', () => {
    const bench = onRadio([A], { settings: { sessions: { sleepBufferOctets: 100 } } });
    fill(bench, 1);
    for (const letter of ['1', '2', '3']) {
      bench.message(1, 'c/d', letter.repeat(60));
    }
    expect(bench.pass(60_000)).toEqual([qos0(A, '3'.repeat(60))]);
  });

  it('each client has its own limit', () => {
    const bench = onRadio([A, B], { settings: { sessions: { sleepBufferMessages: 1 } } });
    fill(bench, 1);
    bench.message(1, 'c/d', '1');
    bench.message(2, 'c/d', '2');
    expect(bench.pass(60_000)).toEqual([qos0(A, '1'), qos0(B, '2')]);
  });

  it('QoS 1 beside it is never dropped', () => {
    const bench = onRadio([A], { settings: { sessions: { sleepBufferMessages: 1 } } });
    fill(bench, 1);
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    bench.message(1, 'c/d', '3');
    expect(bench.pass(5_000)).toEqual([publishLine(A, '20', 1, '2')]);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id8', qos0(A, '3')]);
  });
});
