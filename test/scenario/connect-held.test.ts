import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { attempts, lastAttempt, passWithoutBroker, radio } from '../support/core-bench-absence.ts';
import type { PartialSettings } from '../support/settings-with.ts';

const OWN = '(gateway)';
const ACCEPTED = 's < 030500';
const REFUSED = 's < 030501';
const FILTERS = ['a/#', 'b/#', 'c/#'];

/** The gateway's own connection stands as #1; `s` has left, with a session that has three subscriptions. */
function left(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  const connection = bench.connect('s', 's', { clean: false, duration: 1000 });
  for (const [at, filter] of FILTERS.entries()) {
    bench.from('s', frame(`12 20 000${at + 1}`, filter));
    bench.suback(connection, at + 1, 1);
  }
  bench.from('s', '02 18');
  return bench;
}

/** CONNECT of `s`; the number of the attempt that it leads to. */
function connects(bench: CoreBench): number {
  return lastAttempt(bench.from('s', connectFrame('s', false, 1000)), 's');
}

const packetIds = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => / SUBSCRIBE id(\d+)/.exec(line)?.[1] ?? []).map(Number);

describe('a CONNECT for which the broker has to grant subscriptions that it had lost (3.4, I-153)', () => {
  it('waits for them T_retry from the broker’s CONNACK, and from each SUBACK', () => {
    const bench = left();
    const connection = connects(bench);
    expect(bench.pass(9_900)).toEqual([]);
    const ids = packetIds(bench.up(connection, false));
    expect(ids).toHaveLength(FILTERS.length);
    const heard = ids.map((id) => {
      expect(bench.pass(9_900)).toEqual([]);
      return radio(bench.suback(connection, id, 1));
    });
    expect(heard).toEqual([[], [], [ACCEPTED]]);
  });

  it('is refused, once, where the broker says nothing more for T_retry', () => {
    const bench = left();
    const connection = connects(bench);
    bench.pass(5_000);
    const [first = 0] = packetIds(bench.up(connection, false));
    bench.pass(5_000);
    expect(bench.suback(connection, first, 1)).toEqual([]);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([REFUSED, `#${connection} DISCONNECT`]);
    expect(radio(bench.pass(60_000))).toEqual([]);
  });

  it('is held no longer by a SUBACK that it does not wait for', () => {
    const bench = left();
    const connection = connects(bench);
    bench.up(connection, false);
    bench.pass(9_000);
    bench.suback(connection, 60_000, 1);
    expect(radio(bench.pass(1_000))).toEqual([REFUSED]);
  });

  it('is answered when they are back, though the client has repeated it meanwhile (C-8)', () => {
    const bench = left();
    const connection = connects(bench);
    const ids = packetIds(bench.up(connection, false));
    bench.pass(9_000);
    bench.suback(connection, ids[0] ?? 0, 1);
    expect(bench.from('s', connectFrame('s', false, 1000))).toEqual([]);
    bench.pass(9_000);
    bench.suback(connection, ids[1] ?? 0, 1);
    expect(bench.suback(connection, ids[2] ?? 0, 1)).toEqual([ACCEPTED]);
  });
});

describe('a CONNECT that was held for a broker that is back by now, and whose own attempt is under way (I-2)', () => {
  /** The broker was away; `s` has been held for 5 s when the own connection stands, and a second later its attempt begins. */
  function underWay(settings: PartialSettings = {}, others: readonly string[] = []) {
    const bench = left(settings);
    bench.pass(60_000);
    bench.down(1);
    passWithoutBroker(bench, 100_000);
    for (const name of ['s', ...others]) {
      expect(bench.from(name, connectFrame(name, name !== 's', 1000))).toEqual([]);
    }
    const own = bench.pass(5_000);
    expect(attempts(own, OWN)).toHaveLength(1);
    bench.up(lastAttempt(own, OWN));
    return { bench, lines: bench.pass(1_000) };
  }

  it('waits for the answer to that, another T_retry', () => {
    const { bench, lines } = underWay();
    expect(bench.pass(13_999)).toEqual([]);
    expect(packetIds(bench.up(lastAttempt(lines, 's'), false))).toHaveLength(FILTERS.length);
  });

  it('and no longer', () => {
    const { bench } = underWay();
    expect(radio(bench.pass(13_999))).toEqual([]);
    expect(radio(bench.pass(1))).toEqual([REFUSED]);
    expect(radio(bench.pass(60_000))).toEqual([]);
  });

  it('or for its turn, where too many connections are made at a time', () => {
    const { bench, lines } = underWay({ upstream: { maxConnecting: 1 } }, ['t']);
    expect(lines).toEqual([expect.stringMatching(/ CONNECT s/)]);
    expect(bench.pass(9_000)).toEqual([]);
    const next = bench.up(lastAttempt(lines, 's'), true);
    expect(next).toEqual([expect.stringMatching(/ CONNECT t /), ACCEPTED]);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.up(lastAttempt(next, 't'))).toEqual(['t < 030500']);
  });
});
