import { describe, expect, it } from '@jest/globals';
import { frame } from '../support/core-bench.ts';
import { persistent, subscribed } from '../support/core-bench-traffic.ts';

/** T_retry·(N_retry+1), and a second in which others are looked at together. */
const WINDOW = 40_000;
const TOGETHER = 1_000;

describe('what a client may repeat (T-18, U-11)', () => {
  it('is remembered for as long as it may, and then let go, though the client says nothing', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 1);
    expect(bench.core.nextDeadline).toBe(bench.now + WINDOW + TOGETHER);
    expect(bench.pass(WINDOW + TOGETHER)).toEqual([]);
    expect(bench.core.nextDeadline).toBeGreaterThan(bench.now + TOGETHER); // keep-alive alone
  });

  it('is folded up with the session of a client that sleeps: nobody has to let it go', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 1);
    bench.from('s', '04 18 0E 10');
    expect(bench.core.nextDeadline).toBeGreaterThan(bench.now + 1_000_000); // the sleep alone
  });

  it('keeps nobody waiting where its session is gone', () => {
    const bench = persistent();
    subscribed(bench, 'a/b', 1);
    bench.from('s', frame('04 04 01 003c', 's'));
    bench.up(2);
    bench.from('s', '02 18');
    expect(bench.core.nextDeadline).toBeUndefined();
  });
});
