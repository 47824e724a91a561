import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Running, stopGateway } from '../../../src/app/stop-gateway.ts';
import type { Note } from '../../../src/ports/observer.ts';

/** What a gateway is made of, each of which says when it ends; when the disk has taken the associations, and the store. */
function bench({
  associations = Promise.resolve(),
  store = Promise.resolve(),
}: Readonly<Record<string, Promise<void>>>) {
  const done: string[] = [];
  const noted: Note[] = [];
  const ending = (what: string) => async (): Promise<void> => {
    done.push(what);
  };
  const parts = {
    driver: {
      ...{ feed: () => undefined, stop: () => undefined, drained: async () => undefined, unwritten: 0 },
      releaseStore: () => done.push('what waits for the store'),
    },
    upstream: { close: ending('upstream') },
    store: {
      close: () => {
        done.push('store');
        return store;
      },
    },
    associations: {
      close: () => {
        done.push('associations');
        return associations;
      },
    },
    transports: [{ close: ending('transport') }],
    operations: { end: () => undefined },
    broker: { close: ending('broker') },
    observer: { note: (note: Note) => noted.push(note) },
    status: undefined,
  };
  return { parts: parts as unknown as Running, done, noted };
}

describe('the stop of a gateway', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    ['takes', Promise.resolve(), []],
    ['does not take', new Promise<void>(() => undefined), ['store-problem']],
  ])('ends where the disk %s what is stored of DTLS associations', async (_, closed, notes) => {
    const { parts, done, noted } = bench({ associations: closed });
    expect(await stopGateway(parts)).toBe(notes.length === 0);
    expect(done).toEqual(['upstream', 'transport', 'associations', 'broker', 'what waits for the store', 'store']);
    expect(noted.map(({ type }) => type)).toEqual(notes);
  });

  it('ends where the disk never lets go of the store, and says so', async () => {
    jest.useFakeTimers();
    const { parts, noted } = bench({ store: new Promise<void>(() => undefined) });
    const ends: boolean[] = [];
    void stopGateway(parts).then((isFree) => ends.push(isFree));
    await jest.advanceTimersByTimeAsync(4_000);
    expect(ends).toEqual([false]);
    expect(noted).toEqual([{ type: 'store-problem', reason: 'the disk does not answer: the store stays open' }]);
  });
});
