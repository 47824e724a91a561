import { beforeEach, describe, expect, it } from '@jest/globals';
import { makePlan } from '../make-plan.ts';
import { Account, type PublishEntry } from './account.ts';
import { Calm, DISK } from './calm.ts';
import { Releases } from './releases.ts';

const WINDOW = 40_000;

describe('books of QoS 2 publishes whose client does not say PUBREL', () => {
  let now = 0;
  let last: (() => void)[] = [];
  let calm: Calm;
  let releases: Releases;
  let account: Account;
  let entry: PublishEntry;

  beforeEach(() => {
    now = 1_000_000;
    last = [];
    calm = new Calm(() => now);
    calm.runs(true);
    releases = new Releases({ calm, now: () => now, later: (_delay, run) => last.push(run), window: WINDOW });
    const [plan] = makePlan({ seed: 1, hours: 0.01, without: new Set() }).clients;
    if (plan === undefined) {
      throw new Error('a plan has clients');
    }
    account = new Account(plan);
    entry = { routed: 0, released: false } as PublishEntry;
    account.publishes.set('x', entry);
    releases.stands(account, 1);
    releases.received(entry);
    releases.told(entry);
  });

  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };

  const settle = (): void => {
    for (const run of last.splice(0)) {
      run();
    }
  };

  it('object where a connection stands when the retry window is over', () => {
    pass(WINDOW + 20_000);
    releases.lost(account, 1);
    expect(releases.wasMissed(account, entry)).toBe(true);
  });

  it('also where it is a later one', () => {
    releases.lost(account, 1);
    pass(1_000_000);
    releases.stands(account, 2);
    pass(20_000);
    expect(releases.wasMissed(account, entry)).toBe(true);
  });

  it('not where PUBREL is out on that connection, and again where it is not said on the next one', () => {
    pass(WINDOW);
    releases.said(entry);
    pass(20_000);
    releases.lost(account, 1);
    expect(releases.wasMissed(account, entry)).toBe(false);
    releases.stands(account, 2);
    pass(20_000);
    expect(releases.wasMissed(account, entry)).toBe(true);
  });

  it('excuse a client that never comes back', () => {
    pass(WINDOW - 1_000);
    releases.lost(account, 1);
    pass(1_000_000);
    expect(releases.wasMissed(account, entry)).toBe(false);
  });

  it('object where the gateway ends the connection and has not said PUBREL, and opens no other one', () => {
    pass(1_000);
    releases.closes(account, 1);
    settle();
    expect(releases.wasMissed(account, entry)).toBe(true);
  });

  it('not where another one follows at once, or PUBREL is out', () => {
    pass(1_000);
    releases.closes(account, 1);
    releases.connects(account);
    settle();
    expect(releases.wasMissed(account, entry)).toBe(false);
    releases.stands(account, 2);
    entry.released = true;
    releases.closes(account, 2);
    settle();
    expect(releases.wasMissed(account, entry)).toBe(false);
  });

  it('not where the gateway publishes it once more, and the broker has not said PUBREC again (I-52)', () => {
    pass(1_000);
    releases.publishes(entry);
    releases.closes(account, 1);
    settle();
    expect(releases.wasMissed(account, entry)).toBe(false);
  });

  it.each([
    ['has just come up', 100, false],
    ['has stood for long', 20_000, true],
  ])(
    'allow for an earlier life in which PUBREC of the broker came, where a connection that %s is ended (I-19)',
    (_what, stood, missed) => {
      releases.lost(account, 1);
      releases.gatewayStarted();
      releases.stands(account, 2);
      pass(stood);
      releases.closes(account, 2);
      settle();
      expect(releases.wasMissed(account, entry)).toBe(missed);
    },
  );

  it('allow for a disk in trouble, and for a start', () => {
    const ends = calm.begins(DISK);
    pass(WINDOW + 20_000);
    ends();
    releases.closes(account, 1);
    settle();
    expect(releases.wasMissed(account, entry)).toBe(false);
    releases.gatewayStarted();
    releases.stands(account, 2);
    pass(WINDOW);
    releases.lost(account, 2);
    expect(releases.wasMissed(account, entry)).toBe(false);
  });

  it.each([
    ['late', WINDOW - 10_000, false],
    ['at once', 0, true],
  ])('count after a start from the PUBREC of the broker, which it sends once more %s (I-19)', (_when, late, missed) => {
    releases.lost(account, 1);
    releases.gatewayStarted();
    releases.stands(account, 2);
    pass(late);
    releases.received(entry);
    pass(WINDOW + 20_000 - late);
    releases.lost(account, 2);
    expect(releases.wasMissed(account, entry)).toBe(missed);
  });

  it('also where the disk is in trouble only on a later connection, long after it was due', () => {
    releases.lost(account, 1);
    pass(10 * WINDOW);
    releases.stands(account, 2);
    const ends = calm.begins(DISK);
    pass(20_000);
    releases.lost(account, 2);
    ends();
    expect(releases.wasMissed(account, entry)).toBe(false);
  });

  it('object where the gateway has never said PUBREC', () => {
    expect(releases.wasMissed(account, { ...entry })).toBe(true);
  });
});
