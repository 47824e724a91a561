import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { mainKeys, sessionOnDisk } from '../support/disk-session.ts';

/** `s1` with a persistent session on #1, "a/b" as id 1 and "c/d" subscribed as id 2. */
function kept(): DiskBench {
  const bench = new DiskBench();
  keepSession(bench);
  return bench;
}

/** Keys of what the last step wrote. */
const written = (bench: DiskBench): string[] => bench.stored.flatMap(({ writes }) => writes.map(({ key }) => key));

const register = (bench: DiskBench, msgId: number, name: string): string[] =>
  bench.from('s', frame(`0a 0000 ${hex16(msgId)}`, name));

/** SUBSCRIBE with QoS 1, granted by the broker. */
function subscribe(bench: DiskBench, msgId: number, filter: string): string[] {
  const lines = bench.from('s', frame(`12 20 ${hex16(msgId)}`, filter));
  return bench.suback(1, Number(/SUBSCRIBE id(\d+)/.exec(lines.join())?.[1]), 1);
}

describe('what a request changes is written, and nothing else (3.3)', () => {
  it('a REGISTER writes the record of its topic id, however many the client has', () => {
    const bench = kept();
    for (let count = 0; count < 250; count++) {
      register(bench, 100 + count, `${'x'.repeat(100)}/${count}`);
      expect(written(bench)).toEqual([`topic/s1/${3 + count}`]);
    }
  });

  it('a SUBSCRIBE writes the record of its subscription, with wildcards and with its topic id', () => {
    const bench = kept();
    for (let count = 0; count < 100; count++) {
      subscribe(bench, 100 + count, `f/${count}/#`);
      expect(written(bench)).toEqual([`subscription/s1/f/${count}/#`, `unsubscribe/s1/f/${count}/#`]);
    }
    subscribe(bench, 300, 'e/f');
    expect(written(bench)).toEqual(['topic/s1/3', 'subscription/s1/e/f', 'unsubscribe/s1/e/f']);
  });

  it('and before that, with its topic id, that UNSUBSCRIBE is owed for it (I-146)', () => {
    const bench = kept();
    bench.from('s', frame('12 20 0001', 'e/f'));
    expect(written(bench)).toEqual(['topic/s1/3', 'unsubscribe/s1/e/f']);
  });

  it('an UNSUBSCRIBE takes out the record of its subscription', () => {
    const bench = kept();
    bench.from('s', S1.unsubscribe);
    bench.unsuback(1, 2);
    expect(bench.stored[0]?.writes).toEqual([{ key: 'subscription/s1/c/d', record: undefined }]);
  });

  it('a will update writes the will, a sleep the session', () => {
    const bench = new DiskBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    expect(written(bench)).toEqual(['session/s1', 'will/s1']);
    bench.from('s', S1.willMsgUpd);
    expect(written(bench)).toEqual(['will/s1']);
    bench.from('s', S1.sleep300);
    expect(written(bench)).toEqual(['session/s1']);
  });

  it('a CONNECT after which the client may know no id any more writes none of them, and none is known after a restart (R-11)', () => {
    const bench = kept();
    register(bench, 9, 'e/f');
    bench.from('s', S1.disconnect);
    bench.from('s', S1.connectKeep);
    bench.up(2, true);
    expect(written(bench)).toEqual(['session/s1']);
    const known = sessionOnDisk(restarted(bench).disk, 's1').topics.map(({ known }) => known);
    expect(known).toEqual([false, false, false]);
  });
});

