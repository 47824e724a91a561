import { describe, expect, it } from '@jest/globals';
import { RecordReader } from '../../../src/app/record-reader.ts';
import { StoreWriter } from '../../../src/app/store-writer.ts';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { SlowStore, StandingClock, settled } from './driver-bench.ts';

const record = (number: number): StoredRecord => ({ kind: 'gateway', clientId: `gateway-${number}` });

/** A store whose reads end when the test says so. */
class SlowReads extends SlowStore {
  readonly reads: (() => void)[] = [];
  override async read(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    await new Promise<void>((resolve) => this.reads.push(resolve));
    return super.read(keys);
  }
}

function reader<S extends SlowStore>(store: S) {
  const clock = new StandingClock();
  const problems: unknown[] = [];
  const loaded: unknown[] = [];
  const observer = { note: (note: unknown) => problems.push(note), wantsFrames: false, frame: () => undefined };
  const writer = new StoreWriter({ store, clock, observer, onSlow: () => undefined, onDefect: () => undefined });
  const reading = new RecordReader({ writer, clock, observer, loaded: (records) => loaded.push(records) });
  return { store, clock, problems, loaded, writer, reading };
}

describe('records that are read again', () => {
  it('come as they will be when all is written: what is on its way, what is on the disk, and what is deleted', async () => {
    const { store, loaded, writer, reading } = reader(new SlowStore());
    store.found.set('a', record(1)).set('b', record(2)).set('c', record(3));
    writer.write([{ key: 'a', record: record(11) }], true, [], () => undefined);
    writer.write([{ key: 'b', record: undefined }], true, [], () => undefined);
    reading.load(['a', 'b', 'c', 'd']);
    await settled();
    expect(loaded).toEqual([
      [
        { key: 'a', record: record(11) },
        { key: 'b', record: undefined },
        { key: 'c', record: record(3) },
        { key: 'd', record: undefined },
      ],
    ]);
  });

  it('are asked for until the disk answers: nothing counts as gone that could not be read', async () => {
    const { store, clock, problems, loaded, reading } = reader(new SlowStore());
    store.found.set('a', new Error('the disk does not answer'));
    reading.load(['a']);
    await settled();
    expect(loaded).toEqual([]);
    expect(problems).toEqual([{ type: 'store-problem', reason: 'the disk does not answer' }]);
    store.found.set('a', record(1));
    await clock.pass(5_000);
    expect(loaded).toEqual([[{ key: 'a', record: record(1) }]]);
  });

  it('are told of once for each reason while the disk does not answer, however many wait, and again when it has answered', async () => {
    const { store, clock, problems, loaded, reading } = reader(new SlowStore());
    const noAnswer = { type: 'store-problem', reason: 'no answer' };
    store.found.set('a', new Error('no answer')).set('b', new Error('no answer'));
    reading.load(['a']);
    reading.load(['b']);
    for (let times = 0; times < 20; times++) {
      await clock.pass(5_000);
    }
    expect(problems).toEqual([noAnswer]);
    store.found.set('a', record(1)).set('b', record(2));
    await clock.pass(5_000);
    expect(loaded).toHaveLength(2);
    store.found.set('a', new Error('no answer'));
    reading.load(['a']);
    await settled();
    expect(problems).toEqual([noAnswer, noAnswer]);
  });

  it('take two threads of the process at most, so that a disk that hangs leaves some for the serial ports and names', async () => {
    const { store, loaded, reading } = reader(new SlowReads());
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const key of keys) {
      reading.load([key]);
    }
    await settled();
    expect(store.reads).toHaveLength(2);
    for (let ended = 0; ended < keys.length; ended++) {
      store.reads[ended]?.();
      await settled();
      expect(store.reads).toHaveLength(Math.min(keys.length, ended + 3));
    }
    expect(loaded).toEqual(keys.map((key) => [{ key, record: undefined }]));
  });

  it('that wait for others are not asked for once the store is about to be closed', async () => {
    const { store, loaded, reading } = reader(new SlowReads());
    for (const key of ['a', 'b', 'c']) {
      reading.load([key]);
    }
    reading.stop();
    store.reads[0]?.();
    await settled();
    expect(store.reads).toHaveLength(2);
    expect(loaded).toHaveLength(1);
  });

  it('are not asked for again once the store is about to be closed', async () => {
    const { store, clock, problems, reading } = reader(new SlowStore());
    store.found.set('a', new Error('the disk does not answer')).set('b', new Error('not open'));
    reading.load(['a']);
    await settled();
    expect(clock.wakeUps).toHaveLength(1);
    reading.load(['b']);
    reading.stop();
    await settled();
    expect(clock.wakeUps).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
