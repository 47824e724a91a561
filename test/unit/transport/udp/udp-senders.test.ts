import { describe, expect, it } from '@jest/globals';
import { UdpSenders } from '../../../../src/transport/udp/udp-senders.ts';

const at = (address: string, port = 4711) => ({ address, port });

describe('the senders of datagrams', () => {
  it.each([
    ['IPv4', '192.0.2.7', '192.0.2.7:4711'],
    ['IPv6', '2001:db8::7', '[2001:db8::7]:4711'],
    ['IPv6 on one link', 'fe80::1%eth0', '[fe80::1%eth0]:4711'],
  ])('have a link and a peer: %s', (_, host, address) => {
    expect(new UdpSenders('cellar').of(at(host))).toStrictEqual({
      link: `cellar:${address}`,
      peer: { transport: 'cellar', host, address },
      port: 4711,
    });
  });

  it('are found by their link as long as they are remembered', () => {
    const senders = new UdpSenders('udp', 2);
    const sender = senders.of(at('192.0.2.7'));
    expect(senders.at('udp:192.0.2.7:4711')).toBe(sender);
    expect(senders.at('udp:192.0.2.7:4712')).toBeUndefined();
    senders.of(at('192.0.2.8'));
    senders.of(at('192.0.2.9'));
    expect(senders.at('udp:192.0.2.7:4711')).toBeUndefined();
    senders.forgetAll();
    expect(senders.at('udp:192.0.2.9:4711')).toBeUndefined();
  });

  it('are the same object for each datagram, and another one for another address or port', () => {
    const senders = new UdpSenders('udp');
    const sender = senders.of(at('192.0.2.7'));
    const others = [senders.of(at('192.0.2.8')), senders.of(at('192.0.2.7', 4712))];
    expect(senders.of(at('192.0.2.7'))).toBe(sender);
    expect(others.map(({ link }) => link)).toEqual(['udp:192.0.2.8:4711', 'udp:192.0.2.7:4712']);
  });

  it('are forgotten where there are too many, and equal when they come again', () => {
    const senders = new UdpSenders('udp', 3);
    const first = senders.of(at('192.0.2.7'));
    senders.of(at('192.0.2.7', 4712));
    senders.of(at('192.0.2.8'));
    expect(senders.of(at('192.0.2.7'))).toBe(first);
    const fourth = senders.of(at('192.0.2.9'));
    const again = senders.of(at('192.0.2.7'));
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
    expect(senders.of(at('192.0.2.9'))).toBe(fourth);
  });

  it('are forgotten every time that there are too many', () => {
    const senders = new UdpSenders('udp', 3);
    for (let round = 1; round <= 3; round++) {
      const [first, ...others] = [1, 2, 3].map((n) => senders.of(at('192.0.2.7', round * 10 + n)));
      expect(others).toHaveLength(2);
      expect(senders.of(at('192.0.2.7', round * 10 + 1))).toBe(first);
    }
    const last = senders.of(at('192.0.2.7', 33));
    senders.of(at('192.0.2.7', 34));
    expect(senders.of(at('192.0.2.7', 33))).not.toBe(last);
  });
});