describe('a request that changes nothing is answered at once and writes nothing (2.12)', () => {
  it('REGISTER of a name that the client knows', () => {
    const bench = kept();
    for (let count = 0; count < 5; count++) {
      bench.pass(1_000);
      expect(register(bench, 50 + count, 'a/b')).toEqual([`s < 070b0001${hex16(50 + count)}00`]);
      expect(bench.stored).toEqual([]);
    }
  });

  it('SUBSCRIBE with the QoS that is granted already', () => {
    const bench = kept();
    expect(subscribe(bench, 60, 'c/d')).toEqual(['s < 0813200002003c00']);
    expect(bench.stored).toEqual([]);
  });

  it('DISCONNECT with the Duration of the present sleep, also after an awake period', () => {
    const bench = kept();
    bench.from('s', S1.sleep300);
    for (let count = 0; count < 5; count++) {
      bench.pass(1_000);
      expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
      expect(bench.stored).toEqual([]);
      expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
      expect(bench.stored).toEqual([]);
    }
  });

  it('but what only a write without sync has said is written for good before it is promised', () => {
    const bench = kept();
    bench.from('s', S1.sleep300);
    bench.from('t', S1.pingReqId); // from a new address
    expect(bench.stored.map(({ durable }) => durable)).toEqual([false]);
    bench.from('t', S1.sleep300);
    expect(bench.stored.map(({ durable }) => durable)).toEqual([true]);
    bench.from('t', S1.sleep300);
    expect(bench.stored).toEqual([]);
  });
});

describe('the parts of a session', () => {
  it('go with it when it ends (S-4)', () => {
    const bench = kept();
    subscribe(bench, 70, 'f/#');
    bench.from('s', S1.connectClean);
    bench.up(2);
    expect(bench.disk.size).toBe(0);
  });

  it('of a clean sleeper stay while it is active again, and go when it leaves', () => {
    const bench = new DiskBench();
    bench.connect('s', 's1');
    bench.from('s', S1.register);
    expect(bench.disk.size).toBe(0);
    bench.from('s', S1.sleep300);
    expect([...bench.disk.keys()]).toEqual(['session/s1', 'topic/s1/1']);
    bench.from('s', S1.connectKeep);
    expect(written(bench)).toEqual(['session/s1']);
    register(bench, 80, 'e/f');
    expect(bench.stored).toEqual([]);
    bench.from('s', S1.sleep300);
    expect(written(bench)).toEqual(['session/s1', 'topic/s1/2']);
    bench.from('s', S1.disconnect);
    expect(bench.disk.size).toBe(0);
  });

  it('of a clean client that was active when the gateway was killed go with the restart (T-26)', () => {
    const killed = new DiskBench();
    killed.connect('s', 's1');
    killed.from('s', S1.register);
    killed.from('s', S1.sleep300);
    killed.from('s', S1.connectKeep);
    const bench = restarted(killed);
    expect([bench.restored, bench.core.sessionCount, bench.disk.size]).toEqual([[], 0, 0]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
  });

  it('without a session, which could not be read, are taken out of the store', () => {
    const killed = kept();
    killed.disk.delete('session/s1');
    killed.disk.set('exchange/s1/1', {
      ...{ kind: 'exchange', clientId: 's1', number: 1, msgId: 3, packetId: 1, role: 'current', topicId: 1 },
      ...{ topic: 'a/b', payload: new Uint8Array(0), retain: false, released: false },
    });
    killed.disk.set('finished/s1/2', {
      ...{ kind: 'finished', clientId: 's1', number: 2, msgId: 4, topic: 'a/b', retain: false },
      ...{ octets: 1, hash: 2, check: 3 },
    });
    const bench = restarted(killed);
    expect([bench.core.sessionCount, bench.disk.size]).toEqual([0, 0]);
  });

  it('are as they were after a restart, and topic ids go on behind the last one (R-13)', () => {
    const killed = kept();
    register(killed, 90, 'e/f');
    subscribe(killed, 91, 'g/#');
    const before = sessionOnDisk(killed.disk, 's1');
    const bench = restartedAndUp(killed);
    expect(sessionOnDisk(bench.disk, 's1')).toEqual({ ...before, nextTopicId: 4 }); // written anew with each CONNECT to the broker (I-52)
    expect(register(bench, 92, 'new')).toEqual(['s < 070b0004005c00']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });
});

describe('subscriptions that come and go', () => {
  it('of a client that is not stored leave nothing to be remembered', () => {
    const bench = new DiskBench();
    bench.connect('s', 's1');
    for (let count = 1; count <= 50; count++) {
      subscribe(bench, count, `f/${count}/#`);
      bench.unsuback(
        1,
        Number(/ id(\d+)/.exec(bench.from('s', frame(`14 00 ${hex16(200 + count)}`, `f/${count}/#`)).join())?.[1]),
      );
    }
    bench.from('s', S1.sleep300);
    expect(written(bench)).toEqual(['session/s1']);
  });
});
