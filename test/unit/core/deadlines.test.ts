import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DeadlineOwner, Deadlines, NO_WAITS, type TimerName } from '../../../src/core/state/deadlines.ts';

const NAMES: readonly TimerName[] = ['keep-alive', 'sleep', 'delivery', 'reconnect'];

function owner(): DeadlineOwner {
  return { waits: NO_WAITS };
}

const OF_THE_MACHINE = Float64Array;

/** From now on columns of numbers count how often anybody looks at them. */
function watchColumns(looks: { count: number }): void {
  globalThis.Float64Array = class extends OF_THE_MACHINE {
    constructor(length: number) {
      super(length);
      // biome-ignore lint/correctness/noConstructorReturn: the one that is watched takes its place
      return new Proxy(this, {
        get: (column, key) => {
          looks.count += typeof key === 'string' && /^\d+$/.test(key) ? 1 : 0;
          const value: unknown = Reflect.get(column, key, column);
          return typeof value === 'function' ? value.bind(column) : value;
        },
      });
    }
  } as typeof Float64Array;
}

describe('deadlines', () => {
  afterEach(() => {
    globalThis.Float64Array = OF_THE_MACHINE;
  });

  it('has no next one where nobody waits', () => {
    const deadlines = new Deadlines();
    expect(deadlines.next).toBeUndefined();
    expect(deadlines.takeDue(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it('is due at its time, not before, and then gone', () => {
    const deadlines = new Deadlines();
    const client = owner();
    deadlines.set(client, 'sleep', 100);
    expect(deadlines.takeDue(99)).toBeUndefined();
    const due = deadlines.takeDue(100);
    expect([due?.owner === client, due?.name, due?.at]).toEqual([true, 'sleep', 100]);
    expect(deadlines.takeDue(100)).toBeUndefined();
    expect(deadlines.next).toBeUndefined();
  });

  it('set again moves: earlier and later', () => {
    const deadlines = new Deadlines();
    const client = owner();
    deadlines.set(client, 'sleep', 100);
    deadlines.set(client, 'delivery', 150);
    deadlines.set(client, 'sleep', 200);
    expect(deadlines.next).toBe(150);
    deadlines.set(client, 'sleep', 50);
    expect(deadlines.next).toBe(50);
  });

  it('cleared twice, or never set, is harmless', () => {
    const deadlines = new Deadlines();
    const client = owner();
    deadlines.clear(client, 'sleep');
    deadlines.set(client, 'sleep', 100);
    deadlines.clear(client, 'sleep');
    deadlines.clear(client, 'sleep');
    expect(deadlines.next).toBeUndefined();
  });

  it('clearAll leaves the deadlines of others', () => {
    const deadlines = new Deadlines();
    const [one, other] = [owner(), owner()];
    for (const name of NAMES) {
      deadlines.set(one, name, 10);
    }
    deadlines.set(other, 'sleep', 20);
    deadlines.clearAll(one);
    expect(deadlines.next).toBe(20);
    expect(NAMES.filter((name) => deadlines.has(one, name))).toEqual([]);
    expect(deadlines.get(other, 'sleep')).toBe(20);
  });

  it('behaves as a plain list that is searched for the smallest', () => {
    const who = fc.nat(5);
    const name = fc.constantFrom(...NAMES);
    const operation = fc.oneof(
      { weight: 5, arbitrary: fc.record({ op: fc.constant('set' as const), who, name, at: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant('clear' as const), who, name, at: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('clearAll' as const), who, name, at: fc.constant(0) }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant('take' as const), who, name, at: fc.nat(50) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const deadlines = new Deadlines();
        const owners = Array.from({ length: 6 }, owner);
        const model = new Map<string, number>();
        const smallest = (): number | undefined => (model.size === 0 ? undefined : Math.min(...model.values()));
        for (const { op, who: index, name: timer, at } of operations) {
          const waiting = owners[index] ?? owner();
          if (op === 'set') {
            deadlines.set(waiting, timer, at);
            model.set(`${index} ${timer}`, at);
          } else if (op === 'clear') {
            deadlines.clear(waiting, timer);
            model.delete(`${index} ${timer}`);
          } else if (op === 'clearAll') {
            deadlines.clearAll(waiting);
            for (const each of NAMES) {
              model.delete(`${index} ${each}`);
            }
          } else {
            const expected = smallest();
            const due = deadlines.takeDue(at);
            if (expected === undefined || expected > at) {
              expect(due).toBeUndefined();
            } else {
              expect(due?.at).toBe(expected);
              const key = due === undefined ? '' : `${owners.indexOf(due.owner)} ${due.name}`;
              expect(model.get(key)).toBe(expected);
              model.delete(key);
            }
          }
          expect(deadlines.next).toBe(smallest());
          for (const each of NAMES) {
            expect(deadlines.get(waiting, each)).toBe(model.get(`${index} ${each}`));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has room for many, and gives those that come later what others have left', () => {
    const deadlines = new Deadlines();
    const owners = Array.from({ length: 1_000 }, owner);
    for (let round = 0; round < 3; round++) {
      for (const [index, each] of owners.entries()) {
        deadlines.set(each, 'sleep', index);
        deadlines.set(each, 'delivery', 1_000 + index);
      }
      const due = Array.from({ length: 1_000 }, () => deadlines.takeDue(999));
      expect(due.every((one, index) => one?.at === index && one.name === 'sleep' && one.owner === owners[index])).toBe(
        true,
      );
      expect(owners.every((each, index) => deadlines.get(each, 'delivery') === 1_000 + index)).toBe(true);
      owners.forEach((each) => {
        deadlines.clearAll(each);
      });
      expect(deadlines.next).toBeUndefined();
    }
  });

  it('looks at few others when one of 10,000 owners moves: that is no search', () => {
    const looks = { count: 0 };
    watchColumns(looks);
    const deadlines = new Deadlines();
    const owners = Array.from({ length: 10_000 }, owner);
    for (const [index, each] of owners.entries()) {
      deadlines.set(each, 'sleep', (index * 7919) % 10_000);
    }
    for (let round = 0; round < 10_000; round++) {
      looks.count = 0;
      deadlines.set(owners[(round * 31) % 10_000] ?? owner(), 'sleep', 10_000 + round);
      // At each of the 14 floors of a heap of this size two are compared with one, by four looks each at most.
      if (looks.count > 14 * 8 + 4) {
        throw new Error(`${looks.count} looks at deadlines in round ${round}`);
      }
    }
    let last = -1;
    for (let due = deadlines.takeDue(Infinity); due; due = deadlines.takeDue(Infinity)) {
      if (due.at < last) {
        throw new Error('out of order');
      }
      last = due.at;
    }
    expect(last).toBe(19_999);
    expect(looks.count).toBeGreaterThan(10_000);
  });
});
