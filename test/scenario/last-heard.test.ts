import { describe, expect, it } from '@jest/globals';
import { S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { connected } from '../support/core-bench-traffic.ts';

const HOUR = 3_600_000;

/** `s1`, persistent, with a keep-alive of 60 s; asleep for 300 s where it `sleeps`. */
function kept(sleeps: boolean): DiskBench {
  const bench = new DiskBench();
  bench.from('s', S1.connectKeep);
  bench.up(bench.connectionOf('s1'));
  if (sleeps) {
    bench.from('s', S1.sleep300);
  }
  return bench;
}

function heard(bench: DiskBench): number | undefined {
  return bench.core.session('s1')?.lastHeard;
}

/** A sleeper that says PINGREQ every five minutes. */
function cycles(bench: DiskBench, times: number): void {
  for (let cycle = 0; cycle < times; cycle++) {
    bench.pass(300_000);
    bench.from('s', S1.pingReqId);
    expect(bench.core.session('s1')?.state).toBe('asleep');
  }
}

describe('when a client was heard last, over a restart (I-20, I-21)', () => {
  it('is what the store knows, of a sleeper; its sleep is supervised anew', () => {
    const bench = kept(true);
    const asleepAt = bench.now;
    const next = restarted(bench, 200_000);
    const startedAt = next.now;
    expect(next.core.session('s1')).toMatchObject({
      state: 'asleep',
      lastHeard: asleepAt,
      sleepUntil: startedAt + 300_000,
    });
    next.pass(329_999);
    expect(next.core.session('s1')?.state).toBe('asleep');
    next.pass(1);
    expect(next.core.session('s1')).toMatchObject({ state: 'lost', since: startedAt + 330_000, lastHeard: asleepAt });
    // of the silence before the start nobody knows how long it was
    expect(next.notes.find(({ type }) => type === 'client-lost')).toMatchObject({
      reason: 'did not wake up within 330 s (it had said 300 s)',
    });
  });

  it('is what the store knows, of an active client; its keep-alive starts anew', () => {
    const bench = kept(false);
    const connectedAt = bench.now;
    const next = restartedAndUp(bench, true, 200_000);
    expect(heard(next)).toBe(connectedAt);
    next.pass(89_999);
    expect(next.core.session('s1')?.state).toBe('active');
    next.pass(1);
    expect(next.core.session('s1')).toMatchObject({ state: 'lost', lastHeard: connectedAt });
    expect(next.notes.find(({ type }) => type === 'client-lost')).toMatchObject({ reason: 'nothing heard for 90 s' });
  });

  it('is the next message of it, once it has come', () => {
    const next = restartedAndUp(kept(false), true, 200_000);
    next.pass(30_000);
    next.from('s', S1.pingReq);
    expect(heard(next)).toBe(next.now);
    next.pass(89_999);
    expect(next.core.session('s1')?.state).toBe('active');
  });

  it('is known to the hour of a sleeper that wakes again and again, and of a client that is there', () => {
    const bench = kept(true);
    cycles(bench, 30);
    const last = bench.now;
    const known = heard(restarted(bench, 200_000)) ?? 0;
    expect([known > last - HOUR, known <= last]).toEqual([true, true]);
    const active = kept(false);
    for (let minute = 0; minute < 150; minute++) {
      active.pass(60_000);
      active.from('s', S1.pingReq);
    }
    expect(heard(restarted(active, 200_000))).toBeGreaterThan(active.now - HOUR - 120_000);
  });

  it('is written for a sleeper that wakes again and again no more than once in an hour, and nobody waits for it', () => {
    const bench = kept(true);
    const before = bench.turns.length;
    cycles(bench, 30);
    const stored = bench.turns
      .slice(before)
      .flat()
      .filter((effect) => effect.type === 'store');
    expect(stored.map(({ durable }) => durable)).toEqual([false, false]);
  });

  it('is what it was where the gateway was stopped', () => {
    const bench = kept(true);
    cycles(bench, 1);
    const last = bench.now;
    bench.pass(100_000);
    bench.feed({ type: 'operator-stopped' });
    expect(heard(restarted(bench, 5_000))).toBe(last);
  });
});

describe('when a client was heard last that waits for the disk (I-64)', () => {
  it('is the same when nothing waits any more: its silence counts from then on all the same', () => {
    for (const sleeps of [false, true]) {
      const bench = connected({}, { duration: 10 });
      if (sleeps) {
        bench.from('s', '04 18 00 0a');
      }
      const last = bench.now;
      bench.feed({ type: 'client-held', clientId: 's' });
      bench.pass(100_000);
      bench.feed({ type: 'client-released', clientId: 's' });
      expect(bench.core.session('s')?.lastHeard).toBe(last);
      bench.pass(14_999);
      expect(bench.core.session('s')?.state).toBe(sleeps ? 'asleep' : 'active');
      bench.pass(1);
      expect(bench.core.session('s')?.state).toBeUndefined();
    }
  });
});
