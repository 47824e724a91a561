import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { breakUpstream, connected, persistent, registered, sent } from '../support/core-bench-traffic.ts';

describe('reason codes of an MQTT 5 broker for a client publish (3.6)', () => {
  const table: [number, string][] = [
    [0x00, '00'],
    [0x10, '00'],
    [0x97, '01'],
    [0x87, '03'],
    [0x90, '03'],
    [0x99, '03'],
    [0x80, '01'],
    [0x83, '01'],
  ];

  it.each(table)('QoS 1: PUBACK with reason 0x%x', (reason, code) => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    expect(bench.acked(1, 'PUBACK', 1, reason)).toEqual([sent(`0d 0001 0002 ${code}`)]);
  });

  it.each(table.filter(([reason]) => reason >= 0x80))(
    'QoS 2: PUBREC with reason 0x%x ends the exchange with PUBACK',
    (reason, code) => {
      const bench = publisher();
      bench.from('s', frame('0c 40 0001 0003', 'x'));
      expect(bench.acked(1, 'PUBREC', 1, reason)).toEqual([sent(`0d 0001 0003 ${code}`)]);
      expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']); // unknown by now: P-8
    },
  );

  it('QoS 2: PUBREC "no matching subscribers" (0x10) is an acceptance', () => {
    const bench = publisher();
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    expect(bench.acked(1, 'PUBREC', 1, 0x10)).toEqual(['s < 040f0003']);
  });

  it('"packet identifier in use" (0x91) is retried with another packet id, the client sees nothing of it', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    expect(bench.acked(1, 'PUBACK', 1, 0x91)).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00')]);
    bench.from('s', frame('0c 40 0001 0003', 'y'));
    expect(bench.acked(1, 'PUBREC', 3, 0x91)).toEqual(['#1 PUBLISH qos2 id4 a/b "y"']);
    expect(bench.acked(1, 'PUBREC', 4)).toEqual(['s < 040f0003']);
  });

  it.each([
    [0x97, '20'],
    [0x87, '40'],
  ])('a publish that was rejected with 0x%x is not taken for delivered when it is repeated', (reason, flags) => {
    const bench = publisher();
    bench.from('s', frame(`0c ${flags} 0001 0002`, 'x'));
    bench.acked(1, flags === '20' ? 'PUBACK' : 'PUBREC', 1, reason);
    const dup = flags === '20' ? 'a0' : 'c0';
    const lines = bench.from('s', frame(`0c ${dup} 0001 0002`, 'x'));
    expect(lines).not.toContain(sent('0d 0001 0002 00'));
    expect(lines).not.toContain(sent('0f 0002'));
    expect(lines).toHaveLength(1);
  });
});

