import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SourceTable } from '../../../src/core/state/source-table.ts';

interface Entry {
  readonly name: string;
}

const NAMES = ['a', 'b', 'c', 'd', '@e'];

const isPrivate = (name: string): boolean => name.startsWith('@');

/** What the table is meant to be, found by looking at everything. */
class Model {
  readonly sources = new Map<Entry, string>();
  readonly offers: Entry[] = [];

  first(): { entry: Entry; count: number } | undefined {
    return this.#firstAmong((name) => !isPrivate(name));
  }

  firstOf(source: string): { entry: Entry; count: number } | undefined {
    return this.#firstAmong((name) => name === source);
  }

  #firstAmong(counts: (name: string) => boolean): { entry: Entry; count: number } | undefined {
    const count = (entry: Entry) =>
      [...this.sources.values()].filter((name) => name === this.sources.get(entry)).length;
    const offers = this.offers.filter((entry) => counts(this.sources.get(entry) ?? ''));
    const most = Math.max(0, ...offers.map(count));
    const entry = offers.find((each) => count(each) === most);
    return entry && { entry, count: most };
  }

  withdraw(entry: Entry): void {
    const at = this.offers.indexOf(entry);
    if (at >= 0) {
      this.offers.splice(at, 1);
    }
  }
}

describe('a table of sources', () => {
  it('gives the oldest offer of the source that has most entries', () => {
    const table = new SourceTable<Entry>();
    const [one, two, three, other] = ['1', '2', '3', 'o'].map((name) => ({ name })) as [Entry, Entry, Entry, Entry];
    for (const entry of [one, two, three]) {
      table.add(entry, 'heavy');
    }
    table.add(other, 'light');
    expect(table.first).toBeUndefined();
    for (const entry of [other, two, one]) {
      table.offer(entry);
    }
    expect(table.first).toEqual({ entry: two, count: 3 });
    table.remove(two);
    expect(table.first).toEqual({ entry: one, count: 2 });
    table.withdraw(one);
    expect(table.first).toEqual({ entry: other, count: 1 });
    expect([table.size, table.countOf('heavy'), table.countOf('light'), table.countOf('none')]).toEqual([3, 2, 1, 0]);
  });

  it('is what one finds by looking at everything, whatever was done', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'remove', 'keep', 'offer', 'offer', 'withdraw'),
      fc.nat(19),
      fc.constantFrom(...NAMES),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const entries = Array.from({ length: 20 }, (_, i): Entry => ({ name: `${i}` }));
        const table = new SourceTable<Entry>(() => 1, isPrivate);
        const model = new Model();
        for (const [what, at, name] of steps) {
          const entry = entries[at] as Entry;
          const isKnown = model.sources.has(entry);
          switch (what) {
            case 'add':
              table.add(entry, name);
              model.withdraw(entry);
              model.sources.set(entry, name);
              break;
            case 'remove':
              table.remove(entry);
              model.withdraw(entry);
              model.sources.delete(entry);
              break;
            case 'keep':
              table.keep(entry, name);
              model.withdraw(entry);
              if (isKnown) {
                model.sources.set(entry, name);
              }
              break;
            case 'offer':
              table.offer(entry);
              model.withdraw(entry);
              if (isKnown) {
                model.offers.push(entry);
              }
              break;
            case 'withdraw':
              table.withdraw(entry);
              model.withdraw(entry);
          }
          expect(table.first).toEqual(model.first());
          expect(table.firstOf(name)).toEqual(model.firstOf(name));
          expect(table.size).toBe(model.sources.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});
