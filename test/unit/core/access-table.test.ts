import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccessRule, AccessSettings } from '../../../src/core/contract/access-settings.ts';
import { type AccessFacts, AccessTable } from '../../../src/core/state/access-table.ts';
import { AddressRange, ipOctets } from '../../../src/core/state/address-range.ts';
import { Glob } from '../../../src/core/topics/glob.ts';

const NOTHING: AccessRule = {
  name: 'r',
  connect: false,
  publish: [],
  subscribe: [],
  deny: [],
  qosMinus1: false,
  retain: false,
  maxQos: 2,
};

const table = (...rules: readonly Partial<AccessRule>[]): AccessTable =>
  new AccessTable({
    rules: rules.map((rule, at) => ({ ...NOTHING, name: `r${at}`, ...rule })),
    default: 'deny',
    clientIdFromIdentity: 'off',
    clientIdPattern: '%i',
  } satisfies AccessSettings);

const facts = (some: Partial<AccessFacts> = {}): AccessFacts => ({
  transport: 'udp',
  host: '192.0.2.7',
  address: '192.0.2.7:4711',
  identity: undefined,
  clientId: 's',
  isForwarded: false,
  ...some,
});

describe('the rule of a client', () => {
  it.each<[string, Partial<AccessRule>, Partial<AccessFacts>, boolean]>([
    ['nothing asked', {}, {}, true],
    ['its transport', { transport: ['serial', 'udp'] }, {}, true],
    ['another transport', { transport: ['dtls'] }, {}, false],
    ['its identity, by a pattern', { identity: ['a*'] }, { identity: 'alice' }, true],
    ['an identity, and it has none', { identity: ['*'] }, {}, false],
    ['an identity to the letter', { exactIdentity: 'a*' }, { identity: 'a*' }, true],
    ['an identity to the letter, that a pattern would match', { exactIdentity: 'a*' }, { identity: 'ab' }, false],
    ['that it has one', { identified: true }, { identity: 'x' }, true],
    ['that it has none', { identified: false }, { identity: 'x' }, false],
    ['its client id', { clientId: ['x', 's?'] }, { clientId: 's1' }, true],
    ['a client id, of a sender of QoS −1', { clientId: ['*'] }, { clientId: undefined }, false],
    ['an empty list', { clientId: [] }, {}, false],
    ['its network', { host: ['192.0.2.0/24'] }, {}, true],
    ['its address with the port', { host: ['192.0.2.7:4711'] }, {}, true],
    ['another network', { host: ['192.0.3.0/24', '10.0.0.0/8'] }, {}, false],
    [
      'a radio address',
      { host: ['0013A20040B5C1D2'] },
      { host: '0013a20040b5c1d2', address: '0013a20040b5c1d2' },
      true,
    ],
    ['its forwarder', { forwarder: ['192.0.2.0/24'] }, { isForwarded: true }, true],
    ['a forwarder, and it has none', { forwarder: ['192.0.2.0/24'] }, {}, false],
    ['any forwarder', { forwarder: ['any'] }, { isForwarded: true }, true],
    ['no forwarder', { forwarder: ['none'] }, {}, true],
    ['no forwarder, and it has one', { forwarder: ['none'] }, { isForwarded: true }, false],
    ['one thing that fits and one that does not', { transport: ['udp'], clientId: ['x'] }, {}, false],
  ])('asks for %s', (_what, rule, some, expected) => {
    expect(table({ ...rule, connect: true }).find(facts(some))?.mayConnect).toBe(expected);
  });

  it('is the first that fits, and no other is asked', () => {
    const access = table({ clientId: ['x'] }, { publish: ['a'] }, { connect: true, publish: ['b'] }).find(facts());
    expect(access?.rule).toBe('access rule "r1"');
    expect(access?.mayConnect).toBe(false);
    expect(access?.mayPublishTo('b')).toBe(false);
  });

  it('among ten thousand of users is the first that fits, and costs no look at all of them', () => {
    const many = table(...Array.from({ length: 10_000 }, (_, at) => ({ exactIdentity: `user-${at}` })), {
      connect: true,
    });
    const started = performance.now();
    for (let n = 0; n < 100; n++) {
      many.find(facts());
    }
    expect(performance.now() - started).toBeLessThan(5_000);
    const exact = { exactIdentity: 'a' };
    const before = table({ identity: ['a'], publish: ['first'] }, { ...exact, publish: ['second'] }, {}).find(
      facts({ identity: 'a' }),
    );
    expect(before?.mayPublishTo('first')).toBe(true);
    const behind = table({ ...exact, publish: ['first'] }, { identity: ['a'], publish: ['second'] }).find(
      facts({ identity: 'a' }),
    );
    expect(behind?.mayPublishTo('first')).toBe(true);
    const other = table({ ...exact, transport: ['dtls'] }, { ...exact, publish: ['second'] }).find(
      facts({ identity: 'a' }),
    );
    expect(other?.mayPublishTo('second')).toBe(true);
  });

  it('has filters of its own for each client, of one rule', () => {
    const shared = table({ publish: ['a/%c'], subscribe: ['b/%i'], deny: ['a/secret'] });
    const one = shared.find(facts({ clientId: 'one', identity: 'i1' }));
    const two = shared.find(facts({ clientId: 'two', identity: 'i2' }));
    expect([one, two].map((each) => each?.mayPublishTo('a/one'))).toEqual([true, false]);
    expect([one, two].map((each) => each?.mayRead('b/i2'))).toEqual([false, true]);
  });

  it('has a rate of its own: one that goes by another rule has what that grants', () => {
    const rate = (messages: number) => ({ publish: ['#'], rate: { messages, burstSeconds: 1 } });
    const rated = table({ host: ['a'], ...rate(1) }, rate(3));
    const admitted = (host: string): boolean[] =>
      [1, 2, 3, 4].map(() => rated.find(facts({ host }))?.admits(1, 0) === true);
    expect(admitted('a')).toEqual([true, false, false, false]);
    expect(admitted('b')).toEqual([true, true, true, false]);
    expect(admitted('a')).toEqual([false, false, false, false]);
  });

  it('is found by name, and is the one that would be found by asking one after the other', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'a*', '?', '*'), { minLength: 1, maxLength: 2 });
    const one = fc.record(
      { identity: names, clientId: names, exactIdentity: fc.constantFrom('a', 'b'), identified: fc.boolean() },
      { requiredKeys: [] },
    );
    const asked = fc.constantFrom('a', 'b', 'ab', undefined);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), asked, asked, (rules, identity, clientId) => {
        const some = facts({ identity, clientId });
        const expected = rules.findIndex((rule) => table({ ...rule, connect: true }).find(some)?.mayConnect === true);
        const found = table(...rules).find(some)?.rule;
        expect(found).toBe(expected < 0 ? 'access.default' : `access rule "r${expected}"`);
      }),
    );
  });

  it('remembers no more senders and rates than are worth it', () => {
    const some = table({ qosMinus1: true, rate: { messages: 1, burstSeconds: 1 }, sessions: 1 });
    for (let n = 0; n < 25_000; n++) {
      some.findSender(facts({ clientId: undefined, identity: `i${n}`, address: `a:${n}` }), `udp:a:${n}`);
    }
    expect(some.remembered).toBeLessThanOrEqual(40_000);
  });
});

