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

  it('waits for the shared connection alone, not for that of the gateway, which is tried less and less often (I-40)', () => {
    const bench = ownAway();
    expect(bench.connect('a')).toContain('a < CONNACK 0x00');
  });

  it('is there as soon as the shared connection stands, though the other one has not found the broker', () => {
    const bench = ownAway();
    bench.broker({ type: 'upstream-lost', reason: 'closed by the broker', takenOver: false });
    expect(bench.connect('a')).not.toContain('a < CONNACK 0x00');
    expect(bench.pass(3_000)).toContain('broker < CONNECT shared');
    expect(bench.broker({ type: 'upstream-connected', sessionPresent: true })).toContain('a < CONNACK 0x00');
  });
});

/** The broker was away, and has come back: the shared connection stands, that of the gateway has not been tried since. */
function ownAway(): SharedBench {
  const bench = new SharedBench();
  bench.up();
  bench.broker({ type: 'upstream-lost', reason: 'connection refused', takenOver: false });
  for (let attempt = 0; attempt < 7; attempt++) {
    ownLost(bench);
    bench.pass(60_000);
  }
  ownLost(bench);
  bench.broker({ type: 'upstream-connected', sessionPresent: true });
  return bench;
}

function ownLost(bench: SharedBench): void {
  const lost = { type: 'upstream-lost', reason: 'connection refused', takenOver: false, unsent: true } as const;
  bench.feed({ ...lost, connection: bench.own });
}
