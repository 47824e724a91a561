import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame, publishLine } from '../support/core-bench.ts';
import { A, B, onRadio } from '../support/core-bench-radio.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

describe('what may overtake what (precedence of frames)', () => {
  it('publish: PUBLISH, its repetition, and REGISTER; PUBREL never overtakes them: a PUBLISH behind it would be a new message (last)', () => {
    const bench = onRadio([A], {}, {});
    bench.from(A, frame('12 00 0701', 'g/#'));
    bench.suback(1, 2, 0);
    for (const [qos, packetId] of [
      [0, 0],
      [1, 7],
    ] as const) {
      bench.message(1, 'c/d', 'm', { qos, packetId });
      expect(bench.precedences).toEqual(['publish']);
    }
    expect(bench.pass(10_000)).toEqual([publishLine(A, 'a0', 1, 'm')]);
    expect(bench.precedences).toEqual(['publish']);
    bench.from(A, frame('0d 0001 0001 00'));
    bench.message(1, 'g/h', 'm');
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.pass(10_000)).toEqual([`${A} < ${frame('0a 0002 0002', 'g/h')}`]);
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.from(A, frame('0b 0002 0002 00'))).toEqual([`${A} < ${frame('0c 00 0002 0000', 'm')}`]);
    expect(bench.precedences).toEqual(['publish']);
    bench.message(1, 'c/d', 'm', { qos: 2, packetId: 8 });
    expect(bench.precedences).toEqual(['publish']);
    bench.from(A, '04 0F 00 03');
    expect(bench.released(1, 8)).toEqual([`${A} < 04100003`]);
    expect(bench.precedences).toEqual(['last']);
    expect(bench.pass(10_000)).toEqual([`${A} < 04100003`]);
    expect(bench.precedences).toEqual(['last']);
  });

  it('answer: what answers a client, PINGRESP to an active one included, and what asks it', () => {
    const bench = onRadio([], { settings: { timing: { idleProbeAfter: 100_000 } } });
    const expectAnswer = (lines: readonly string[], start: string) => {
      expect(lines).toEqual([expect.stringMatching(new RegExp(`^${A} < ${start}`))]);
      expect(bench.precedences).toEqual(['answer']);
    };
    expectAnswer(bench.from(A, frame('04 0c 01 0000', 'a')), '0206');
    expectAnswer(bench.pass(10_100), '0206');
    expectAnswer(bench.from(A, frame('07 00', 'w')), '0208');
    bench.from(A, frame('09', 'off'));
    expect(bench.up(1)).toEqual([`${A} < 030500`]);
    expect(bench.precedences).toEqual(['last']); // what was sent in the former connection must not come behind CONNACK
    expectAnswer(bench.from(A, frame('0a 0000 0001', 'n')), '070b');
    bench.from(A, frame('12 00 0002', 'm'));
    expectAnswer(bench.suback(1, 1, 0), '0813');
    bench.from(A, frame('14 00 0003', 'm'));
    expectAnswer(bench.unsuback(1, 2), '0415');
    bench.from(A, frame('0c 20 0001 0004', 'p'));
    expectAnswer(bench.acked(1, 'PUBACK', 3), '070d');
    bench.from(A, frame('0c 40 0001 0005', 'p'));
    expectAnswer(bench.acked(1, 'PUBREC', 4), '040f');
    bench.from(A, '04 10 00 05');
    expectAnswer(bench.acked(1, 'PUBCOMP', 4), '040e');
    expectAnswer(bench.from(A, '02 1A'), '031b');
    expectAnswer(bench.from(A, '02 16'), '0217');
    expectAnswer(bench.from(A, frame('16', 'a')), '0217');
    expectAnswer(bench.from(A, frame('0c 20 00ff 0006', 'p')), '070d');
    expectAnswer(bench.from(A, '03 01 00'), '0302');
    expectAnswer(bench.pass(100_000), '0216');
  });

  it.each([
    ['acknowledges DISCONNECT', (bench: CoreBench) => bench.from(A, '02 18'), [`${A} < 0218`, '#1 DISCONNECT']],
    ['acknowledges DISCONNECT with a duration', (bench: CoreBench) => bench.from(A, '04 18 01 2C'), [`${A} < 0218`]],
    ['tells a stranger that it is unknown', (bench: CoreBench) => bench.from(B, '02 16'), [`${B} < 0218`]],
    [
      'ends a session that failed',
      (bench: CoreBench) => bench.feed({ type: 'session-failed', clientId: A }),
      [`${A} < 0218`, '#1 DISCONNECT'],
    ],
  ] as const)('last: DISCONNECT that %s', (_what, act, lines) => {
    const bench = onRadio([A]);
    expect(act(bench)).toEqual(lines);
    expect(bench.precedences).toEqual(['last']);
  });

  it('last: DISCONNECT when the operator stops the gateway (X-7)', () => {
    const bench = onRadio([A]);
    const lines = bench.feed({ type: 'operator-stopped' });
    expect(lines.filter((line) => line.startsWith(A))).toEqual([`${A} < 0218`]);
    expect(bench.precedences).toEqual(['last']);
  });

  it('last: PINGRESP that ends an awake period, with something delivered or without', () => {
    const bench = onRadio([A]);
    bench.from(A, '04 18 01 2C');
    expect(bench.from(A, frame('16', A))).toEqual([`${A} < 0217`]);
    expect(bench.precedences).toEqual(['last']);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.from(A, frame('16', A));
    expect(bench.precedences).toEqual(['publish']);
    expect(bench.from(A, frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id7', `${A} < 0217`]);
    expect(bench.precedences).toEqual(['last']);
  });

  it('a frame in a capsule has the precedence of what is in it', () => {
    const bench = new CoreBench();
    bench.from('f', encapsulated('1234', connectFrame('s')));
    bench.up(1);
    expect(bench.precedences).toEqual(['last']);
    bench.from('f', encapsulated('1234', frame('12 00 0004', 'c/d')));
    bench.suback(1, 1, 0);
    expect(bench.precedences).toEqual(['answer']);
    bench.message(1, 'c/d', 'm');
    expect(bench.precedences).toEqual(['publish']);
    bench.from('f', encapsulated('1234', '0218'));
    expect(bench.precedences).toEqual(['last']);
  });
});
