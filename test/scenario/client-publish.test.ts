import { describe, expect, it } from '@jest/globals';
import { type CoreBench, frame, hex16 } from '../support/core-bench.ts';
import { connected, longFrame, registered, sent } from '../support/core-bench-traffic.ts';

describe('client publish, QoS 0 (6.6)', () => {
  it('is passed on and never acknowledged (P-10)', () => {
    expect(publisher().from('s', '0B 0C 00 00 01 00 00 32 31 2E 35')).toEqual(['#1 PUBLISH qos0 a/b "21.5"']);
  });

  it('is passed on with any MsgId, which is ignored (T-13)', () => {
    const bench = publisher();
    expect(bench.from('s', frame('0c 00 0001 0009', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', frame('0c 00 0001 0009', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
  });

  it('passes Retain on, also with an empty payload (P-9)', () => {
    const bench = publisher();
    expect(bench.from('s', '08 0C 10 00 01 00 00 78')).toEqual(['#1 PUBLISH qos0 a/b "x" retain']);
    expect(bench.from('s', '07 0C 10 00 01 00 00')).toEqual(['#1 PUBLISH qos0 a/b "" retain']);
    expect(bench.from('s', '07 0C 00 00 01 00 00')).toEqual(['#1 PUBLISH qos0 a/b ""']);
  });

  it('is passed on whole from the long form', () => {
    const payload = 'U'.repeat(249);
    expect(publisher().from('s', longFrame('0c 00 0001 0000', payload))).toEqual([`#1 PUBLISH qos0 a/b "${payload}"`]);
  });

  it('goes to the broker before the DISCONNECT that follows in the next instant', () => {
    const bench = publisher();
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', '02 18')).toEqual(['s < 0218', '#1 DISCONNECT']);
  });
});

describe('client publish, QoS 1 (6.6, 3.3)', () => {
  it('is acknowledged when the broker has acknowledged, not before (P-1, P-7)', () => {
    const bench = publisher();
    expect(bench.from('s', '08 0C 20 00 01 00 02 78')).toEqual(['#1 PUBLISH qos1 id1 a/b "x"']);
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['s < 070d0001000200']);
  });

  it('passes Retain on, and never the DUP of the radio hop (P-9, T-19)', () => {
    const bench = publisher();
    expect(bench.from('s', frame('0c b0 0001 0002', 'x'))).toEqual(['#1 PUBLISH qos1 id1 a/b "x" retain']);
  });

  it('is not forwarded again while the broker has not answered, and then acknowledged once (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual([]);
    expect(bench.from('s', frame('0c 20 0001 0002', 'x'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
  });

  it('is acknowledged again, not forwarded, where a repeat with DUP comes after the acknowledgement (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.acked(1, 'PUBACK', 1);
    expect(bench.pass(39_000)).toEqual([]);
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual([sent('0d 0001 0002 00')]);
  });

  it('is recognised among the last 16 that were acknowledged (3.3)', () => {
    const bench = publisher();
    for (let id = 1; id <= 16; id++) {
      bench.from('s', frame(`0c 20 0001 ${hex16(id)}`, 'x'));
      expect(bench.acked(1, 'PUBACK', id)).toEqual([sent(`0d 0001 ${hex16(id)} 00`)]);
    }
    for (let id = 1; id <= 16; id++) {
      expect(bench.from('s', frame(`0c a0 0001 ${hex16(id)}`, 'x'))).toEqual([sent(`0d 0001 ${hex16(id)} 00`)]);
    }
  });

  it('is a new message where DUP is not set (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.acked(1, 'PUBACK', 1);
    expect(bench.from('s', frame('0c 20 0001 0002', 'x'))).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']);
  });

  it('is a new message where DUP is set, but the TopicId is another (3.3)', () => {
    const bench = publisher();
    registered(bench, 'a/c');
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.acked(1, 'PUBACK', 1);
    expect(bench.from('s', frame('0c a0 0002 0002', 'x'))).toEqual(['#1 PUBLISH qos1 id2 a/c "x"']);
  });

  it('is a new message where DUP is set, but T_retry·(N_retry+1) are over (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.acked(1, 'PUBACK', 1);
    bench.pass(40_001);
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']);
  });

  it('takes MsgId 0 as an ordinary id and echoes it (T-13)', () => {
    const bench = publisher();
    expect(bench.from('s', frame('0c 20 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos1 id1 a/b "x"']);
    expect(bench.from('s', frame('0c a0 0001 0000', 'x'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0000 00')]);
  });

  it('answers with the TopicId of that publish, in whatever order the broker acknowledges (T-22)', () => {
    const bench = publisher();
    registered(bench, 'a/c');
    bench.from('s', frame('0c 20 0001 0002', 'x'));
    bench.from('s', frame('0c 20 0002 0003', 'y'));
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 0002 0003 00')]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('uses the ids of each direction by themselves (1.5)', () => {
    const bench = publisher();
    expect(bench.message(1, 'a/b', 'in', { packetId: 1, qos: 1 })).toEqual([sent('0c 20 0001 0001', 'in')]);
    expect(bench.from('s', frame('0c 20 0001 0001', 'out'))).toEqual(['#1 PUBLISH qos1 id1 a/b "out"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id1']);
  });
});

describe('client publish, QoS 2 (6.6, 3.3)', () => {
  it('goes in step with the broker (P-1)', () => {
    const bench = publisher();
    expect(bench.from('s', '08 0C 40 00 01 00 03 78')).toEqual(['#1 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('absorbs repeats before PUBREC, answers them with PUBREC after it, whatever DUP says (T-18)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual([]);
    expect(bench.from('s', frame('0c 40 0001 0003', 'x'))).toEqual([]);
    bench.acked(1, 'PUBREC', 1);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
    expect(bench.from('s', frame('0c 40 0001 0003', 'x'))).toEqual(['s < 040f0003']);
  });

  it('answers a repeat with PUBREC also after PUBREL, while PUBCOMP is not there (T-18)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    bench.acked(1, 'PUBREC', 1);
    bench.from('s', '04 10 00 03');
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
  });

  it('sends no second PUBREL to the broker for a repeated one, and no PUBCOMP before the broker (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    bench.acked(1, 'PUBREC', 1);
    bench.from('s', '04 10 00 03');
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
  });

  it('answers a repeat after the end with PUBREC and its PUBREL with PUBCOMP, without forwarding (T-18)', () => {
    const bench = publisher();
    exactlyOnce(bench);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
  });

  it('is a new message after the end where DUP is not set (T-18)', () => {
    const bench = publisher();
    exactlyOnce(bench);
    expect(bench.from('s', frame('0c 40 0001 0003', 'y'))).toEqual(['#1 PUBLISH qos2 id2 a/b "y"']);
  });

  it('takes MsgId 0 as an ordinary id and echoes it (T-13)', () => {
    const bench = publisher();
    expect(bench.from('s', frame('0c 40 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0000']);
    expect(bench.from('s', '04 10 00 00')).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0000']);
  });

  it('does not release early: PUBREL before PUBREC is no reason for anything upstream (3.3)', () => {
    const bench = publisher();
    bench.from('s', frame('0c 40 0001 0003', 'x'));
    expect(bench.from('s', '04 10 00 03').filter((line) => line.startsWith('#1'))).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id1']);
  });

  it('answers PUBREL with an unknown MsgId with PUBCOMP, PUBREC with PUBREL (P-8)', () => {
    const bench = publisher();
    expect(bench.from('s', '04 10 00 63')).toEqual(['s < 040e0063']);
    expect(bench.from('s', '04 0F 00 63')).toEqual(['s < 04100063']);
  });
});

describe('client publish to pre-defined and short topics (6.7)', () => {
  it('looks a pre-defined id up in the configuration, the client before all clients', () => {
    const bench = connected({ predefined: { '*': { 10: 'common/10', 11: 'common/11' }, s: { 10: 'own/10' } } });
    expect(bench.from('s', frame('0c 01 000a 0000', 'x'))).toEqual(['#1 PUBLISH qos0 own/10 "x"']);
    expect(bench.from('s', frame('0c 01 000b 0000', 'x'))).toEqual(['#1 PUBLISH qos0 common/11 "x"']);
  });

  it('takes the two octets of a short topic as the name and echoes them (P-5, T-22)', () => {
    const bench = connected();
    expect(bench.from('s', '09 0C 22 74 70 00 04 34 32')).toEqual(['#1 PUBLISH qos1 id1 tp "42"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['s < 070d7470000400']);
    expect(bench.from('s', frame('0c 02 c3a9 0000', 'x'))).toEqual(['#1 PUBLISH qos0 é "x"']);
  });

  it.each([
    ['+', '612b'],
    ['#', '2361'],
    ['NUL', '6100'],
    ['invalid UTF-8', 'c328'],
  ])('answers a short topic with %s with PUBACK 0x03 (T-17)', (_what, topic) => {
    expect(connected().from('s', frame(`0c 22 ${topic} 0004`, 'x'))).toEqual([sent(`0d ${topic} 0004 03`)]);
  });

  it('names a pre-defined id that is not configured in its note', () => {
    const bench = connected();
    bench.from('s', frame('0c 01 0063 0000', 'x'));
    expect(bench.notes).toEqual([
      expect.objectContaining({ type: 'request-rejected', clientId: 's', message: 'PUBLISH', predefinedId: 99 }),
    ]);
  });

  it.each([
    ['0', '0c 01 0063 0000'],
    ['1', '0c 21 0063 0000'],
    ['2', '0c 41 0063 0000'],
  ])('answers an unknown pre-defined id with PUBACK 0x02, QoS %s (P-4)', (_qos, publish) => {
    expect(connected().from('s', frame(publish, 'x'))).toEqual([sent('0d 0063 0000 02')]);
  });
});

describe('rejected client publishes (6.6)', () => {
  it.each([
    ['0', '0c 00 0009 0000', '0d 0009 0000 02'],
    ['0 with MsgId', '0c 00 0009 0005', '0d 0009 0005 02'],
    ['1', '0c 20 0009 0002', '0d 0009 0002 02'],
    ['2', '0c 40 0009 0003', '0d 0009 0003 02'],
    ['1, reserved id 0', '0c 20 0000 0002', '0d 0000 0002 02'],
    ['1, reserved id 0xFFFF', '0c 20 ffff 0002', '0d ffff 0002 02'],
  ])('answers an unknown topic id with PUBACK 0x02, QoS %s (P-2, T-20)', (_qos, publish, puback) => {
    expect(publisher().from('s', frame(publish, 'x'))).toEqual([sent(puback)]);
  });

  it.each(['03', '23', '43'])('answers TopicIdType 11 with PUBACK 0x03, flags 0x%s (T-20)', (flags) => {
    expect(publisher().from('s', frame(`0c ${flags} 0001 0002`, 'x'))).toEqual([sent('0d 0001 0002 03')]);
  });

  it('does not remember a rejected MsgId: after REGISTER the repeat is forwarded (P-2)', () => {
    const bench = connected();
    expect(bench.from('s', frame('0c 20 0001 0002', 'x'))).toEqual([sent('0d 0001 0002 02')]);
    registered(bench, 'a/b');
    expect(bench.from('s', frame('0c a0 0001 0002', 'x'))).toEqual(['#1 PUBLISH qos1 id1 a/b "x"']);
  });

  it('accepts 16 QoS 1/2 publishes at a time in order, answers more with PUBACK 0x01 (T-36, P-3)', () => {
    const bench = publisher();
    for (let id = 1; id <= 16; id++) {
      const [flags, qos] = id % 2 === 0 ? ['40', 2] : ['20', 1];
      const msgId = id.toString(16).padStart(4, '0');
      expect(bench.from('s', frame(`0c ${flags} 0001 ${msgId}`, 'x'))).toEqual([
        `#1 PUBLISH qos${qos} id${id} a/b "x"`,
      ]);
    }
    expect(bench.from('s', frame('0c 20 0001 0011', 'x'))).toEqual([sent('0d 0001 0011 01')]);
    expect(bench.from('s', frame('0c 40 0001 0012', 'x'))).toEqual([sent('0d 0001 0012 01')]);
    expect(bench.from('s', frame('0c a0 0001 0001', 'x'))).toEqual([]); // a repeat of the first is none more
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
    expect(bench.from('s', frame('0c 20 0001 0011', 'x'))).toEqual(['#1 PUBLISH qos1 id17 a/b "x"']);
  });
});

/** A client that has registered a/b as topic id 1. */
function publisher(): CoreBench {
  const bench = connected();
  registered(bench, 'a/b');
  return bench;
}

/** MsgId 3, published with QoS 2 to the end. */
function exactlyOnce(bench: CoreBench): void {
  bench.from('s', frame('0c 40 0001 0003', 'x'));
  bench.acked(1, 'PUBREC', 1);
  bench.from('s', '04 10 00 03');
  expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['s < 040e0003']);
}
