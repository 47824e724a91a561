import { describe, expect, it } from '@jest/globals';
import { CoreClock } from '../../../src/app/core-clock.ts';

/** A clock that is moved by hand; its timers do not fire. */
function made() {
  const clock = { now: () => clock.time, wakeAt: () => () => {}, time: 0 };
  const paused: number[] = [];
  const core = new CoreClock({
    clock,
    due: () => undefined,
    looked: () => undefined,
    paused: (milliseconds) => paused.push(milliseconds),
  });
  core.continueFrom(1_000_000);
  return { clock, core, paused };
}

describe('the time of the core (I-37)', () => {
  it('does not go back where a deadline is set that has been over for long: the process has not stood still', () => {
    const { clock, core, paused } = made();
    core.waitUntil(1_000_000 - 5_000);
    clock.time += 20;
    expect(core.now()).toBe(1_000_020);
    expect(paused).toEqual([]);
  });

  it('goes on by one second where nothing was looked at for longer', () => {
    const { clock, core, paused } = made();
    core.waitUntil(1_000_000 - 5_000);
    clock.time += 7_000;
    expect(core.now()).toBe(1_001_000);
    expect(paused).toEqual([7_000]);
  });

  it('has whole milliseconds, and goes on behind the time that was stored: fractions take memory in each session', () => {
    const { clock, core } = made();
    clock.time = 7.9;
    core.continueFrom(1_000_000.25);
    expect(core.now()).toBe(1_000_001);
    clock.time = 9.05;
    expect(core.now()).toBe(1_000_003);
  });

  it('wakes up at a deadline, also where that has a fraction', () => {
    const timers: { at: number; wake: () => void }[] = [];
    const wakeAt = (at: number, wake: () => void) => {
      timers.push({ at, wake });
      return () => {};
    };
    const clock = { now: () => clock.time, wakeAt, time: 0.75 };
    const due: number[] = [];
    const core = new CoreClock({
      clock,
      due: (now) => due.push(now),
      looked: () => undefined,
      paused: () => undefined,
    });
    core.continueFrom(0);
    core.waitUntil(100.5);
    clock.time = timers[0]?.at ?? 0;
    timers[0]?.wake();
    expect(due).toEqual([100.5]);
  });
});
