import { describe, expect, it } from '@jest/globals';
import type { Note } from '../../src/core/contract/note.ts';
import { CoreBench } from '../support/core-bench.ts';
import { attempts, brokerGone, failAttempts, lastAttempt } from '../support/core-bench-absence.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { benchIn, pairs, perform, probe, type Row } from '../support/core-bench-states.ts';

const forget = (bench: CoreBench, clientId = 's1') => bench.feed({ type: 'operator-forgot', clientId });

const rows: readonly Row[] = [
  {
    event: 'the operator forgets the session',
    act: (bench) => forget(bench),
    unknown: { lines: [] },
    disconnected: { lines: ['#3 CONNECT s1 clean'] },
    lost: { lines: ['#3 CONNECT s1 clean'] },
    topic: { lines: ['s < 0218'], becomes: 'gone' },
    message: { lines: ['s < 0218'], becomes: 'gone' },
    broker: { lines: ['s < 0218', '#3 DISCONNECT'], becomes: 'gone' },
    active: { lines: ['s < 0218', '#2 DISCONNECT', '#3 CONNECT s1 clean'], becomes: 'gone' },
    asleep: { lines: ['s < 0218', '#2 DISCONNECT', '#3 CONNECT s1 clean'], becomes: 'gone' },
    awake: { lines: ['s < 0218', '#2 DISCONNECT', '#3 CONNECT s1 clean'], becomes: 'gone' },
  },
];

