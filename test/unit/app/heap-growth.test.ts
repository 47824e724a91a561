import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { limitHeapGrowth } from '../../../src/app/heap-growth.ts';

const MIB = 1024 * 1024;

describe('growth of the heap', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is limited by flags that this V8 knows: one that it does not know would be a line on standard error', () => {
    for (const percent of [0, 10]) {
      const flag = `--heap-growing-percent=${percent}`;
      expect(execFileSync(process.execPath, [flag, '-p', '"known"'], { encoding: 'utf8' }).trim()).toBe('known');
    }
  });

  it('is limited while the heap is a large one, and left to V8 again when it is small', () => {
    const flags: string[] = [];
    let used = 0;
    const end = limitHeapGrowth(
      () => used * MIB,
      (flag) => flags.push(flag),
    );
    const told = [20, 48, 49, 300, 41, 40, 47, 49].map((mebibytes) => {
      used = mebibytes;
      jest.advanceTimersByTime(1_000);
      return flags.splice(0);
    });
    const [limited, unlimited] = [['--heap-growing-percent=10'], ['--heap-growing-percent=0']];
    expect(told).toEqual([[], [], limited, [], [], unlimited, [], limited]);
    end();
    used = 0;
    jest.advanceTimersByTime(10_000);
    expect(flags).toEqual([]);
  });
});
