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
});
