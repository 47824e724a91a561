import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame } from '../support/core-bench.ts';

/** A gateway whose own connection stands as #1, and so many clients as #2, #3, … */
function serving(clients: number): CoreBench {
  const bench = new CoreBench();
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  for (let client = 0; client < clients; client++) {
    bench.connect(`c${client}`, `c${client}`, { duration: 1000 });
  }
  bench.pass(60_000);
  return bench;
}

/** The notes of one type until so much later, while every attempt fails. */
function notesWithoutBroker(bench: CoreBench, milliseconds: number, type: string): unknown[] {
  const found: unknown[] = [];
  for (let passed = 0; passed < milliseconds; passed += 100) {
    const lines = bench.pass(100);
    found.push(...bench.notes);
    for (const [, connection] of lines.join('\n').matchAll(/#(\d+) CONNECT/g)) {
      bench.down(Number(connection));
      found.push(...bench.notes);
    }
  }
  return found.filter((note) => (note as { type: string }).type === type);
}

describe('that the gateway cannot reach the broker', () => {
  it('is noted by the first attempt in vain, with how long ago the last connection broke', () => {
    const bench = serving(0);
    bench.down(1);
    expect(notesWithoutBroker(bench, 3_000, 'gateway-reachable')).toEqual([
      { type: 'gateway-reachable', reachable: false, lostFor: 1_000, reason: 'closed by the broker' },
    ]);
  });

  it('counts from the last connection, also where that was one of a client', () => {
    const bench = serving(1);
    bench.down(1);
    bench.pass(300);
    bench.down(2);
    expect(notesWithoutBroker(bench, 3_000, 'gateway-reachable')).toEqual([
      { type: 'gateway-reachable', reachable: false, lostFor: 700, reason: 'closed by the broker' },
    ]);
  });

  it('has no such time where no connection ever stood', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.down(1);
    expect(bench.notes).toContainEqual({
      type: 'gateway-reachable',
      reachable: false,
      reason: 'closed by the broker',
    });
  });
});

describe('a CONNECT that is refused since T_retry is over', () => {
  it('is told that the broker cannot be reached where that is known', () => {
    const bench = serving(0);
    bench.down(1);
    notesWithoutBroker(bench, 2_000, 'client-refused');
    bench.from('n', connectFrame('n'));
    expect(notesWithoutBroker(bench, 10_000, 'client-refused')).toMatchObject([
      { clientId: 'n', returnCode: 1, reason: 'the broker cannot be reached' },
    ]);
  });

  it('is told that the broker did not answer where it was asked and was silent', () => {
    const bench = serving(0);
    bench.from('n', connectFrame('n'));
    bench.pass(10_000);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'client-refused', reason: 'the broker did not answer in time' }),
    );
  });
});
