import { describe, expect, it, jest } from '@jest/globals';
import { Folding } from '../../src/core/topics/fold.ts';
import { type CoreBench, frame } from '../support/core-bench.ts';
import { persistent, registered, subscribed } from '../support/core-bench-traffic.ts';

/** T_retry·(N_retry+1), and a second in which others are looked at together. */
const WINDOW = 40_000;
const TOGETHER = 1_000;
/** A folded session is two texts: its shape, and its values. */
const TEXTS = 2;

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

describe('a session of many names, whose client sleeps and wakes again and again', () => {
  const PAUSE = 60_000;

  it('is not put together anew each time', () => {
    const bench = sleeper(200);
    const unfolded = unfolds(() => {
      for (let n = 0; n < 50; n++) {
        bench.pass(10);
        bench.from('s', frame('16', 's'));
      }
    });
    expect(unfolded).toBe(1);
  });

  it('is folded up again when it has been quiet for a while', () => {
    const bench = sleeper(200);
    bench.from('s', frame('16', 's'));
    expect(bench.core.nextDeadline).toBeLessThanOrEqual(bench.now + PAUSE + TOGETHER);
    const folded = folds(() => bench.pass(PAUSE + TOGETHER));
    expect(folded).toBe(1);
    expect(bench.core.nextDeadline).toBeGreaterThan(bench.now + 1_000_000); // the sleep alone
  });

  it('keeps nobody waiting where it is gone', () => {
    const bench = sleeper(200);
    bench.feed({ type: 'operator-disconnected', clientId: 's', token: 1 });
    bench.feed({ type: 'operator-forgot', clientId: 's', token: 2 });
    bench.pass(1_000);
    expect(bench.core.nextDeadline).toBeUndefined();
  });

  it('is folded up at once where that is a matter of a few names', () => {
    const bench = sleeper(10);
    const unfolded = unfolds(() => {
      for (let n = 0; n < 50; n++) {
        bench.from('s', frame('16', 's'));
      }
    });
    expect(unfolded).toBe(50);
  });

  /** It knows so many topic ids, and sleeps. The bench looks at the session after each of the first 500 inputs, and not any more. */
  function sleeper(topics: number): CoreBench {
    const bench = persistent();
    for (let n = 0; n < 500; n++) {
      bench.from('s', frame('0a 0000 0701', `site/building/${n % topics}/temperature`));
    }
    bench.from('s', '04 18 0E 10');
    return bench;
  }
});

/** Sessions that are unfolded. */
function unfolds(act: () => void): number {
  const spy = jest.spyOn(JSON, 'parse');
  act();
  const { length } = spy.mock.calls;
  spy.mockRestore();
  return length / TEXTS;
}

/** Sessions that are written to be folded up. */
function folds(act: () => void): number {
  const spy = jest.spyOn(Folding.prototype, 'folded', 'get');
  act();
  const { length } = spy.mock.calls;
  spy.mockRestore();
  return length;
}

describe('a client sleeps while something is under way', () => {
  /** QoS 1 or 2, on a topic id that is known. */
  function publishing(qos: 1 | 2): CoreBench {
    const bench = persistent();
    const topicId = registered(bench, 'a/b');
    for (let n = 0; n < 500; n++) {
      bench.feed({ type: 'tick' }); // behind these the bench looks at no session
    }
    bench.from('s', frame(`0c ${qos === 1 ? '20' : '40'} ${topicId} 0001`, 'm'));
    expect(folds(() => bench.from('s', '04 18 0E 10'))).toBe(0);
    return bench;
  }

  it.each([
    [1, 'PUBACK', 0],
    [1, 'PUBACK', 0x87],
    [2, 'PUBREC', 0x87],
  ] as const)(
    'and its session is folded up when the broker has answered: QoS %d, %s with %d',
    (qos, packet, reason) => {
      const bench = publishing(qos);
      expect(folds(() => bench.acked(1, packet, 1, reason))).toBe(1);
    },
  );
});
