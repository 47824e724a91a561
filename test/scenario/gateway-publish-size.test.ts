import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, encapsulated, longFrame, sent, subscribed } from '../support/core-bench-traffic.ts';

describe('too long for the network of the client (G-5, T-43)', () => {
  it.each([
    ['60', 53],
    ['255', 248],
    ['257', 248],
    ['1472', 1463],
  ])(
    'PUBLISH in frames of at most %s octets: exactly the limit is delivered, one octet more dropped and acknowledged',
    (maxFrame, limit) => {
      const bench = connected({ maxFrame: Number(maxFrame) });
      subscribed(bench, 'a/b', 1);
      const most = 'U'.repeat(limit);
      const hex = '0c 00 0001 0000';
      expect(bench.message(1, 'a/b', most)).toEqual([limit <= 248 ? sent(hex, most) : `s < ${longFrame(hex, most)}`]);
      expect(bench.message(1, 'a/b', `${most}U`)).toEqual([]);
      expect(bench.message(1, 'a/b', `${most}U`, { packetId: 10, qos: 1 })).toEqual(['#1 PUBACK id10']);
      expect(bench.message(1, 'a/b', `${most}U`, { packetId: 11, qos: 2 })).toEqual(['#1 PUBREC id11']);
      expect(bench.released(1, 11)).toEqual(['#1 PUBCOMP id11']);
      expect(bench.message(1, 'a/b', 'short')).toEqual([sent(hex, 'short')]);
    },
  );

  it('the long form begins where the short one ends: 258 octets for 249 of data', () => {
    const bench = connected({ maxFrame: 258 });
    subscribed(bench, 'a/b', 1);
    const data = 'U'.repeat(249);
    expect(bench.message(1, 'a/b', data)).toEqual([`s < 0101020c0000010000${Buffer.from(data).toString('hex')}`]);
    expect(bench.message(1, 'a/b', `${data}U`)).toEqual([]);
  });

  it('REGISTER: 54 octets of name in frames of 60, one more is dropped and acknowledged', () => {
    const bench = connected({ maxFrame: 60 });
    subscribed(bench, '#', 1);
    const name = 'n'.repeat(54);
    expect(bench.message(1, name, 'x')).toEqual([sent('0a 0001 0001', name)]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', 'x')]);
    expect(bench.message(1, `${name}n`, 'x')).toEqual([]);
    expect(bench.message(1, `${name}n`, 'x', { packetId: 10, qos: 1 })).toEqual(['#1 PUBACK id10']);
  });

  it('counts octets of UTF-8, not characters', () => {
    const bench = connected({ maxFrame: 60 });
    subscribed(bench, '#', 1);
    expect(bench.message(1, 'é'.repeat(27), 'x')).toEqual([sent('0a 0001 0001', 'é'.repeat(27))]);
    bench.from('s', frame('0b 0001 0001 00'));
    expect(bench.message(1, `${'é'.repeat(27)}n`, 'x')).toEqual([]);
  });

  it('behind a forwarder the encapsulation counts: 3 octets and the node id', () => {
    const bench = new CoreBench({ maxFrame: 60 });
    bench.from('fwd', encapsulated('1234', connectFrame('s')));
    expect(bench.up(1)).toEqual(['fwd < 05fe001234030500']);
    bench.from('fwd', encapsulated('1234', frame('12 20 0004', '#')));
    bench.suback(1, 1, 1);
    const most = 'U'.repeat(48);
    expect(bench.message(1, 'tp', most)).toEqual([`fwd < ${encapsulated('1234', frame('0c 02 7470 0000', most))}`]);
    expect(bench.message(1, 'tp', `${most}U`, { packetId: 10, qos: 1 })).toEqual(['#1 PUBACK id10']);
    const name = 'n'.repeat(49);
    expect(bench.message(1, name, 'x')).toEqual([`fwd < ${encapsulated('1234', frame('0a 0001 0001', name))}`]);
    bench.from('fwd', encapsulated('1234', frame('0b 0001 0001 00')));
    expect(bench.message(1, `${name}n`, 'x', { packetId: 11, qos: 1 })).toEqual(['#1 PUBACK id11']);
  });
});

describe('a payload that no frame can carry, for a client that sleeps (G-5, 1.1)', () => {
  const most = 'x'.repeat(65_526);
  const dropped = { type: 'delivery-dropped', reason: 'its payload does not fit into any frame' };

  it('does not wait until it wakes: it is dropped and acknowledged at once', () => {
    const bench = connected({ maxFrame: 65_535 });
    subscribed(bench, 'a/b', 1);
    bench.from('s', '04 18 0E 10');
    expect(bench.message(1, 'a/b', `${most}x`, { packetId: 10, qos: 1 })).toEqual(['#1 PUBACK id10']);
    expect(bench.notes).toMatchObject([dropped]);
    expect(bench.message(1, 'a/b', `${most}x`, { packetId: 11, qos: 2 })).toEqual(['#1 PUBREC id11']);
    expect(bench.released(1, 11)).toEqual(['#1 PUBCOMP id11']);
    expect(bench.message(1, 'a/b', most, { packetId: 12, qos: 1 })).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([expect.stringMatching(/^s < 01ffff0c200001000178/)]);
  });

  it('and with QoS 0 nothing that waits has to go for it', () => {
    const bench = connected();
    subscribed(bench, 'a/b', 1);
    bench.from('s', '04 18 0E 10');
    bench.message(1, 'a/b', '21.5');
    bench.message(1, 'a/b', `${most}x`);
    expect(bench.notes).toMatchObject([dropped]);
    expect(bench.from('s', frame('16', 's'))[0]).toBe(sent('0c 00 0001 0000', '21.5'));
  });
});
