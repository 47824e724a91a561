import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KeepAlive } from '../../../src/upstream/keep-alive.ts';

function keepAlive() {
  const told: string[] = [];
  const stream = { comesSlowly: () => false };
  const owner = { ping: () => told.push('ping'), fellSilent: () => told.push('silent') };
  const kept = new KeepAlive(60_000, owner, { comesSlowly: () => stream.comesSlowly() });
  return { kept, told, stream };
}

/** Timers that are due wait for the process, which stands still meanwhile. */
function standStill(milliseconds: number): void {
  const now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockReturnValue(now + milliseconds);
  jest.runOnlyPendingTimers();
  clock.mockRestore();
  jest.advanceTimersByTime(milliseconds - 30_000);
}

describe('the keep-alive of a connection to the broker', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks after a minute without an answer, and ends half a minute later', () => {
    const { told } = keepAlive();
    jest.advanceTimersByTime(59_999);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['ping']);
    jest.advanceTimersByTime(30_000);
    expect(told).toEqual(['ping', 'silent']);
    jest.advanceTimersByTime(600_000);
    expect(told).toEqual(['ping', 'silent']);
  });

  it('does not end where the process stood still, for the answer may wait in the socket (I-37)', () => {
    const { kept, told } = keepAlive();
    jest.advanceTimersByTime(60_000);
    standStill(45_000);
    expect(told).toEqual(['ping']);
    kept.heard();
    jest.advanceTimersByTime(59_999);
    expect(told).toEqual(['ping']);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['ping', 'ping']);
    kept.stop();
  });

  it('ends all the same where nothing waits there, however late timers are', () => {
    const { told } = keepAlive();
    jest.advanceTimersByTime(60_000);
    standStill(45_000);
    standStill(45_000);
    expect(told).toEqual(['ping', 'silent']);
  });

  it('does not end as long as a packet comes that takes long, and says that it is there meanwhile', () => {
    const { told, stream } = keepAlive();
    stream.comesSlowly = () => true;
    jest.advanceTimersByTime(300_000);
    expect(told).toEqual(['ping', 'ping', 'ping', 'ping', 'ping']);
    stream.comesSlowly = () => false;
    jest.advanceTimersByTime(90_000);
    expect(told.at(-1)).toBe('silent');
  });
});
