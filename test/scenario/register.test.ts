import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, persistent, registered, sent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';

describe('REGISTER of a client (6.5)', () => {
  it('assigns ids upwards from 1 and answers with REGACK (R-1)', () => {
    const bench = connected();
    expect(bench.from('s', '09 0A 00 00 00 01 61 2F 62')).toEqual(['s < 070b0001000100']);
    expect(bench.from('s', '09 0A 00 00 00 02 61 2F 63')).toEqual(['s < 070b0002000200']);
  });

  it('ignores the TopicId of the client (R-1)', () => {
    expect(connected().from('s', '09 0A 12 34 00 01 61 2F 62')).toEqual(['s < 070b0001000100']);
  });

  it('gives the same id for the same name again (R-2)', () => {
    const bench = connected();
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    bench.from('s', frame('0a 0000 0002', 'a/c'));
    expect(bench.from('s', frame('0a 0000 0003', 'a/b'))).toEqual([sent('0b 0001 0003 00')]);
    expect(bench.from('s', frame('0a 0000 0001', 'a/b'))).toEqual([sent('0b 0001 0001 00')]);
  });

  it('gives the same id by SUBSCRIBE and REGISTER (R-2, U-1)', () => {
    const bench = connected();
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    expect(bench.from('s', frame('12 00 0002', 'a/b'))).toEqual(['#1 SUBSCRIBE id1 a/b qos0']);
    expect(bench.suback(1, 1, 0)).toEqual([sent('13 00 0001 0002 00')]);
  });

  it('answers every REGISTER at once, also with a request of the client pending (R-3, T-36)', () => {
    const bench = connected();
    bench.from('s', frame('12 00 0001', 'x'));
    expect(bench.from('s', frame('0a 0000 0002', 'a'))).toEqual([sent('0b 0002 0002 00')]);
    expect(bench.from('s', frame('0a 0000 0003', 'b'))).toEqual([sent('0b 0003 0003 00')]);
  });

  it('takes MsgId 0 as an ordinary id and echoes it (T-13)', () => {
    expect(connected().from('s', frame('0a 0000 0000', 'a/b'))).toEqual([sent('0b 0001 0000 00')]);
  });

  it.each([
    ['with #', '23'],
    ['with a level #', '61 2F 23'],
    ['with a level +', '61 2F 2B'],
    ['with + inside a level', '61 2B 62'],
    ['empty', ''],
    ['of invalid UTF-8', 'C3 28'],
    ['with U+0000', '61 00 62'],
  ])('rejects a name %s with 0x03 and TopicId 0 (R-9, T-14, T-48)', (_what, name) => {
    const bench = connected();
    expect(bench.from('s', frame(`0a 0000 0005 ${name}`))).toEqual(['s < 070b0000000503']);
    expect(registered(bench, 'next')).toBe('0001');
  });

  it('rejects a new name with 0x01 and TopicId 0 where the table is full, known names still get their id (R-10, T-14)', () => {
    const bench = connected({ settings: { clients: { maxTopics: 2 } } });
    registered(bench, 'a');
    registered(bench, 'b');
    expect(bench.from('s', frame('0a 0000 0003', 'c'))).toEqual(['s < 070b0000000301']);
    expect(bench.from('s', frame('0a 0000 0004', 'b'))).toEqual([sent('0b 0002 0004 00')]);
  });

  it('keeps a table for each client (R-10)', () => {
    const bench = connected();
    bench.connect('t');
    registered(bench, 'a');
    expect(bench.from('t', frame('0a 0000 0001', 'b'))).toEqual(['t < 070b0001000100']);
    expect(bench.from('t', frame('0c 00 0001 0000', 'x'))).toEqual(['#2 PUBLISH qos0 b "x"']);
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 a "x"']);
  });
});

