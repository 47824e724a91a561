import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import {
  breakUpstream,
  connected,
  persistent,
  sent,
  subscribed,
  subscribedWith,
} from '../support/core-bench-traffic.ts';

const predefined = { '*': { 10: 'x/y' } };

describe('UNSUBSCRIBE (6.9)', () => {
  it('by name, by pre-defined id and by short name: UNSUBACK after the broker’s (U-9)', () => {
    const bench = connected({ predefined });
    subscribed(bench, 'cmd/s1/led');
    subscribedWith(bench, '07 12 21 00 06 00 0A');
    subscribedWith(bench, '07 12 22 00 07 74 70');
    expect(bench.from('s', '0F 14 00 00 08 63 6D 64 2F 73 31 2F 6C 65 64')).toEqual(['#1 UNSUBSCRIBE id4 cmd/s1/led']);
    expect(bench.unsuback(1, 4)).toEqual(['s < 04150008']);
    expect(bench.from('s', '07 14 01 00 09 00 0A')).toEqual(['#1 UNSUBSCRIBE id5 x/y']);
    expect(bench.unsuback(1, 5)).toEqual(['s < 04150009']);
    expect(bench.from('s', '07 14 02 00 0A 74 70')).toEqual(['#1 UNSUBSCRIBE id6 tp']);
    expect(bench.unsuback(1, 6)).toEqual(['s < 0415000a']);
  });

  it('of a name that was never subscribed is answered (U-9, T-40)', () => {
    expect(connected().from('s', frame('14 00 0008', 'never'))).toEqual([sent('15 0008')]);
  });

  it('of a subscription that only the broker remembers is passed on: the gateway was restarted (3.1, 3.4)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual(['#1 UNSUBSCRIBE id1 a/b']);
    expect(bench.unsuback(1, 1)).toEqual([sent('15 0008')]);
  });

  it.each([
    ['an unknown pre-defined id', '07 14 01 00 09 00 63'],
    ['an invalid filter', frame('14 00 0009', 'a/#/b')],
    ['invalid UTF-8', frame('14 00 0009 c328')],
    ['an empty name', '05 14 00 00 09'],
    ['TopicIdType 11', '07 14 03 00 09 00 0A'],
    ['a short name with +', '07 14 02 00 09 61 2B'],
  ])('of %s is answered at once, nothing upstream (U-9)', (_what, unsubscribe) => {
    expect(connected({ predefined }).from('s', unsubscribe)).toEqual(['s < 04150009']);
  });

  it('with MsgId 0: echoed (T-13)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.from('s', frame('14 00 0000', 'a/b'));
    expect(bench.unsuback(1, 2)).toEqual([sent('15 0000')]);
  });

  it('repeated while pending: answered once; repeated after the answer: answered again', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual(['#1 UNSUBSCRIBE id2 a/b']);
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual([]);
    expect(bench.unsuback(1, 2)).toEqual([sent('15 0008')]);
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual([sent('15 0008')]);
  });

  it('leaves the topic id: the client may go on publishing (U-10)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.from('s', frame('14 00 0008', 'a/b'));
    bench.unsuback(1, 2);
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
  });

  it('drops the messages of that filter which wait (T-40)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    subscribed(bench, 'c');
    bench.message(1, 'c', '1', { packetId: 9, qos: 1 }); // under way: the rest waits
    bench.message(1, 'a/b', '2', { packetId: 10, qos: 1 });
    bench.message(1, 'a/b', '3');
    bench.message(1, 'c', '4');
    const lines = [...bench.from('s', frame('14 00 0008', 'a/b')), ...bench.unsuback(1, 3)];
    expect([...lines].sort()).toEqual(['#1 PUBACK id10', '#1 UNSUBSCRIBE id3 a/b', sent('15 0008')]);
    expect(bench.from('s', frame('0d 0002 0001 00'))).toEqual(['#1 PUBACK id9', sent('0c 00 0002 0000', '4')]);
  });

  it('drops those of a shared filter too (T-40)', () => {
    const bench = connected();
    subscribed(bench, '$share/g/a/#', 1);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    const lines = bench.from('s', frame('14 00 0009', '$share/g/a/#'));
    expect(lines).toEqual([expect.stringMatching(/^#1 UNSUBSCRIBE id\d+ \$share\/g\/a\/#$/)]);
    expect(bench.unsuback(1, Number(/id(\d+)/.exec(lines[0] ?? '')?.[1]))).toEqual(['#1 PUBACK id10', 's < 04150009']);
  });

  it('keeps waiting messages that a shared filter still matches (T-40)', () => {
    const bench = connected();
    subscribed(bench, '$share/g/a/#', 1);
    subscribed(bench, 'a/b', 1);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    const lines = bench.from('s', frame('14 00 0009', 'a/b'));
    expect(bench.unsuback(1, Number(/id(\d+)/.exec(lines[0] ?? '')?.[1]))).toEqual(['s < 04150009']);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', '1')]);
  });

  it('keeps waiting messages that another subscription still matches (T-40)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    subscribed(bench, 'a/#');
    subscribed(bench, 'c');
    bench.message(1, 'c', '1', { packetId: 9, qos: 1 });
    bench.message(1, 'a/b', '2');
    bench.from('s', frame('14 00 0008', 'a/b'));
    bench.unsuback(1, 4);
    expect(bench.from('s', frame('0d 0002 0001 00'))).toEqual(['#1 PUBACK id9', sent('0c 00 0001 0000', '2')]);
  });
});

