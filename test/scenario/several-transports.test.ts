import { describe, expect, it } from '@jest/globals';
import { type BenchOptions, CoreBench, connectFrame, frame, publishLine } from '../support/core-bench.ts';
import { longFrame } from '../support/core-bench-traffic.ts';

const A = 'xbee:0013a20040b5c1d2';
const ID = 's1';
const pingReq = frame('16', ID);
/** Of a message of one octet three go out at once; see slow-medium.test.ts. */
const speed = { octetsPerSecond: 100, overhead: 3 };

const qos0 = (client: string, text: string) => publishLine(client, '00', 0, text);

/** `s1` on a radio, on #1, with "c/d" as topic id 1; keep-alive 1000 s. */
function onRadio(radio = {}, options: BenchOptions = {}): CoreBench {
  const bench = new CoreBench(options);
  bench.open('xbee', radio);
  bench.subscriber(A, ID);
  bench.pass(10_000);
  return bench;
}

/** The same, asleep for 300 s. */
function asleepOnRadio(radio = {}, options: BenchOptions = {}): CoreBench {
  const bench = onRadio(radio, options);
  expect(bench.from(A, '04 18 01 2C')).toEqual([`${A} < 0218`]);
  return bench;
}

describe('clients of several transports', () => {
  it('are told apart by transport and address', () => {
    const bench = new CoreBench();
    bench.open('xbee');
    bench.open('serial');
    expect(['same', 'xbee:same', 'serial:same'].map((link, number) => bench.subscriber(link, `c${number}`))).toEqual([
      1, 2, 3,
    ]);
    expect(bench.message(1, 'c/d', '1')).toEqual([qos0('same', '1')]);
    expect(bench.message(2, 'c/d', '2')).toEqual([qos0('xbee:same', '2')]);
    expect(bench.message(3, 'c/d', '3')).toEqual([qos0('serial:same', '3')]);
    expect(bench.from('xbee:same', '02 18')).toEqual(['xbee:same < 0218', '#2 DISCONNECT']);
    expect(bench.from('same', '02 16')).toEqual(['same < 0217']);
    expect(bench.from('serial:same', '02 16')).toEqual(['serial:same < 0217']);
  });

  it('a message of one reaches those of the others through the broker', () => {
    const bench = onRadio();
    expect(bench.from(A, frame('0c 20 0001 0005', 'p'))).toEqual(['#1 PUBLISH qos1 id2 c/d "p"']);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([`${A} < ${frame('0d 0001 0005 00')}`]);
  });
});

