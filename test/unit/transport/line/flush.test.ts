import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { flush } from '../../../../src/transport/line/flush.ts';

/** Waits for something that is busy for so many milliseconds; how long that took, undefined: longer than `watched`. */
async function flushed(busyFor: number, watched: number): Promise<number | undefined> {
  const start = performance.now();
  let took: number | undefined;
  void flush(() => performance.now() - start < busyFor).then(() => {
    took = performance.now() - start;
  });
  await jest.advanceTimersByTimeAsync(watched);
  return took;
}

describe('the wait for what is to be sent, before a line is closed', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('takes no time where nothing waits', async () => {
    expect(await flushed(0, 0)).toBe(0);
  });

  it('ends within 5 ms when the last octet has left', async () => {
    expect(await flushed(202, 204)).toBeUndefined();
    expect(await flushed(202, 206)).toBe(205);
  });

  it('ends after a second, whatever still waits', async () => {
    expect(await flushed(Number.POSITIVE_INFINITY, 999)).toBeUndefined();
    expect(await flushed(Number.POSITIVE_INFINITY, 1_000)).toBe(1_000);
  });
});
