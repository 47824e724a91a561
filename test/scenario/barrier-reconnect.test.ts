import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { openOwnConnection, S1 } from '../support/core-bench-frames.ts';

/** `s1` asleep, "g/#" subscribed (QoS 2) on #2; the own connection is #1. */
function asleep(): CoreBench {
  const bench = new CoreBench({ answersPings: false });
  openOwnConnection(bench);
  bench.connect('s', 's1', { clean: false });
  bench.from('s', S1.subscribeWildcard);
  bench.suback(2, 1, 2);
  bench.from('s', S1.sleep300);
  return bench;
}

/** The same, awake. It has acknowledged a message, and the broker is asked for more. */
function asking(): CoreBench {
  const bench = asleep();
  bench.message(2, 'g/1', 'a', { qos: 1, packetId: 9 });
  expect(bench.from('s', S1.pingReqId)).toEqual(['s < 090a00010001672f31']);
  expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual(['s < 080c200001000261']);
  expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#2 PUBACK id9', '#2 PINGREQ']);
  return bench;
}

function pong(bench: CoreBench, connection: number): string[] {
  return bench.feed({ type: 'upstream-ponged', connection });
}

describe('the connection breaks while the broker is asked for more, and is back in the same awake period (I-18)', () => {
  it('the broker is asked anew, and PINGRESP need not wait for the end of the longest awake period', () => {
    const bench = asking();
    expect(bench.message(2, 'g/2', 'b')).toEqual(['s < 090a00020003672f32']);
    expect(bench.down(2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.from('s', frame('0b 0002 0003 00'))).toEqual(['s < 080c000002000062', '#3 PINGREQ']);
    expect([pong(bench, 3), pong(bench, 3), pong(bench, 3)]).toEqual([['#3 PINGREQ'], ['#3 PINGREQ'], ['s < 0217']]);
  });

  it('the same where the broker has lost the session', () => {
    const bench = asking();
    bench.message(2, 'g/2', 'b');
    bench.down(2);
    bench.pass(1_000);
    expect(bench.up(3, false)).toEqual(['#3 SUBSCRIBE id2 g/# qos2']);
    expect(bench.from('s', frame('0b 0002 0003 00'))).toEqual(['s < 080c000002000062', '#3 PINGREQ']);
  });

  it('what the broker repeats on the new connection is waited for, though nothing was acknowledged before', () => {
    const bench = asleep();
    bench.message(2, 'g/1', 'a');
    bench.from('s', S1.pingReqId);
    bench.down(2);
    bench.pass(1_000);
    bench.up(3, true);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual(['s < 080c000001000061', '#3 PINGREQ']);
    expect(bench.message(3, 'g/1', 'c', { qos: 1, packetId: 9, dup: true })).toEqual(['s < 080c200001000263']);
  });
});
