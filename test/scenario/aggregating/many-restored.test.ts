/** A start with more sessions than come back at a time: the hub does what they want before the next ones come. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AggregatingCore } from '../../../src/core/aggregating-core.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';
import type { StoredRecord } from '../../../src/core/contract/stored-records.ts';
import { Folding, Unfolding } from '../../../src/core/topics/fold.ts';
import { SharedBench } from '../../support/shared-bench.ts';

const MANY = 150;

/** So many persistent sleepers `s1`, `s2`, …, or as many that have left, each with its own filter; a message waits for each. */
function sleepers(haveLeft = false): StoredRecord[] {
  const bench = new SharedBench();
  bench.up();
  for (let n = 1; n <= MANY; n++) {
    bench.connect(`s${n}`);
    const identifier = Number(/for (\d+)/.exec(bench.subscribe(`s${n}`, `site/${n}`, 1).join())?.[1]);
    bench.broker({ type: 'upstream-subscribed', packetId: n, reasonCode: 1 });
    if (haveLeft) {
      bench.from(`s${n}`, { type: 'DISCONNECT', duration: undefined });
    } else {
      bench.sleep(`s${n}`);
    }
    bench.message(`site/${n}`, `for ${n}`, 1, n, { identifiers: [identifier] });
  }
  return [...bench.disk.values()];
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a start with many stored sessions of the shared connection', () => {
  it.each([
    ['sleeper', false],
    ['one that has left', true],
  ])('folds each %s up once, and unfolds none', (_what, haveLeft) => {
    const records = sleepers(haveLeft);
    const upstream = { ...DEFAULT_CORE_SETTINGS.upstream, mode: 'aggregating' as const };
    const settings = { ...DEFAULT_CORE_SETTINGS, upstream };
    const core = new AggregatingCore({ settings, predefinedTopics: new Map(), random: () => 0 });
    const folded = jest.spyOn(Folding.prototype, 'folded', 'get');
    const unfolded = jest.spyOn(Unfolding.prototype, 'list');
    const effects = core.handle({ type: 'sessions-restored', records }, 1_000_000);
    expect([folded.mock.calls.length, unfolded.mock.calls.length]).toEqual([MANY, 0]);
    const note = { type: 'sessions-restored', sessions: MANY };
    expect(effects.filter((effect) => effect.type === 'note' && effect.note.type === note.type)).toEqual([
      { type: 'note', note },
    ]);
  });

  it('has for each what waited for it, when it wakes up', () => {
    const bench = new SharedBench(sleepers());
    bench.up(true);
    for (let n = 1; n <= MANY; n++) {
      const told = bench.from(`s${n}`, { type: 'PINGREQ', clientId: `s${n}` });
      expect(told[0]).toMatch(new RegExp(`^s${n} < PUBLISH \\d+ for ${n} qos1$`));
    }
  });
});
