import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, persistent, registered, sent } from '../support/core-bench-traffic.ts';

/** The client `s` waits for the disk, or does not any more. */
function held(bench: CoreBench, holds: boolean): string[] {
  return bench.feed({ type: holds ? 'client-held' : 'client-released', clientId: 's' });
}

describe('the silence of a client that waits for the disk (I-64, K-3, SL-3)', () => {
  it('an active client: the keep-alive starts anew when nothing waits any more', () => {
    const bench = connected({}, { duration: 10 });
    bench.pass(10_000);
    held(bench, true);
    expect(bench.pass(100_000)).toEqual([]);
    held(bench, false);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a sleeper: so does its sleep', () => {
    const bench = connected();
    bench.from('s', '04 18 00 0a'); // for 10 s
    held(bench, true);
    expect(bench.pass(100_000)).toEqual([]);
    held(bench, false);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('what is heard of it meanwhile moves it as ever', () => {
    const bench = connected({}, { duration: 10 });
    held(bench, true);
    bench.pass(8_000);
    held(bench, false);
    bench.pass(5_000);
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
    expect(bench.pass(14_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('a session that is made anew while its client waits for the disk (I-64, I-103)', () => {
  it('waits on: its keep-alive starts when nothing waits any more', () => {
    const bench = persistent();
    held(bench, true);
    bench.feed({ type: 'operator-forgot', clientId: 's' });
    bench.pass(1_000);
    bench.from('s', connectFrame('s', false, 10));
    for (const connection of [2, 3]) {
      bench.up(connection);
    }
    expect(bench.core.session('s')?.state).toBe('active');
    bench.pass(100_000);
    expect(bench.core.session('s')?.state).toBe('active');
    held(bench, false);
    bench.pass(14_999);
    expect(bench.core.session('s')?.state).toBe('active');
    bench.pass(1);
    expect(bench.core.session('s')?.state).toBe('lost');
  });
});

describe('the same CONNECT again while CONNACK waits for the disk (I-81, C-8, T-03 a)', () => {
  const connect = connectFrame('s', false, 1000);
  const connack = sent('05 00');

  it('is a repetition for as long as that takes: the connection to the broker stays', () => {
    const bench = persistent();
    held(bench, true);
    for (let minute = 0; minute < 5; minute++) {
      bench.pass(60_000);
      expect(bench.from('s', connect)).toEqual([connack]);
    }
  });

  it('and as long as a client repeats afterwards', () => {
    const bench = persistent();
    held(bench, true);
    bench.pass(300_000);
    held(bench, false);
    bench.pass(40_000);
    expect(bench.from('s', connect)).toEqual([connack]);
    bench.pass(1);
    expect(bench.from('s', connect)).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
  });

  it('also where the client waited before its CONNECT was accepted', () => {
    const bench = persistent();
    bench.pass(50_000);
    held(bench, true);
    expect(bench.from('s', connect)).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
    expect(bench.up(2, true)).toEqual([connack]);
    bench.pass(100_000);
    expect(bench.from('s', connect)).toEqual([connack]);
  });

  it('is a new one where it is another, or the former one had been answered long before', () => {
    const bench = persistent();
    held(bench, true);
    expect(bench.from('s', connectFrame('s', false, 999))).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
    const late = persistent();
    late.pass(40_001);
    held(late, true);
    expect(late.from('s', connect)).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
  });

  it('PUBREL that the client owes goes out on that connection when nothing waits any more (T-18)', () => {
    const bench = persistent();
    registered(bench, 'a/b');
    bench.from('s', frame('0c 40 0001 0001', 'x'));
    bench.acked(1, 'PUBREC', 1);
    expect(bench.from('s', connect)).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
    bench.up(2, true);
    held(bench, true);
    for (let minute = 0; minute < 2; minute++) {
      bench.pass(60_000);
      expect(bench.from('s', connect)).toEqual([connack]);
    }
    expect(held(bench, false)).toEqual(['#2 PUBREL id1']);
  });
});

describe('the disk does not answer, and strangers come and go (I-38, S-7)', () => {
  /** Strangers from ever new addresses, each of which begins a session, waits for the disk and leaves; how many were taken. */
  function taken(bench: CoreBench, clean: boolean): number {
    let sessions = 0;
    for (let at = 0; at < 50; at++) {
      const client = `192.0.2.9:${at}`;
      const connection = /^#(\d+) CONNECT/.exec(bench.from(client, connectFrame(`x${at}`, clean))[0] ?? '')?.[1];
      if (connection === undefined) {
        continue;
      }
      sessions++;
      bench.up(Number(connection));
      bench.feed({ type: 'client-held', clientId: `x${at}` });
      bench.from(client, '04 18 00 0a');
      bench.from(client, '02 18');
    }
    return sessions;
  }

  it.each([
    ['a session that is kept', false],
    ['a clean one, which has slept', true],
  ])(
    '%s gives its place away, but what it has done waits, and its connection with it: there are no more of them than sessions',
    (_what, clean) => {
      const bench = new CoreBench({ settings: { sessions: { limit: 10 } } });
      expect(taken(bench, clean)).toBe(10);
      expect(bench.from('192.0.2.1:1', connectFrame('new'))).toEqual(['192.0.2.1:1 < 030501']);
      for (let at = 0; at < 10; at++) {
        bench.feed({ type: 'client-released', clientId: `x${at}` });
      }
      expect(bench.from('192.0.2.1:1', connectFrame('new'))).toEqual([expect.stringMatching(/ CONNECT new clean$/)]);
    },
  );
});
