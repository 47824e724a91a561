import { describe, expect, it } from '@jest/globals';
import { StoreWriter } from '../../../src/app/store-writer.ts';
import { SlowStore, StandingClock, settled } from './driver-bench.ts';

const record = (key: string) => [{ key, record: undefined }];

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

describe('a store that is about to be closed', () => {
  const writing = () => {
    const store = new SlowStore();
    const clock = new StandingClock();
    const notes: string[] = [];
    const observer = {
      note: ({ type }: { readonly type: string }) => notes.push(type),
      wantsFrames: false,
      frame: () => undefined,
    };
    const writer = new StoreWriter({ store, clock, observer, onSlow: () => undefined, onDefect: () => undefined });
    writer.write(record('first'), true, [], () => undefined);
    return { store, clock, notes, writer };
  };

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
    expect(notes).toEqual(['store-problem']);
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
