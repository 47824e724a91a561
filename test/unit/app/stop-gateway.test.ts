import { describe, expect, it } from '@jest/globals';
import { type Running, stopGateway } from '../../../src/app/stop-gateway.ts';
import type { Note } from '../../../src/ports/observer.ts';

describe('the stop of a gateway', () => {
  it.each([
    ['takes', Promise.resolve(), []],
    ['does not take', new Promise<void>(() => undefined), ['store-problem']],
  ])('ends where the disk %s what is stored of DTLS associations', async (_, closed, notes) => {
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
      store: { close: ending('store') },
      associations: {
        close: () => {
          done.push('associations');
          return closed;
        },
      },
      transports: [{ close: ending('transport') }],
      operations: { end: () => undefined },
      broker: { close: ending('broker') },
      observer: { note: (note: Note) => noted.push(note) },
      status: undefined,
    };
    await stopGateway(parts as unknown as Running);
    expect(done).toEqual(['upstream', 'transport', 'associations', 'broker', 'what waits for the store', 'store']);
    expect(noted.map(({ type }) => type)).toEqual(notes);
  });
});
