import { describe, expect, it } from '@jest/globals';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

/** The own connection stands, the shared one is asked for; with this in the store. */
function starting(disk: HubBench['disk'] = new Map(), options: HubBenchOptions = {}): HubBench {
  const bench = new HubBench({ isAway: true, ...options }, disk);
  bench.up(bench.own);
  return bench;
}

const notes = (bench: HubBench) =>
  bench.turns.flat().filter((effect) => effect.type === 'note' && effect.note.type === 'shared-session-unknown');

/** Whether the last CONNECT of the shared connection said CleanSession. */
function isClean(bench: HubBench): boolean | undefined {
  const connects = bench.turns.flat().flatMap((effect) => (effect.type === 'upstream-connect' ? [effect] : []));
  return connects.filter(({ shared }) => shared).at(-1)?.cleanSession;
}

describe('a session of the broker for the shared connection of which nothing is stored (I-154)', () => {
  it('is ended before anything else, for it would bring messages for nobody; then clients are served', () => {
    const bench = starting();
    const first = bench.shared;
    bench.client('a', { clean: false });
    expect(isClean(bench)).toBe(false);
    expect(bench.stands({ sessionPresent: true })[0]).toBe(`#${first} DISCONNECT`);
    expect(isClean(bench)).toBe(true);
    expect(bench.shared).not.toBe(first);
    expect(bench.got('a')).toEqual([]);
    bench.stands();
    expect(isClean(bench)).toBe(false);
    bench.stands();
    expect(bench.got('a')).toEqual(['030500']);
    expect(notes(bench)).toHaveLength(1);
    expect(bench.subscribe('a', 'x/+', 1)).toEqual([expect.stringContaining('SUBSCRIBE')]);
    bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    expect(bench.got('a').at(-1)).toBe('qos1 x/y "m"');
  });

  it('is ended though the connection breaks meanwhile, and where the broker always says that it has one', () => {
    const bench = starting();
    bench.stands({ sessionPresent: true });
    bench.breaks();
    bench.wait(5_000);
    expect(isClean(bench)).toBe(true);
    bench.stands({ sessionPresent: true });
    expect(isClean(bench)).toBe(false);
    const last = bench.shared;
    bench.stands({ sessionPresent: true });
    expect(bench.shared).toBe(last);
    bench.client('a');
    expect(bench.got('a')).toEqual(['030500']);
    expect(notes(bench)).toHaveLength(1);
  });

  it('is none where the broker has no session, nor later in the same life', () => {
    const bench = starting();
    const first = bench.shared;
    bench.stands();
    expect(bench.shared).toBe(first);
    bench.breaks();
    bench.wait(5_000);
    const second = bench.shared;
    bench.stands({ sessionPresent: true });
    expect(bench.shared).toBe(second);
    expect(notes(bench)).toEqual([]);
  });

  it.each([
    ['a client has a session on it', (bench: HubBench) => bench.client('a', { clean: false })],
    [
      'UNSUBSCRIBE is owed',
      (bench: HubBench) => {
        bench.client('a');
        bench.subscribe('a', 'x/+', 1);
        bench.says('a', '02 18');
      },
    ],
    [
      'a will has fired',
      (bench: HubBench) => {
        bench.client('a', { will: 'off' });
        bench.breaks();
        bench.wait(16_000_000);
      },
    ],
  ])('is known where %s', (_what, happens) => {
    const bench = new HubBench();
    happens(bench);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    const first = next.shared;
    next.stands({ sessionPresent: true });
    expect(next.shared).toBe(first);
    expect(notes(next)).toEqual([]);
  });
});