describe('a session that the operator forgets (I-103)', () => {
  it.each(pairs(rows))('%s, %s: %j, then %s', (_event, state, lines, situation, act) => {
    const bench = benchIn(state);
    expect(perform(bench, act)).toEqual(lines);
    expect(bench.core.session('s1')).toBeUndefined();
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.core.queued()).toEqual({ messages: 0, octets: 0, qos0Octets: 0 });
    if (lines.at(-1)?.endsWith('clean')) {
      expect(bench.up(3, true)).toEqual(['#3 DISCONNECT']);
    }
    expect(probe(bench)).toBe(situation);
  });

  it('is told, and that the broker has forgotten it too', () => {
    const bench = benchIn('active');
    forget(bench);
    expect(bench.notes.map(({ type }) => type)).toEqual(['client-disconnected', 'session-forgotten']);
    bench.up(3);
    expect(bench.notes).toEqual([{ type: 'broker-session-ended', clientId: 's1' }]);
    expect(bench.pass(10_000_000)).not.toContainEqual(expect.stringContaining('s1'));
  });

  it('begins anew when its client connects again: without topic ids and subscriptions', () => {
    const bench = benchIn('disconnected');
    forget(bench);
    bench.up(3);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#4 CONNECT s1']);
    expect(bench.up(4)).toEqual(['s < 030500']);
    expect(bench.core.session('s1')).toMatchObject({ subscriptions: [], topicIds: [], willTopic: undefined });
    expect(bench.from('s', S1.publishQos1)).toEqual(['s < 070d0001000202']);
  });

  it('needs nothing of the broker where it was opened clean', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.from('s', S1.sleep300);
    expect(forget(bench)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('ends at the broker also where the CONNECT that makes it is not answered yet', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectKeep)).toEqual(['#1 CONNECT s1']);
    expect(forget(bench)).toEqual(['s < 0218', '#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.up(2)).toEqual(['#2 DISCONNECT']);
  });

  it('ends at the broker also where its CONNECT waits for the will: a gateway that was killed may have made one there', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(forget(bench)).toEqual(['s < 0218', '#1 CONNECT s1 clean']);
    expect(bench.up(1)).toEqual(['#1 DISCONNECT']);
  });

  it('takes what is under way in either direction with it', () => {
    const bench = benchIn('awake');
    bench.from('s', S1.publishQos1);
    expect(forget(bench)).toEqual(['s < 0218', '#2 DISCONNECT', '#3 CONNECT s1 clean']);
    expect(bench.acked(2, 'PUBACK', 2)).toEqual([]);
    expect(bench.up(3)).toEqual(['#3 DISCONNECT']);
  });

  it('does not wait for the changed will of its client, which was lost (T-24)', () => {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', S1.willMsgUpd);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
    expect(forget(bench)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.core.sessionCount).toBe(0);
  });

  describe('while the broker is away', () => {
    /** `s1` is gone with a kept session, and so is the broker. */
    function away(): CoreBench {
      const bench = benchIn('disconnected');
      brokerGone(bench, 1);
      return bench;
    }

    it('ends there when the broker is back, a second after the own connection', () => {
      const bench = away();
      expect(forget(bench)).toEqual([]);
      const [own] = bench.pass(2_000);
      expect(own).toMatch(/CONNECT \(gateway\) clean$/);
      const connection = Number(/\d+/.exec(own ?? '')?.[0]);
      bench.up(connection);
      expect(bench.pass(999)).toEqual([]);
      expect(bench.pass(1)).toEqual([`#${connection + 1} CONNECT s1 clean`]);
      expect(bench.up(connection + 1)).toEqual([`#${connection + 1} DISCONNECT`]);
    });

    it('ends there also where nothing is known of it but a CONNECT that waits for the broker', () => {
      const bench = new CoreBench();
      openOwnConnection(bench, 1);
      brokerGone(bench, 1);
      expect(bench.from('s', S1.connectKeep)).toEqual([]);
      expect(forget(bench)).toEqual(['s < 0218']);
      const own = lastAttempt(bench.pass(2_000), '(gateway) clean');
      bench.up(own);
      expect(bench.pass(1_000)).toEqual([`#${own + 1} CONNECT s1 clean`]);
    });

    it('is tried again after pauses where the connection cannot be made', () => {
      const bench = benchIn('disconnected');
      forget(bench);
      expect(bench.down(3)).toEqual([]);
      expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 clean']);
      expect(bench.refused(4, 3)).toEqual([]);
      expect(bench.pass(1_999)).toEqual([]);
      expect(bench.pass(1)).toEqual(['#5 CONNECT s1 clean']);
      expect(bench.up(5)).toEqual(['#5 DISCONNECT']);
    });

    it('is given up, and that is told, after the time for which sessions are kept', () => {
      const bench = new CoreBench({ settings: { sessions: { expiry: 60_000 } } });
      keepSession(bench);
      bench.from('s', S1.disconnect);
      const left: Note[] = [];
      let lines = forget(bench);
      for (let second = 0; second < 130; second++) {
        failAttempts(bench, lines);
        lines = bench.pass(1_000);
        left.push(...bench.notes.filter(({ type }) => type === 'broker-session-left'));
      }
      const reason = 'the broker could not be reached for it in time';
      expect(left).toEqual([{ type: 'broker-session-left', clientId: 's1', reason }]);
      expect(bench.pass(1_000_000).join('\n')).not.toContain('s1');
    });
  });

  describe('whose client connects before the broker has ended it', () => {
    /** #3 is on its way to the broker. */
    function leftover(connect: string = S1.connectKeep): CoreBench {
      const bench = benchIn('disconnected');
      expect(forget(bench)).toEqual(['#3 CONNECT s1 clean']);
      expect(bench.from('s', connect)).toEqual([]);
      return bench;
    }

    it.each([
      ['goes on with a session of its own behind that', S1.connectKeep, '#4 CONNECT s1'],
      ['does so with a clean one, too', S1.connectClean, '#4 CONNECT s1 clean'],
    ])('%s', (_, connect, line) => {
      const bench = leftover(connect);
      expect(bench.up(3, true)).toEqual(['#3 DISCONNECT', line]);
      expect(bench.up(4)).toEqual(['s < 030500']);
      expect(bench.core.session('s1')?.state).toBe('active');
    });

    it('hears what the broker says to it: a refusal', () => {
      const bench = leftover();
      expect(bench.refused(3, 5)).toEqual(['s < 030503']);
      expect(bench.core.sessionCount).toBe(0);
      expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 clean']);
    });

    it('is told that there is congestion after T_retry, where the broker does not answer', () => {
      const bench = leftover();
      expect(bench.pass(10_000)).toEqual(['s < 030501']);
      expect(bench.up(3)).toEqual(['#3 DISCONNECT']);
    });

    it('brings an attempt forward that waits for the end of a pause', () => {
      const bench = benchIn('disconnected');
      forget(bench);
      bench.down(3);
      expect(bench.from('s', S1.connectKeep)).toEqual(['#4 CONNECT s1 clean']);
      expect(bench.up(4)).toEqual(['#4 DISCONNECT', '#5 CONNECT s1']);
    });

    it('has no pause of its own beside that of the attempt that it waits for', () => {
      const bench = leftover();
      const lines: string[] = [];
      bench.down(1);
      // The own connection is refused again and again: the broker is there, and clients try by themselves (I-40).
      for (let step = 0; step < 90; step++) {
        const effects = bench.pass(100);
        lines.push(...effects.map((line) => `${(step + 1) * 100} ${line}`));
        for (const line of effects.filter((effect) => effect.includes('(gateway)'))) {
          bench.refused(Number(/#(\d+)/.exec(line)?.[1]), 5);
        }
        failAttempts(bench, step === 0 ? ['#3 CONNECT s1 clean'] : effects.filter((effect) => effect.includes(' s1 ')));
      }
      // After 1 s; once when the broker is back; and 4 s later, not at the end of a pause of the client's session.
      expect(attempts(lines, 's1').map((line) => line.split(' ')[0])).toEqual(['1100', '2000', '6000']);
    });

    it('may leave again: the end at the broker goes on', () => {
      const bench = leftover();
      expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
      expect(bench.up(3)).toEqual(['#3 DISCONNECT']);
    });
  });

  it('takes its turn among the connections that are made at a time', () => {
    const bench = new CoreBench({ settings: { upstream: { maxConnecting: 1 } } });
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('t', '08 04 04 01 00 3C 74 31')).toEqual(['#2 CONNECT t1 clean']);
    expect(forget(bench)).toEqual([]);
    expect(bench.up(2)).toEqual(['#3 CONNECT s1 clean', 't < 030500']);
    expect(bench.up(3)).toEqual(['#3 DISCONNECT']);
  });

  describe('over a restart', () => {
    it.each([
      ['has connected clean since', true],
      ['is not there', false],
    ])(
      'does not come back where an earlier one was erased without waiting for the disk, and its client %s',
      (_, connects) => {
        const bench = new DiskBench();
        bench.connect('s', 's1', { clean: true });
        bench.from('s', S1.sleep300); // stored, for it is to be there as a sleeper after a restart (S-1)
        expect(bench.synced.has('session/s1')).toBe(true);
        bench.pass(330_001); // it is lost: erased, and nobody waits for that
        expect([bench.disk.has('session/s1'), bench.synced.has('session/s1')]).toEqual([false, true]);
        if (connects) {
          bench.connect('s', 's1', { clean: true });
        }
        forget(bench);
        expect(bench.lastTurn[0]).toBe('durable');
        expect(restarted(bench, 1_000, bench.synced).core.sessionCount).toBe(0);
      },
    );

    it.each([
      ['at once, with the client there', false],
      ['with a client that was gone', true],
    ])('does not come back: %s', (_, gone) => {
      const bench = new DiskBench();
      keepSession(bench);
      if (gone) {
        bench.from('s', S1.disconnect);
      }
      forget(bench);
      expect(bench.lastTurn[0]).toBe('durable');
      expect([...bench.disk.keys()]).toEqual(['leftover/s1']);
      const next = restarted(bench, 1_000, bench.synced);
      expect(next.core.sessionCount).toBe(0);
      expect(next.restored).toEqual(['#1 CONNECT s1 clean']);
      expect(next.up(1)).toEqual(['#1 DISCONNECT']);
      expect([...next.disk.keys()]).toEqual([]);
      expect(restarted(next).restored).toEqual([]);
    });

    it('is no reason to end the session that its client has made since', () => {
      const bench = new DiskBench();
      keepSession(bench);
      forget(bench);
      const before = structuredClone([...bench.disk]);
      bench.up(2);
      bench.from('s', S1.connectKeep);
      bench.up(3);
      bench.from('s', S1.disconnect);
      const disk = new Map([...bench.disk, ...before]); // a store that has lost the end of the one, not the other
      const next = restarted(bench, 0, disk);
      expect(next.restored).toEqual([]);
      expect([...next.disk.keys()]).toEqual(['session/s1']);
    });
  });

  it('is nothing where there is none, or another one', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.connect('t', 't1');
    expect(forget(bench)).toEqual([]);
    expect(bench.notes).toEqual([]);
    expect(bench.core.sessionCount).toBe(1);
  });
});
