import { describe, expect, it } from '@jest/globals';
import { connectFrame } from '../support/core-bench.ts';
import { passWithoutBroker } from '../support/core-bench-absence.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { mainKeys } from '../support/disk-session.ts';

/** `s1` with a persistent session ("a/b" is id 1) that is kept for 1000 s after the client has gone. */
function kept(): DiskBench {
  const bench = new DiskBench({ settings: { sessions: { expiry: 1_000_000 } } });
  keepSession(bench);
  return bench;
}

const types = (bench: DiskBench): string[] => bench.notes.map(({ type }) => type);

/** Connects again; whether "a/b" still is id 1. */
function remembered(bench: DiskBench): boolean {
  bench.from('s', S1.connectKeep);
  bench.up(bench.connectionOf('s1'), true);
  const [line] = bench.from('s', S1.publishQos0);
  return line?.endsWith('PUBLISH qos0 a/b "x"') ?? false;
}

describe('the session of a client that has gone (S-7)', () => {
  it('is dropped when the time is over, with its record', () => {
    const bench = kept();
    bench.from('s', S1.disconnect);
    bench.pass(999_999);
    expect([bench.core.sessionCount, mainKeys(bench.disk)]).toEqual([1, ['session/s1']]);
    bench.pass(2);
    expect(types(bench)).toContain('session-expired');
    expect([bench.core.sessionCount, bench.disk.size, bench.core.nextDeadline]).toEqual([0, 0, undefined]);
    expect(remembered(bench)).toBe(false);
  });

  it('counts from the loss where the client was lost (S-5)', () => {
    const bench = kept();
    bench.pass(90_001);
    expect(bench.disk.get('session/s1')).toMatchObject({ state: 'lost' });
    bench.pass(999_000);
    expect(mainKeys(bench.disk)).toHaveLength(1);
    bench.pass(2_000);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('goes with the exchanges that were under way', () => {
    const bench = kept();
    bench.from('s', S1.publishQos2);
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    bench.from('s', S1.disconnect);
    expect(mainKeys(bench.disk)).toHaveLength(3);
    bench.pass(1_000_001);
    expect([...bench.disk.keys()]).toEqual([]);
  });

  it('is kept when the client comes back in time', () => {
    const bench = kept();
    bench.from('s', S1.disconnect);
    bench.pass(999_000);
    expect(remembered(bench)).toBe(true);
    bench.pass(50_000);
    expect(types(bench)).not.toContain('session-expired');
    bench.from('s', S1.disconnect);
    bench.pass(999_999);
    expect(bench.core.sessionCount).toBe(1);
    bench.pass(2);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('outlives a CONNECT that failed, but no longer', () => {
    const bench = kept();
    bench.from('s', S1.disconnect);
    bench.pass(500_000);
    bench.from('s', S1.connectKeep);
    bench.refused(2, 3);
    expect(bench.core.sessionCount).toBe(1);
    bench.pass(1_000_001);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('makes room under sessions.limit', () => {
    const bench = new DiskBench({ settings: { sessions: { expiry: 1_000_000, limit: 1 } } });
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('t', connectFrame('t'))).toEqual(['t < 030501']);
    bench.pass(1_000_001);
    expect(bench.from('t', connectFrame('t'))).toEqual(['#2 CONNECT t clean']);
  });

  it('counts from the DISCONNECT of the gateway, too (3.5 item 4)', () => {
    const bench = kept();
    bench.down(1);
    expect(passWithoutBroker(bench, 40_000).filter((line) => line.endsWith(' s < 0218'))).toHaveLength(1);
    passWithoutBroker(bench, 900_000);
    expect(bench.core.sessionCount).toBe(1);
    passWithoutBroker(bench, 100_000);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });
});

describe('a client that has not gone', () => {
  it('is active for longer: nothing expires', () => {
    const bench = kept();
    for (let minute = 0; minute < 30; minute++) {
      bench.pass(60_000);
      expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    }
    expect(mainKeys(bench.disk)).toHaveLength(1);
  });

  it('sleeps for longer: nothing expires', () => {
    const bench = kept();
    bench.from('s', '04 18 FF FF');
    bench.pass(65_000_000);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });
});

describe('over a restart', () => {
  it('the time goes on', () => {
    const killed = kept();
    killed.pass(30_000);
    killed.from('s', S1.disconnect);
    killed.pass(300_000);
    const bench = restarted(killed);
    bench.pass(699_000);
    expect(bench.core.sessionCount).toBe(1);
    bench.pass(2_000);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('it counts from the loss, not from the last message, which may be a whole sleep before that', () => {
    const killed = kept();
    killed.from('s', '04 18 FF FF');
    killed.pass(72_089_000); // 18 h and the tolerance
    expect(killed.disk.get('session/s1')).toMatchObject({ state: 'lost' });
    const lostAt = killed.core.session('s1')?.since;
    killed.pass(10_000);
    const bench = restarted(killed);
    expect(bench.core.session('s1')).toMatchObject({ state: 'lost', since: lostAt, lastHeard: 1_000_000 });
    bench.pass(989_000);
    expect(bench.core.sessionCount).toBe(1);
    bench.pass(2_000);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('the one that was lost first makes room first, whichever was heard last (I-22)', () => {
    const killed = new DiskBench({ settings: { sessions: { limit: 2 } } });
    killed.connect('a', 'a', { clean: false, duration: 10_000 });
    killed.pass(1_000);
    killed.connect('b', 'b', { clean: false, duration: 60 });
    killed.pass(100_000); // "b" is lost
    killed.pass(15_000_000); // and "a"
    const bench = restarted(killed);
    expect(bench.from('c', connectFrame('c', false))).toEqual(['#2 CONNECT c']);
    expect(bench.core.session('b')).toBeUndefined();
    expect(bench.core.session('a')).toBeDefined();
  });

  it('what has expired by the clock of the core is gone', () => {
    const killed = kept();
    killed.from('s', S1.publishQos2);
    killed.from('s', S1.disconnect);
    const bench = restarted(killed, 1_000_001);
    bench.pass(1);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('an active client’s session does not, however long the gateway was down', () => {
    const bench = restartedAndUp(kept(), true, 2_000_000);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    bench.pass(60_000);
    expect(mainKeys(bench.disk)).toHaveLength(1);
  });

  it('coming back in time cancels it', () => {
    const killed = kept();
    killed.from('s', S1.disconnect);
    const bench = restarted(killed, 900_000);
    expect(remembered(bench)).toBe(true);
    bench.pass(60_000);
    bench.from('s', S1.pingReq);
    bench.pass(60_000);
    expect([bench.core.sessionCount, mainKeys(bench.disk)]).toEqual([1, ['session/s1']]);
  });

  it('a clock that was set back keeps nobody for ever', () => {
    const sleeper = kept();
    sleeper.from('s', S1.sleep300);
    const bench = restartedAndUp(sleeper, true, -600_000);
    expect(bench.pass(300_000)).toEqual([]);
    expect(bench.pass(30_001)).toEqual(['#1 close without DISCONNECT']);
    const gone = kept();
    gone.from('s', S1.disconnect);
    const later = restarted(gone, -600_000);
    later.pass(1_000_001);
    expect(later.core.sessionCount).toBe(0);
  });
});
