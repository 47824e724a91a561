import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

const KNOWN = '192.0.2.7:4711';
const capsule = (inner: string) => encapsulated('1234', inner);

/** A gateway whose `udp` takes capsules from these addresses only. */
function listed(...forwarders: string[]): CoreBench {
  const bench = new CoreBench();
  bench.open('udp', { forwarders });
  return bench;
}

describe('a list of forwarders (F-8)', () => {
  it.each([
    ['the whole address', '192.0.2.7:4711', '192.0.2.7:4711', true],
    ['the host without the port', '192.0.2.7', '192.0.2.7:4711', true],
    ['the host, another port', '192.0.2.7', '192.0.2.7:5000', true],
    ['the whole address, another port', '192.0.2.7:4711', '192.0.2.7:5000', false],
    ['another host', '192.0.2.7', '192.0.2.8:4711', false],
    ['a host that begins with it', '192.0.2.7', '192.0.2.70:4711', false],
    ['a host that ends with it', '2.0.2.7', '192.0.2.7:4711', false],
    ['the port alone', '4711', '192.0.2.7:4711', false],
    ['IPv6, the whole address', '[2001:db8::7]:4711', '[2001:db8::7]:4711', true],
    ['IPv6, the host', '2001:db8::7', '[2001:db8::7]:4711', true],
    ['IPv6, another host', '2001:db8::7', '[2001:db8::8]:4711', false],
    ['IPv6, a beginning of it', '2001:db8:', '[2001:db8::7]:4711', false],
    ['the name of the transport with it', 'udp:192.0.2.7:4711', '192.0.2.7:4711', false],
    ['an empty entry', '', '192.0.2.7:4711', false],
  ])('%s: %s, and a capsule from %s', (_what, entry, address, accepted) => {
    const bench = listed('203.0.113.1', entry);
    expect(bench.from(address, capsule(connectFrame('s')))).toEqual(accepted ? ['#1 CONNECT s clean'] : []);
    expect(bench.core.sessionCount).toBe(accepted ? 1 : 0);
  });

  it.each([
    ['0013a20040b5c1d2', true],
    ['0013a20040b5c1d3', false],
    ['0013a200', false],
  ])('addresses of a radio: %s', (entry, accepted) => {
    const bench = new CoreBench();
    bench.open('xbee', { forwarders: [entry] });
    expect(bench.from('xbee:0013a20040b5c1d2', capsule('0216'))).toEqual(
      accepted ? [`xbee:0013a20040b5c1d2 < ${capsule('0218')}`] : [],
    );
  });

  it('every entry counts', () => {
    const bench = listed('192.0.2.7', '192.0.2.8', '192.0.2.9:1');
    for (const address of ['192.0.2.7:1', '192.0.2.8:1', '192.0.2.9:1']) {
      expect(bench.from(address, capsule('0216'))).toEqual([`${address} < ${capsule('0218')}`]);
    }
    expect(bench.from('192.0.2.9:2', capsule('0216'))).toEqual([]);
  });

  it('without a list any forwarder is accepted, with an empty one none', () => {
    const bench = new CoreBench();
    expect(bench.from(KNOWN, capsule('0216'))).toEqual([`${KNOWN} < ${capsule('0218')}`]);
    bench.open('udp', { forwarders: [] });
    bench.pass(60_000);
    expect(bench.from(KNOWN, capsule('0216'))).toEqual([]);
    expect(bench.from(KNOWN, '0216')).toEqual([`${KNOWN} < 0218`]);
  });

  it('each transport has its own', () => {
    const bench = listed();
    bench.open('serial');
    bench.open('xbee', { forwarders: ['a'] });
    expect(bench.from('serial:a', capsule('0216'))).toEqual([`serial:a < ${capsule('0218')}`]);
    expect(bench.from('xbee:a', capsule('0216'))).toEqual([`xbee:a < ${capsule('0218')}`]);
    expect(bench.from('xbee:b', capsule('0216'))).toEqual([]);
    expect(bench.from('a', capsule('0216'))).toEqual([]);
  });
});

