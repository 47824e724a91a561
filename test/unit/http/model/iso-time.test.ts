import { describe, expect, it } from '@jest/globals';
import { isoTime } from '../../../../src/http/model/wall-clock.ts';

/** The same as a date says it. */
const asDate = (millis: number): string => new Date(millis).toISOString();

describe('a time as text', () => {
  it('is that of a date, at the beginning and the end of a minute, and before 1970', () => {
    const minute = Date.parse('2026-05-04T10:20:00Z');
    for (const millis of [minute, minute + 1, minute + 59_999, minute + 60_000, 0, -1, -60_000, -59_999, 7, -1e12]) {
      expect(isoTime(millis)).toBe(asDate(millis));
      expect(isoTime(millis)).toBe(asDate(millis)); // it is remembered now
    }
  });

  it('is that of a date however the minutes follow each other', () => {
    for (let n = 0; n < 2_000; n++) {
      const millis = (n * 7_777_777_777) % 4_000_000_000_000;
      expect(isoTime(millis)).toBe(asDate(millis));
      expect(isoTime(-millis)).toBe(asDate(-millis));
    }
  });

  it('is whole milliseconds, and the last time that a date can have where it is beyond', () => {
    expect(isoTime(1_499.6)).toBe('1970-01-01T00:00:01.500Z');
    expect(isoTime(Number.MAX_VALUE)).toBe(asDate(8_640_000_000_000_000));
    expect(isoTime(-Number.MAX_VALUE)).toBe(asDate(-8_640_000_000_000_000));
  });
});
