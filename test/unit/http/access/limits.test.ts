import { describe, expect, it } from '@jest/globals';
import { clientAddress, limitedAs } from '../../../../src/http/access/client-address.ts';
import { FailureLimit } from '../../../../src/http/access/failure-limit.ts';
import { RequestRate } from '../../../../src/http/access/request-rate.ts';
import { StreamPlaces } from '../../../../src/http/events/stream-places.ts';
import { HttpProblem } from '../../../../src/http/http-problem.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

describe('where a request comes from', () => {
  it('is an IPv4 address, also where it came over IPv6', () => {
    expect(['::ffff:192.0.2.7', '192.0.2.7', '::1', undefined].map(clientAddress)).toEqual([
      '192.0.2.7',
      '192.0.2.7',
      '::1',
      '',
    ]);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['', ''],
  ])('%s counts as %s', (address, source) => {
    expect(limitedAs(address)).toBe(source);
  });
});

describe('failures', () => {
  const limit = () => {
    const clock = new ManualClock();
    const blocked: unknown[] = [];
    return { clock, blocked, failures: new FailureLimit(clock, (...what) => blocked.push(what)) };
  };
  const fail = (failures: FailureLimit, address: string, times: number) => {
    for (let time = 0; time < times; time++) {
      failures.attempt(address);
      failures.failed(address);
    }
  };

  it('are five in a minute, then nobody listens for a minute', () => {
    const { clock, blocked, failures } = limit();
    fail(failures, 'a', 4);
    expect([failures.blockedFor('a'), blocked]).toEqual([0, []]);
    clock.advance(59_999);
    fail(failures, 'a', 1);
    expect([failures.blockedFor('a'), failures.blockedFor('b'), blocked]).toEqual([60, 0, [['a', 60]]]);
    clock.advance(59_001);
    expect(failures.blockedFor('a')).toBe(1);
    clock.advance(999);
    expect(failures.blockedFor('a')).toBe(0);
    fail(failures, 'a', 4);
    expect(failures.blockedFor('a')).toBe(0);
  });

  it('are none where the attempt succeeded, though it counted until then', () => {
    const { blocked, failures } = limit();
    fail(failures, 'a', 4);
    failures.attempt('a');
    expect(failures.blockedFor('a')).toBe(60);
    failures.succeeded('a');
    expect([failures.blockedFor('a'), blocked]).toEqual([0, []]);
  });

  it('are remembered of a thousand addresses, of those whose time ends last', () => {
    const { clock, failures } = limit();
    fail(failures, 'first', 4);
    for (let number = 0; number < 1_000; number++) {
      clock.advance(1);
      fail(failures, `${number}`, 4);
    }
    expect(failures.size).toBe(1_000);
    fail(failures, 'first', 1);
    fail(failures, '999', 1);
    expect([failures.blockedFor('first'), failures.blockedFor('999')]).toEqual([0, 60]);
    clock.advance(120_000);
    fail(failures, 'later', 1);
    expect(failures.size).toBe(1);
  });
});

describe('the rate of requests', () => {
  it('has a burst and then so many a second, for each address', () => {
    const clock = new ManualClock();
    const rate = new RequestRate(clock);
    const admitted = (address: string, count: number, cost = 1) =>
      Array.from({ length: count }, () => rate.admits(address, cost)).filter(Boolean).length;
    expect([admitted('a', 500), admitted('b', 500)]).toEqual([400, 400]);
    clock.advance(1_000);
    expect(admitted('a', 500)).toBe(40);
    clock.advance(3_600_000);
    expect(admitted('a', 500)).toBe(400);
    clock.advance(3_600_000);
    expect(admitted('a', 500, 20)).toBe(20);
    for (let number = 0; number < 2_000; number++) {
      rate.admits(`${number}`, 1);
    }
    expect(rate.size).toBe(1_000);
  });
});

describe('places for event streams', () => {
  it('are given back once, and all of them', () => {
    const places = new StreamPlaces();
    const frees = Array.from({ length: 30 }, () => places.take('a', () => undefined));
    expect(places.size).toBe(30);
    expect(() => places.take('a', () => undefined)).toThrow(HttpProblem);
    for (const free of [...frees, ...frees]) {
      free();
    }
    expect(places.size).toBe(0);
  });

  it('go from the address that has most to one that has fewer, and never the other way', () => {
    const places = new StreamPlaces();
    const gone: string[] = [];
    const take = (address: string, count: number) => {
      for (let number = 0; number < count; number++) {
        places.take(address, () => gone.push(`${address} ${number}`));
      }
    };
    for (const address of ['a', 'b', 'c', 'd']) {
      take(address, 25);
    }
    take('e', 20);
    expect([places.size, gone.length]).toEqual([100, 20]);
    expect(gone.slice(0, 5)).toEqual(['a 0', 'b 0', 'c 0', 'd 0', 'a 1']);
    // All have about as many now: whoever comes next would take what is another's.
    expect(() => take('e', 1)).toThrow('as many as there may be');
    take('f', 1);
    expect(places.size).toBe(100);
  });
});
