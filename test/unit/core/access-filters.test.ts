import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { covers, filterFor, levelsOf, matchesLevels, meetOf } from '../../../src/core/topics/filter-levels.ts';
import { GrantedTopics, grantedTopics } from '../../../src/core/topics/granted-topics.ts';
import { matchesFilter } from '../../../src/core/topics/topic-name.ts';

const LEVELS = ['', 'a', 'b', '$x'];

/** Every name of up to three levels of these. */
const NAMES = LEVELS.flatMap((one) => [
  one,
  ...LEVELS.flatMap((two) => [`${one}/${two}`, ...LEVELS.map((three) => `${one}/${two}/${three}`)]),
]).filter((name) => name !== '');

const filter = fc
  .tuple(fc.array(fc.constantFrom(...LEVELS, '+'), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, open]) => (open ? [...levels.slice(1), '#'] : levels).join('/'))
  .filter((text) => text !== '');

describe('filters taken apart', () => {
  it('match what filters match, by the words of MQTT', () => {
    fc.assert(
      fc.property(filter, (one) => {
        for (const name of NAMES) {
          expect([name, matchesLevels(levelsOf(one), name)]).toEqual([name, matchesFilter(one, name)]);
        }
      }),
    );
  });

  it('have a meet that matches exactly what both match', () => {
    fc.assert(
      fc.property(filter, filter, (one, other) => {
        const both = meetOf(levelsOf(one), levelsOf(other));
        for (const name of NAMES) {
          const isInBoth = matchesFilter(one, name) && matchesFilter(other, name);
          expect([name, both !== undefined && matchesLevels(both, name)]).toEqual([name, isInBoth]);
        }
      }),
    );
  });

  it('cover each other only where every name of one is a name of the other', () => {
    let covered = 0;
    fc.assert(
      fc.property(filter, filter, (wide, narrow) => {
        if (covers(levelsOf(wide), levelsOf(narrow))) {
          covered++;
          for (const name of NAMES.filter((each) => matchesFilter(narrow, each))) {
            expect([name, matchesFilter(wide, name)]).toEqual([name, true]);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(covered).toBeGreaterThan(10);
  });

  it.each([
    ['#', 'a/b', true],
    ['#', '$SYS/a', false],
    ['#', '#', true],
    ['a/#', 'a', true],
    ['a/#', 'a/+/#', true],
    ['a/+/#', 'a/#', false],
    ['+/b', 'a/b', true],
    ['a/b', '+/b', false],
    ['a/b/#', 'a/#', false],
    ['a', 'a/#', false],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(levelsOf(wide), levelsOf(narrow))).toBe(expected);
  });
});

describe('placeholders in filters of rules (I-123)', () => {
  it.each([
    ['a/%c/b', 'x', 'i', 'a/x/b'],
    ['%c-%i/#', 'x', 'i', 'x-i/#'],
    ['a/%c', '%i', 'secret', 'a/%i'],
    ['a/%i', 'x', '%c', 'a/%c'],
    ['a/%c', '$x', 'i', 'a/$x'],
    ['a/%x', 'x', 'i', 'a/%x'],
  ])('%s for client %s with identity %s is %s', (text, clientId, identity, own) => {
    expect(filterFor(text, clientId, identity)).toBe(own);
  });

  it.each(['', '+', '#', 'a/b', '/', 'a+', '#a', '..//', 'a/#', '+/+'])(
    'cannot be widened by the client id "%s"',
    (clientId) => {
      expect(filterFor('sensors/%c/#', clientId, undefined)).toBeUndefined();
      const denied = grantedTopics(['#'], ['secret/%c'], clientId, undefined);
      expect(['a', 'secret/a', 'secret/x/y', 'secret'].some((topic) => denied.has(topic))).toBe(false);
      expect(denied.hasSome('#')).toBe(false);
    },
  );

  it.each([
    ['%c/#', '$SYS'],
    ['%c/x/#', '$share'],
  ])('%s reaches no topics of the broker by the client id "%s"', (text, clientId) => {
    expect(filterFor(text, clientId, undefined)).toBeUndefined();
  });

  it('are nothing where there is no identity', () => {
    expect(filterFor('a/%i', 'x', undefined)).toBeUndefined();
    expect(grantedTopics(['#'], ['a/%i'], 'x', undefined).has('b')).toBe(false);
  });

  it('never match more than one level, whatever the ids are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (clientId) => {
        const own = filterFor('a/%c/b', clientId, undefined);
        if (own !== undefined) {
          expect(levelsOf(own)).toEqual({ levels: ['a', clientId, 'b'], isOpen: false, startsWild: false });
        }
      }),
    );
  });
});

describe('granted topics', () => {
  const topics = new GrantedTopics(['a/#', 'b/+', '$SYS/x'], ['a/secret/#', 'b/no']);

  it.each([
    ['a/b', true],
    ['a', true],
    ['a/secret', false],
    ['a/secret/x', false],
    ['b/x', true],
    ['b/no', false],
    ['b/x/y', false],
    ['$SYS/x', true],
    ['c', false],
  ])('%s: %s', (topic, expected) => {
    expect(topics.has(topic)).toBe(expected);
  });

  it.each([
    ['#', true],
    ['+', true],
    ['c/#', false],
    ['a/secret/#', false],
    ['a/secret', false],
    ['a/+/x', true],
    ['$SYS/#', true],
    ['$SYS/y', false],
    ['$share/g/a/b', true],
    ['$share/g/a/+', false], // a/secret is in it
    ['$share/g/b/x', true],
    ['$share/g/b/+', false],
    ['$share/g/#', false],
  ])('subscribing to %s: %s', (wanted, expected) => {
    expect(topics.hasSome(wanted)).toBe(expected);
  });

  it('take a filter exactly where a name of it is granted, while no two denied filters hide all of it together', () => {
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 3 }),
        fc.array(filter, { maxLength: 1 }),
        filter,
        (granted, denied, wanted) => {
          const some = new GrantedTopics(granted, denied);
          const isAny = NAMES.some((name) => matchesFilter(wanted, name) && some.has(name));
          if (isAny) {
            expect(some.hasSome(wanted)).toBe(true);
          }
          const shared = `$share/g/${wanted}`;
          if (some.hasSome(shared)) {
            expect(NAMES.filter((name) => matchesFilter(wanted, name) && !some.has(name))).toEqual([]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
