import { describe, expect, it } from '@jest/globals';
import { summary } from '../../../src/cli/ping-command.ts';
import { foundText, searchTarget } from '../../../src/cli/search-command.ts';

describe('search', () => {
  it.each([
    ['192.168.1.255', { host: '192.168.1.255', port: 1884 }],
    ['gateway.example:1885', { host: 'gateway.example', port: 1885 }],
    ['[fe80::1]:1885', { host: 'fe80::1', port: 1885 }],
    ['ff02::1', { host: 'ff02::1', port: 1884 }],
  ])('asks %s', (text, target) => {
    expect(searchTarget(text)).toEqual(target);
  });

  it.each(['', ':1884', 'a:0', 'a:65536', 'a:b', '[::1]x'])('does not ask "%s"', (text) => {
    expect(() => searchTarget(text)).toThrow(/is no address:port/);
  });

  it('says of a gateway where it is, and who says so', () => {
    const found = { gwId: 7, address: '192.168.1.2', port: 1884, by: 'GWINFO', after: 12.3 } as const;
    expect(foundText(found)).toBe('gateway 7    192.168.1.2:1884       GWINFO after 12 ms');
    expect(foundText({ ...found, address: '::1', gwAdd: Uint8Array.of(1, 2) })).toBe(
      'gateway 7    [::1]:1884             GWINFO after 12 ms, a client says; its address is 0x0102',
    );
  });
});

describe('ping', () => {
  it('sums up', () => {
    expect(summary([1, 2, 6])).toBe('3 PINGREQ: min/avg/max 1.0/3.0/6.0 ms');
  });
});
