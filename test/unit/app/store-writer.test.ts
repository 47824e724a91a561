import { describe, expect, it } from '@jest/globals';
import { StoreWriter } from '../../../src/app/store-writer.ts';
import { SlowStore, StandingClock, settled } from './driver-bench.ts';

const record = (key: string) => [{ key, record: undefined }];

/** A writer whose first write is at the store. */
const writing = () => {
  const store = new SlowStore();
  const clock = new StandingClock();
  const notes: unknown[] = [];
  const observer = {
    note: (note: unknown) => notes.push(note),
    wantsFrames: false,
    frame: () => undefined,
  };
  const writer = new StoreWriter({ store, clock, observer, onSlow: () => undefined, onDefect: () => undefined });
  writer.write(record('first'), true, [], () => undefined);
  return { store, clock, notes, writer };
};

describe('a store that could not write (I-23)', () => {
  it('is tried again after the pause, together with what was written because of that, and then goes on', async () => {
    const store = new SlowStore();
    const clock = new StandingClock();
    const done: string[] = [];
    const write = (key: string): void => writer.write(record(key), true, [], () => done.push(key));
    const writer: StoreWriter = new StoreWriter({
      store,
      clock,
      observer: { note: () => undefined, wantsFrames: false, frame: () => undefined },
      onSlow: (slow) => slow && write('held'),
      onDefect: () => undefined,
    });
    write('first');
    store.pending[0]?.fail(new Error('full'));
    await settled();
    expect(store.pending).toHaveLength(1);
    await clock.pass(500);
    expect(store.pending[1]?.writes.map(({ key }) => key)).toEqual(['first', 'held']);
    store.pending[1]?.done();
    await settled();
    expect(done).toEqual(['first', 'held']);
    write('later');
    store.pending[2]?.done();
    await settled();
    expect(done).toEqual(['first', 'held', 'later']);
  });
});

describe('a disk that hangs and then fails', () => {
  it('is told of twice, the second time with the reason, and once that it works again (I-23, I-38)', async () => {
    const { store, clock, notes, writer } = writing();
    await clock.pass(30_000);
    expect(notes).toEqual([{ type: 'store-stalled', seconds: 3 }]);
    store.pending[0]?.fail(new Error('input/output error'));
    await settled();
    await clock.pass(500);
    store.pending[1]?.fail(new Error('read-only file system'));
    await settled();
    await clock.pass(1_000);
    store.pending[2]?.done();
    await settled();
    expect(notes.slice(1)).toEqual([
      { type: 'store-problem', reason: 'input/output error' },
      { type: 'store-recovered', seconds: 32 },
    ]);
    expect(writer.slow).toBe(false);
  });
});

describe('a store that is about to be closed', () => {
  it('is not asked again for what it could not write, and no timer is left', async () => {
    const { store, clock, notes, writer } = writing();
    store.pending[0]?.fail(new Error('full'));
    await settled();
    expect(clock.wakeUps).toHaveLength(1);
    writer.stop();
    expect(clock.wakeUps).toEqual([]);
    writer.write(record('later'), true, [], () => undefined);
    await clock.pass(60_000);
    expect(store.pending).toHaveLength(1);
    expect(notes).toEqual([{ type: 'store-problem', reason: 'full' }]);
  });

  it('may fail after that, or refuse what comes behind: nobody waits for it', async () => {
    const { store, clock, notes, writer } = writing();
    writer.stop();
    writer.write(record('later'), true, [], () => undefined);
    store.pending[0]?.done();
    await settled();
    store.pending[1]?.fail(new Error('not open'));
    await settled();
    expect(clock.wakeUps).toEqual([]);
    expect(notes).toEqual([]);
  });
});
