import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

describe('a client that comes while the broker is away', () => {
  it('does not wait for the end of a long pause: the shared connection is tried five seconds after the last attempt', () => {
    const bench = new SharedBench();
    bench.up();
    for (let attempt = 0; attempt < 7; attempt++) {
      bench.broker({ type: 'upstream-lost', reason: 'connection refused', takenOver: false });
      expect(bench.pass(60_000)).toContain('broker < CONNECT shared');
    }
    bench.broker({ type: 'upstream-lost', reason: 'connection refused', takenOver: false });
    bench.pass(2_000);
    bench.connect('a');
    expect(bench.pass(2_500)).not.toContain('broker < CONNECT shared');
    expect(bench.pass(500)).toContain('broker < CONNECT shared');
    expect(bench.broker({ type: 'upstream-connected', sessionPresent: true })).toContain('a < CONNACK 0x00');
  });
});
