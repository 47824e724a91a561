import { describe, expect, it } from '@jest/globals';
import { NameTable } from '../../../src/core/state/name-table.ts';

describe('a table of names', () => {
  it('knows how many octets its names have', () => {
    const table = new NameTable<number>();
    expect(table.octets).toBe(0);
    table.set('a/b', 1).set('é', 2);
    expect(table.octets).toBe(5);
    table.set('a/b', 3);
    expect([table.octets, table.get('a/b')]).toEqual([5, 3]);
    expect([table.delete('a/b'), table.delete('a/b'), table.octets]).toEqual([true, false, 2]);
    table.clear();
    expect([table.size, table.octets]).toEqual([0, 0]);
  });
});
