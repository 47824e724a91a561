import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, registered, sent, subscribed } from '../support/core-bench-traffic.ts';

const PINGREQ = '02 16';

describe('an active client leaves REGISTER unanswered (T-r6, T-37)', () => {
  it('the next message on the topic tries again, and the answer brings it and all later ones', () => {
    const bench = unanswered();
    const register = again(bench, 11);
    expect(bench.from('s', accepts(register))).toEqual([expect.stringMatching(/^s < 080c200002....32$/)]);
  });

  it('one REGISTER and one T_retry for each further message: dropped and acknowledged, the queue goes on', () => {
    const bench = unanswered();
    for (let packetId = 11; packetId < 20; packetId++) {
      again(bench, packetId);
      expect(bench.pass(9_999)).toEqual([]);
      expect(bench.pass(1)).toEqual([`#1 PUBACK id${packetId}`]);
    }
    expect(bench.core.sessionCount).toBe(1);
    expect(bench.message(1, 'x/y', 'other')).toEqual([sent('0c 00 0001 0000', 'other')]);
  });

  it('ten messages that wait together are through after ten T_retry more, and never hold up the others for minutes', () => {
    const bench = client();
    for (let packetId = 10; packetId < 20; packetId++) {
      bench.message(1, 'n/ew', '1', { packetId, qos: 1 });
    }
    bench.message(1, 'x/y', 'other');
    bench.pass(1_000);
    bench.from('s', PINGREQ);
    const lines = [...bench.pass(39_000), ...bench.pass(90_000)];
    expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(10);
    expect(lines.at(-1)).toBe(sent('0c 00 0001 0000', 'other'));
  });

  it('silence for that one T_retry loses nobody: whether the client is there is a matter of its keep-alive (I-29)', () => {
    const bench = unanswered();
    again(bench, 11);
    expect(bench.pass(60_000)).toEqual(['#1 PUBACK id11']);
    expect(bench.core.sessionCount).toBe(1);
  });

  it('an answer begins it all anew: the next REGISTER has N_retry repetitions again', () => {
    const bench = unanswered();
    bench.from('s', accepts(again(bench, 11)));
    bench.from('s', frame('0d 0001 0003 00'));
    bench.message(1, 'n/ew', '3'); // QoS 0
    bench.from('s', frame('0d 0002 0000 02')); // the client has forgotten the id (G-2)
    const register = again(bench, 12);
    expect(bench.pass(30_000)).toEqual([register, register, register]);
  });

  it('a CONNECT begins it all anew', () => {
    const bench = unanswered();
    bench.from('s', connectFrame('s', false, 900));
    bench.up(2, true);
    const [register] = bench.message(2, 'n/ew', '2', { packetId: 11, qos: 1 });
    expect(bench.pass(30_000)).toEqual([register, register, register]);
  });

  it('a topic that was never asked for has its own N_retry', () => {
    const bench = unanswered();
    const [register] = bench.message(1, 'n/other', '2', { packetId: 11, qos: 1 });
    expect(bench.pass(30_000)).toEqual([register, register, register]);
  });

  it('a late REGACK after the message was dropped counts: the next one needs no REGISTER (R-12)', () => {
    const bench = unanswered();
    expect(bench.from('s', frame('0b 0002 0001 00'))).toEqual([]);
    expect(bench.message(1, 'n/ew', '2')).toEqual([sent('0c 00 0002 0000', '2')]);
  });

  it('a late REGACK 0x03 after the message was dropped refuses the topic (T-38)', () => {
    const bench = unanswered();
    expect(bench.from('s', frame('0b 0002 0001 03'))).toEqual([]);
    expect(bench.message(1, 'n/ew', '2', { packetId: 11, qos: 1 })).toEqual(['#1 PUBACK id11']);
  });

  it('REGACK 0x01 each time counts as no answer, and the log says that it was one (T-38)', () => {
    const bench = client();
    bench.message(1, 'n/ew', '1', { packetId: 10, qos: 1 });
    bench.from('s', frame('0b 0002 0001 01'));
    expect(bench.pass(40_000).at(-1)).toBe('#1 PUBACK id10');
    expect(bench.notes).toContainEqual(
      expect.objectContaining({
        type: 'delivery-dropped',
        reason: 'the client answered REGISTER with congestion only',
      }),
    );
    again(bench, 11);
    expect(bench.pass(10_000)).toEqual(['#1 PUBACK id11']);
  });

  it('a client that has named the topic itself meanwhile knows its id: PUBLISH instead of another REGISTER (R-12)', () => {
    const bench = client();
    bench.message(1, 'n/ew', '1', { packetId: 10, qos: 1 });
    expect(registered(bench, 'n/ew')).toBe('0002');
    expect(bench.pass(10_000)).toEqual([expect.stringMatching(/^s < 080c200002....31$/)]);
  });

  it('an absent medium is no silence: the one REGISTER goes out when it is back, and has its T_retry (I-25)', () => {
    const bench = unanswered();
    const register = again(bench, 11);
    bench.close('udp');
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.open('udp')).toEqual([register]);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 PUBACK id11']);
  });
});

