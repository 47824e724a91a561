import { describe, expect, it } from '@jest/globals';
import { RuleBook } from './rule-book.ts';

const BOOK = new RuleBook(`
# Rules

| id | what it says | rests on |
|---|---|---|
| T-18 | A repetition is known by its content. | §6.6 |
| 3.5 item 6 | Back again. | ours |
| N-1 | Congestion. | §6.5 |

| no. | point | what the gateway does |
|---|---|---|
| I-24 | T_retry (T-18) | Counts late. |
`);

describe('a book of rules', () => {
  it('defines what stands in the first cells, tables over tables', () => {
    expect(BOOK.ids).toEqual(['T-18', '3.5 item 6', 'N-1', 'I-24']);
  });

  it('finds an id that is cited and not in it', () => {
    expect(BOOK.unknownIn('absorbed (T-18, T-99 a)')).toEqual(['T-99']);
    expect(BOOK.unknownIn('opened again (3.5 items 5 and 6)')).toEqual(['3.5 item 5']);
  });

  it('finds a row that nothing cites', () => {
    expect(BOOK.uncitedIn(['whatever DUP says (T-18)', 'again (3.5 items 5 to 7, N-1)'])).toEqual(['I-24']);
  });

  it('finds nothing where all is well', () => {
    const prose = ['I-24: late', "'absorbs it (T-18, N-1)'", '3.5 item 6'];
    expect(prose.flatMap((piece) => BOOK.unknownIn(piece))).toEqual([]);
    expect(BOOK.uncitedIn(prose)).toEqual([]);
  });

  it('takes no row without an id, and no id twice', () => {
    expect(() => new RuleBook('| T_18 | A typing error. | ours |')).toThrow('"T_18" in a first cell is no id');
    expect(() => new RuleBook('| T-18, T-19 | Two. | ours |')).toThrow('no id');
    expect(() => new RuleBook('| T-18 | One. |\n| T-18 | Another. |')).toThrow('T-18 is there twice');
  });
});
