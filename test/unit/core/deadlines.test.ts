import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Deadline, type DeadlineOwner, Deadlines, type TimerName } from '../../../src/core/state/deadlines.ts';

const NAMES: readonly TimerName[] = ['keep-alive', 'sleep', 'delivery', 'reconnect'];

function owner(): DeadlineOwner {
  return { timers: new Map() };
}

/** An owner whose deadlines count how often anybody looks when they are due. */
function watchedOwner(looks: { count: number }): DeadlineOwner {
  class Watched extends Map<TimerName, Deadline> {
    override set(name: TimerName, deadline: Deadline): this {
      let { at } = deadline;
      Object.defineProperty(deadline, 'at', {
        get: () => {
          looks.count += 1;
          return at;
        },
        set: (moved: number) => {
          at = moved;
        },
      });
      return super.set(name, deadline);
    }
  }
  return { timers: new Watched() };
}

describe('deadlines', () => {
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
    expect(one.timers.size).toBe(0);
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
        }
      }),
      { numRuns: 300 },
    );
  });

  it('looks at few others when one of 10,000 owners moves: that is no search', () => {
    const deadlines = new Deadlines();
    const looks = { count: 0 };
    const owners = Array.from({ length: 10_000 }, () => watchedOwner(looks));
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
  });
});