describe('a client asleep on one transport wakes on another (T-08, SL-4)', () => {
  it('and gets its messages there', () => {
    const bench = asleepOnRadio();
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 7 });
    expect(bench.from('u', pingReq)).toEqual([qos0('u', '1'), publishLine('u', '20', 1, '2')]);
    expect(bench.notes).toContainEqual({ type: 'client-moved', clientId: ID, link: 'udp:u', from: A });
    expect(bench.from('u', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', 'u < 0217']);
  });

  it('is not known any more where it was', () => {
    const bench = asleepOnRadio();
    bench.from('u', pingReq);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0218`]);
  });

  it('and back again', () => {
    const bench = asleepOnRadio();
    bench.from('u', pingReq);
    bench.message(1, 'c/d', '1');
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), `${A} < 0217`]);
    expect(bench.from('u', '02 16')).toEqual(['u < 0218']);
  });

  it('while the radio is closed', () => {
    const bench = asleepOnRadio();
    bench.close('xbee');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    expect(bench.from('u', pingReq)).toEqual([publishLine('u', '20', 1, '1')]);
    expect(bench.pass(10_000)).toEqual([publishLine('u', 'a0', 1, '1')]);
    expect(bench.from('u', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', 'u < 0217']);
    expect([...bench.open('xbee'), ...bench.pass(60_000)]).toEqual([]);
  });

  it('in the middle of an awake period: what is outstanding is repeated there with DUP (SL-9)', () => {
    const bench = asleepOnRadio();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    expect(bench.from(A, pingReq)).toEqual([publishLine(A, '20', 1, '1')]);
    expect(bench.from('u', pingReq)).toEqual([publishLine('u', 'a0', 1, '1')]);
  });

  it('waiting for the slow radio does not hold it up, and the radio gets nothing more for it', () => {
    const bench = asleepOnRadio({ speed });
    for (const text of ['1', '2', '3', '4', '5']) {
      bench.message(1, 'c/d', text);
    }
    bench.pass(1_000);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(A, '3')]);
    expect(bench.from('u', pingReq)).toEqual([qos0('u', '4'), qos0('u', '5'), 'u < 0217']);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('and the radio that it left going away is nothing to it: its awake period goes on where it is', () => {
    const bench = asleepOnRadio({ speed });
    for (const text of ['1', '2', '3']) {
      bench.message(1, 'c/d', text);
    }
    bench.message(1, 'c/d', '4', { qos: 1, packetId: 7 });
    bench.pass(1_000);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(A, '3')]);
    expect(bench.from('u', pingReq)).toEqual([publishLine('u', '20', 1, '4')]);
    expect(bench.close('xbee')).toEqual([]);
    expect(bench.pass(10_000)).toEqual([publishLine('u', 'a0', 1, '4')]);
    expect(bench.from('u', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', 'u < 0217']);
  });

  it('from UDP to a slow radio: its messages go at the pace of the radio', () => {
    const bench = new CoreBench();
    bench.open('xbee', { speed });
    bench.subscriber('u', ID);
    bench.from('u', '04 18 01 2C');
    for (const text of ['1', '2', '3', '4']) {
      bench.message(1, 'c/d', text);
    }
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(A, '3')]);
    expect(bench.pass(79)).toEqual([]);
    expect(bench.pass(2)).toEqual([qos0(A, '4'), `${A} < 0217`]);
  });
});

describe('CONNECT moves a session between transports (2.2, F-9)', () => {
  const register = frame('0a 0001 0001', 'c/d');

  it('with its subscriptions', () => {
    const bench = onRadio();
    expect(bench.from('u', connectFrame(ID, false, 1000))).toEqual(['#1 DISCONNECT', `#2 CONNECT ${ID}`]);
    expect(bench.up(2, true)).toEqual(['u < 030500']);
    expect(bench.message(2, 'c/d', '1')).toEqual([`u < ${register}`]);
    expect(bench.from('u', frame('0b 0001 0001 00'))).toEqual([qos0('u', '1')]);
    expect(bench.from(A, '02 16')).toEqual([`${A} < 0218`]);
  });

  it('waiting for the slow radio does not hold it up there: what waits comes over the new transport', () => {
    const bench = asleepOnRadio({ speed });
    for (const text of ['1', '2', '3', '4', '5']) {
      bench.message(1, 'c/d', text);
    }
    bench.pass(1_000);
    expect(bench.from(A, pingReq)).toEqual([qos0(A, '1'), qos0(A, '2'), qos0(A, '3')]);
    const lines = [...bench.from('u', connectFrame(ID, false, 1000)), ...bench.up(2, true)];
    expect(lines.filter((line) => line.startsWith('u') || line.startsWith('xbee'))).toEqual([
      'u < 030500',
      qos0('u', '4'),
      qos0('u', '5'),
    ]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('one that waits because its radio is closed gets what waits over the new transport', () => {
    const bench = onRadio();
    bench.close('xbee');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    expect(bench.from('u', connectFrame(ID, false, 1000))).toEqual(['#1 DISCONNECT', `#2 CONNECT ${ID}`]);
    expect(bench.up(2, true)).toEqual(['u < 030500', `u < ${register}`]);
    expect(bench.message(2, 'c/d', '1', { qos: 1, packetId: 7, dup: true })).toEqual([]);
    expect(bench.from('u', frame('0b 0001 0001 00'))).toEqual([publishLine('u', '20', 2, '1')]);
    expect([...bench.open('xbee'), ...bench.pass(9_000)]).toEqual([]);
    expect(bench.from('u', frame('0d 0001 0002 00'))).toEqual(['#2 PUBACK id7']);
  });

  it('its radio coming back while the CONNECT over the other transport waits for the broker: nothing before CONNACK', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.close('xbee');
    bench.pass(15_000); // T_retry is over
    expect(bench.from('u', connectFrame(ID, false, 1000))).toEqual(['#1 DISCONNECT', `#2 CONNECT ${ID}`]);
    expect([...bench.open('xbee'), ...bench.pass(0)]).toEqual([]);
    expect(bench.up(2, true)).toEqual(['u < 030500', `u < ${frame('0a 0001 0002', 'c/d')}`]);
  });

  it('the others go on waiting in their order for the radio that it left', () => {
    const bench = onRadio({ speed });
    const others = ['xbee:b', 'xbee:c'];
    for (const other of others) {
      bench.subscriber(other);
    }
    bench.pass(10_000);
    const start = bench.now;
    for (const text of ['x', 'y', 'z']) {
      bench.message(3, 'c/d', text);
    }
    bench.message(2, 'c/d', '1');
    bench.message(1, 'c/d', '2');
    bench.message(3, 'c/d', '3');
    bench.from('u', connectFrame(ID, true, 1000));
    expect(bench.up(4)).toEqual(['u < 030500']);
    expect(bench.pass(start + 79 - bench.now)).toEqual([]);
    expect(bench.pass(2)).toEqual([qos0('xbee:b', '1')]);
    expect(bench.pass(108)).toEqual([]);
    expect(bench.pass(2)).toEqual([qos0('xbee:c', '3')]);
  });
});

describe('each transport has its own largest frame (T-43)', () => {
  const most = 'U'.repeat(13);

  it('what does not fit is dropped, acknowledged upstream and noted; a client elsewhere gets it', () => {
    const bench = onRadio({ maxFrame: 20 });
    bench.subscriber('u');
    expect(bench.message(1, 'c/d', most)).toEqual([qos0(A, most)]);
    expect(bench.message(1, 'c/d', `${most}U`)).toEqual([]);
    expect(bench.notes).toEqual([
      { type: 'delivery-dropped', clientId: ID, link: A, topic: 'c/d', qos: 0, reason: expect.any(String) },
    ]);
    expect(bench.message(1, 'c/d', `${most}U`, { qos: 1, packetId: 7 })).toEqual(['#1 PUBACK id7']);
    expect(bench.notes).toEqual([
      { type: 'delivery-dropped', clientId: ID, link: A, topic: 'c/d', qos: 1, reason: expect.any(String) },
    ]);
    expect(bench.message(2, 'c/d', `${most}U`)).toEqual([qos0('u', `${most}U`)]);
  });

  it('a sleeper that wakes on a transport with a larger one gets larger messages there', () => {
    const bench = asleepOnRadio({ maxFrame: 20 });
    bench.from('u', pingReq);
    bench.message(1, 'c/d', 'U'.repeat(300));
    expect(bench.from('u', pingReq)).toEqual([`u < ${longFrame('0c 00 0001 0000', 'U'.repeat(300))}`, 'u < 0217']);
  });

  it('also those that came while it slept on the other one', () => {
    const bench = asleepOnRadio({ maxFrame: 20 });
    expect(bench.message(1, 'c/d', `${most}U`, { qos: 1, packetId: 7 })).toEqual([]);
    expect(bench.from('u', pingReq)).toEqual([publishLine('u', '20', 1, `${most}U`)]);
  });

  it('one that wakes where they do not fit does not get them, and they are acknowledged', () => {
    const bench = new CoreBench();
    bench.open('xbee', { maxFrame: 20 });
    bench.subscriber('u', ID);
    bench.from('u', '04 18 01 2C');
    bench.message(1, 'c/d', `${most}U`, { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', '1');
    expect(bench.from(A, pingReq)).toEqual(['#1 PUBACK id7', qos0(A, '1'), `${A} < 0217`]);
  });

  it('CONNECT over a transport with a larger one, too', () => {
    const bench = onRadio({ maxFrame: 20 });
    bench.from('u', connectFrame(ID, false, 1000));
    bench.up(2, true);
    bench.message(2, 'c/d', `${most}U`);
    expect(bench.from('u', frame('0b 0001 0001 00'))).toEqual([qos0('u', `${most}U`)]);
  });

  it('a transport may have another one when it is opened again: what waited and does not fit any more is dropped', () => {
    const bench = onRadio({ maxFrame: 100 });
    bench.close('xbee');
    bench.message(1, 'c/d', `${most}U`, { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', '1');
    expect([...bench.open('xbee', { maxFrame: 20 }), ...bench.pass(0)]).toEqual(['#1 PUBACK id7', qos0(A, '1')]);
  });
});
