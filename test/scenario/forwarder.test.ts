import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { S1 } from '../support/core-bench-frames.ts';

/** The same frame from node 0x1234 or 0x5678 behind a forwarder. */
const node1 = (frame: string) => `05 FE 00 12 34 ${frame}`;
const node2 = (frame: string) => `05 FE 00 56 78 ${frame}`;
const connectS2 = '08 04 04 01 00 3C 73 32';

/** `s1` keeps its session and is active as node 0x1234 behind forwarder f, on #1, with "c/d" subscribed as id 1. */
function behindForwarder(): CoreBench {
  const bench = new CoreBench();
  bench.from('f', node1(S1.connectKeep));
  bench.up(1);
  bench.from('f', node1(S1.subscribe));
  bench.suback(1, 1, 1);
  return bench;
}

describe('a client behind a forwarder (5.5, F-1, F-3)', () => {
  it('is served like any other; every answer is wrapped with its node id, Ctrl 0 (F-4)', () => {
    const bench = new CoreBench();
    expect(bench.from('f', node1(S1.connectClean))).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.up(1)).toEqual(['f < 05fe001234030500']);
    expect(bench.from('f', node1(S1.register))).toEqual(['f < 05fe001234070b0001000100']);
    expect(bench.from('f', node1(S1.publishQos1))).toEqual(['#1 PUBLISH qos1 id1 a/b "x"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['f < 05fe001234070d0001000200']);
    expect(bench.from('f', node1(S1.disconnect))).toEqual(['f < 05fe0012340218', '#1 DISCONNECT']);
  });

  it('gets retransmissions wrapped', () => {
    const bench = new CoreBench();
    expect(bench.from('f', node1(S1.connectCleanWill))).toEqual(['f < 05fe0012340206']);
    expect(bench.pass(10_000)).toEqual(['f < 05fe0012340206']);
  });

  it('gets broker messages wrapped', () => {
    const bench = behindForwarder();
    expect(bench.message(1, 'c/d', 'p')).toEqual(['f < 05fe001234080c000001000070']);
  });

  it.each([
    ['one octet', '04 FE 00 07', '04fe0007'],
    ['eight octets', '0B FE 00 01 02 03 04 05 06 07 08', '0bfe000102030405060708'],
    ['252 octets', `FF FE 00 ${'AB'.repeat(252)}`, `fffe00${'ab'.repeat(252)}`],
  ])('may have a node id of %s, which means nothing to the gateway (F-2)', (_, header, wrapped) => {
    const bench = new CoreBench();
    bench.from('f', `${header} ${S1.connectClean}`);
    expect(bench.up(1)).toEqual([`f < ${wrapped}030500`]);
  });

  it('may send any Ctrl octet: it says nothing on the way to the gateway (F-4)', () => {
    const bench = new CoreBench();
    expect(bench.from('f', `05 FE FF 12 34 ${S1.connectClean}`)).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.up(1)).toEqual(['f < 05fe001234030500']);
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340217']);
  });

  it('may be the first that is ever heard of a link (field note 31)', () => {
    const bench = new CoreBench();
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340218']);
    expect(bench.from('f', node2(S1.pingReq))).toEqual(['f < 05fe0056780218']);
    expect(bench.from('f', node1(S1.register))).toEqual([]);
  });

  it('publishes with QoS −1 without a session (Q-6)', () => {
    const bench = new CoreBench();
    expect(bench.from('f', node1(S1.publishQosMinus1))).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 tp "4"']);
  });
});

describe('two nodes behind one forwarder (F-3)', () => {
  it('are two clients, and neither is the forwarder itself', () => {
    const bench = behindForwarder();
    expect(bench.from('f', node2(connectS2))).toEqual(['#2 CONNECT s2 clean']);
    expect(bench.up(2)).toEqual(['f < 05fe005678030500']);
    expect(bench.from('f', '08 04 04 01 00 3C 73 33')).toEqual(['#3 CONNECT s3 clean']);
    expect(bench.up(3)).toEqual(['f < 030500']);
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340217']);
    expect(bench.from('f', node2(S1.pingReq))).toEqual(['f < 05fe0056780217']);
    expect(bench.from('f', S1.pingReq)).toEqual(['f < 0217']);
  });

  it('are supervised apart', () => {
    const bench = behindForwarder();
    bench.from('f', node2(connectS2));
    bench.up(2);
    bench.pass(60_000);
    bench.from('f', node2(S1.pingReq));
    expect(bench.pass(30_001)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.from('f', node2(S1.pingReq))).toEqual(['f < 05fe0056780217']);
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340218']);
  });

  it('with the same node id behind two forwarders are two clients', () => {
    const bench = behindForwarder();
    expect(bench.from('g', node1(connectS2))).toEqual(['#2 CONNECT s2 clean']);
    expect(bench.up(2)).toEqual(['g < 05fe001234030500']);
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340217']);
  });
});

