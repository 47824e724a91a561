import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { breakUpstream, connected, persistent, sent, subscribed } from '../support/core-bench-traffic.ts';

describe('the broker comes back with the session: messages under way (3.3, 3.5 item 6)', () => {
  it('QoS 1: its redelivery of what is under way is no second message; the client’s PUBACK goes to the new connection', () => {
    const bench = underWay(1);
    back(bench);
    expect(redelivered(bench, 1)).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#3 PUBACK id10']);
  });

  it('QoS 1: acknowledged by the client while the broker was away: its redelivery is acknowledged at once', () => {
    const bench = underWay(1);
    breakUpstream(bench);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([]);
    expect(bench.up(3, true).filter((line) => line.startsWith('s'))).toEqual([]);
    expect(redelivered(bench, 1)).toEqual(['#3 PUBACK id10']);
  });

  describe('QoS 2: dropped for want of an answer', () => {
    it('PUBREC was lost: its redelivery goes out under the MsgId that the client may know', () => {
      const bench = dropped();
      back(bench);
      expect(redelivered(bench, 2)).toEqual([sent('0c c0 0001 0001', 'x')]);
      expect(bench.from('s', '04 0F 00 01')).toEqual(['#3 PUBREC id10']);
      expect(bench.released(3, 10)).toEqual(['s < 04100001']);
      expect(bench.from('s', '04 0E 00 01')).toEqual(['#3 PUBCOMP id10']);
    });

    it('PUBREC was lost, and the client’s comes late: it has the message, and its redelivery is acknowledged at once', () => {
      const bench = dropped();
      expect(bench.from('s', '04 0F 00 01')).toEqual(['s < 04100001']);
      back(bench);
      expect(redelivered(bench, 2)).toEqual(['#3 PUBREC id10']);
      expect(bench.released(3, 10)).toEqual(['#3 PUBCOMP id10']);
    });

    it('released by the broker: over, and its packet id means the next message', () => {
      const bench = dropped();
      expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
      expect(bench.message(1, 'a/b', 'new', { packetId: 10, qos: 2 })).toEqual([sent('0c 40 0001 0002', 'new')]);
    });

    function dropped(): CoreBench {
      const bench = underWay(2);
      const lines: string[] = [];
      for (let second = 0; second < 40; second++) {
        bench.from('s', '02 16'); // it is there
        lines.push(...bench.pass(1_000));
      }
      expect(lines.at(-1)).toBe('#1 PUBREC id10');
      return bench;
    }
  });

  it('QoS 1: what waits behind goes on while the broker is away', () => {
    const bench = underWay(1);
    bench.message(1, 'a/b', 'next', { packetId: 11, qos: 1 });
    breakUpstream(bench);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([sent('0c 20 0001 0002', 'next')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual([]);
    expect(bench.up(3, true).filter((line) => line.startsWith('s'))).toEqual([]);
    expect(redelivered(bench, 1)).toEqual(['#3 PUBACK id10']);
    expect(bench.message(3, 'a/b', 'next', { packetId: 11, qos: 1, dup: true })).toEqual(['#3 PUBACK id11']);
  });

  it('QoS 1: what only waited is delivered once, without DUP', () => {
    const bench = underWay(1);
    bench.message(1, 'a/b', 'next', { packetId: 11, qos: 1 });
    back(bench);
    redelivered(bench, 1);
    expect(bench.message(3, 'a/b', 'next', { packetId: 11, qos: 1, dup: true })).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#3 PUBACK id10', sent('0c 20 0001 0002', 'next')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#3 PUBACK id11']);
  });

  it('QoS 1: an acknowledged packet id that the broker uses again is a new message', () => {
    const bench = underWay(1);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id10']);
    back(bench);
    expect(bench.message(3, 'a/b', 'new', { packetId: 10, qos: 1 })).toEqual([sent('0c 20 0001 0002', 'new')]);
  });

  it('QoS 2: PUBREC of the client while the broker was away answers the redelivery', () => {
    const bench = underWay(2);
    breakUpstream(bench);
    expect(bench.from('s', '04 0F 00 01')).toEqual([]);
    expect(bench.up(3, true).filter((line) => line.startsWith('s'))).toEqual([]);
    expect(redelivered(bench, 2)).toEqual(['#3 PUBREC id10']);
    expect(bench.released(3, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#3 PUBCOMP id10']);
  });

  it('QoS 2: a redelivery although PUBREC had been given is answered with PUBREC, the client sees nothing', () => {
    const bench = underWay(2);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id10']);
    back(bench);
    expect(redelivered(bench, 2)).toEqual(['#3 PUBREC id10']);
    expect(bench.released(3, 10)).toEqual(['s < 04100001']);
  });

  it('QoS 2: the broker goes on with PUBREL', () => {
    const bench = underWay(2);
    bench.from('s', '04 0F 00 01');
    back(bench);
    expect(bench.released(3, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#3 PUBCOMP id10']);
  });

  it('QoS 2: PUBCOMP of the client while the broker was away answers its repeated PUBREL', () => {
    const bench = underWay(2);
    bench.from('s', '04 0F 00 01');
    expect(bench.released(1, 10)).toEqual(['s < 04100001']);
    breakUpstream(bench);
    expect(bench.from('s', '04 0E 00 01')).toEqual([]);
    expect(bench.up(3, true).filter((line) => line.startsWith('s'))).toEqual([]);
    expect(bench.released(3, 10)).toEqual(['#3 PUBCOMP id10']);
  });
});

describe('the broker comes back without the session', () => {
  it('QoS 1: the client’s PUBACK acknowledges nothing on the new connection', () => {
    const bench = underWay(1, true);
    breakUpstream(bench);
    expect(bench.up(3)).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ a\/b qos2$/)]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([]);
  });

  it('QoS 2: PUBREC of the client acknowledges nothing on the new connection, the queue goes on', () => {
    const bench = underWay(2, true);
    bench.message(1, 'a/b', 'next');
    breakUpstream(bench);
    bench.up(3);
    const lines = [
      ...bench.from('s', '04 0F 00 01'),
      ...bench.pass(39_999),
      ...bench.from('s', '04 0E 00 01'),
      ...bench.pass(1_000),
    ];
    expect(lines.filter((line) => line.startsWith('#'))).toEqual([]);
    expect(lines).toContain(sent('0c 00 0001 0000', 'next'));
  });

  it('a message with the packet id of one under way is another message', () => {
    const bench = underWay(1, true);
    breakUpstream(bench);
    bench.up(3);
    expect(bench.message(3, 'a/b', 'other', { packetId: 10, qos: 1 })).toEqual([]); // waits: G-6
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([sent('0c 20 0001 0002', 'other')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#3 PUBACK id10']);
  });

  it('a message with the packet id of one acknowledged meanwhile is another message', () => {
    const bench = underWay(1, true);
    breakUpstream(bench);
    bench.from('s', frame('0d 0001 0001 00'));
    bench.up(3);
    expect(bench.message(3, 'a/b', 'other', { packetId: 10, qos: 1 })).toEqual([sent('0c 20 0001 0002', 'other')]);
  });
});

describe('the client comes back: messages under way (T-19, R-11, T-03)', () => {
  it('CONNECT while active: REGISTER again, then the PUBLISH with DUP, once', () => {
    const bench = underWay(1);
    expect(bench.from('s', connectFrame('s', false, 900))).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
    const lines = [...bench.up(2, true), ...bench.message(2, 'a/b', 'x', { packetId: 10, qos: 1, dup: true })];
    expect(lines).toEqual(['s < 030500', expect.stringMatching(/^s < 090a0001....612f62$/)]);
    const again = bench.from('s', frame(`0b 0001 ${lines[1]?.slice(12, 16)} 00`));
    expect(again).toEqual([expect.stringMatching(/^s < 080ca00001....78$/)]);
    expect(bench.from('s', frame(`0d 0001 ${again[0]?.slice(-6, -2)} 00`))).toEqual(['#2 PUBACK id10']);
  });

  it('after DISCONNECT: the broker’s redelivery goes out with DUP, for it had been sent once', () => {
    const bench = underWay(1);
    bench.from('s', '02 18');
    bench.from('s', connectFrame('s', false, 900));
    const lines = [...bench.up(2, true), ...bench.message(2, 'a/b', 'x', { packetId: 10, qos: 1, dup: true })];
    expect(lines).toEqual(['s < 030500', expect.stringMatching(/^s < 090a0001....612f62$/)]);
    expect(bench.from('s', frame(`0b 0001 ${lines[1]?.slice(12, 16)} 00`))).toEqual([
      expect.stringMatching(/^s < 080ca00001....78$/),
    ]);
  });

  it('QoS 2 after PUBREC: the broker’s PUBREL goes to the client, no PUBLISH', () => {
    const bench = underWay(2);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id10']);
    bench.from('s', connectFrame('s', false, 900));
    expect([...bench.up(2, true), ...bench.released(2, 10)]).toEqual(['s < 030500', 's < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#2 PUBCOMP id10']);
  });

  it('a clean session: nothing of the old one is delivered or acknowledged (S-4)', () => {
    const bench = underWay(1);
    bench.message(1, 'a/b', 'next', { packetId: 11, qos: 1 });
    bench.from('s', connectFrame('s', true, 900));
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('QoS 0 for a client that leaves with a persistent session is dropped (I-16)', () => {
    const bench = underWay(1);
    bench.message(1, 'a/b', 'qos 0');
    bench.from('s', '02 18');
    bench.from('s', connectFrame('s', false, 900));
    const lines = [...bench.up(2, true), ...bench.message(2, 'a/b', 'x', { packetId: 10, qos: 1, dup: true })];
    lines.push(...bench.from('s', frame(`0b 0001 ${lines[1]?.slice(12, 16)} 00`)));
    expect(bench.from('s', frame(`0d 0001 ${lines[2]?.slice(-6, -2)} 00`))).toEqual(['#2 PUBACK id10']);
  });
});

describe('a message for a sleeper (3.3, T-19)', () => {
  it('is acknowledged when the client has acknowledged it while awake, not when it is buffered', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 2);
    bench.from('s', '04 18 01 2C');
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 })).toEqual([]);
    expect(bench.pass(200_000)).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', 'x')]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id10', 's < 0217']);
  });

  it('sent again after a break, for the acknowledgement was lost, comes before what was behind it', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 2);
    bench.from('s', '04 18 01 2C');
    for (const packetId of [10, 11, 12]) {
      bench.message(1, 'a/b', `m${packetId}`, { packetId, qos: 1 });
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', 'm10')]);
    bench.from('s', '04 18 01 2C');
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id10']);
    breakUpstream(bench);
    bench.up(3, true);
    for (const packetId of [10, 11, 12]) {
      expect(bench.message(3, 'a/b', `m${packetId}`, { packetId, qos: 1, dup: true })).toEqual([]);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0002', 'm10')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#3 PUBACK id10', sent('0c 20 0001 0003', 'm11')]);
    expect(bench.from('s', frame('0d 0001 0003 00'))).toEqual(['#3 PUBACK id11', sent('0c 20 0001 0004', 'm12')]);
  });

  it('waits behind one that is sent again, and only what the broker has not repeated does', () => {
    const bench = underWay(1);
    bench.message(1, 'a/b', 'm11', { packetId: 11, qos: 1 });
    bench.message(1, 'a/b', 'm12', { packetId: 12, qos: 1 });
    back(bench);
    redelivered(bench, 1);
    bench.message(3, 'a/b', 'm11', { packetId: 11, qos: 1, dup: true });
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#3 PUBACK id10', sent('0c 20 0001 0002', 'm11')]);
    bench.message(3, 'a/b', 'm9', { packetId: 9, qos: 1, dup: true });
    bench.message(3, 'a/b', 'm12', { packetId: 12, qos: 1, dup: true });
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#3 PUBACK id11', sent('0c 20 0001 0003', 'm9')]);
    expect(bench.from('s', frame('0d 0001 0003 00'))).toEqual(['#3 PUBACK id9', sent('0c 20 0001 0004', 'm12')]);
  });

  it('stays before one that is new here, though the broker repeats only what was between them (I-90)', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 2);
    bench.from('s', '04 18 01 2C');
    for (const packetId of [10, 11]) {
      bench.message(1, 'a/b', `m${packetId}`, { packetId, qos: 1 });
    }
    breakUpstream(bench);
    bench.up(3, true);
    for (const packetId of [11, 12]) {
      expect(bench.message(3, 'a/b', `m${packetId}`, { packetId, qos: 1, dup: true })).toEqual([]);
    }
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', 'm10')]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#3 PUBACK id10', sent('0c 20 0001 0002', 'm11')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#3 PUBACK id11', sent('0c 20 0001 0003', 'm12')]);
  });

  it('sent once before the client fell asleep comes with DUP when it wakes', () => {
    const bench = underWay(1);
    expect(bench.from('s', '04 18 01 2C')).toEqual(['s < 0218']);
    expect(bench.pass(200_000)).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c a0 0001 0001', 'x')]);
  });
});

/** A client that subscribed to a/b (QoS 2, id 1); message "x" of the broker, packet id 10, is on its way with MsgId 1. */
function underWay(qos: 1 | 2, clean = false): CoreBench {
  const bench = clean ? connected() : persistent();
  subscribed(bench, 'a/b', 2);
  expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos })).toEqual([
    sent(`0c ${qos === 1 ? '20' : '40'} 0001 0001`, 'x'),
  ]);
  return bench;
}

/** The broker goes and comes back with the session, as connection 3. */
function back(bench: CoreBench): void {
  breakUpstream(bench);
  expect(bench.up(3, true)).toEqual([]);
}

/** The broker sends the message again. */
function redelivered(bench: CoreBench, qos: 1 | 2): string[] {
  return bench.message(3, 'a/b', 'x', { packetId: 10, qos, dup: true });
}
