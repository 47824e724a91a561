import { describe, expect, it } from '@jest/globals';
import { ComesAndGoes } from '../../../src/observe/comes-and-goes.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { NOTES } from './notes.ts';

const MINUTE = 60_000;
const LINK = 'udp:192.0.2.7:4711';

class Bench {
  time = 0;
  readonly comings = new ComesAndGoes();

  heard(type: 'client-connected' | 'client-disconnected' | 'client-lost' | 'client-asleep', clientId = 'a') {
    return this.comings.heard({ ...NOTES[type], clientId } as Note, { now: () => this.time });
  }

  /** Connects, and leaves again, so many times, one every `every` minutes; what was said to each connect. */
  comes(times: number, every: number, clientId = 'a'): unknown[] {
    return Array.from({ length: times }, () => {
      const said = this.heard('client-connected', clientId);
      this.heard('client-disconnected', clientId);
      this.time += every * MINUTE;
      return said;
    });
  }
}

describe('clients that come and go', () => {
  it('are told until the fourth time in a row, and held back from then on', () => {
    const bench = new Bench();
    expect(bench.comes(6, 5)).toEqual([
      'tell',
      'tell',
      'tell',
      { clientId: 'a', link: LINK, connects: 4, lost: 0, isOver: false, over: 15 * MINUTE },
      'hold',
      'hold',
    ]);
    expect(bench.heard('client-lost')).toBe('hold');
    expect(bench.heard('client-asleep')).toBe('hold');
    expect(bench.heard('client-connected', 'b')).toBe('tell');
  });

  it('are none where one comes every half an hour', () => {
    expect(new Bench().comes(10, 30)).toEqual(new Array(10).fill('tell'));
  });

  it('are summed up every hour: how often they came, and were lost', () => {
    const bench = new Bench();
    bench.comes(4, 1);
    const began = 3 * MINUTE;
    bench.heard('client-lost');
    expect(bench.comings.summary(began + 60 * MINUTE - 1)).toBeUndefined();
    bench.comes(40, 1);
    bench.time = began + 60 * MINUTE;
    expect(bench.comings.summary(bench.time)).toEqual({
      clients: [{ clientId: 'a', link: LINK, connects: 40, lost: 1, isOver: false, over: 60 * MINUTE }],
      others: 0,
      otherConnects: 0,
    });
    expect(bench.comings.summary(bench.time)).toBeUndefined();
  });

  it('are summed up also where one stays away for a while and begins anew', () => {
    const bench = new Bench();
    bench.comes(20, 1);
    bench.time += 25 * MINUTE;
    expect(bench.heard('client-connected')).toBe('tell');
    bench.time = 63 * MINUTE;
    expect(bench.comings.summary(bench.time)).toEqual({
      clients: [{ clientId: 'a', link: LINK, connects: 16, lost: 0, isOver: true, over: 16 * MINUTE }],
      others: 0,
      otherConnects: 0,
    });
    expect(bench.comings.summary(bench.time + 60 * MINUTE)).toBeUndefined();
  });

  it('are told again when they have stopped', () => {
    const bench = new Bench();
    bench.comes(10, 1);
    bench.time += 60 * MINUTE;
    expect(bench.comings.summary(bench.time)?.clients).toMatchObject([{ clientId: 'a', connects: 6, isOver: true }]);
    expect(bench.comings.summary(bench.time + 60 * MINUTE)).toBeUndefined();
    expect(bench.heard('client-connected')).toBe('tell');
    expect(bench.comings.size).toBe(1);
  });

  it('are told again when they come after a while, before they are summed up', () => {
    const bench = new Bench();
    bench.comes(10, 1);
    bench.time += 21 * MINUTE;
    expect(bench.heard('client-connected')).toBe('tell');
  });

  it('are named where they came most often, the others are counted', () => {
    const bench = new Bench();
    for (let client = 1; client <= 14; client++) {
      bench.comes(4 + client, 0, `client-${client}`);
    }
    bench.time = 60 * MINUTE;
    const { clients, others, otherConnects } = bench.comings.summary(bench.time) ?? { clients: [] };
    expect(clients.map(({ clientId }) => clientId).slice(0, 2)).toEqual(['client-14', 'client-13']);
    expect([clients.length, others, otherConnects]).toEqual([10, 4, 1 + 2 + 3 + 4]);
  });

  it('take a bounded place, and those that had to be forgotten are counted', () => {
    const bench = new Bench();
    for (let client = 0; client < 5_000; client++) {
      bench.comes(5, 0, `client-${client}`);
    }
    expect(bench.comings.size).toBe(2_000);
    const { clients, others, otherConnects } = bench.comings.summary(60 * MINUTE) ?? { clients: [] };
    expect(clients.length + (others ?? 0)).toBe(5_000);
    expect(otherConnects).toBe(4_990);
  });

  it('are all told of at the end', () => {
    const bench = new Bench();
    bench.comes(6, 1);
    expect(bench.comings.summary(Number.POSITIVE_INFINITY)?.clients).toMatchObject([{ connects: 2, over: 2 * MINUTE }]);
  });
});
