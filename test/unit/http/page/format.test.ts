import { describe, expect, it } from '@jest/globals';
import {
  ageText,
  counted,
  durationText,
  figureText,
  octetsText,
  relativeText,
  signalText,
} from '../../../../src/http/page/model/format.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [0.04, '0.04'],
    [0.5, '0.5'],
    [3, '3'],
    [3.06, '3.1'],
    [12.34, '12.3'],
    [99.96, '100'],
    [123.4, '123'],
    [12_345.6, '12,346'],
  ])('%d is %s', (figure, text) => {
    expect(figureText(figure)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [12_345, '12.3 kB'],
    [345_678, '346 kB'],
    [34_567_890, '34.6 MB'],
    [5e9, '5.0 GB'],
  ])('%d octets are %s', (octets, text) => {
    expect(octetsText(octets)).toBe(text);
  });

  it('are counted in words', () => {
    expect(counted(1, 'message')).toBe('1 message');
    expect(counted(0, 'message')).toBe('0 messages');
    expect(counted(1_234, 'message')).toBe('1,234 messages');
  });

  it('a signal has a true minus', () => {
    expect(signalText(-43)).toBe('−43 dBm');
    expect(signalText(0)).toBe('0 dBm');
  });
});

describe('times for people', () => {
  it.each([
    [-3, '0 s'],
    [59, '59 s'],
    [125, '2 min'],
    [3_599, '59 min'],
    [7_260, '2 h 1 min'],
  ])('what began %d seconds ago is so for %s', (seconds, text) => {
    expect(ageText(seconds)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [125, '2 min 5 s'],
    [3_600, '1 h'],
    [7_260, '2 h 1 min'],
    [277_000, '3 d 4 h'],
    [-5, '0 s'],
  ])('%d seconds last %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it.each([
    [0, 'just now'],
    [-1, 'just now'],
    [5, '5 s ago'],
    [90, '1 min ago'],
    [-90, 'in 1 min'],
    [7_200, '2 h ago'],
    [-200_000, 'in 2 d'],
  ])('%d seconds before now is %s', (seconds, text) => {
    expect(relativeText(1e12 - seconds * 1_000, 1e12)).toBe(text);
  });
});
