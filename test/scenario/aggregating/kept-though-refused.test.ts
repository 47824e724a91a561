/** What a client has, and the broker does not take when it is asked for it again (I-97): the client's session and the shared connection go on agreeing about it. */
import { describe, expect, it } from '@jest/globals';
import type { UpstreamConnected } from '../../../src/core/contract/input.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** `a` has `x/+`, and the broker loses its session and says `refusal` when it is asked for it again. */
function lost(refusal: number, more: Partial<UpstreamConnected> = {}): HubBench {
  const bench = new HubBench();
  bench.client('a', { clean: false });
  bench.subscribe('a', 'x/+', 1);
  bench.subscribe('a', 'z', 0);
  bench.breaks();
  bench.wait(5_000);
  for (const line of bench.stands(more)) {
    bench.grants([line], line.includes(' x/+ ') ? refusal : undefined);
  }
  return bench;
}

/** A client that connects anew while SUBSCRIBE is out has its session ask for all that it has (I-53). */
function asksAgain(bench: HubBench): string[] {
  const asked = bench.asks('a', 'z', 1);
  return [...asked, ...bench.client('a', { clean: false })];
}

describe('a filter that the broker has lost and refuses, when the session of a client asks for it as well', () => {
  it.each([
    ['refused by SUBACK', 0x87, {}, 0x87],
    ['not taken by this broker, that has no wildcards', 0, { wildcardAvailable: false }, undefined],
  ] as const)('is %s: the client keeps it, and gets its messages when the broker takes it', (_, code, more, again) => {
    const bench = lost(code, more);
    for (const line of asksAgain(bench)) {
      bench.grants([line], line.includes(' x/+ ') ? again : undefined);
    }
    const kept = [
      { filter: 'x/+', qos: 1 },
      { filter: 'z', qos: 0 },
    ];
    expect(bench.core.session('a')?.subscriptions).toEqual(kept);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    const told = next.stands({ sessionPresent: true });
    next.grants(told);
    const identifier = Number(/ x\/\+ .* as (\d+)/.exec(told.join('\n'))?.[1]);
    next.client('a', { clean: false });
    next.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [identifier] });
    expect(next.got('a')).toContain('qos1 x/y "m"');
  });

  it('is one on which the broker closed the connection: the same', () => {
    const bench = lost(0x87);
    const broken = (): void => {
      bench.breaks();
      for (let second = 0; second < 10; second++) {
        bench.wait(1_000);
      }
    };
    broken();
    bench.stands();
    broken();
    bench.stands();
    bench.wait(1_000); // it is alone now
    broken();
    for (const line of [...bench.stands({ sessionPresent: true }), ...bench.wait(1_000), ...asksAgain(bench)]) {
      expect(line).not.toContain(' x/+ ');
      bench.grants([line]);
    }
    expect(bench.core.session('a')?.subscriptions).toContainEqual({ filter: 'x/+', qos: 1 });
  });
});

describe('a filter that the broker has, and on which it closed the connection when another client asked for it', () => {
  /** `a` has `x/+`; the connection breaks twice when `b` asks for it, with nothing else out. */
  function felled(): HubBench {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.client('b', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.asks('b', 'x/+', 1);
    for (let times = 0; times < 2; times++) {
      bench.breaks();
      bench.wait(5_000);
      bench.stands({ sessionPresent: true });
      bench.wait(1_000);
    }
    return bench;
  }

  it('is refused to that one, and to the next one without asking', () => {
    const bench = felled();
    expect(bench.got('b')).toContain('0813000000000103');
    expect(bench.asks('b', 'x/+', 2)).toEqual([]);
    expect(bench.got('b')).toContain('0813000000000203');
  });

  it('is asked for again where the broker loses its session, for it was good', () => {
    const bench = felled();
    bench.breaks();
    bench.wait(5_000);
    expect(bench.stands().join('\n')).toContain(' x/+ ');
    expect(bench.core.session('a')?.subscriptions).toEqual([{ filter: 'x/+', qos: 1 }]);
  });
});
