import { describe, expect, it } from '@jest/globals';
import { type Changes, GroupCommit } from '../../../src/store/group-commit.ts';

interface Written {
  readonly changes: Readonly<Record<string, string | undefined>>;
  readonly durable: boolean;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** A disk whose writes end when the test says so. */
class SlowDisk {
  readonly written: Written[] = [];

  readonly write = (changes: Changes, durable: boolean): Promise<void> =>
    new Promise((done, fail) => {
      this.written.push({ changes: Object.fromEntries(changes), durable, done, fail });
    });

  /** The n-th write, counted from 0; it must have begun. */
  at(n: number): Written {
    const written = this.written[n];
    if (written === undefined) {
      throw new Error(`write ${n} has not begun`);
    }
    return written;
  }
}

const change = (key: string, text?: string): Changes => new Map([[key, text]]);

/** Lets everything happen that does not wait for the disk. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('writes the calls of one turn as one batch, in which the last change of a key wins', async () => {
    const disk = new SlowDisk();
    const commit = new GroupCommit(disk.write);
    commit.add(change('a', '1'), false);
    commit.add(change('b', '1'), false);
    commit.add(change('a'), false);
    await settled();
    expect(disk.written).toMatchObject([{ changes: { a: undefined, b: '1' }, durable: false }]);
  });

  it('collects what comes during a write into the next one, and writes one at a time', async () => {
    const disk = new SlowDisk();
    const commit = new GroupCommit(disk.write);
    commit.add(change('a', '1'), false);
    await settled();
    commit.add(change('b', '2'), false);
    await settled();
    commit.add(change('a', '3'), false);
    await settled();
    expect(disk.written).toHaveLength(1);
    disk.at(0).done();
    await settled();
    expect(disk.written.map(({ changes }) => changes)).toEqual([{ a: '1' }, { a: '3', b: '2' }]);
  });

  it('makes a batch durable when one of its calls is, and only that batch', async () => {
    const disk = new SlowDisk();
    const commit = new GroupCommit(disk.write);
    commit.add(change('a', '1'), false);
    await settled();
    commit.add(change('b', '1'), false);
    commit.add(change('c', '1'), true);
    commit.add(change('d', '1'), false);
    disk.at(0).done();
    await settled();
    commit.add(change('e', '1'), false);
    disk.at(1).done();
    await settled();
    expect(disk.written.map(({ durable }) => durable)).toEqual([false, true, false]);
  });

  it('resolves the calls in their order, each when its batch is done and not before', async () => {
    const disk = new SlowDisk();
    const commit = new GroupCommit(disk.write);
    const order: string[] = [];
    const add = (name: string) => void commit.add(change(name, '1'), true).then(() => order.push(name));
    add('a');
    add('b');
    await settled();
    add('c');
    await settled();
    expect(order).toEqual([]);
    disk.at(0).done();
    await settled();
    expect(order).toEqual(['a', 'b']);
    disk.at(1).done();
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('rejects the calls of a batch that failed, and goes on with the next', async () => {
    const disk = new SlowDisk();
    const commit = new GroupCommit(disk.write);
    const outcomes = Promise.allSettled([commit.add(change('a', '1'), true), commit.add(change('b', '1'), true)]);
    await settled();
    const next = commit.add(change('c', '1'), true);
    disk.at(0).fail(new Error('no space'));
    expect(await outcomes).toMatchObject([{ reason: { message: 'no space' } }, { reason: { message: 'no space' } }]);
    await settled();
    disk.at(1).done();
    await expect(next).resolves.toBeUndefined();
    expect(disk.at(1).changes).toEqual({ c: '1' });
  });
});
