import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  forbiddenCharacter,
  hasWildcard,
  matchesFilter,
  topicFilterProblem,
  topicNameProblem,
  utf8Octets,
} from '../../../src/core/topics/topic-name.ts';
import { rounds } from '../../support/rounds.ts';

describe('topic filters (MQTT 4.7.1)', () => {
  it.each([
    '#',
    '+',
    '/',
    'sport/#',
    'sport/tennis/player1/#',
    '+/tennis/#',
    'sport/+/player1',
    '+/+',
    '/+',
    'a//b',
    '$SYS/#',
    'a b/é',
    '$share/g/a',
    '$share/g/#',
    '$share/g//',
    '$share',
    'sport/',
  ])('%s is valid', (filter) => {
    expect(topicFilterProblem(filter)).toBeUndefined();
  });

  it.each([
    '',
    'sport/tennis#',
    'sport/tennis/#/ranking',
    '##',
    '#/a',
    '$share/',
    '$share/g',
    '$share/g/',
    '$share//a',
    '$share/+/a',
    '$share/#',
    'sport+',
    '+sport',
    'a/+b/c',
    'a/++',
    'a\0b',
    'n'.repeat(65_536),
  ])('%s is not valid', (filter) => {
    expect(topicFilterProblem(filter)).toEqual(expect.any(String));
  });

  it('wildcards are + and #', () => {
    expect(['a/+', '#', 'a/b', '$SYS/x', ''].map(hasWildcard)).toEqual([true, true, false, false, false]);
  });
});

describe('characters (T-48)', () => {
  it.each([
    [0x01, 0x1f],
    [0x7f, 0x9f],
    [0xfdd0, 0xfdef],
    [0xfffe, 0xffff],
    [0x1fffe, 0x1ffff],
    [0x10fffe, 0x10ffff],
  ])('%i to %i are refused by the strict rule only', (first, last) => {
    for (let code = first; code <= last; code++) {
      const name = `a${String.fromCodePoint(code)}b`;
      expect(topicNameProblem(name)).toMatch(/must not contain U\+[0-9A-F]{4,6}$/);
      expect(topicFilterProblem(`${name}/#`)).toEqual(expect.any(String));
      expect(topicNameProblem(name, 'utf8')).toBeUndefined();
      expect(topicFilterProblem(`${name}/#`, 'utf8')).toBeUndefined();
    }
  });

  it.each([0x20, 0x7e, 0xa0, 0xad, 0x200b, 0xfdcf, 0xfdf0, 0xfffd, 0xfeff, 0x1fffd, 0xe000, 0x10fffd])(
    '%i is none of them',
    (code) => {
      expect(forbiddenCharacter(String.fromCodePoint(code), 'strict')).toBeUndefined();
    },
  );

  it('U+0000 is refused by every rule', () => {
    expect([forbiddenCharacter('a\0', 'strict'), forbiddenCharacter('a\0', 'utf8')]).toEqual(['U+0000', 'U+0000']);
  });

  it('are named', () => {
    expect(topicNameProblem('a\u0007')).toBe('a topic name must not contain U+0007');
    expect(forbiddenCharacter('\u{1FFFE}', 'strict')).toBe('U+1FFFE');
  });
});

describe('topic names', () => {
  it.each(['a', '/', 'sport/tennis', '$SYS/x', 'ACCOUNTS payable', 'é'])('%s is valid', (name) => {
    expect(topicNameProblem(name)).toBeUndefined();
  });

  it.each(['', '#', '+', 'a/+/b', 'a#', 'a\0', '\0'])('%j is not valid (R-9, T-48)', (name) => {
    expect(topicNameProblem(name)).toEqual(expect.any(String));
  });

  it('has 65,535 octets of UTF-8 at most (T-48)', () => {
    expect(topicNameProblem('n'.repeat(65_535))).toBeUndefined();
    expect(topicNameProblem('n'.repeat(65_536))).toEqual(expect.any(String));
    expect(topicNameProblem('é'.repeat(32_767))).toBeUndefined();
    expect(topicNameProblem('é'.repeat(32_768))).toEqual(expect.any(String));
  });
});

describe('octets of UTF-8', () => {
  it('are 1, 2, 3 and 4 for one character', () => {
    expect(['', 'a', 'é', '€', '😀'].map(utf8Octets)).toEqual([0, 1, 2, 3, 4]);
  });

  it('are those that the text has when it is encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Octets(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});

describe('whether a name matches a filter (MQTT 4.7)', () => {
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1'],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking'],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon'],
    ['sport/#', 'sport'],
    ['#', 'sport/tennis'],
    ['sport/tennis/+', 'sport/tennis/player1'],
    ['sport/+', 'sport/'],
    ['+/+', '/finance'],
    ['/+', '/finance'],
    ['+', 'finance'],
    ['+/tennis/#', 'sport/tennis'],
    ['$SYS/#', '$SYS/'],
    ['$SYS/#', '$SYS'],
    ['$SYS/monitor/+', '$SYS/monitor/Clients'],
    ['a/#', 'a/$x'],
    ['a/+', 'a/$x'],
    ['a//b', 'a//b'],
    ['a/+/b', 'a//b'],
    ['é/ /b', 'é/ /b'],
    ['$share/g/a/+', 'a/b'],
    ['$share/g//a', '/a'],
    ['$share/g/#', 'a'],
    ['$share/a/b', '$share/a/b'],
  ])('%s matches %s', (filter, name) => {
    expect(matchesFilter(filter, name)).toBe(true);
  });

  it.each([
    ['sport/tennis/+', 'sport/tennis/player1/ranking'],
    ['sport/+', 'sport'],
    ['+', '/finance'],
    ['/finance', 'finance'],
    ['finance', '/finance'],
    ['ACCOUNTS', 'Accounts'],
    ['sport/#', 'sports'],
    ['sport', 'sport/'],
    ['a/b', 'a'],
    ['a', 'a/b'],
    ['+/b/#', 'a/c'],
    ['#', '$SYS/monitor/Clients'],
    ['#', '$SYS'],
    ['+/monitor/Clients', '$SYS/monitor/Clients'],
    ['+', '$x'],
    ['$share/g/a', 'g/a'],
    ['$share/g/#', '$SYS/x'],
    ['$share/g/a/+', 'b/a'],
    ['a/#/b', 'a/x'],
    ['a/#/b', 'a/x/b'],
    ['#/b', 'b'],
    ['#/b', 'a/b'],
  ])('%s does not match %s', (filter, name) => {
    expect(matchesFilter(filter, name)).toBe(false);
  });

  it('agrees with the definition, level by level', () => {
    const level = fc.constantFrom('', 'a', 'b', '$a');
    const name = fc.array(level, { minLength: 1, maxLength: 4 }).filter((levels) => levels.join('/') !== '');
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
      .map(([levels, rest]) => (rest ? [...levels, '#'] : levels))
      .filter((levels) => levels.join('/') !== '');
    fc.assert(
      fc.property(filter, name, (want, have) => {
        const hidden = have[0]?.startsWith('$') === true && (want[0] === '+' || want[0] === '#');
        expect(matchesFilter(want.join('/'), have.join('/'))).toBe(!hidden && matches(want, have));
      }),
      { numRuns: rounds(500) },
    );
  });
});

/** MQTT 4.7.1, read aloud. */
function matches([want, ...wanted]: readonly string[], have: readonly string[]): boolean {
  if (want === undefined) {
    return have.length === 0;
  }
  if (want === '#') {
    return true;
  }
  const [level, ...rest] = have;
  return level !== undefined && (want === '+' || want === level) && matches(wanted, rest);
}
