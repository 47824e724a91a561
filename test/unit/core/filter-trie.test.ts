import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FilterTrie } from '../../../src/core/topics/filter-trie.ts';
import { matchesFilter } from '../../../src/core/topics/topic-name.ts';
import { covers } from '../../support/filter-cover.ts';
import { rounds } from '../../support/rounds.ts';
import { ALL_FILTERS, coversByTrial, someFilter, someTopic } from './some-filters.ts';

/** A trie whose values are its filters. */
function trieOf(filters: Iterable<string>): FilterTrie<string> {
  const trie = new FilterTrie<string>();
  for (const filter of filters) {
    trie.set(filter, filter);
  }
  return trie;
}

/** What is visited, each as often as it is. */
function matched(trie: FilterTrie<string>, topic: string): string[] {
  const seen: string[] = [];
  trie.match(topic, (value) => seen.push(value));
  return seen.sort();
}

/** The filters that are visited beside one: wider or narrower ones. */
function beside(trie: FilterTrie<string>, way: 'coveredBy' | 'covering', filter: string): string[] {
  const seen: string[] = [];
  trie[way](filter, (value) => seen.push(value));
  return seen.sort();
}

/** Whether a filter is strictly wider. `#` and `+/#` match the same; in the trie `#` is the wider one. */
function isWider(wide: string, narrow: string, covering: (wide: string, narrow: string) => boolean): boolean {
  return wide !== narrow && !(wide === '+/#' && narrow === '#') && covering(wide, narrow);
}

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const manyFilters = fc.array(someFilter, { maxLength: 40 });

describe('what is found by a topic (MQTT 4.7)', () => {
  const trie = trieOf([
    '#',
    '+',
    '+/+',
    '+/#',
    'a',
    'a/#',
    'a/+',
    'a/b',
    'a/b/c',
    'a//b',
    '/',
    '/+',
    'a/',
    '$SYS/#',
    '$SYS/+/x',
  ]);

  it.each([
    ['a', ['#', '+', '+/#', 'a', 'a/#']],
    ['a/b', ['#', '+/#', '+/+', 'a/#', 'a/+', 'a/b']],
    ['a/', ['#', '+/#', '+/+', 'a/', 'a/#', 'a/+']],
    ['a/b/c', ['#', '+/#', 'a/#', 'a/b/c']],
    ['a//b', ['#', '+/#', 'a/#', 'a//b']],
    ['/', ['#', '+/#', '+/+', '/', '/+']],
    ['/x', ['#', '+/#', '+/+', '/+']],
    ['ab', ['#', '+', '+/#']],
    ['a/$SYS', ['#', '+/#', '+/+', 'a/#', 'a/+']],
    ['$SYS', ['$SYS/#']],
    ['$SYS/b/x', ['$SYS/#', '$SYS/+/x']],
    ['$SYS/', ['$SYS/#']],
    ['$x/b', []],
  ])('%s', (topic, filters) => {
    expect(matched(trie, topic)).toEqual([...filters].sort());
  });

  it('is what matches one by one', () => {
    fc.assert(
      fc.property(manyFilters, fc.array(someTopic), (filters, topics) => {
        const set = new Set(filters);
        const some = trieOf(set);
        for (const topic of topics) {
          expect(matched(some, topic)).toEqual([...set].filter((filter) => matchesFilter(filter, topic)).sort());
        }
      }),
      { numRuns: rounds(300), seed: 47 },
    );
  });
});

describe('what is wider and narrower', () => {
  it('agrees with all topics of four levels, for all filters of three', () => {
    const trie = trieOf(ALL_FILTERS);
    for (const filter of ALL_FILTERS) {
      const narrower = ALL_FILTERS.filter((other) => isWider(filter, other, coversByTrial));
      expect([filter, beside(trie, 'coveredBy', filter)]).toEqual([filter, narrower.sort()]);
      const wider = ALL_FILTERS.filter((other) => isWider(other, filter, coversByTrial));
      expect([filter, beside(trie, 'covering', filter)]).toEqual([filter, wider.sort()]);
    }
  });

  it('agrees with what one filter covers of another, whatever else is there', () => {
    fc.assert(
      fc.property(manyFilters, fc.array(someFilter, { maxLength: 10 }), (filters, others) => {
        const set = new Set(filters);
        const trie = trieOf(set);
        for (const filter of [...others, ...filters.slice(0, 10)]) {
          const narrower = [...set].filter((other) => isWider(filter, other, covers));
          expect([filter, beside(trie, 'coveredBy', filter)]).toEqual([filter, narrower.sort()]);
          const wider = [...set].filter((other) => isWider(other, filter, covers));
          expect([filter, beside(trie, 'covering', filter)]).toEqual([filter, wider.sort()]);
        }
      }),
      { numRuns: rounds(300), seed: 48 },
    );
  });

  it('of # and +/#, which match the same, # is the wider one', () => {
    const trie = trieOf(['#', '+/#', '$a/#']);
    expect(beside(trie, 'coveredBy', '#')).toEqual(['+/#']);
    expect(beside(trie, 'covering', '+/#')).toEqual(['#']);
    expect(beside(trie, 'coveredBy', '+/#')).toEqual([]);
    expect(beside(trie, 'covering', '#')).toEqual([]);
  });
});

