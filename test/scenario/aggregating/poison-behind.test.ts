/** PUBREL and UNSUBSCRIBE that the broker answers by closing the shared connection (I-42): else everybody's connection would fall for ever. */
import { describe, expect, it } from '@jest/globals';
import type { Note } from '../../../src/core/contract/note.ts';
import { type HubBench, serving } from '../../support/hub-bench.ts';

/** The connection breaks each time that this packet goes out. How often it did, what was given up, and how long all of it took. */
function felledBy(
  bench: HubBench,
  packet: string,
  more: { readonly reasonCode?: number } = {},
): { readonly falls: number; readonly given: Note[]; readonly seconds: number } {
  const given: Note[] = [];
  const since = bench.now;
  const breaks = (): string[] => {
    const { shared: broken } = bench;
    bench.breaks(more);
    while (bench.shared === broken) {
      bench.wait(100);
      given.push(...bench.notes.filter(({ type }) => type === 'poison-given-up'));
    }
    const told = bench.stands({ sessionPresent: true });
    for (let second = 0; second < 20 && !told.some((line) => line.includes(packet)); second++) {
      told.push(...bench.wait(1_000));
    }
    return told;
  };
  let falls = 1;
  while (falls < 30 && breaks().some((line) => line.includes(packet))) {
    falls++;
  }
  return { falls, given, seconds: Math.round((bench.now - since) / 1_000) };
}

describe('PUBREL on which the broker closes the shared connection', () => {
  function released(): HubBench {
    const bench = serving();
    bench.publishes('a', 2, 1, 'x');
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
    bench.got('a');
    bench.says('a', '04 10 0001');
    return bench;
  }

  it('is given up as if it had been answered, when eight connections have broken on it, without long pauses', () => {
    const bench = released();
    const { falls, given, seconds } = felledBy(bench, 'PUBREL');
    expect(falls).toBe(8);
    expect(given).toMatchObject([{ clientId: 'a', message: 'PUBREL', topic: 'tp', octets: 1 }]);
    expect(seconds).toBeLessThan(60);
    expect(bench.got('a')).toEqual(['040e0001']);
    expect(bench.publishes('b', 1, 1, 'y')).toHaveLength(1);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('relay'))).toEqual([]);
  });

  it('is given up at once where a code of the broker names a packet, and it was the only one', () => {
    const bench = released();
    const { falls, given } = felledBy(bench, 'PUBREL', { reasonCode: 0x82 });
    expect([falls, given.length]).toEqual([1, 1]);
  });

  it('costs no publish that is out beside it: that one goes again', () => {
    const bench = released();
    bench.publishes('b', 1, 1, 'y');
    bench.breaks({ reasonCode: 0x82 });
    bench.wait(5_000);
    const told = [...bench.stands({ sessionPresent: true }), ...bench.wait(1_000)];
    expect(told.filter((line) => /PUBLISH .* "y" dup$/.test(line))).toHaveLength(1);
    expect(bench.got('b')).toEqual([]);
  });

  it('goes again at once where a connection has broken on it twice at most: that may be chance', () => {
    const bench = released();
    for (const sessionPresent of [true, true]) {
      bench.breaks();
      bench.wait(5_000);
      expect(bench.stands({ sessionPresent })).toEqual([`#${bench.shared} PUBREL id1`]);
    }
  });
});

describe('UNSUBSCRIBE on which the broker closes the shared connection', () => {
  it('is given up, and the others are served', () => {
    const bench = serving();
    bench.subscribe('a', 'x/y', 1);
    bench.subscribe('b', 'z', 1);
    const told = [...bench.unsubscribe('a', 'x/y'), ...bench.unsubscribe('b', 'z')];
    expect(told).toHaveLength(2);
    bench.act(bench.unsuback(bench.shared, 4));
    const { falls, given } = felledBy(bench, 'UNSUBSCRIBE');
    expect(falls).toBe(4);
    expect(given).toMatchObject([{ message: 'UNSUBSCRIBE', topic: 'x/y' }]);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('filter'))).toEqual([]);
    expect(bench.publishes('b', 1, 1, 'y')).toHaveLength(1);
  });

  it('is none any more when somebody wants the filter again', () => {
    const bench = serving();
    bench.subscribe('a', 'x/y', 1);
    bench.unsubscribe('a', 'x/y');
    const told: string[] = [];
    for (let falls = 1; falls <= 3; falls++) {
      const { shared: broken } = bench;
      bench.breaks();
      while (bench.shared === broken) {
        bench.wait(100);
      }
      if (falls === 3) {
        bench.asks('b', 'x/y', 1);
      }
      told.push(...bench.stands({ sessionPresent: true }), ...bench.wait(1_000));
    }
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([
      expect.stringMatching(/ UNSUBSCRIBE id\d+ x\/y$/),
      expect.stringMatching(/ UNSUBSCRIBE id\d+ x\/y$/),
      expect.stringMatching(/ SUBSCRIBE id\d+ x\/y qos1/),
    ]);
  });
});

describe('a publish on which the broker closes the connection while PUBREL of another one is out', () => {
  it.each([
    ['which says that the reason is a packet', { reasonCode: 0x82 }],
    ['without a reason', {}],
  ])('is found with that: PUBREL is hardly ever the reason (%s)', (_, more) => {
    const bench = serving();
    bench.publishes('b', 2, 1, 'fine');
    bench.publishes('a', 1, 2, 'poison');
    bench.breaks(more);
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    bench.wait(1_000);
    const released = bench.acks('PUBREC', 1);
    expect(released.map((line) => line.split(' ')[1])).toEqual(['PUBREL', 'PUBLISH']);
    bench.breaks(more);
    bench.wait(3_000);
    expect(bench.stands({ sessionPresent: true })).toEqual([expect.stringContaining('PUBREL id1')]);
    expect(bench.got('a')).toEqual(['070d7470000203']);
    expect(bench.wait(3_000)).toEqual([]);
  });
});