describe('addresses and networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.128.0.0/9', '10.127.0.1', false],
    ['10.128.0.0/9', '10.200.0.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.7/32', '192.0.2.7', true],
    ['192.0.2.7/31', '192.0.2.6', true],
    ['192.0.2.7', '192.0.2.70', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['2001:db8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::5', false],
    ['2001:DB8::1', '2001:db8:0:0::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::/0', '::1', true],
    ['line', 'line', true],
    ['line', 'lines', false],
  ])('%s has %s: %s', (range, host, expected) => {
    expect(new AddressRange(range).has(host, ipOctets(host), `${host}:1`)).toBe(expected);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
    'host',
    '0013a20040b5c1d2',
  ])('%s is no IP address', (text) => {
    expect(ipOctets(text)).toBeUndefined();
  });

  it('reads IPv6 in all its forms', () => {
    expect(ipOctets('::')).toEqual(new Array(16).fill(0));
    expect(ipOctets('1::')).toEqual([0, 1, ...new Array(14).fill(0)]);
    expect(ipOctets('::2')).toEqual([...new Array(15).fill(0), 2]);
    expect(ipOctets('64:ff9b::192.0.2.1')).toEqual([0, 0x64, 0xff, 0x9b, ...new Array(8).fill(0), 192, 0, 2, 1]);
    expect(ipOctets('1:2:3:4:5:6:1.2.3.4')?.slice(-4)).toEqual([1, 2, 3, 4]);
  });
});

describe('patterns with an identity', () => {
  it.each([
    ['%i', 'a*', 'a*', true],
    ['%i', 'a*', 'ab', false],
    ['%i-*', 'a', 'a-7', true],
    ['*-%i', '?', 'x-?', true],
    ['*-%i', '?', 'x-y', false],
    ['%i%i', '%i', '%i%i', true],
  ])('%s with %s matches %s: %s', (pattern, identity, text, expected) => {
    expect(new Glob(pattern, identity).matches(text)).toBe(expected);
  });
});
