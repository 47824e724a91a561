import { describe, expect, it } from '@jest/globals';
import { Calm, DISK, FULL_DISK, WRITE } from './calm.ts';

/** A disk that is full for 100 s; `pause` later it hangs, for 10 s. How long what is told a second after that may have waited. */
function held(pause: number, hang: string, runs = true): number {
  let now = 0;
  const calm = new Calm(() => now);
  calm.runs(true);
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  pass(1_000);
  const full = calm.begins(FULL_DISK);
  pass(100_000);
  full();
  calm.runs(runs);
  pass(pause);
  calm.runs(true);
  const over = calm.begins(hang);
  pass(10_000);
  over();
  pass(1_000);
  return calm.heldByDisk();
}

describe('what may have waited for the disk', () => {
  it.each([
    ['a disk that is full, and hangs soon after that, is one trouble', 10_000, DISK, 121_000],
    ['one that hangs long after it was full is another one', 70_000, DISK, 11_000],
    ['nothing waits where the last trouble was another one', 20_000, '', WRITE],
  ])('%s', (_what, pause, hang, expected) => {
    expect(held(pause, hang)).toBe(expected);
  });

  it('a disk that has room only while the gateway does not run is full all the time', () => {
    expect(held(70_000, FULL_DISK, false)).toBe(181_000);
  });
});
