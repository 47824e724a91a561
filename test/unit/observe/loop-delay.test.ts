import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoopDelay } from '../../../src/observe/loop-delay.ts';
import type { Clock } from '../../../src/ports/clock.ts';

let now: number;
let due: number | undefined;
let wake: () => void;
let delay: LoopDelay;

const clock: Clock = {
  now: () => now,
  wakeAt: (deadline, call) => {
    due = deadline;
    wake = call;
    return () => {
      due = undefined;
    };
  },
};

/** The timer that is waited for is called, so many milliseconds after it was due. */
function late(milliseconds: number): void {
  now = (due ?? Number.NaN) + milliseconds;
  wake();
}

beforeEach(() => {
  now = 5_000;
  due = undefined;
  delay = new LoopDelay(clock);
});

describe('delay of the event loop', () => {
  it('is looked at five times in a second, from start to stop', () => {
    expect(due).toBeUndefined();
    delay.start();
    expect(due).toBe(5_200);
    delay.start();
    late(3);
    expect(due).toBe(5_403);
    delay.stop();
    expect(due).toBeUndefined();
  });

  it('is how much later than it was due a timer is called; one that is early is in time', () => {
    delay.start();
    for (const milliseconds of [0, -0.5, 1, 1.5, 30, 7_000]) {
      late(milliseconds);
    }
    const { bounds, counts, sum } = delay.distribution();
    expect(sum).toBe(7_032.5);
    expect(Object.fromEntries(bounds.map((bound, n) => [bound, counts[n]]))).toMatchObject({
      1: 3,
      2: 1,
      50: 1,
      5000: 0,
    });
    expect(counts.at(-1)).toBe(1);
    expect(counts.reduce((all, count) => all + count, 0)).toBe(6);
  });

  it('is the longest of the last second for whoever wants one number', () => {
    delay.start();
    late(80);
    for (let look = 0; look < 4; look++) {
      late(2);
    }
    expect(delay.recent).toBe(80);
    late(2);
    expect(delay.recent).toBe(2);
  });

  it('does not change what it has told', () => {
    delay.start();
    const before = delay.distribution();
    late(0);
    expect(before.counts).not.toContain(1);
  });
});
