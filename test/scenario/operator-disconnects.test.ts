import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { brokerGone } from '../support/core-bench-absence.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { benchIn, type Cell, pairs, perform, probe, type Row } from '../support/core-bench-states.ts';
import { SharedBench } from '../support/shared-bench.ts';

const nothing: Cell = { lines: [] };
const sendAway = (bench: CoreBench, clientId = 's1') => bench.feed({ type: 'operator-disconnected', clientId });

const rows: readonly Row[] = [
  {
    event: 'the operator disconnects the client',
    act: (bench) => sendAway(bench),
    gone: nothing,
    topic: { lines: ['s < 0218'], becomes: 'gone' },
    message: { lines: ['s < 0218'], becomes: 'gone' },
    broker: { lines: ['s < 0218', '#3 DISCONNECT'], becomes: 'gone' },
    active: { lines: ['s < 0218', '#2 DISCONNECT'], becomes: 'gone' },
    asleep: { lines: ['s < 0218', '#2 DISCONNECT'], becomes: 'gone' },
    awake: { lines: ['s < 0218', '#2 DISCONNECT'], becomes: 'gone' },
  },
];

describe('a client that the operator sends away (X-4, X-6)', () => {
  it.each(pairs(rows))('%s, %s: %j, then %s', (_event, state, lines, situation, act) => {
    const bench = benchIn(state);
    expect(bench.core.isThere('s1')).toBe(!['unknown', 'disconnected', 'lost'].includes(state));
    expect(perform(bench, act)).toEqual(lines);
    expect(bench.core.isThere('s1')).toBe(false);
    expect(probe(bench)).toBe(situation);
  });

  it('has its session still, and goes on with it when it connects again', () => {
    const bench = benchIn('active');
    expect(sendAway(bench)).toEqual(['s < 0218', '#2 DISCONNECT']);
    expect(bench.notes).toEqual([
      { type: 'client-disconnected', clientId: 's1', link: 'udp:s', reason: 'the operator has sent it away' },
    ]);
    expect(bench.core.session('s1')).toMatchObject({
      state: 'disconnected',
      subscriptions: [{ filter: 'c/d', qos: 1 }],
    });
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
    expect(bench.message(3, 'c/d', 'p')).toEqual(['s < 090a00020001632f64']);
  });

  it('is told again when it goes on all the same, as a sleeper does that was not listening', () => {
    const bench = benchIn('asleep');
    sendAway(bench);
    bench.pass(60_000);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
  });

  it('has no session any more where it had connected clean, and its will is not published', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    expect(sendAway(bench)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('has its QoS 2 publish released before its connection ends (I-65)', () => {
    const bench = benchIn('active');
    bench.from('s', S1.publishQos2);
    bench.acked(2, 'PUBREC', 2);
    expect(sendAway(bench)).toEqual(['s < 0218', '#2 PUBREL id2', '#2 DISCONNECT']);
  });

  it('is sent away while the broker is away as well, and the attempt for it is given up', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    keepSession(bench);
    brokerGone(bench, 1, 2);
    expect(sendAway(bench)).toEqual(['s < 0218']);
    const back = bench.pass(60_000).filter((line) => line.includes('CONNECT s1'));
    expect(back).toEqual([]);
  });

  it('gets no DISCONNECT where its address has gone to another client: a sleeper (T-50)', () => {
    const bench = benchIn('asleep');
    bench.from('s', connectFrame('other'));
    bench.up(3);
    expect(sendAway(bench)).toEqual(['#2 DISCONNECT']);
    expect(bench.core.session('s1')?.state).toBe('disconnected');
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
  });

  it('lets the changed will of a lost client, which is on its way, end as ever (T-24)', () => {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', S1.willMsgUpd);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
    expect(sendAway(bench)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT']);
  });

  it('is gone after a restart as well: what is on the disk is that it left', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    sendAway(bench);
    expect(bench.lastTurn[0]).toBe('durable');
    const next = restarted(bench);
    expect(next.restored).toEqual([]);
    expect(next.core.session('s1')?.state).toBe('disconnected');
  });

  it('leaves others alone, and is nobody where its client id is not known', () => {
    const bench = benchIn('active');
    bench.connect('t', 't1');
    expect(sendAway(bench, 'T1')).toEqual([]);
    expect(sendAway(bench, 't1')).toEqual(['t < 0218', '#3 DISCONNECT']);
    expect(bench.from('s', frame('16'))).toEqual(['s < 0217']);
  });
});

describe('the same where clients share a connection (A-2)', () => {
  it('keeps subscriptions and messages of a persistent session, which go on when the client is back', () => {
    const bench = new SharedBench();
    bench.up();
    bench.connect('a');
    bench.subscribe('a', 'x', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
    expect(bench.feed({ type: 'operator-disconnected', clientId: 'a' })).toEqual(['a < DISCONNECT']);
    bench.message('x', 'm', 1, 7);
    expect(bench.connect('a')).toContain('a < CONNACK 0x00');
    expect(bench.pass(1_000).join('\n') + bench.feed({ type: 'tick' }).join('\n')).not.toContain('UNSUBSCRIBE');
  });
});
