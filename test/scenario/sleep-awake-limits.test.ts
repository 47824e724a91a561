import { describe, expect, it } from '@jest/globals';
import { CoreBench, hex16 } from '../support/core-bench.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';

/** `s1` asleep on #1 with one message of QoS 1 waiting (id9) for "c/d", id 2. */
function asleep(seconds = 300): CoreBench {
  const bench = new CoreBench();
  keepSession(bench);
  bench.from('s', `04 18 ${hex16(seconds)}`);
  bench.message(1, 'c/d', 'm', { qos: 1, packetId: 9 });
  return bench;
}

const again = 's < 080ca0000200016d';
const lost = ['#1 close without DISCONNECT'];

describe('a client that vanishes while it is awake (T-30, T-r7)', () => {
  it('hears each retransmission after T_retry, N_retry times; then it sleeps again, without PINGRESP', () => {
    const bench = asleep();
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c20000200016d']);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(bench.pass(9_999)).toEqual([]);
      expect(bench.pass(1)).toEqual([again]);
    }
    expect(bench.pass(100_000)).toEqual([]);
  });

  it('finds the message, unacknowledged and with DUP, at its next PINGREQ', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    bench.pass(50_000);
    expect(bench.from('s', S1.pingReqId)).toEqual([again]);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it('keeps its messages in order: what was put back comes first', () => {
    const bench = asleep();
    bench.message(1, 'c/d', 'n');
    bench.from('s', S1.pingReqId);
    bench.pass(50_000);
    bench.message(1, 'c/d', 'o');
    expect(bench.from('s', S1.pingReqId)).toEqual([again]);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual([
      '#1 PUBACK id9',
      's < 080c00000200006e',
      's < 080c00000200006f',
      's < 0217',
    ]);
  });

  it('may acknowledge late, while asleep again: the message is done (2.15)', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    bench.pass(50_000);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('may acknowledge late what was out when it went to sleep (2.15)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.message(1, 'c/d', 'm', { qos: 1, packetId: 9 })).toEqual(['s < 080c20000200016d']);
    bench.from('s', S1.sleep300);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('may go on with QoS 2 late, while asleep again (2.15)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 9 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c40000200016d']);
    bench.pass(50_000);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id9']); // a PUBREL now, and the same message again later, would be twice
  });

  it('is lost when the sleep limit has passed since its last message', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    expect(bench.pass(329_999)).toEqual([again, again, again]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('is not lost while awake, even if its sleep was shorter than the retransmissions (SL-17)', () => {
    const bench = asleep(10);
    bench.from('s', S1.pingReqId);
    expect(bench.pass(39_999)).toEqual([again, again, again]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('counts the retransmissions of REGISTER as well, and registers again next time (T-28)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 2, 1);
    bench.from('s', S1.sleep300);
    bench.message(1, 'g/h', 'w', { qos: 1, packetId: 9 });
    const register = 's < 090a00030001672f68';
    expect(bench.from('s', S1.pingReqId)).toEqual([register]);
    expect(bench.pass(100_000)).toEqual([register, register, register]);
    const [next = '', ...rest] = bench.from('s', S1.pingReqId);
    expect([next.replace(/(?<=^.{12})..../, 'MSG1'), rest]).toEqual(['s < 090a0003MSG1672f68', []]);
    expect(bench.from('s', `07 0B 00 03 ${next.slice(12, 16)} 00`)).toEqual([
      expect.stringMatching(/^s < 080c200003....77$/),
    ]);
  });
});

describe('requests of a sleeping client (SL-14, T-29)', () => {
  it.each([
    ['REGISTER', S1.register, ['s < 070b0001000100']],
    ['PUBLISH QoS 0', S1.publishQos0, ['#1 PUBLISH qos0 a/b "x"']],
    ['PUBLISH QoS 1', S1.publishQos1, ['#1 PUBLISH qos1 id2 a/b "x"']],
    ['SUBSCRIBE', '08 12 20 00 08 65 2F 66', ['#1 SUBSCRIBE id2 e/f qos1']],
    ['WILLMSGUPD', S1.willMsgUpd, ['s < 031d00']],
    ['PUBREC that fits nothing', '04 0F 00 77', ['s < 04100077']],
  ])('%s is processed, restarts the sleep timer, and lets the buffer wait', (_, frame, expected) => {
    const bench = asleep();
    bench.pass(329_000);
    expect(bench.from('s', frame)).toEqual(expected);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c20000200016d']);
  });

  it('are answered at once: the answers do not wait for PINGREQ', () => {
    const bench = asleep();
    bench.from('s', S1.publishQos1);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual(['s < 070d0001000200']);
    bench.from('s', S1.publishQos2);
    expect(bench.acked(1, 'PUBREC', 3)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id3']);
    expect(bench.acked(1, 'PUBCOMP', 3)).toEqual(['s < 040e0003']);
    bench.from('s', '08 12 20 00 08 65 2F 66');
    expect(bench.suback(1, 4, 1)).toEqual(['s < 0813200003000800']);
    expect(bench.message(1, 'e/f', 'r', { retain: true })).toEqual([]);
  });

  it('do not break the awake cycle', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it.each([
    ['SEARCHGW', '03 01 00', ['s < 030201']],
    ['PUBLISH QoS −1 (Q-6)', S1.publishQosMinus1, ['#2 CONNECT (gateway) clean']],
  ])('%s restarts the sleep timer as well (T-34)', (_, frame, expected) => {
    const bench = asleep();
    bench.pass(329_000);
    expect(bench.from('s', frame)).toEqual(expected);
    const lines = bench.pass(329_999);
    expect(lines.filter((line) => line.startsWith('#1') || line.startsWith('s'))).toEqual([]);
  });
});

describe('leaving sleep by DISCONNECT', () => {
  it.each([
    ['asleep', []],
    ['awake', [S1.pingReqId]],
  ])('%s: without a Duration the client is disconnected, without will (SL-11, field notes 13 and 15)', (_, frames) => {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', S1.subscribe);
    bench.suback(1, 1, 1);
    bench.from('s', S1.sleep300);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 9 });
    for (const frame of frames) {
      bench.from('s', frame);
    }
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
  });

  it('asleep: a new Duration replaces the old one (SL-12, T-31 b)', () => {
    const bench = asleep();
    bench.pass(299_000);
    expect(bench.from('s', '04 18 00 64')).toEqual(['s < 0218']);
    expect(bench.pass(109_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('awake: a new Duration ends the cycle, and the message waits on (SL-12, T-31 b)', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', '04 18 00 64')).toEqual(['s < 0218']);
    expect(bench.pass(50_000)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual([again]);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
    expect(bench.pass(109_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('a repeated request restarts the timer (T-31 e)', () => {
    const bench = asleep();
    bench.pass(10_000);
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });
});

describe('the upstream connection breaks in the awake cycle (2.15)', () => {
  it('finishes the cycle; what the client acknowledges then has nobody to be acknowledged to', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.message(2, 'c/d', 'm', { qos: 1, packetId: 9 });
    bench.message(2, 'c/d', 'n');
    bench.from('s', S1.pingReqId);
    expect(bench.down(2)).toEqual([]);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['s < 080c00000200006e', 's < 0217']);
  });
});

describe('disconnected and lost clients are not supervised (SL-19)', () => {
  it.each([
    ['disconnected', (bench: CoreBench) => bench.from('s', S1.disconnect)],
    ['lost', (bench: CoreBench) => bench.pass(330_001)],
  ])('%s', (_, leave) => {
    const bench = asleep();
    leave(bench);
    expect(bench.pass(100_000_000)).toEqual([]);
  });
});

describe('the broker goes away while the client sleeps (3.5 item 5, field note 36)', () => {
  it('within the grace time the client gets what waits, and PINGRESP', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.message(2, 'c/d', 'n');
    expect(bench.down(2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c00000200006e', 's < 0217']);
    expect(bench.up(3, true)).toEqual([]);
    bench.message(3, 'c/d', 'o');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c00000200006f', 's < 0217']);
  });

  /** Nothing stands since thirty seconds, and the client wakes; what it gets, and the attempt of the own connection. */
  function wakesLate(): { readonly bench: CoreBench; readonly lines: string[]; readonly attempt: number } {
    const bench = new CoreBench();
    openOwnConnection(bench);
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.message(2, 'c/d', 'n');
    bench.down(2);
    bench.pass(1_000);
    bench.down(3);
    bench.down(1); // nothing stands any more
    bench.down(lastOwnAttempt(bench.pass(1_000)));
    bench.down(lastOwnAttempt(bench.pass(2_000)));
    bench.down(lastOwnAttempt(bench.pass(4_000)));
    bench.down(lastOwnAttempt(bench.pass(8_000)));
    bench.down(lastOwnAttempt(bench.pass(16_000)));
    const lines = bench.from('s', S1.pingReqId);
    return { bench, lines: radio(lines), attempt: lastOwnAttempt([...lines, ...bench.pass(1_000)]) };
  }

  const lastOwnAttempt = (lines: readonly string[]): number =>
    Number(/#(\d+) CONNECT \(gateway\)/.exec(lines.findLast((line) => line.includes('CONNECT (gateway)')) ?? '')?.[1]);

  const radio = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('s '));

  it('after the grace time it gets what waits; the own connection tries, and where it fails, DISCONNECT instead of PINGRESP (I-41)', () => {
    const { bench, lines, attempt } = wakesLate();
    expect(lines).toEqual(['s < 080c00000200006e']);
    expect(radio(bench.down(attempt))).toEqual(['s < 0218']);
  });

  it('after the grace time, and the own connection finds the broker: PINGRESP (I-41)', () => {
    const { bench, lines, attempt } = wakesLate();
    expect(lines).toEqual(['s < 080c00000200006e']);
    expect(radio(bench.up(attempt))).toEqual(['s < 0217']);
  });

  it('after the grace time, and the attempt has no answer: DISCONNECT when the awake period is as long as it may be (SL-15)', () => {
    const { bench } = wakesLate();
    expect(radio(bench.pass(60_000))).toEqual(['s < 0218']);
  });
});
