import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { LineWriter } from '../../../../src/transport/line/line-writer.ts';

/** How far ahead of the line may be written, in milliseconds. */
const AHEAD = 15;

interface Written {
  readonly at: number;
  readonly octets: Uint8Array;
}

function bench(octetsPerSecond: number) {
  const waiting: Uint8Array[] = [];
  const written: Written[] = [];
  /** What the operating system has not taken. */
  const held = { octets: 0 };
  const writer = new LineWriter({
    octetsPerSecond,
    next: () => waiting.shift(),
    write: (octets) => written.push({ at: performance.now(), octets }),
    pending: () => held.octets,
  });
  const add = (...sizes: number[]): void => {
    for (const size of sizes) {
      waiting.push(new Uint8Array(size));
    }
    writer.kick();
  };
  const times = (): number[] => written.map(({ at }) => at);
  return { writer, waiting, written, held, add, times };
}

describe('a writer to a line of 1,000 octets a second', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('writes at once where the line is free', () => {
    const { add, times } = bench(1_000);
    jest.advanceTimersByTime(3_000);
    add(100);
    expect(times()).toEqual([3_000]);
  });

  it('writes the next when the one before has nearly left, so that the line is never idle', () => {
    const { add, times } = bench(1_000);
    add(100, 100, 50, 100);
    jest.advanceTimersByTime(1_000);
    expect(times()).toEqual([0, 85, 185, 235]);
  });

  it('writes nothing while the peer takes nothing (RTS/CTS), and goes on when it does', () => {
    const { held, add, times, waiting } = bench(1_000);
    add(100);
    held.octets = 257;
    add(100, 100);
    jest.advanceTimersByTime(60_000);
    expect([times(), waiting.length]).toEqual([[0], 2]);
    held.octets = 0;
    jest.advanceTimersByTime(1_000);
    expect(times()).toEqual([0, 60_020, 60_105].map((at) => expect.closeTo(at, -2)));
    expect(times().map((at) => at >= 60_000)).toEqual([false, true, true]);
  });

  it('does not make up for the time in which there was nothing to write', () => {
    const { add, times } = bench(1_000);
    add(100);
    jest.advanceTimersByTime(10_000);
    add(100, 100);
    jest.advanceTimersByTime(1_000);
    expect(times()).toEqual([0, 10_000, 10_085]);
  });

  it('does not make up for the time in which the process was busy', () => {
    const { add, times } = bench(1_000);
    add(100, 100, 100);
    const now = performance.now.bind(performance);
    let late = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + late);
    jest.advanceTimersByTime(84);
    late = 500;
    jest.advanceTimersByTime(1_000);
    expect(times()).toEqual([0, 585, 670]);
  });

  it('asks for what is next only when it can be written, so that something urgent can still overtake', () => {
    const { add, waiting, written } = bench(1_000);
    add(100, 101);
    jest.advanceTimersByTime(84);
    waiting.unshift(new Uint8Array(7));
    jest.advanceTimersByTime(200);
    expect(written.map(({ octets }) => octets.length)).toEqual([100, 7, 101]);
  });

  it('is not disturbed by being told again and again that there is something', () => {
    const { add, writer, times } = bench(1_000);
    add(100, 100, 100);
    for (let i = 0; i < 100; i++) {
      writer.kick();
      jest.advanceTimersByTime(1);
    }
    expect(times()).toEqual([0, 85]);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('rests where there is nothing', () => {
    const { add, writer } = bench(1_000);
    writer.kick();
    expect(jest.getTimerCount()).toBe(0);
    add(10);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('knows how long the line is busy', () => {
    const { add, writer } = bench(1_000);
    expect(writer.busyFor).toBe(0);
    add(100, 100);
    expect(writer.busyFor).toBe(100);
    jest.advanceTimersByTime(60);
    expect(writer.busyFor).toBe(40);
    jest.advanceTimersByTime(25);
    expect(writer.busyFor).toBe(115);
    jest.advanceTimersByTime(1_000);
    expect(writer.busyFor).toBe(0);
  });

  it('writes nothing after it has been stopped, and at once when there is a line again', () => {
    const { add, writer, times } = bench(1_000);
    add(1_000, 100);
    writer.stop();
    expect(writer.busyFor).toBe(0);
    jest.advanceTimersByTime(500);
    expect(times()).toEqual([0]);
    writer.kick();
    expect(times()).toEqual([0, 500]);
  });
});

describe('a writer to a line of any speed', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is never further ahead than 15 ms, and never lets the line idle while something waits', () => {
    const speed = fc.constantFrom(120, 960, 3_840, 11_520, 92_160);
    const arrivals = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 250 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(speed, arrivals, (octetsPerSecond, frames) => {
        const { add, written } = bench(octetsPerSecond);
        const came: number[] = [];
        for (const [pause, size] of frames) {
          jest.advanceTimersByTime(pause);
          came.push(performance.now());
          add(size);
        }
        jest.runAllTimers();
        expect(written.map(({ octets }) => octets.length)).toEqual(frames.map(([, size]) => size));
        let free = 0;
        for (const [i, { at, octets }] of written.entries()) {
          expect(at).toBeGreaterThanOrEqual(free - AHEAD);
          expect(at).toBeLessThanOrEqual(Math.max(free, came[i] as number));
          free = Math.max(free, at) + (octets.length * 1_000) / octetsPerSecond;
        }
      }),
      { numRuns: 300 },
    );
  });
});
