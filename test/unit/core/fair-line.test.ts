import { describe, expect, it } from '@jest/globals';
import { FairLine } from '../../../src/core/state/fair-line.ts';

/** Everybody in line, by turns; each is an object with its name. */
function line(...waiters: readonly (readonly [name: string, host: string, link: string])[]): {
  line: FairLine<{ name: string }>;
  of: Map<string, { name: string }>;
} {
  const made = new FairLine<{ name: string }>();
  const of = new Map<string, { name: string }>();
  for (const [name, host, link] of waiters) {
    const one = { name };
    of.set(name, one);
    made.add(one, host, link);
  }
  return { line: made, of };
}

function rest(made: FairLine<{ name: string }>): string[] {
  const names: string[] = [];
  for (let one = made.take(); one; one = made.take()) {
    names.push(one.name);
  }
  return names;
}

describe('a line that is fair between sources (I-50)', () => {
  it('is first come, first served within a link', () => {
    expect(rest(line(['a', 'h', 'l'], ['b', 'h', 'l'], ['c', 'h', 'l']).line)).toEqual(['a', 'b', 'c']);
  });

  it('gives each host a turn, and within a host each link', () => {
    const { line: made } = line(
      ['a1', 'h', '1'],
      ['a2', 'h', '1'],
      ['a3', 'h', '1'],
      ['b1', 'h', '2'],
      ['c1', 'i', '3'],
      ['c2', 'i', '3'],
    );
    expect(rest(made)).toEqual(['a1', 'c1', 'b1', 'c2', 'a2', 'a3']);
    expect(made.size).toBe(0);
  });

  it('a host that comes while others are served is behind one of each', () => {
    const { line: made } = line(...Array.from({ length: 100 }, (_, at) => [`f${at}`, 'h', '1'] as const));
    expect(made.take()?.name).toBe('f0');
    made.add({ name: 'v' }, 'i', '2');
    expect([made.take()?.name, made.take()?.name]).toEqual(['f1', 'v']);
  });

  it('whoever is in line keeps the place, and whoever leaves has none', () => {
    const { line: made, of } = line(['a', 'h', '1'], ['b', 'h', '1'], ['c', 'i', '1']);
    const [a, c] = [of.get('a'), of.get('c')];
    if (a === undefined || c === undefined) {
      throw new Error('they are there');
    }
    made.add(a, 'i', '9');
    expect(made.has(a)).toBe(true);
    made.delete(c);
    made.delete(c);
    expect(made.has(c)).toBe(false);
    expect(made.size).toBe(2);
    expect(rest(made)).toEqual(['a', 'b']);
  });
});
