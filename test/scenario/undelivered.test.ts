import { describe, expect, it } from '@jest/globals';
import type { Note } from '../../src/core/contract/note.ts';
import { CoreBench, connectFrame, frame, octets, publishLine } from '../support/core-bench.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

const A = 'xbee:a';

/** `s1` on a radio, on #1, with "c/d" as topic id 1; keep-alive 1000 s. */
function onRadio(duration = 1000): CoreBench {
  const bench = new CoreBench();
  bench.open('xbee');
  bench.subscriber(A, 's1', { duration });
  return bench;
}

/** The medium says that a frame did not arrive. */
function undelivered(bench: CoreBench, reason = 'no route', link = A): string[] {
  return bench.feed({ type: 'frame-undelivered', link, reason });
}

/** Why a client was given up, by the notes of the last step. */
function lostNotes(bench: CoreBench): Note[] {
  return bench.notes.filter(({ type }) => type === 'client-lost');
}

const lost = (reason: string): Note => ({ type: 'client-lost', clientId: 's1', link: A, reason, will: false });

describe('a frame that the medium could not deliver (I-26)', () => {
  it('is noted with the client at that address', () => {
    const bench = onRadio();
    expect(undelivered(bench)).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'frame-undelivered', clientId: 's1', link: A, reason: 'no route' }]);
  });

  it.each([['xbee:unknown'], ['udp:a'], ['serial:a'], ['']])(
    'is noted without one where no session is bound: %s',
    (link) => {
      const bench = onRadio();
      expect(undelivered(bench, 'no route', link)).toEqual([]);
      expect(bench.notes).toEqual([{ type: 'frame-undelivered', clientId: undefined, link, reason: 'no route' }]);
    },
  );

  it('is noted without one when the client has gone from there', () => {
    const bench = onRadio();
    bench.from(A, '02 18');
    undelivered(bench);
    expect(bench.notes).toEqual([{ type: 'frame-undelivered', clientId: undefined, link: A, reason: 'no route' }]);
  });

  it('changes no timer, ends nobody, writes nothing', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(4_000);
    const due = bench.core.nextDeadline;
    for (let count = 0; count < 100; count++) {
      expect(undelivered(bench)).toEqual([]);
    }
    expect(bench.stored).toEqual([]);
    expect(bench.core.nextDeadline).toBe(due);
    expect(bench.core.sessionCount).toBe(1);
    expect(bench.pass(5_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([publishLine(A, 'a0', 1, 'm')]);
  });

  it('is no sign of life: neither for keep-alive …', () => {
    const bench = onRadio(60);
    bench.pass(50_000);
    undelivered(bench);
    expect(bench.pass(39_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('… nor for giving up (T-r6)', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(1_000);
    undelivered(bench);
    expect(bench.pass(38_999)).toHaveLength(3);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('does not wake, move or end a sleeper', () => {
    const bench = onRadio();
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm');
    expect(undelivered(bench)).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'frame-undelivered', clientId: 's1', link: A, reason: 'no route' }]);
    expect(bench.pass(300_000)).toEqual([]);
    expect(bench.from(A, frame('16', 's1'))).toEqual([publishLine(A, '00', 0, 'm'), `${A} < 0217`]);
  });

  it('does not end an awake period: the message may have arrived all the same', () => {
    const bench = onRadio();
    bench.from(A, '04 18 01 2C');
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.from(A, frame('16', 's1'));
    undelivered(bench);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', `${A} < 0217`]);
  });

  it('does not abandon a CONNECT under way', () => {
    const bench = new CoreBench();
    bench.open('xbee');
    bench.from(A, frame('04 0c 01 003c', 's1'));
    expect(undelivered(bench)).toEqual([]);
    expect(bench.from(A, frame('07 00', 'w'))).toEqual([`${A} < 0208`]);
  });

  it('of a frame to a forwarder ends nobody behind it', () => {
    const bench = new CoreBench();
    bench.from('f', encapsulated('1234', frame('04 04 01 003c', 's')));
    bench.up(1);
    expect(undelivered(bench, 'no route', 'udp:f')).toEqual([]);
    expect(bench.notes).toEqual([
      { type: 'frame-undelivered', clientId: undefined, link: 'udp:f', reason: 'no route' },
    ]);
    expect(bench.from('f', encapsulated('1234', '0216'))).toEqual([`f < ${encapsulated('1234', '0217')}`]);
  });
});

describe('a client that is given up for not answering (T-r6)', () => {
  it('is lost for "no answer" alone where the medium said nothing', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(40_000);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH')]);
  });

  it('is lost with what the medium said', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(100);
    undelivered(bench);
    bench.pass(39_900);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH: no route')]);
  });

  it('is lost with what it said last', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    undelivered(bench, 'no acknowledgement');
    bench.pass(10_100);
    undelivered(bench, 'no route');
    bench.pass(29_900);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH: no route')]);
  });

  it.each([
    ['REGISTER', (bench: CoreBench) => bench.message(1, 'g/h', 'm')],
    [
      'PUBREL',
      (bench: CoreBench) => {
        bench.message(1, 'c/d', 'm', { qos: 2, packetId: 7 });
        bench.from(A, '04 0F 00 01');
        return bench.released(1, 7);
      },
    ],
  ] as const)('%s as well', (message, act) => {
    const bench = onRadio();
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    expect(act(bench)).toHaveLength(1);
    bench.pass(1);
    undelivered(bench);
    bench.pass(39_999);
    expect(lostNotes(bench)).toEqual([lost(`no answer to ${message}: no route`)]);
  });

  it.each([
    ['PINGREQ', '02 16'],
    ['an acknowledgement that fits nothing', '07 0D 00 01 00 63 00'],
    ['SEARCHGW', '03 01 00'],
  ])('%s heard since clears what the medium said', (_what, sign) => {
    const bench = onRadio();
    undelivered(bench);
    bench.pass(1_000);
    bench.from(A, sign);
    bench.pass(1_000);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(40_000);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH')]);
  });

  it('a malformed frame clears nothing (T-34)', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    undelivered(bench);
    bench.from(A, '03 16');
    bench.pass(40_000);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH: no route')]);
  });

  it('what the medium said of another client is nothing to it', () => {
    const bench = onRadio();
    bench.subscriber('xbee:b', 's2');
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    undelivered(bench, 'no route', 'xbee:b');
    bench.pass(40_000);
    expect(lostNotes(bench)).toEqual([lost('no answer to PUBLISH')]);
  });

  it('with something heard since the first transmission only the message is dropped, whatever the medium says', () => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.pass(1_000);
    bench.from(A, '02 16');
    undelivered(bench);
    expect(bench.pass(38_999)).toHaveLength(3);
    expect(bench.pass(1)).toEqual(['#1 PUBACK id7']);
  });

  it('a client lost by its keep-alive is lost for that', () => {
    const bench = onRadio(60);
    bench.pass(1_000);
    const without = onRadio(60);
    undelivered(bench);
    bench.pass(90_000);
    without.pass(90_001);
    expect(lostNotes(bench)).toHaveLength(1);
    expect(lostNotes(bench)).toEqual(lostNotes(without));
  });

  it.each([
    ['the same address', A],
    ['another one', 'udp:u'],
  ])('a CONNECT from %s clears it as any message does', (_where, link) => {
    const bench = onRadio();
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    undelivered(bench);
    bench.pass(40_000);
    expect(lostNotes(bench)).toHaveLength(1);
    bench.from(link, connectFrame('s1', false, 1000));
    const client = link.replace('udp:', '');
    expect(bench.up(2, true)).toEqual([`${client} < 030500`, `${client} < ${frame('0a 0001 0002', 'c/d')}`]);
    bench.pass(40_000);
    expect(lostNotes(bench)).toEqual([{ ...lost('no answer to REGISTER'), link }]);
  });

  it('behind a forwarder it is the node that the frame names', () => {
    const bench = new CoreBench();
    bench.open('xbee');
    bench.from(A, `05FE001234${connectFrame('node')}`);
    bench.up(1);
    bench.feed({ type: 'frame-undelivered', link: A, frame: octets('05 FE 00 12 34 02 17'), reason: 'no route' });
    expect(bench.notes).toEqual([
      { type: 'frame-undelivered', clientId: 'node', link: `${A}/1234`, reason: 'no route' },
    ]);
  });

  it('what was said at the address that it has left is noted without it', () => {
    const bench = onRadio();
    bench.from(A, '04 18 01 2C');
    expect(bench.from('u', frame('16', 's1'))).toEqual(['u < 0217']);
    undelivered(bench);
    expect(bench.notes).toEqual([{ type: 'frame-undelivered', clientId: undefined, link: A, reason: 'no route' }]);
  });
});