describe('broker lost during a client publish (3.5 item 6, I-6)', () => {
  it('QoS 1, session present: published again with DUP and the same packet id, acknowledged once', () => {
    const bench = publisher(false);
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    expect(bench.down(1)).toEqual(['#2 CONNECT (gateway) clean']); // I-13
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s']);
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual([]);
    expect(bench.up(3, true)).toEqual(['#3 PUBLISH qos1 id1 a/b "x" dup']);
    expect(bench.acked(3, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('QoS 1, clean session: published again, acknowledged once', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s clean']);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos1 id1 a/b "x"']); // anew (I-6): a new MQTT session knows of no first attempt
    expect(bench.acked(3, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('an acknowledgement of a connection that is over is ignored', () => {
    const bench = publisher(false);
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.down(1);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
  });

  it('QoS 2 before PUBREC, session present: published again with DUP and the same packet id', () => {
    const bench = lostAndBack(false, true, (b) => b.from('s', frame('0c 40 0001 0003', 'x')));
    expect(bench.backLines).toEqual(['#3 PUBLISH qos2 id1 a/b "x" dup']);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it.each([
    ['session present', false],
    ['no session', true],
  ])('QoS 2 before PUBREC, %s: repeats of the client meanwhile are absorbed', (_what, clean) => {
    const bench = publisher(clean);
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    bench.down(1);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual([]);
  });

  it('QoS 2 after PUBREC, session present: nothing is repeated before the client says PUBREL', () => {
    const bench = lostAndBack(false, true, halfWay);
    expect(bench.backLines).toEqual([]);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('QoS 2 after PUBREC, no session: published anew, PUBREL waits for the new PUBREC (I-6)', () => {
    const bench = lostAndBack(true, false, halfWay);
    expect(bench.backLines).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('QoS 2 after PUBREC, no session: the new PUBREC is no second one for the client, whose PUBREL comes later (I-6)', () => {
    const bench = lostAndBack(true, false, halfWay);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual([]);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#3 PUBREL id1']);
  });

  it('QoS 2, PUBREL of the client while the broker is away: passed on when it is back', () => {
    const bench = publisher(false);
    halfWay(bench);
    bench.down(1);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it.each([
    ['session present', false, true],
    ['no session', true, false],
  ])('QoS 2 after PUBREL, %s: only PUBREL is repeated, never the PUBLISH (I-6)', (_what, clean, sessionPresent) => {
    const bench = lostAndBack(clean, sessionPresent, (b) => {
      halfWay(b);
      b.from('s', '04 10 00 03');
    });
    expect(bench.backLines).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('repeats everything in the order in which it was first sent, one at a time (I-42)', () => {
    const bench = lostAndBack(false, true, (b) => {
      b.from('s', frame('0c 20 0001 0001', '1'));
      b.from('s', frame('0c 40 0001 0002', '2'));
      b.from('s', frame('0c 20 0001 0003', '3'));
    });
    expect(bench.backLines).toEqual(['#3 PUBLISH qos1 id1 a/b "1" dup']);
    expect(bench.acked(3, 'PUBACK', 1)).toEqual(['s < 070d0001000100', '#3 PUBLISH qos2 id2 a/b "2" dup']);
    expect(bench.acked(3, 'PUBREC', 2)).toEqual(['s < 040f0002', '#3 PUBLISH qos1 id3 a/b "3" dup']);
  });

  it('QoS 1 while the broker is away: nothing is acknowledged, the repeat of the client is no second message (3.5 item 3)', () => {
    const bench = publisher(false);
    bench.down(1);
    expect(bench.from('s', frame('0c 20 0001 0002', 'x'))).toEqual([]);
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual([]);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual(['#3 PUBLISH qos1 id1 a/b "x"']);
    expect(bench.acked(3, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('QoS 1 while the broker is away: beyond the limit PUBACK 0x01 (3.5 item 3, T-36)', () => {
    const bench = connected({ settings: { clients: { maxInflight: 1 } } });
    registered(bench, 'a/b');
    bench.down(1);
    expect(bench.from('s', frame('0c 20 0001 0002', 'x'))).toEqual([]);
    expect(bench.from('s', frame('0c 20 0001 0003', 'y'))).toEqual([sent('0d 0001 0003 01')]);
  });
});

describe('a persistent client that connects again during its publish (3.3, T-03, S-4)', () => {
  it.each([
    ['with CONNECT alone', []],
    ['after DISCONNECT', ['02 18']],
  ])('%s: QoS 1 goes on, its repeat is no second message', (_what, before) => {
    const bench = publisher(false);
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    for (const hex of before) {
      bench.from('s', hex);
    }
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['#2 PUBLISH qos1 id1 a/b "x" dup', 's < 030500']);
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual([]);
    expect(bench.acked(2, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('after DISCONNECT: QoS 2 was released before the connection ended, and goes on from there, exactly once (I-65)', () => {
    const bench = publisher(false);
    halfWay(bench);
    expect(bench.from('s', '02 18')).toEqual(['s < 0218', '#1 PUBREL id1', '#1 DISCONNECT']);
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['#2 PUBREL id1', 's < 030500']);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('with CONNECT alone: QoS 2 goes on where it was, exactly once', () => {
    const bench = publisher(false);
    halfWay(bench);
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#2 PUBREL id1']);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('clean: nothing of the old session is published or acknowledged', () => {
    const bench = publisher(false);
    halfWay(bench);
    bench.from('s', frame('0c 20 0001 0002', 'y'));
    bench.from('s', connectFrame('s', true, 900));
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']); // unknown: P-8
    expect(bench.from('s', frame('0c a0 0001 0002', 'y'))).toEqual([sent('0d 0001 0002 02')]); // TopicId unknown, too
  });
});

describe('QoS 0 while the broker is away (3.5 item 3)', () => {
  it('is held and published in order, behind what was already under way', () => {
    const bench = publisher(false);
    bench.from('s', frame('0c 20 0001 0002', 'first'));
    bench.down(1);
    for (const text of ['1', '2', '3']) {
      expect(bench.from('s', frame('0c 00 0001 0000', text))).toEqual([]);
    }
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual(['#3 PUBLISH qos1 id1 a/b "first" dup']);
    expect(bench.acked(3, 'PUBACK', 1)).toEqual([
      's < 070d0001000200',
      '#3 PUBLISH qos0 a/b "1"',
      '#3 PUBLISH qos0 a/b "2"',
      '#3 PUBLISH qos0 a/b "3"',
    ]);
  });

  it('keeps no more than upstream.offlineQueue.messages, the newest', () => {
    const bench = connected({ settings: { upstream: { offlineQueue: { messages: 2 } } } });
    registered(bench, 'a/b');
    bench.down(1);
    for (const text of ['1', '2', '3']) {
      bench.from('s', frame('0c 00 0001 0000', text));
    }
    bench.pass(1_000);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos0 a/b "2"', '#3 PUBLISH qos0 a/b "3"']);
  });

  it('keeps no more than upstream.offlineQueue.octets, the newest', () => {
    const bench = connected({ settings: { upstream: { offlineQueue: { octets: 150 } } } });
    registered(bench, 'a/b');
    bench.down(1);
    for (const text of ['1', '2', '3']) {
      bench.from('s', frame('0c 00 0001 0000', text.repeat(60)));
    }
    bench.pass(1_000);
    expect(bench.up(3)).toEqual([`#3 PUBLISH qos0 a/b "${'2'.repeat(60)}"`, `#3 PUBLISH qos0 a/b "${'3'.repeat(60)}"`]);
  });

  it('still answers an unknown topic id with PUBACK 0x02 (P-2)', () => {
    const bench = publisher();
    bench.down(1);
    expect(bench.from('s', frame('0c 00 0009 0000', 'x'))).toEqual([sent('0d 0009 0000 02')]);
  });
});

/** A client that has registered a/b as topic id 1. */
function publisher(clean = true): CoreBench {
  const bench = clean ? connected() : persistent();
  registered(bench, 'a/b');
  return bench;
}

/** QoS 2, MsgId 3: the client has its PUBREC. */
function halfWay(bench: CoreBench): void {
  bench.from('s', frame('0c 40 0001 0003', 'x'));
  expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0003']);
}

/** Lets a client do something, loses the broker and brings it back as connection 3; `backLines`: what that led to. */
function lostAndBack(
  clean: boolean,
  sessionPresent: boolean,
  before: (bench: CoreBench) => unknown,
): CoreBench & { backLines: string[] } {
  const bench = publisher(clean);
  before(bench);
  breakUpstream(bench);
  return Object.assign(bench, { backLines: bench.up(3, sessionPresent) });
}