describe('lifetime of topic ids (R-11 to R-13, T-15)', () => {
  it('keeps the table of a persistent session over DISCONNECT: the client may go on publishing (R-11)', () => {
    const bench = persistent();
    registered(bench, 'a/b');
    bench.from('s', '02 18');
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', frame('0a 0000 0001', 'a/b'))).toEqual([sent('0b 0001 0001 00')]);
  });

  it('empties the table with CleanSession, but does not start at 1 again (S-4, R-13)', () => {
    const bench = persistent();
    registered(bench, 'a/b');
    bench.from('s', connectFrame('s', true, 1000));
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual([sent('0d 0001 0000 02')]);
    expect(registered(bench, 'c/d')).toBe('0002');
  });

  it('does not start at 1 again for a client that left and connects clean again (R-13, I-17)', () => {
    const bench = connected();
    registered(bench, 'a/b');
    bench.from('s', '02 18');
    bench.connect('s');
    expect(registered(bench, 'a/b')).toBe('0002');
  });

  it('nor do MsgIds of messages to it: a late answer to one of the session before counts for none of the new one (I-17)', () => {
    const bench = connected();
    expect(bench.message(1, 'ab', 'old', { qos: 2, packetId: 1 })).toEqual([sent('0c 42 6162 0001', 'old')]);
    bench.from('s', '02 18');
    bench.connect('s');
    expect(bench.message(2, 'ab', 'new', { qos: 2, packetId: 1 })).toEqual([sent('0c 42 6162 0002', 'new')]);
    expect(bench.from('s', '04 0f 00 01')).not.toContainEqual(expect.stringContaining('#2'));
    expect(bench.from('s', '04 0f 00 02')).toContainEqual(expect.stringContaining('#2 PUBREC'));
  });

  it('keeps what the client knows through sleep (R-11, SL-18)', () => {
    const bench = connected();
    subscribed(bench, 'a/b', 0);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'a/b', 'on');
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 00 0001 0000', 'on'), 's < 0217']);
  });

  it('registers again, with the same id, what a reconnected client subscribed before (R-5, R-11)', () => {
    const bench = reconnected();
    expect(bench.message(2, 'a/b', 'on')).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', 'on')]);
    expect(bench.message(2, 'a/b', 'off')).toEqual([sent('0c 00 0001 0000', 'off')]);
  });

  it('knows after a REGACK of its own that the client knows the id (R-12)', () => {
    const bench = reconnected();
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    expect(bench.message(2, 'a/b', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
  });

  it('knows after a PUBLISH with the id that the client knows it (R-12)', () => {
    const bench = reconnected();
    bench.from('s', frame('0c 00 0001 0000', 'x'));
    expect(bench.message(2, 'a/b', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
  });

  it('knows after a SUBACK with the id that the client knows it (R-12)', () => {
    const bench = reconnected();
    subscribed(bench, 'a/b', 0, 2);
    expect(bench.message(2, 'a/b', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
  });
});

describe('REGISTER of the gateway (6.5, 6.10)', () => {
  it('comes before the first PUBLISH of a topic reached by a wildcard, which waits for REGACK (R-5, R-6, U-2)', () => {
    const bench = wildcard();
    expect(bench.message(1, 'a/b', 'on')).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.message(1, 'a/b', 'off')).toEqual([]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([
      sent('0c 00 0001 0000', 'on'),
      sent('0c 00 0001 0000', 'off'),
    ]);
  });

  it('is never outstanding twice for one client (R-7)', () => {
    const bench = wildcard();
    expect(bench.message(1, 'a/b', '1')).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.message(1, 'a/c', '2')).toEqual([]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([
      sent('0c 00 0001 0000', '1'),
      sent('0a 0002 0002', 'a/c'),
    ]);
    expect(bench.from('s', frame('0b 0002 0002 00'))).toEqual([sent('0c 00 0002 0000', '2')]);
  });

  it.each([
    ['another MsgId', '0b 0001 0002 00'],
    ['another TopicId', '0b 0002 0001 00'],
    ['another TopicId, rejecting', '0b 0002 0001 03'],
    ['another MsgId, rejecting', '0b 0000 0002 03'],
  ])('is not ended by a REGACK with %s (R-14)', (_what, regack) => {
    const bench = wildcard();
    bench.message(1, 'a/b', 'on');
    expect(bench.from('s', frame(regack))).toEqual([]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', 'on')]);
  });

  it('ignores a REGACK where no REGISTER is outstanding (R-14)', () => {
    const bench = wildcard();
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([]);
    expect(bench.message(1, 'a/b', 'on')).toEqual([sent('0a 0001 0001', 'a/b')]);
  });

  it('takes a rejection with TopicId 0 as its answer (I-10)', () => {
    const bench = wildcard();
    bench.message(1, 'a/b', 'on', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame('0b 0000 0001 03'))).toEqual(['#1 PUBACK id10']);
  });

  it('rejected: unsubscribes from the exact topic and drops what waits for it (R-8, T-38)', () => {
    const bench = reconnected();
    subscribed(bench, 'c/d', 0, 2);
    bench.message(2, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.message(2, 'a/b', '2', { packetId: 11, qos: 1 });
    bench.message(2, 'a/b', '3');
    bench.message(2, 'c/d', '4');
    expect(bench.from('s', frame('0b 0001 0001 03'))).toEqual([
      '#2 PUBACK id10',
      '#2 UNSUBSCRIBE id3 a/b',
      '#2 PUBACK id11',
      sent('0c 00 0002 0000', '4'),
    ]);
  });

  it('rejected while SUBSCRIBE to just this topic is at the broker: what waits for it comes behind SUBACK (T-39, I-31)', () => {
    const bench = reconnected();
    bench.message(2, 'a/b', '1', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame('12 20 0007', 'a/b'))).toEqual(['#2 SUBSCRIBE id2 a/b qos1']);
    expect(bench.from('s', frame('0b 0001 0001 03'))).toEqual([]);
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.suback(2, 2, 1)).toEqual([sent('13 20 0001 0007 00'), sent('0c 20 0001 0002', '1')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#2 PUBACK id10']);
  });

  it('rejected once more where the broker has refused that SUBSCRIBE: unsubscribed (R-8)', () => {
    const bench = reconnected();
    bench.message(2, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.from('s', frame('12 20 0007', 'a/b'));
    bench.from('s', frame('0b 0001 0001 03'));
    const lines = bench.suback(2, 2, 0x80);
    expect(lines).toEqual([sent('13 00 0000 0007 03'), expect.stringMatching(/^s < 090a0001....612f62$/)]);
    const again = lines[1]?.slice(12, 16);
    expect(bench.from('s', frame(`0b 0001 ${again} 03`))).toEqual(['#2 PUBACK id10', '#2 UNSUBSCRIBE id3 a/b']);
  });

  it('rejected by a wildcard subscriber: the message is dropped, the subscription stays, the name is not tried again (R-8, T-38)', () => {
    const bench = wildcard();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame('0b 0001 0001 03'))).toEqual(['#1 PUBACK id10']);
    expect(bench.message(1, 'a/b', '2')).toEqual([]);
    expect(bench.message(1, 'a/b', '3', { packetId: 11, qos: 1 })).toEqual(['#1 PUBACK id11']);
    expect(bench.message(1, 'a/c', '4')).toEqual([sent('0a 0002 0002', 'a/c')]);
  });

  it('rejected for a name that is subscribed exactly and by a wildcard: only the exact one is ended (R-8)', () => {
    const bench = reconnected();
    subscribed(bench, 'a/#', 1, 2);
    bench.message(2, 'a/b', '1');
    expect(bench.from('s', frame('0b 0001 0001 03'))).toEqual(['#2 UNSUBSCRIBE id3 a/b']);
    expect(bench.message(2, 'a/c', '2')).toEqual([sent('0a 0002 0002', 'a/c')]);
  });

  it('is tried again for a refused name after the next CONNECT (T-38)', () => {
    const bench = persistent();
    subscribed(bench, 'a/#', 1);
    bench.message(1, 'a/b', '1');
    bench.from('s', frame('0b 0001 0001 03'));
    bench.from('s', '02 18');
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(bench.message(2, 'a/b', '2')).toEqual([sent('0a 0001 0002', 'a/b')]);
  });

  it('rejected with 0x01: is repeated after T_retry, the subscription stays (T-38)', () => {
    const bench = reconnected();
    bench.message(2, 'a/b', 'on');
    expect(bench.from('s', frame('0b 0001 0001 01'))).toEqual([]);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', 'on')]);
  });
});

describe('a client that never answers REGISTER (T-37)', () => {
  it('is not lost while it talks: the message is given up, the rest goes on, and the topic is tried again (T-r6)', () => {
    const bench = wildcard();
    subscribed(bench, 'x/y', 1);
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.message(1, 'x/y', '2');
    bench.pass(5_000);
    bench.from('s', '02 16');
    bench.pass(34_999);
    expect(bench.pass(1)).toEqual(['#1 PUBACK id10', sent('0c 00 0001 0000', '2')]);
    expect(bench.message(1, 'a/b', '3')).toEqual([sent('0a 0002 0002', 'a/b')]);
    expect(bench.core.sessionCount).toBe(1);
  });
});

describe('normal and pre-defined ids (T-16)', () => {
  const predefined = { '*': { 10: 'x/y' } };

  it('starts normal ids above the highest pre-defined one', () => {
    expect(registered(connected({ predefined }), 'a/b')).toBe('000b');
  });

  it('gives a normal id for a name that has a pre-defined one', () => {
    const bench = connected({ predefined });
    expect(registered(bench, 'x/y')).toBe('000b');
    expect(bench.from('s', frame('0c 00 000b 0000', '1'))).toEqual(['#1 PUBLISH qos0 x/y "1"']);
    expect(bench.from('s', frame('0c 01 000a 0000', '2'))).toEqual(['#1 PUBLISH qos0 x/y "2"']);
  });

  it('never looks one kind up in the space of the other', () => {
    const bench = connected({ predefined });
    registered(bench, 'a/b');
    expect(bench.from('s', frame('0c 00 000a 0000', '1'))).toEqual([sent('0d 000a 0000 02')]);
    expect(bench.from('s', frame('0c 01 000b 0000', '2'))).toEqual([sent('0d 000b 0000 02')]);
  });

  it('delivers with the normal id what was subscribed by name, with the pre-defined one what was subscribed by both (G-8)', () => {
    const bench = connected({ predefined });
    subscribed(bench, 'x/y', 0);
    expect(bench.message(1, 'x/y', '1')).toEqual([sent('0c 00 000b 0000', '1')]);
    subscribedWith(bench, '07 12 01 00 06 00 0A', 0);
    expect(bench.message(1, 'x/y', '2')).toEqual([sent('0c 01 000a 0000', '2')]);
  });
});

/** A client that subscribed to a/#, QoS 1. */
function wildcard(): CoreBench {
  const bench = connected();
  subscribed(bench, 'a/#', 1);
  return bench;
}

/** A persistent client that subscribed to a/b (id 1), left, and is back on connection 2; the broker kept its session. */
function reconnected(): CoreBench {
  const bench = persistent();
  subscribed(bench, 'a/b', 1);
  bench.from('s', '02 18');
  bench.connect('s', 's', { clean: false, duration: 1000, sessionPresent: true });
  return bench;
}