describe('a refused capsule (F-8)', () => {
  it('is noted, once, and nothing else', () => {
    const bench = listed('192.0.2.8');
    expect(bench.from(KNOWN, capsule(connectFrame('s')))).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'frame-dropped', link: `udp:${KNOWN}`, reason: 'forwarder' }]);
    expect(bench.stored).toEqual([]);
    expect(bench.core.nextDeadline).toBeUndefined();
  });

  it.each([
    ['SEARCHGW', '03 01 00'],
    ['CONNECT', connectFrame('s')],
    ['PINGREQ', '02 16'],
    ['PUBLISH QoS −1', '08 0C 62 74 70 00 00 34'],
    ['a capsule', encapsulated('07', '0216')],
    ['DISCONNECT', '02 18'],
  ])('%s in it is not answered', (_what, inner) => {
    expect(listed('192.0.2.8').from(KNOWN, capsule(inner))).toEqual([]);
  });

  it('plain frames from the same address are served', () => {
    const bench = listed('192.0.2.8');
    bench.connect(KNOWN, 's');
    expect(bench.from(KNOWN, '02 16')).toEqual([`${KNOWN} < 0217`]);
  });

  it('is no sign of life of the client at that address', () => {
    const bench = listed('192.0.2.8');
    bench.connect(KNOWN, 's', { duration: 60 });
    bench.pass(50_000);
    expect(bench.from(KNOWN, capsule('0216'))).toEqual([]);
    expect(bench.pass(39_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('is no sign of life of the client behind it, when the list has become shorter', () => {
    const bench = listed('192.0.2.7');
    bench.from(KNOWN, capsule(connectFrame('s', true, 60)));
    expect(bench.up(1)).toEqual([`${KNOWN} < ${capsule('030500')}`]);
    bench.close('udp');
    bench.open('udp', { forwarders: ['192.0.2.8'] });
    bench.pass(50_000);
    expect(bench.from(KNOWN, capsule('0216'))).toEqual([]);
    expect(bench.pass(39_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('does not end what is unanswered of the client behind it', () => {
    const bench = listed('192.0.2.7');
    bench.from(KNOWN, capsule(connectFrame('s', true, 1000)));
    bench.up(1);
    bench.from(KNOWN, capsule(frame('12 20 0004', 'c/d')));
    bench.suback(1, 1, 1);
    bench.message(1, 'c/d', 'm', { qos: 1, packetId: 7 });
    bench.open('udp', { forwarders: [] });
    expect(bench.from(KNOWN, capsule(frame('0d 0001 0001 00')))).toEqual([]);
    expect(bench.pass(10_000)).toEqual([`${KNOWN} < ${capsule(frame('0c a0 0001 0001', 'm'))}`]);
  });

  it('moves no session: a sleeper is not woken', () => {
    const bench = listed('192.0.2.8');
    bench.connect('s', 's');
    bench.from('s', '04 18 01 2C');
    expect(bench.from(KNOWN, capsule(frame('16', 's')))).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 0217']);
  });

  it('hides nothing where a frame may hold several messages (T-42): what is inside is not read, what follows is', () => {
    const bench = new CoreBench({ settings: { frames: { trailing: 'parse' } } });
    bench.open('udp', { forwarders: [] });
    expect(bench.from(KNOWN, capsule(connectFrame('s')))).toEqual([]);
    expect(bench.from(KNOWN, `${capsule(connectFrame('s'))}${connectFrame('t')}`)).toEqual(['#1 CONNECT t clean']);
    expect(bench.notes).toEqual([{ type: 'frame-dropped', link: `udp:${KNOWN}`, reason: 'forwarder' }]);
  });

  it('a malformed one is dropped as well', () => {
    const bench = listed('192.0.2.8');
    for (const bad of ['02 FE', '05 FE 00 12 34', '05 FE 00 12 34 03 16', '01 00 07 FE 00 12 34 02 16']) {
      expect(bench.from(KNOWN, bad)).toEqual([]);
      expect(bench.notes).toEqual([
        { type: 'frame-dropped', link: expect.stringContaining(KNOWN), reason: expect.any(String) },
      ]);
    }
  });
});
