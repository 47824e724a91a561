import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, hex16 } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';

const lost = ['#1 close without DISCONNECT'];

/** Seconds promised, milliseconds until the client is lost. */
const limits: readonly (readonly [number, number])[] = [
  [1, 1_500],
  [10, 15_000],
  [59, 88_500],
  [60, 90_000],
  [61, 90_000],
  [81, 90_000],
  [82, 90_200],
  [100, 110_000],
  [300, 330_000],
  [3_600, 3_960_000],
  [65_535, 72_088_500],
];

describe('keep-alive supervision (6.11, K-3, K-4, T-33)', () => {
  it.each(limits)('CONNECT with Duration %i s: lost when nothing came for %i ms, and not before', (duration, limit) => {
    const bench = new CoreBench();
    bench.from('s', connectFrame('s1', true, duration));
    bench.up(1);
    expect(bench.pass(limit - 1)).toEqual([]);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    expect(bench.pass(limit - 1)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
    expect(bench.pass(10 * limit)).toEqual([]);
  });

  it.each(limits)(
    'DISCONNECT with Duration %i s: a sleeper is lost when nothing came for %i ms, and not before (SL-3)',
    (duration, limit) => {
      const bench = new CoreBench();
      bench.connect('s', 's1');
      expect(bench.from('s', `04 18 ${hex16(duration)}`)).toEqual(['s < 0218']);
      expect(bench.pass(limit - 1)).toEqual([]);
      expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
      expect(bench.pass(limit - 1)).toEqual([]);
      expect(bench.pass(2)).toEqual(lost);
      expect(bench.pass(10 * limit)).toEqual([]);
    },
  );

  it.each([
    [1, '1.5'],
    [59, '88.5'],
    [60, '90'],
    [61, '90'],
    [300, '330'],
  ])(
    'with Duration %i s the log says that nothing was heard for %s s, or that the sleeper did not wake up for so long',
    (duration, waited) => {
      const bench = new CoreBench();
      bench.from('s', connectFrame('s1', true, duration));
      bench.up(1);
      bench.from('z', connectFrame('z1', true, duration));
      bench.up(2);
      bench.from('z', `04 18 ${hex16(duration)}`);
      bench.pass(Number(waited) * 1000);
      expect(bench.notes).toEqual([
        { type: 'client-lost', clientId: 's1', link: 'udp:s', reason: `nothing heard for ${waited} s`, will: false },
        {
          type: 'client-lost',
          clientId: 'z1',
          link: 'udp:z',
          reason: `did not wake up within ${waited} s (it had said ${duration} s)`,
          will: false,
        },
      ]);
    },
  );

  it('answers PINGREQ itself and sends nothing upstream (K-1, K-8)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('treats a lost client as unknown', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.pass(90_001);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
  });
});

describe('a sign of life (K-2, T-34, field notes 33 and 40)', () => {
  it.each([
    ['PINGREQ', S1.pingReq],
    ['PINGREQ with ClientId', S1.pingReqId],
    ['PINGRESP', S1.pingResp],
    ['REGISTER', S1.register],
    ['SUBSCRIBE', S1.subscribe],
    ['UNSUBSCRIBE', S1.unsubscribe],
    ['PUBLISH QoS 0', S1.publishQos0],
    ['PUBLISH QoS 1', S1.publishQos1],
    ['PUBLISH QoS 2', S1.publishQos2],
    ['PUBLISH QoS −1 (Q-6)', S1.publishQosMinus1],
    ['PUBLISH with an unknown topic id', '08 0C 00 00 63 00 00 78'],
    ['REGACK', '07 0B 00 07 00 77 00'],
    ['PUBACK', '07 0D 00 07 00 77 00'],
    ['PUBREC', '04 0F 00 77'],
    ['PUBREL', '04 10 00 77'],
    ['PUBCOMP', '04 0E 00 77'],
    ['WILLTOPICUPD that is refused', '06 1A 00 77 2F 2B'],
    ['WILLMSGUPD', S1.willMsgUpd],
    ['WILLTOPIC', S1.willTopic],
    ['SEARCHGW', '03 01 00'],
    ['a long-form PINGREQ', '01 00 04 16'],
  ])('%s restarts the supervision', (_, frame) => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.pass(89_999);
    bench.from('s', frame);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it.each([
    ['a malformed frame', 's', '03 16'],
    ['trailing octets', 's', '02 16 00'],
    ['a reserved type', 's', '02 11'],
    ['an empty datagram', 's', ''],
    ['TopicId cut off', 's', '06 0C 00 00 01 00'],
    ['a message from another address', 't', S1.pingReq],
    ['its ClientId from another address', 't', S1.pingReqId],
  ])('%s does not', (_, link, frame) => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.pass(50_000);
    bench.from(link, frame);
    expect(bench.pass(39_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('is not what the gateway sends (field note 33)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.pass(89_000);
    expect(bench.message(1, 'c/d', 'p')).toEqual(['s < 080c000002000070']);
    expect(bench.pass(999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('is not what the broker sends (K-2)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.publishQos1);
    bench.pass(89_000);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual(['s < 070d0001000200']);
    expect(bench.pass(999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('of one client is none of another', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.connect('z', 'z1');
    bench.pass(60_000);
    bench.from('z', S1.pingReq);
    expect(bench.pass(30_001)).toEqual(lost);
    expect(bench.pass(59_998)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#2 close without DISCONNECT']);
  });
});