describe('requests while the broker is away (3.5 item 3)', () => {
  it('SUBSCRIBE gets no answer and is sent once when the broker is back', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(bench.from('s', frame('12 20 0004', 'a/b'))).toEqual([]);
    expect(bench.from('s', frame('12 a0 0004', 'a/b'))).toEqual([]);
    expect(bench.up(3)).toEqual(['#3 SUBSCRIBE id1 a/b qos1']);
    expect(bench.suback(3, 1, 1)).toEqual([sent('13 20 0001 0004 00')]);
  });

  it('a SUBSCRIBE that the broker had not answered is sent again', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    breakUpstream(bench);
    const lines = bench.up(3);
    expect(lines).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ a\/b qos1$/)]);
    const packetId = Number(/id(\d+)/.exec(lines[0] ?? '')?.[1]);
    expect(bench.suback(3, packetId, 1)).toEqual([sent('13 20 0001 0004 00')]);
  });

  it('UNSUBSCRIBE is answered at once and carried out when the broker is back', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual([sent('15 0008')]);
    expect(bench.up(3, true)).toEqual([expect.stringMatching(/^#3 UNSUBSCRIBE id\d+ a\/b$/)]);
  });

  it('UNSUBSCRIBE, and a broker that lost the session: the topic is not subscribed again', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    expect(bench.from('s', frame('14 00 0008', 'a/b'))).toEqual([sent('15 0008')]);
    expect(bench.up(3).filter((line) => line.includes(' SUBSCRIBE '))).toEqual([]);
  });

  it('a rejected SUBSCRIBE is rejected locally, too', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(bench.from('s', frame('12 20 0006', 'a/#/b'))).toEqual([sent('13 00 0000 0006 03')]);
  });
});

describe('subscriptions after the broker lost the session (3.4, 3.5 item 6)', () => {
  it('are made again with the QoS that was asked for, the client notices nothing', () => {
    const bench = connected({ predefined });
    subscribed(bench, 'a/b', 2);
    subscribed(bench, 'c/#', 1);
    subscribedWith(bench, '07 12 01 00 06 00 0A', 0);
    breakUpstream(bench);
    const lines = bench.up(3);
    const ids = lines.map((line) => Number(/ id(\d+) /.exec(line)?.[1]));
    expect(lines).toEqual([
      `#3 SUBSCRIBE id${ids[0]} a/b qos2`,
      `#3 SUBSCRIBE id${ids[1]} c/# qos1`,
      `#3 SUBSCRIBE id${ids[2]} x/y qos0`,
    ]);
    expect(new Set(ids).size).toBe(3);
    expect(ids.flatMap((id, index) => bench.suback(3, id, 2 - index))).toEqual([]);
    expect(bench.message(3, 'a/b', 'on')).toEqual([sent('0c 00 000b 0000', 'on')]);
  });

  it('are left to the broker where it kept the session', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    expect(bench.up(3, true)).toEqual([]);
  });

  it('are made again, all of them, before CONNACK of a client that comes back (3.4)', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    subscribed(bench, 'c/#', 2);
    bench.from('s', '02 18');
    expect(bench.from('s', '07 04 00 01 00 3C 73')).toEqual(['#2 CONNECT s']);
    const lines = bench.up(2, false);
    const [first, second] = lines.map((line) => Number(/ id(\d+) /.exec(line)?.[1]));
    if (first === undefined || second === undefined) {
      throw new Error('two SUBSCRIBEs expected');
    }
    expect(lines).toEqual([`#2 SUBSCRIBE id${first} a/b qos1`, `#2 SUBSCRIBE id${second} c/# qos2`]);
    expect(bench.suback(2, first, 1)).toEqual([]);
    expect(bench.suback(2, second, 2)).toEqual(['s < 030500']);
  });

  it('rejected by the broker do not keep the CONNACK back', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    bench.from('s', '02 18');
    bench.from('s', '07 04 00 01 00 3C 73');
    const [line = ''] = bench.up(2, false);
    expect(bench.suback(2, Number(/ id(\d+) /.exec(line)?.[1]), 0x80)).toEqual(['s < 030500']);
  });

  it('that were ended before are not made again', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    subscribed(bench, 'c');
    bench.from('s', frame('14 00 0008', 'a/b'));
    bench.unsuback(1, 3);
    breakUpstream(bench);
    expect(bench.up(3)).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ c qos1$/)]);
  });

  it('that the broker rejects now are given up: not made again the next time', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    const [line = ''] = bench.up(3);
    expect(bench.suback(3, Number(/ id(\d+) /.exec(line)?.[1]), 0x80)).toEqual([]);
    bench.pass(60_000);
    bench.down(3);
    expect(bench.pass(1_000).filter((effect) => effect.includes('CONNECT s'))).toHaveLength(1);
    expect(bench.up(4).filter((effect) => effect.includes('SUBSCRIBE'))).toEqual([]);
  });

  it('that the broker rejected at first are never made again (3.6)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    bench.suback(1, 1, 0x80);
    breakUpstream(bench);
    expect(bench.up(3)).toEqual([]);
  });

  it('of a clean session are over with it: nothing is made again after a new CONNECT (S-4)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.from('s', '02 18');
    bench.from('s', '07 04 00 01 00 3C 73');
    expect(bench.up(2)).toEqual(['s < 030500']);
  });
});
