import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';

describe('a client at a new address (T-07)', () => {
  it.each([
    ['PUBLISH', S1.publishQos0],
    ['PINGREQ', S1.pingReq],
    ['PINGREQ with its ClientId', S1.pingReqId],
  ])('gets DISCONNECT there for %s, and its session stays where it is', (_, frame) => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('t', frame)).toEqual(['t < 0218']);
    expect(bench.message(1, 'c/d', 'p')).toEqual(['s < 080c000002000070']);
  });

  it('takes its session along with CONNECT; nothing goes to the old address', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('t', S1.connectKeep)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['t < 030500']);
    expect(bench.message(2, 'c/d', 'p')).toEqual(['t < 090a00020001632f64']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });

  it('takes a stored session along', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('t', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['t < 030500']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });
});

describe('clients.addressBinding (T-07, T-08, I-3)', () => {
  const home = '192.0.2.7:4711';

  it.each([
    ['any', '192.0.2.8:4711', true],
    ['sameHost', '192.0.2.7:5000', true],
    ['sameHost', '192.0.2.8:4711', false],
    ['sameHost', '192.0.2.71:4711', false],
    ['fixed', '192.0.2.7:4711', true],
    ['fixed', '192.0.2.7:5000', false],
  ] as const)('%s: CONNECT from %s moves the session or not: %s', (addressBinding, address, allowed) => {
    const bench = new CoreBench({ settings: { clients: { addressBinding } } });
    keepSession(bench, home);
    const connect = bench.from(address, S1.connectKeep);
    if (allowed) {
      expect(connect).toEqual(['#1 DISCONNECT', '#2 CONNECT s1']);
      expect(bench.up(2, true)).toEqual([`${address} < 030500`]);
    } else {
      expect(connect).toEqual([`${address} < 030503`]);
      expect(bench.message(1, 'c/d', 'p')).toEqual([`${home} < 080c000002000070`]);
      expect(bench.from(home, S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    }
  });

  it.each([
    ['[2001:db8::7]:5000', ['#1 DISCONNECT', '#2 CONNECT s1']],
    ['[2001:db8::8]:4711', ['[2001:db8::8]:4711 < 030503']],
  ])('sameHost with IPv6: CONNECT from %s', (address, expected) => {
    const bench = new CoreBench({ settings: { clients: { addressBinding: 'sameHost' } } });
    keepSession(bench, '[2001:db8::7]:4711');
    expect(bench.from(address, S1.connectKeep)).toEqual(expected);
  });

  it.each([
    ['any', '192.0.2.8:4711', '0217'],
    ['sameHost', '192.0.2.7:5000', '0217'],
    ['sameHost', '192.0.2.8:4711', '0218'],
    ['fixed', '192.0.2.7:4711', '0217'],
    ['fixed', '192.0.2.7:5000', '0218'],
  ] as const)('%s: PINGREQ of the sleeper from %s is answered with %s', (addressBinding, address, answer) => {
    const bench = new CoreBench({ settings: { clients: { addressBinding } } });
    keepSession(bench, home);
    bench.from(home, S1.sleep300);
    expect(bench.from(address, S1.pingReqId)).toEqual([`${address} < ${answer}`]);
    expect(bench.from(home, S1.pingReqId)).toEqual([`${home} < 0217`]);
  });

  it.each(['sameHost', 'fixed'] as const)('%s also guards a stored session', (addressBinding) => {
    const bench = new CoreBench({ settings: { clients: { addressBinding } } });
    keepSession(bench, home);
    bench.from(home, S1.disconnect);
    expect(bench.from('192.0.2.8:4711', S1.connectClean)).toEqual(['192.0.2.8:4711 < 030503']);
    expect(bench.from(home, S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual([`${home} < 030500`]);
    expect(bench.from(home, S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });
});

describe('two identities on one address (T-50)', () => {
  const connectS2 = '08 04 04 01 00 3C 73 32';

  it('loses an active client at once: the broker publishes its will, and nothing of it goes to the address any more', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', connectS2)).toEqual(['#1 close without DISCONNECT', '#2 CONNECT s2 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.message(1, 'c/d', 'p')).toEqual([]);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
  });

  it('keeps what is stored of the lost client for its next CONNECT', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', connectS2);
    bench.up(2);
    expect(bench.from('t', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual(['t < 030500']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#3 PUBLISH qos0 a/b "x"']);
  });

  it('lets a sleeping client sleep on, without its address (I-4)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    expect(bench.from('s', connectS2)).toEqual(['#2 CONNECT s2 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.message(1, 'c/d', 'p')).toEqual([]);
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080c000002000070', 't < 0217']);
  });

  it('still loses that sleeper when its time is over (I-4, SL-3)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.from('s', '08 04 04 01 0F FF 73 32');
    bench.up(2);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('still loses that sleeper in time: the messages of the other client are no signs of its life (SL-3, I-4)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.pass(200_000);
    bench.from('s', '08 04 04 01 0F FF 73 32');
    bench.up(2);
    expect(bench.pass(129_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('drops a CONNECT of the first that is still under way', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', connectS2)).toEqual(['#1 CONNECT s2 clean']);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.up(1)).toEqual(['s < 030500']);
    expect(bench.pass(80_000)).toEqual([]);
  });

  it('ends the upstream connection that the first was just opening, without its will (T-52)', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    expect(bench.from('s', connectS2)).toEqual(['#1 DISCONNECT', '#2 CONNECT s2 clean']);
    expect(bench.up(1)).toEqual([]);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('also when the second identity moves in from elsewhere (T-07)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.connect('t', 't1');
    const lines = bench.from('t', S1.connectKeep);
    expect(lines.toSorted()).toEqual(['#1 DISCONNECT', '#2 close without DISCONNECT', '#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual(['t < 030500']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#3 PUBLISH qos0 a/b "x"']);
  });
});