describe('what is under a filter', () => {
  const action = fc.record({ isSet: fc.boolean(), filter: someFilter, value: fc.option(fc.nat(), { nil: undefined }) });

  it('is what a Map would have, and deletion leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const trie = new FilterTrie<number | undefined>();
        const map = new Map<string, number | undefined>();
        for (const { isSet, filter, value } of actions) {
          if (isSet) {
            trie.set(filter, value);
            map.set(filter, value);
          } else {
            expect(trie.delete(filter)).toBe(map.delete(filter));
          }
          expect(trie.size).toBe(map.size);
          expect(trie.get(filter)).toBe(map.get(filter));
        }
        expect([...trie.values()].sort()).toEqual([...map.values()].sort());
        for (const [filter, value] of map) {
          expect([filter, trie.get(filter)]).toEqual([filter, value]);
        }
        expect(trie.nodes).toBe(trieOf(map.keys()).nodes);
        for (const filter of map.keys()) {
          expect(trie.delete(filter)).toBe(true);
        }
        expect([trie.size, trie.nodes, [...trie.values()]]).toEqual([0, 0, []]);
      }),
      { numRuns: rounds(300), seed: 49 },
    );
  });

  it('is nothing where only longer, shorter or other ones are', () => {
    const trie = trieOf(['a/b/c', 'a/b/#', '#']);
    expect(['a', 'a/b', 'a/#', 'a/b/+', 'a/b/c/#', 'a/b/cd', '+', '/'].map((filter) => trie.get(filter))).toEqual(
      Array(8).fill(undefined),
    );
    expect(trie.delete('a/b')).toBe(false);
    expect(trie.size).toBe(3);
  });
});

describe('many and long ones', () => {
  it('a hundred thousand are found at once, in little memory, and go without a trace', () => {
    const filters = Array.from({ length: 100_000 }, (_, n) => `site/${n}/cmd`);
    trieOf(filters.slice(0, 1000)); // what is compiled now does not count
    const before = heapInUse();
    const trie = trieOf(filters);
    expect((heapInUse() - before) / filters.length).toBeLessThan(170);
    expect(matched(trie, 'site/70000/cmd')).toEqual(['site/70000/cmd']);
    expect([...trie.values()]).toHaveLength(filters.length);
    for (const filter of filters) {
      trie.delete(filter);
    }
    expect(trie.nodes).toBe(0);
    expect((heapInUse() - before) / filters.length).toBeLessThan(30);
  });

  it('a topic of many levels goes each way once', () => {
    const ways = Array.from({ length: 1024 }, (_, n) =>
      n.toString(2).padStart(10, '0').replaceAll('0', 'a/').replaceAll('1', '+/'),
    ).map((way) => `${way}#`);
    const topic = 'a/'.repeat(32_000);
    expect(matched(trieOf(ways), topic)).toEqual(ways.sort());
  });

  it.each(['/'.repeat(30_000), '/'.repeat(65_535), 'a/'.repeat(32_767)])('65 kB of levels (%#)', (topic) => {
    const levels = topic.split('/');
    const plus = levels.map(() => '+').join('/');
    const half = levels.map((level, index) => (index % 2 === 0 ? '+' : level)).join('/');
    const ended = levels.map((level, index) => (index === levels.length - 2 ? 'x' : level)).join('/');
    const filters = ['#', plus, half, `${plus}/#`, topic, `${topic}/#`, ended, `${topic}/x`, '/+', 'a/+'];
    const trie = trieOf(filters);
    expect(trie.nodes).toBeLessThan(2 * filters.length);
    const want = ['#', plus, half, `${plus}/#`, topic, `${topic}/#`].sort();
    expect(matched(trie, topic).map((filter) => want.indexOf(filter))).toEqual([0, 1, 2, 3, 4, 5]);
    const isIn = (list: readonly string[], ...some: string[]) => some.every((one) => list.includes(one));
    expect(isIn(beside(trie, 'covering', topic), '#', plus, half, `${plus}/#`, `${topic}/#`)).toBe(true);
    expect(isIn(beside(trie, 'coveredBy', `${plus}/#`), plus, half, topic, `${topic}/#`, `${topic}/x`)).toBe(true);
    for (const filter of filters) {
      expect(trie.delete(filter)).toBe(true);
    }
    expect(trie.nodes).toBe(0);
  });

  it('a level with a hundred thousand children is gone through without calls in each other', () => {
    const trie = trieOf(Array.from({ length: 100_000 }, (_, n) => `${n}/x`));
    expect(beside(trie, 'coveredBy', '+/x')).toHaveLength(100_000);
    expect(beside(trie, 'coveredBy', '#')).toHaveLength(100_000);
    expect(beside(trie, 'coveredBy', '7/#')).toEqual(['7/x']);
  });
});
