import { describe, expect, it } from '@jest/globals';
import type { CoreBench } from '../support/core-bench.ts';
import { connected } from '../support/core-bench-traffic.ts';

/** The client `s` waits for the disk, or does not any more. */
function held(bench: CoreBench, holds: boolean): void {
  bench.feed({ type: holds ? 'client-held' : 'client-released', clientId: 's' });
}

describe('the silence of a client that waits for the disk (I-64, K-3, SL-3)', () => {
  it('an active client: the keep-alive starts anew when nothing waits any more', () => {
    const bench = connected({}, { duration: 10 });
    bench.pass(10_000);
    held(bench, true);
    expect(bench.pass(100_000)).toEqual([]);
    held(bench, false);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a sleeper: so does its sleep', () => {
    const bench = connected();
    bench.from('s', '04 18 00 0a'); // for 10 s
    held(bench, true);
    expect(bench.pass(100_000)).toEqual([]);
    held(bench, false);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('what is heard of it meanwhile moves it as ever', () => {
    const bench = connected({}, { duration: 10 });
    held(bench, true);
    bench.pass(8_000);
    held(bench, false);
    bench.pass(5_000);
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });
});
