import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../src/core/topics/glob.ts';
import { rounds } from '../../support/rounds.ts';

/** The pattern as a regular expression. */
function asExpression(glob: string): RegExp {
  const source = Array.from(
    glob,
    (one) => ({ '*': '[^]*', '?': '[^]' })[one] ?? `\\u{${one.codePointAt(0)?.toString(16)}}`,
  );
  return new RegExp(`^${source.join('')}$`, 'u');
}

describe('client id patterns', () => {
  it.each([
    ['', ''],
    ['*', ''],
    ['*', 'anything'],
    ['**', 'x'],
    ['meter-*', 'meter-'],
    ['meter-*', 'meter-17'],
    ['*-17', 'meter-17'],
    ['m*-*7', 'meter-17'],
    ['meter-??', 'meter-17'],
    ['?', '😀'],
    ['*?', 'x😀'],
    ['a.c', 'a.c'],
    ['[ab]+', '[ab]+'],
    ['a\\*', 'a\\b'],
    ['*ab', 'aab'],
    ['*a*b*', 'xaybz'],
    ['a*', 'a\nb'],
    ['*', '*'],
  ])('%j matches %j', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(true);
  });

  it.each([
    ['', 'a'],
    ['?', ''],
    ['?', 'ab'],
    ['??', '😀'],
    ['meter-*', 'Meter-1'],
    ['meter-*', 'a-meter-1'],
    ['*-17', 'meter-171'],
    ['a.c', 'abc'],
    ['*ab', 'aba'],
    ['a*b', 'a'],
    ['*a*b*', 'ba'],
    ['abc', 'ab'],
  ])('%j does not match %j', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(false);
  });

  it('agrees with regular expressions', () => {
    const letters = fc.constantFrom('a', 'b', '😀', '.');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(letters, fc.constantFrom('*', '?')), maxLength: 8 }),
        fc.string({ unit: letters, maxLength: 8 }),
        (glob, text) => {
          expect(matchesGlob(glob, text)).toBe(asExpression(glob).test(text));
        },
      ),
      { numRuns: rounds(2000), seed: 42 },
    );
  });

  it('is quick where each star could be anywhere', () => {
    const text = 'a'.repeat(65_000);
    expect(matchesGlob(`${'*a'.repeat(100)}b`, text)).toBe(false);
    expect(matchesGlob(`*${'?'.repeat(50)}b*`, text)).toBe(false);
    expect(matchesGlob(`${'*a'.repeat(100)}*`, text)).toBe(true);
  });
});