describe('a sleeper leaves REGISTER unanswered (T-r7)', () => {
  it('each wake-up tries again, with one REGISTER and one T_retry; the message stays with the gateway', () => {
    const bench = sleeper();
    const register = wakesInVain(bench, 3);
    for (let wakeUps = 0; wakeUps < 3; wakeUps++) {
      expect(wakesInVain(bench, 0)).toBe(register);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([register]);
    expect(bench.from('s', accepts(register))).toEqual([expect.stringMatching(/^s < 080c200002....31$/)]);
  });

  it('a repeated PINGREQ brings the REGISTER again (SL-9)', () => {
    const bench = sleeper();
    const register = wakesInVain(bench, 3);
    expect(bench.from('s', frame('16', 's'))).toEqual([register]);
    bench.pass(5_000);
    expect(bench.from('s', frame('16', 's'))).toEqual([register]);
  });

  it('after N_retry+1 awake periods in vain the message is dropped, and what waits behind it comes (I-30)', () => {
    const bench = sleeper();
    bench.message(1, 'x/y', 'other');
    const register = wakesInVain(bench, 3);
    for (let wakeUps = 0; wakeUps < 3; wakeUps++) {
      wakesInVain(bench, 0);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([register]);
    expect(bench.pass(10_000)).toEqual(['#1 PUBACK id10', sent('0c 00 0001 0000', 'other'), 's < 0217']);
  });

  /** Asleep for 300 s; a message of QoS 1 (id10) on a topic that it does not know waits, and it knows x/y as id 1. */
  function sleeper(): CoreBench {
    const bench = connected();
    subscribed(bench, 'n/#', 1);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'n/ew', '1', { packetId: 10, qos: 1 });
    subscribed(bench, 'x/y', 1);
    return bench;
  }

  /** It wakes, gets a REGISTER and so many repetitions, and then sleeps on without PINGRESP; the line of the REGISTER. */
  function wakesInVain(bench: CoreBench, repetitions: number): string {
    const [register = '', ...others] = bench.from('s', frame('16', 's'));
    expect([register, ...others]).toEqual([expect.stringMatching(/^s < 0a0a0002....6e2f6577$/)]);
    expect(bench.pass(10_000 * (repetitions + 1))).toEqual(new Array(repetitions).fill(register));
    expect(bench.pass(20_000)).toEqual([]);
    return register;
  }
});

describe('a topic that the client refused (R-12, T-38)', () => {
  it.each([
    ['REGISTER', (bench: CoreBench) => registered(bench, 'n/ew')],
    ['SUBSCRIBE', (bench: CoreBench) => subscribed(bench, 'n/ew', 1)],
    ['PUBLISH', (bench: CoreBench) => bench.from('s', frame('0c 00 0002 0000', 'x'))],
  ])('and then names itself, with %s, is delivered: the client knows the id now', (_how, names) => {
    const bench = client();
    bench.message(1, 'n/ew', '1');
    bench.from('s', frame('0b 0002 0001 03'));
    names(bench);
    expect(bench.message(1, 'n/ew', '2')).toEqual([sent('0c 00 0002 0000', '2')]);
  });
});

/** A client with a persistent session that is subscribed to x/y, its id 1, and n/#. */
function client(): CoreBench {
  const bench = connected({}, { clean: false });
  subscribed(bench, 'x/y', 1);
  subscribed(bench, 'n/#', 1);
  return bench;
}

/** The same; the REGISTER of n/ew (id 2, MsgId 1) for a message id10 went unanswered, though the client was heard meanwhile. */
function unanswered(): CoreBench {
  const bench = client();
  const [register] = bench.message(1, 'n/ew', '1', { packetId: 10, qos: 1 });
  expect(register).toBe(sent('0a 0002 0001', 'n/ew'));
  bench.pass(1_000);
  bench.from('s', PINGREQ);
  expect(bench.pass(38_999)).toEqual([register, register, register]);
  expect(bench.pass(1)).toEqual(['#1 PUBACK id10']);
  return bench;
}

/** Another message on n/ew; the line of its REGISTER, which is all that comes of it. */
function again(bench: CoreBench, packetId: number): string {
  const [register = '', ...others] = bench.message(1, 'n/ew', '2', { packetId, qos: 1 });
  expect([register, ...others]).toEqual([expect.stringMatching(/^s < 0a0a0002....6e2f6577$/)]);
  return register;
}

/** REGACK that accepts the REGISTER of this line. */
function accepts(register: string): string {
  return frame(`0b ${register.slice(8, 16)} 00`);
}
