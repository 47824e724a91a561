import fc from 'fast-check';
import { matchesFilter } from '../../../src/core/topics/topic-name.ts';

const LEVELS = ['a', 'b', '', '$a', '+'];

/** Filters and topics of few different levels, so that they meet; some of the levels begin like others. */
const level = fc.constantFrom('a', 'b', '', '$a', 'ab');

/** Any topic of these levels. */
export const someTopic = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');

/** Any filter of these levels, with wildcards. */
export const someFilter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 5 }), fc.boolean())
  .map(([levels, isOpen]) => (isOpen ? [...levels, '#'] : levels).join('/'))
  .filter((filter) => filter !== '');

/** All that can be made of these levels, up to so many of them. */
function allOf(levels: readonly string[], most: number): string[][] {
  let longest: string[][] = [[]];
  const all = [...longest];
  for (let length = 1; length <= most; length++) {
    longest = longest.flatMap((one) => levels.map((next) => [...one, next]));
    all.push(...longest);
  }
  return all;
}

/** All filters of up to three levels. */
export const ALL_FILTERS: readonly string[] = [
  ...allOf(LEVELS, 3).map((levels) => levels.join('/')),
  ...allOf(LEVELS, 2).map((levels) => [...levels, '#'].join('/')),
].filter((filter) => filter !== '');

/** All topics of up to four levels, with one level that no filter has; the empty one counts, as for `covers`. */
const ALL_TOPICS = allOf(['a', 'b', '', '$a', 'z'], 4)
  .slice(1)
  .map((levels) => levels.join('/'));

/** A bit for each of the topics that a filter matches. */
const MATCHED = new Map(
  ALL_FILTERS.map((filter) => [
    filter,
    BigInt(`0b${ALL_TOPICS.map((topic) => (matchesFilter(filter, topic) ? '1' : '0')).join('')}`),
  ]),
);

/** Whether one of `ALL_FILTERS` matches each topic that another one matches: all of them tried. */
export function coversByTrial(wide: string, narrow: string): boolean {
  return ((MATCHED.get(narrow) ?? 0n) & ~(MATCHED.get(wide) ?? 0n)) === 0n;
}
