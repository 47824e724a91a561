import { beforeEach, describe, expect, it } from '@jest/globals';
import { OutageWatch } from '../../../src/observe/outage-watch.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { NOTES } from './notes.ts';

let now: number;
let told: Note[];
let watch: OutageWatch;

beforeEach(() => {
  now = 1_000;
  told = [];
  watch = new OutageWatch((note) => told.push(note), { now: () => now });
});

const reachable = (is: boolean): void => watch.note({ type: 'gateway-reachable', reachable: is });
const down = (clientId: string): void => watch.note({ ...NOTES['upstream-down'], clientId });
const ownDown = (): void => watch.note({ ...NOTES['upstream-down'], clientId: undefined });
const ownUp = (): void => watch.note({ ...NOTES['upstream-up'], clientId: undefined });
const up = (clientId: string): void => watch.note({ ...NOTES['upstream-up'], clientId });
const disconnected = (clientId: string): void => watch.note({ ...NOTES['client-disconnected'], clientId });

describe('an outage of the broker', () => {
  it('is told once, when the last client is back', () => {
    down('a');
    down('b');
    reachable(false);
    now += 25_000;
    reachable(true);
    up('a');
    now += 2_000;
    expect(told).toEqual([]);
    up('b');
    expect(told).toEqual([{ type: 'outage-over', duration: 25_000, back: 2, lost: 0, missing: 0 }]);
    up('a');
    reachable(true);
    watch.look();
    expect(told).toHaveLength(1);
  });

  it('is as long as no connection stood: it begins when the last one broke, not with the attempt in vain that shows it', () => {
    now += 1_500;
    watch.note({ type: 'gateway-reachable', reachable: false, lostFor: 1_500 });
    now += 5_000;
    reachable(true);
    expect(told).toMatchObject([{ duration: 6_500 }]);
  });

  it('is told also where no attempt was in vain: the own connection and those of clients broke together', () => {
    down('a');
    ownDown();
    down('b');
    now += 3_300;
    ownUp();
    up('a');
    up('b');
    expect(told).toEqual([{ type: 'outage-over', duration: 3_300, back: 2, lost: 0, missing: 0 }]);
  });

  it('is none where the own connection breaks alone, or long after that of a client', () => {
    ownDown();
    now += 1_000;
    ownUp();
    down('a');
    now += 60_000;
    ownDown();
    now += 1_000;
    ownUp();
    up('a');
    expect(told).toEqual([]);
  });

  it('counts as lost whom it cost the session, during it and after it', () => {
    reachable(false);
    for (const clientId of ['a', 'b', 'c']) {
      down(clientId);
    }
    disconnected('a');
    watch.note({ ...NOTES['client-lost'], clientId: 'b' });
    now += 1_000;
    reachable(true);
    disconnected('c');
    expect(told).toEqual([{ type: 'outage-over', duration: 1_000, back: 0, lost: 3, missing: 0 }]);
  });

  it('counts nobody who had a connection all the time, or none', () => {
    reachable(false);
    down('a');
    disconnected('stranger');
    up('another');
    reachable(true);
    up('a');
    expect(told).toMatchObject([{ back: 1, lost: 0 }]);
  });

  it('is told at once where no client had a connection', () => {
    reachable(false);
    now += 3_000;
    reachable(true);
    expect(told).toEqual([{ type: 'outage-over', duration: 3_000, back: 0, lost: 0, missing: 0 }]);
  });

  it('is told after a minute where clients are still missing', () => {
    down('a');
    down('b');
    reachable(false);
    reachable(true);
    up('a');
    now += 59_999;
    watch.look();
    expect(told).toEqual([]);
    now += 1;
    watch.look();
    expect(told).toEqual([{ type: 'outage-over', duration: 0, back: 1, lost: 0, missing: 1 }]);
  });

  it('that follows another one before all are back is one of its own', () => {
    down('a');
    down('b');
    reachable(false);
    now += 5_000;
    reachable(true);
    up('a');
    reachable(false);
    expect(told).toMatchObject([{ duration: 5_000, back: 1, missing: 1 }]);
    down('a');
    now += 7_000;
    reachable(true);
    up('a');
    up('b');
    expect(told.slice(1)).toMatchObject([{ duration: 7_000, back: 2, missing: 0 }]);
  });

  it('is none where a single client loses its connection', () => {
    reachable(true);
    down('a');
    up('a');
    down('a');
    disconnected('a');
    expect(told).toEqual([]);
  });

  describe('of clients that share a connection', () => {
    let present = 91;
    const sharedDown = (): void => watch.note(NOTES['shared-connection-down']);
    const sharedUp = (): void => watch.note(NOTES['shared-connection-up']);

    beforeEach(() => {
      present = 91;
      watch = new OutageWatch(
        (note) => told.push(note),
        { now: () => now },
        () => present,
      );
    });

    it('is told when that stands again: all are back that were not lost', () => {
      sharedDown();
      reachable(false);
      watch.note({ ...NOTES['client-lost'], clientId: 'a' });
      disconnected('b');
      now += 20_000;
      reachable(true);
      expect(told).toEqual([]);
      sharedUp();
      expect(told).toEqual([{ type: 'outage-over', duration: 20_000, back: 89, lost: 2, missing: 0 }]);
    });

    it('is told after a minute where that does not stand', () => {
      sharedDown();
      reachable(false);
      reachable(true);
      now += 60_000;
      watch.look();
      expect(told).toEqual([{ type: 'outage-over', duration: 0, back: 0, lost: 0, missing: 91 }]);
    });

    it('counts those with a connection of their own once', () => {
      down('own');
      sharedDown();
      reachable(false);
      now += 5_000;
      reachable(true);
      sharedUp();
      up('own');
      expect(told).toEqual([{ type: 'outage-over', duration: 5_000, back: 91, lost: 0, missing: 0 }]);
    });
  });
});