describe('a client that comes by another path (F-9, field note 34)', () => {
  const paths: readonly (readonly [string, string, (frame: string) => string, string])[] = [
    ['another forwarder', 'g', node1, 'g < 05fe001234'],
    ['another node id', 'f', node2, 'f < 05fe005678'],
    ['its own address', 's', (frame) => frame, 's < '],
    ["the forwarder's own address", 'f', (frame) => frame, 'f < '],
  ];

  it.each(paths)('CONNECT moves its session to %s', (_, link, wrap, prefix) => {
    const bench = behindForwarder();
    expect(bench.from(link, wrap(S1.connectKeep))).toEqual(['#1 DISCONNECT', '#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual([`${prefix}030500`]);
    expect(bench.message(2, 'c/d', 'p')).toEqual([`${prefix}090a00010001632f64`]);
    expect(bench.from('f', node1(S1.publishQos0))).toEqual(['f < 05fe0012340218']);
  });

  it.each(paths)('PINGREQ with its ClientId moves the sleeper to %s', (_, link, wrap, prefix) => {
    const bench = behindForwarder();
    bench.from('f', node1(S1.sleep300));
    expect(bench.message(1, 'c/d', 'p')).toEqual([]);
    expect(bench.from(link, wrap(S1.pingReqId))).toEqual([`${prefix}080c000001000070`, `${prefix}0217`]);
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340218']);
  });

  it('PINGREQ with the ClientId of an active client moves nothing (T-09)', () => {
    const bench = behindForwarder();
    expect(bench.from('g', node1(S1.pingReqId))).toEqual(['g < 05fe0012340218']);
    expect(bench.message(1, 'c/d', 'p')).toEqual(['f < 05fe001234080c000001000070']);
  });

  it('moves from a direct address behind a forwarder', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.from('s', S1.sleep300);
    expect(bench.from('f', node1(S1.pingReqId))).toEqual(['f < 05fe0012340217']);
  });

  it('takes the node id from another client that was active there (T-50)', () => {
    const bench = behindForwarder();
    expect(bench.from('f', node1(connectS2))).toEqual(['#1 close without DISCONNECT', '#2 CONNECT s2 clean']);
  });
});

describe('SEARCHGW in a capsule (F-4, F-5)', () => {
  it.each([
    ['03 01 00', 'f < 05fe001234030201'],
    ['03 01 01', 'f < 05fe011234030201'],
    ['03 01 02', 'f < 05fe021234030201'],
    ['03 01 03', 'f < 05fe031234030201'],
    ['03 01 04', 'f < 05fe031234030201'],
    ['03 01 FF', 'f < 05fe031234030201'],
  ])('%s is answered in a capsule to that node, with the radius in Ctrl, at most 3', (searchGw, expected) => {
    expect(new CoreBench().from('f', node1(searchGw))).toEqual([expected]);
  });

  it('is answered that way also where the transport can broadcast', () => {
    const bench = new CoreBench({ broadcast: true });
    bench.up(1);
    expect(bench.from('f', node1('03 01 01'))).toEqual(['f < 05fe011234030201']);
  });

  it('does not make the radius stay: the next answer has Ctrl 0 again (F-4)', () => {
    const bench = behindForwarder();
    bench.from('f', node1('03 01 03'));
    expect(bench.from('f', node1(S1.pingReq))).toEqual(['f < 05fe0012340217']);
  });
});

describe('bad capsules (1.9, F-7, T-46)', () => {
  it.each([
    ['a capsule in a capsule', `05 FE 00 12 34 04 FE 00 07 ${S1.connectClean}`],
    ['an empty node id', `03 FE 00 ${S1.connectClean}`],
    ['no inner message', '05 FE 00 12 34'],
    ['an inner message that is cut off', '05 FE 00 12 34 03 16'],
    ['octets behind the inner message', '05 FE 00 12 34 02 16 00'],
    ['Length beyond the datagram', '09 FE 00 12 34 02 16'],
    ['Length 2', '02 FE'],
  ])('%s is dropped', (_, frame) => {
    const bench = behindForwarder();
    expect(bench.from('f', frame)).toEqual([]);
    expect(bench.core.sessionCount).toBe(1);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('the room that a capsule leaves (T-43, G-5)', () => {
  it('counts the capsule: a message that would fit alone but not wrapped is dropped', () => {
    const bench = new CoreBench({ maxFrame: 20 });
    bench.from('f', node1(S1.connectClean));
    bench.up(1);
    bench.from('f', node1(S1.subscribe));
    bench.suback(1, 1, 1);
    expect(bench.message(1, 'c/d', '12345678')).toEqual(['f < 05fe0012340f0c00000100003132333435363738']);
    expect(bench.message(1, 'c/d', '123456789')).toEqual([]);
    expect(bench.message(1, 'c/d', '123456789', { qos: 1, packetId: 5 })).toEqual(['#1 PUBACK id5']);
  });
});
