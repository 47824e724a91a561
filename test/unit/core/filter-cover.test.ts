import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesFilter } from '../../../src/core/topics/topic-name.ts';
import { covers } from '../../support/filter-cover.ts';
import { rounds } from '../../support/rounds.ts';
import { ALL_FILTERS, coversByTrial, someFilter, someTopic } from './some-filters.ts';

describe('whether a filter covers another (MQTT 4.7)', () => {
  it.each([
    ['a/b', 'a/b'],
    ['#', '#'],
    ['a/#', 'a'],
    ['a/#', 'a/'],
    ['a/#', 'a/+'],
    ['a/#', 'a/b/#'],
    ['a/#', 'a/+/#'],
    ['a/#', 'a/$x'],
    ['#', '+/a'],
    ['#', '/'],
    ['#', '+/#'],
    ['+/#', '#'],
    ['+/a', 'x/a'],
    ['+/a', '/a'],
    ['+/+', 'a/+'],
    ['+/+/#', 'a/b'],
    ['a/+', 'a/$x'],
    ['$SYS/#', '$SYS/+/x'],
    ['$SYS/+', '$SYS/x'],
    ['/+', '/'],
  ])('%s covers %s', (wide, narrow) => {
    expect(covers(wide, narrow)).toBe(true);
  });

  it.each([
    ['a', 'b'],
    ['a', 'a/b'],
    ['a/b', 'a'],
    ['a', 'a/#'],
    ['a/+', 'a/#'],
    ['a/+', 'a'],
    ['a/+/#', 'a/#'],
    ['a/b', 'a/+'],
    ['a', '+'],
    ['a/#', '#'],
    ['a/#', 'ab'],
    ['a/#', '+/b'],
    ['+/+/#', '#'],
    ['+', '#'],
    ['+/a', '+/+'],
    ['a/+', '+/b'],
    ['#', '$SYS/#'],
    ['#', '$SYS'],
    ['+/#', '$SYS/#'],
    ['+/x', '$SYS/x'],
    ['$SYS/#', '#'],
    ['$SYS/#', '+/x'],
    ['+', '/'],
  ])('%s does not cover %s', (wide, narrow) => {
    expect(covers(wide, narrow)).toBe(false);
  });

  it('agrees with all topics of four levels, for all filters of three', () => {
    const wrong = ALL_FILTERS.flatMap((wide) =>
      ALL_FILTERS.filter((narrow) => covers(wide, narrow) !== coversByTrial(wide, narrow)).map(
        (narrow) => `${wide} and ${narrow}`,
      ),
    );
    expect(wrong).toEqual([]);
    expect(ALL_FILTERS.length).toBeGreaterThan(150);
  });

  it('matches what any filter matches that it covers', () => {
    fc.assert(
      fc.property(someFilter, someFilter, someTopic, (wide, narrow, topic) => {
        fc.pre(covers(wide, narrow) && matchesFilter(narrow, topic));
        expect(matchesFilter(wide, topic)).toBe(true);
      }),
      { numRuns: rounds(300), seed: 47, maxSkipsPerRun: 10_000 },
    );
  });

  it('is quick with filters of 65 kB', () => {
    const slashes = '/'.repeat(65_530);
    expect(covers(`${slashes}#`, `${slashes}+`)).toBe(true);
    expect(covers(`${slashes}+`, `${slashes}#`)).toBe(false);
  });
});
