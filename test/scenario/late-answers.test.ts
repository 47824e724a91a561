import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { persistent, sent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';
import { mainKeys } from '../support/disk-session.ts';

const PUBREC = '04 0F 00 01';
const PUBCOMP = '04 0E 00 01';

describe('the client connects again, and an answer to what it got before comes late (P-8)', () => {
  it('PUBREC while REGISTER is unanswered: received; PUBREL goes when the broker has released, and no PUBLISH ever again', () => {
    const { bench, regack } = registering(2);
    expect(bench.from('s', PUBREC)).toEqual(['#2 PUBREC id10']);
    expect(bench.released(2, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBCOMP id10']);
    expect(bench.from('s', regack())).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('PUBREC, then REGACK, then PUBREL of the broker: the REGACK sends no PUBLISH, and the topic id is known', () => {
    const { bench, regack } = registering(2);
    bench.from('s', PUBREC);
    expect(bench.from('s', regack())).toEqual([]);
    expect(bench.released(2, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBCOMP id10']);
    expect(bench.message(2, 'a/b', 'next')).toEqual([sent('0c 00 0001 0000', 'next')]);
  });

  it('PUBREC, PUBREL and PUBCOMP, then REGACK: the next message needs no REGISTER (R-12)', () => {
    const { bench, regack } = registering(2);
    bench.from('s', PUBREC);
    bench.released(2, 10);
    bench.from('s', PUBCOMP);
    bench.from('s', regack());
    expect(bench.message(2, 'a/b', 'next')).toEqual([sent('0c 00 0001 0000', 'next')]);
  });

  it('PUBREC that comes twice is told to the broker once', () => {
    const { bench } = registering(2);
    bench.from('s', PUBREC);
    expect(bench.from('s', PUBREC)).toEqual([]);
    bench.released(2, 10);
    expect(bench.from('s', PUBREC)).toEqual(['s < 04100001']);
  });

  it('PUBREC, and REGACK never comes: the exchange ends all the same', () => {
    const { bench } = registering(2);
    bench.from('s', PUBREC);
    expect(bench.pass(30_000)).toEqual([]);
    expect(bench.released(2, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBCOMP id10']);
  });

  it('PUBREC, then the REGISTER is refused: the exchange goes on, later messages of the topic are dropped (T-38)', () => {
    const { bench, regack } = registering(2, 'a/#');
    bench.from('s', PUBREC);
    expect(bench.from('s', regack('03'))).toEqual([]);
    expect(bench.released(2, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBCOMP id10']);
    expect(bench.message(2, 'a/b', 'next', { packetId: 11, qos: 1 })).toEqual(['#2 PUBACK id11']);
  });

  it('PUBREC, then the REGISTER of an exact subscription is refused: unsubscribed, and the exchange goes on (R-8)', () => {
    const { bench, regack } = registering(2);
    bench.from('s', PUBREC);
    expect(bench.from('s', regack('03'))).toEqual([expect.stringMatching(/^#2 UNSUBSCRIBE id\d+ a\/b$/)]);
    expect(bench.released(2, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBCOMP id10']);
  });

  it('the client has subscribed to the topic meanwhile, and then its REGACK that refuses comes: SUBACK has told it the id since (R-12)', () => {
    const { bench, regack } = registering(1);
    const asked = bench.from('s', frame('12 20 0009', 'a/b'));
    bench.suback(2, Number(/SUBSCRIBE id(\d+)/.exec(asked.join())?.[1]), 1);
    expect(bench.from('s', regack('03'))).toEqual([sent('0c a0 0001 0001', 'x')]);
    expect(bench.core.session('s')?.subscriptions).toEqual([{ filter: 'a/b', qos: 1 }]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#2 PUBACK id10']);
  });

  it('PUBACK: the message is done, and what waits behind it goes on', () => {
    const { bench, regack } = registering(1);
    subscribed(bench, 'c', 0, 2);
    bench.message(2, 'c', 'next');
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#2 PUBACK id10', sent('0c 00 0002 0000', 'next')]);
    expect(bench.from('s', regack())).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('PUBCOMP: the client has ended the exchange, so it is over for the broker too', () => {
    const { bench, regack } = registering(2);
    expect(bench.from('s', PUBCOMP)).toEqual(['#2 PUBREC id10']);
    expect(bench.released(2, 10)).toEqual(['#2 PUBCOMP id10']);
    expect(bench.from('s', regack())).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('PUBACK 0x02: the REGISTER that is on its way is the answer to it already', () => {
    const { bench, regack } = registering(1);
    expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([]);
    expect(bench.from('s', regack())).toEqual([sent('0c a0 0001 0001', 'x')]);
  });

  it.each([1, 2] as const)(
    'PUBACK 0x03 for QoS %d: the client will not have it; dropped and acknowledged (G-4)',
    (qos) => {
      const { bench, regack } = registering(qos);
      expect(bench.from('s', frame('0d 0001 0001 03'))).toEqual([
        `#2 ${qos === 1 ? 'PUBACK' : 'PUBREC'} id10 reason 83`,
      ]);
      expect(bench.from('s', regack())).toEqual([]);
      expect(bench.pass(60_000)).toEqual([]);
    },
  );

  it('PUBACK 0x01 counts as no answer (G-4)', () => {
    const { bench, regack } = registering(1);
    expect(bench.from('s', frame('0d 0001 0001 01'))).toEqual([]);
    expect(bench.from('s', regack())).toEqual([sent('0c a0 0001 0001', 'x')]);
  });

  it('REGACK of a REGISTER from before the CONNECT tells nothing: the client may have forgotten the id since (R-11)', () => {
    const bench = persistent();
    subscribed(bench, 'a/#', 2);
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 })).toEqual([sent('0a 0001 0001', 'a/b')]);
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['s < 030500', sent('0a 0001 0002', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([]);
    expect(bench.from('s', frame('0b 0001 0002 00'))).toEqual([sent('0c 40 0001 0003', 'x')]);
  });

  /** "x" was sent with MsgId 1, the client connects again as #2, and gets a REGISTER; and a REGACK that answers it. */
  function registering(
    qos: 1 | 2,
    filter = 'a/b',
  ): { readonly bench: CoreBench; readonly regack: (code?: string) => string } {
    const bench = underWay(qos, filter);
    bench.from('s', connectFrame('s', false, 900));
    const [connack, register] = bench.up(2, true);
    expect([connack, register]).toEqual(['s < 030500', expect.stringMatching(/^s < 090a0001....612f62$/)]);
    return { bench, regack: (code = '00') => frame(`0b 0001 ${register?.slice(12, 16)} ${code}`) };
  }
});

describe('the client sleeps, and an answer to what it got before comes late (P-8)', () => {
  it('PUBREC: told to the broker, and PUBREL goes at the next wake-up', () => {
    const bench = parked(2);
    expect(bench.from('s', PUBREC)).toEqual(['#1 PUBREC id10']);
    expect(bench.released(1, 10)).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#1 PUBCOMP id10', 's < 0217']);
  });

  it('PUBCOMP of a PUBREL that had gone out: the exchange is over', () => {
    const bench = underWay(2);
    bench.from('s', PUBREC);
    expect(bench.released(1, 10)).toEqual(['s < 04100001']);
    bench.from('s', '04 18 01 2C');
    expect(bench.from('s', PUBCOMP)).toEqual(['#1 PUBCOMP id10']);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 0217']);
  });

  it('PUBACK 0x02: the next wake-up begins with REGISTER (G-2)', () => {
    const bench = parked(1);
    for (let copy = 0; copy < 4; copy++) {
      expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([]);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0a 0001 0002', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0002 00'))).toEqual([sent('0c a0 0001 0001', 'x')]);
  });

  it('PUBACK 0x02 for a pre-defined id, and once more: the next wake-up begins with REGISTER of a normal one (G-3)', () => {
    const bench = persistent({ predefined: { '*': { 10: 'x/y' } } });
    subscribedWith(bench, '07 12 21 00 06 00 0A');
    expect(bench.message(1, 'x/y', 'x', { packetId: 10, qos: 1 })).toEqual([sent('0c 21 000a 0001', 'x')]);
    bench.from('s', '04 18 01 2C');
    for (let copy = 0; copy < 4; copy++) {
      expect(bench.from('s', frame('0d 000a 0001 02'))).toEqual([]);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0a 000b 0002', 'x/y')]);
  });

  it('PUBACK 0x02 for a short name, which no REGISTER helps: dropped', () => {
    const bench = persistent();
    subscribedWith(bench, '07 12 22 00 07 74 70');
    expect(bench.message(1, 'tp', 'x', { packetId: 10, qos: 1 })).toEqual([sent('0c 22 7470 0001', 'x')]);
    bench.from('s', '04 18 01 2C');
    expect(bench.from('s', frame('0d 7470 0001 02'))).toEqual(['#1 PUBACK id10 reason 83']);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 0217']);
  });

  it('PUBACK 0x03: dropped and acknowledged at once (G-4)', () => {
    const bench = parked(1);
    expect(bench.from('s', frame('0d 0001 0001 03'))).toEqual(['#1 PUBACK id10 reason 83']);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 0217']);
  });

  it('REGACK: the next wake-up needs no REGISTER', () => {
    const bench = registeredInVain();
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0002', 'x')]);
  });

  it.each(['0001', '0000'])(
    'REGACK 0x03 with TopicId 0x%s: the message is dropped, the topic left alone (T-38, I-10)',
    (id) => {
      const bench = registeredInVain();
      expect(bench.from('s', frame(`0b ${id} 0001 03`)).filter((line) => line.startsWith('s'))).toEqual([]);
      expect(bench.from('s', frame('16', 's')).filter((line) => line.startsWith('s'))).toEqual(['s < 0217']);
      expect(bench.message(1, 'a/b', 'y', { packetId: 11, qos: 1 })).toEqual([]);
      expect(bench.from('s', frame('16', 's'))).toEqual(['#1 PUBACK id11', 's < 0217']);
    },
  );

  it('the REGISTER of a wake-up is that of the one before, so that the answer to either counts (T-r5)', () => {
    const bench = registeredInVain();
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 20 0001 0002', 'x')]);
  });

  it('UNSUBSCRIBE meanwhile: an exchange that has begun is finished', () => {
    const bench = parked(2);
    bench.from('s', PUBREC);
    bench.from('s', frame('14 00 0009', 'a/b'));
    bench.unsuback(1, 2);
    expect(bench.released(1, 10)).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#1 PUBCOMP id10', 's < 0217']);
  });

  /** "x" was sent with MsgId 1, then the client fell asleep. */
  function parked(qos: 1 | 2): CoreBench {
    const bench = underWay(qos);
    expect(bench.from('s', '04 18 01 2C')).toEqual(['s < 0218']);
    return bench;
  }

  /** A sleeper that got a REGISTER with MsgId 1 in an awake period, which was then broken off. */
  function registeredInVain(): CoreBench {
    const bench = persistent();
    subscribed(bench, 'a/#', 2);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.pass(40_000)).toHaveLength(3);
    return bench;
  }
});

describe('the gateway was killed, and an answer to what its client got before comes late (P-8, T-19)', () => {
  it('PUBREC of a message that waits behind another one counts for it', () => {
    const bench = behind();
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0801', 'new')]); // I-55: behind those of before
    expect(bench.from('s', PUBREC)).toEqual(['#1 PUBREC id10']);
    expect(bench.from('s', frame('0d 0001 0801 00'))).toEqual(['#1 PUBACK id20']);
    expect(bench.released(1, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', PUBCOMP)).toEqual(['#1 PUBCOMP id10', 's < 0217']);
  });

  it('the MsgId of a message that waits behind another one is not given to that one (G-7)', () => {
    const bench = behind();
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0801', 'new')]);
    expect(bench.from('s', frame('0d 0001 0801 00'))).toEqual(['#1 PUBACK id20', sent('0c c0 0001 0001', 'x')]);
  });

  it('PUBCOMP before the broker sends the message again: it is answered there, and the client sees nothing', () => {
    const bench = restartedAndUp(killed());
    expect(bench.from('s', PUBCOMP)).toEqual([]);
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2, dup: true })).toEqual(['#1 PUBREC id10']);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
    expect(mainKeys(bench.disk)).toEqual(['session/s']);
  });

  it('PUBCOMP before the broker says PUBREL again: it is answered there, and the client sees nothing', () => {
    const bench = restartedAndUp(killed());
    expect(bench.from('s', PUBCOMP)).toEqual([]);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
    expect(mainKeys(bench.disk)).toEqual(['session/s']);
  });

  it('PUBACK 0x03 before the broker sends the message again: refused there, and not delivered (G-4)', () => {
    const bench = restartedAndUp(killed());
    expect(bench.from('s', frame('0d 0001 0001 03'))).toEqual([]);
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2, dup: true })).toEqual(['#1 PUBREC id10 reason 83']);
    expect(mainKeys(bench.disk)).toEqual(['session/s']);
  });

  /** "x" (QoS 2) was sent with MsgId 1 when the gateway was killed. */
  function killed(): DiskBench {
    const bench = new DiskBench();
    bench.connect('s', 's', { clean: false, duration: 1000 });
    subscribed(bench, 'a/b', 2);
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 })).toEqual([sent('0c 40 0001 0001', 'x')]);
    return bench;
  }

  /** The same, of a sleeper; after the start the broker sends "new" first (packet id 20), then "x" again. */
  function behind(): DiskBench {
    const asleep = killed();
    asleep.from('s', '04 18 01 2C');
    const bench = restartedAndUp(asleep);
    bench.message(1, 'a/b', 'new', { packetId: 20, qos: 1 });
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2, dup: true });
    return bench;
  }
});

/** A client that subscribed to a filter (QoS 2) that a/b matches, as id 1; message "x" of the broker, packet id 10, is on its way with MsgId 1. */
function underWay(qos: 1 | 2, filter = 'a/b'): CoreBench {
  const bench = persistent();
  subscribed(bench, filter, 2);
  if (filter !== 'a/b') {
    bench.from('s', frame('0a 0000 0701', 'a/b'));
  }
  expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos })).toEqual([
    sent(`0c ${qos === 1 ? '20' : '40'} 0001 0001`, 'x'),
  ]);
  return bench;
}
