import { describe, expect, it } from '@jest/globals';
import { FileWatch } from '../../../src/app/file-watch.ts';
import { StandingClock } from './driver-bench.ts';

/** Files in memory, and a watch that looks at them. */
class Bench {
  readonly clock = new StandingClock();
  readonly files = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  looks = 0;
  changes = 0;
  readonly watch = new FileWatch({
    clock: this.clock,
    stampOf: async (path) => {
      this.looks++;
      return this.files.get(path) ?? 'ENOENT';
    },
    changed: () => {
      this.changes++;
    },
  });

  constructor() {
    this.watch.watch(new Map(this.files));
  }

  async seconds(count: number): Promise<void> {
    await this.clock.pass(count * 1_000);
  }
}

describe('a watch on files', () => {
  it('looks at further ones from how they were when they were read, and at those that it has as before', async () => {
    const bench = new Bench();
    bench.files.set('c', '2');
    bench.watch.add(
      new Map([
        ['a', 'other'],
        ['c', '1'],
      ]),
    );
    await bench.seconds(2);
    expect(bench.changes).toBe(1);
    await bench.seconds(60);
    expect(bench.changes).toBe(1);
    bench.files.set('b', '2');
    await bench.seconds(2);
    expect(bench.changes).toBe(2);
  });

  it('that looks at nothing looks at no further ones', async () => {
    const bench = new Bench();
    bench.watch.watch(new Map());
    bench.watch.add(new Map([['a', '1']]));
    await bench.seconds(5);
    expect(bench.looks).toBe(0);
  });

  it('says nothing as long as they stay as they were when they were read', async () => {
    const bench = new Bench();
    await bench.seconds(60);
    expect(bench.changes).toBe(0);
    expect(bench.looks).toBe(120);
  });

  it('says once that one has changed, when it has stayed so for a second', async () => {
    const bench = new Bench();
    bench.files.set('b', '2');
    await bench.seconds(1);
    expect(bench.changes).toBe(0);
    await bench.seconds(1);
    expect(bench.changes).toBe(1);
    await bench.seconds(60);
    expect(bench.changes).toBe(1);
  });

  it('waits for a file that is still being written', async () => {
    const bench = new Bench();
    for (let size = 2; size < 10; size++) {
      bench.files.set('a', String(size));
      await bench.seconds(1);
    }
    expect(bench.changes).toBe(0);
    await bench.seconds(1);
    expect(bench.changes).toBe(1);
  });

  it('says nothing of a change that somebody else reads, and everything of what changes after that', async () => {
    const bench = new Bench();
    bench.files.set('a', '2');
    await bench.seconds(1);
    await bench.watch.know();
    await bench.seconds(60);
    expect(bench.changes).toBe(0);
    bench.files.set('a', '3');
    await bench.seconds(2);
    expect(bench.changes).toBe(1);
  });

  it('says it of a file that is gone for a moment, for it is replaced, when the new one is there; and of one that stays away', async () => {
    const bench = new Bench();
    bench.files.delete('a');
    await bench.seconds(1);
    bench.files.set('a', '2');
    await bench.seconds(2);
    expect(bench.changes).toBe(1);
    bench.files.delete('a');
    await bench.seconds(2);
    expect(bench.changes).toBe(2);
  });

  it('says nothing of one that is as it was again', async () => {
    const bench = new Bench();
    bench.files.set('a', '2');
    await bench.seconds(1);
    bench.files.set('a', '1');
    await bench.seconds(10);
    expect(bench.changes).toBe(0);
  });

  it('sees what has changed between the reading and the first look', async () => {
    const bench = new Bench();
    bench.watch.watch(new Map([['a', '0']]));
    await bench.seconds(2);
    expect(bench.changes).toBe(1);
  });

  it('does not say again what was read meanwhile', async () => {
    const bench = new Bench();
    bench.files.set('a', '2');
    await bench.seconds(1);
    bench.watch.watch(new Map(bench.files));
    await bench.seconds(10);
    expect(bench.changes).toBe(0);
  });

  it('looks at nothing where there is nothing to look at', async () => {
    const bench = new Bench();
    bench.watch.watch(new Map());
    await bench.seconds(10);
    expect(bench.looks).toBe(0);
    expect(bench.clock.wakeUps).toEqual([]);
  });
});
