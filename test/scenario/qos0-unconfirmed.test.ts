import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { registered } from '../support/core-bench-traffic.ts';

/** The own connection stands as #1, that of `s` as #2, with "a/b" as topic id 1. */
function serving(): CoreBench {
  const bench = new CoreBench();
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  bench.connect('s', 's', { duration: 1000, clean: false });
  registered(bench, 'a/b');
  return bench;
}

function publishZero(bench: CoreBench, times = 1): void {
  for (let n = 0; n < times; n++) {
    bench.from('s', frame('0c 00 0001 0000', 'zero'));
  }
}

function publishOnce(bench: CoreBench, msgId: number, qos: 1 | 2 = 1): void {
  bench.from('s', frame(`0c ${qos * 20} 0001 000${msgId}`, 'good'));
}

/** Sent without a connection of its client. */
function publishMinusOne(bench: CoreBench, times: number): void {
  for (let n = 0; n < times; n++) {
    bench.from('stranger', frame('0c 62 7470 0000', 'zero'));
  }
}

/** What is told at a break: how many there may be lost of whom. */
function atBreak(bench: CoreBench, connection: number): (readonly [string | undefined, number])[] {
  bench.down(connection);
  return bench.notes.flatMap((note) =>
    note.type === 'qos0-unconfirmed' ? [[note.clientId, note.publishes] as const] : [],
  );
}

describe('QoS 0 publishes that were written to a connection that broke (I-42)', () => {
  it('are counted, and never sent again', () => {
    const bench = serving();
    publishZero(bench, 40);
    expect(atBreak(bench, 2)).toEqual([['s', 40]]);
    const [line = ''] = bench.pass(8_000).filter((said) => said.includes('CONNECT s'));
    expect(bench.up(Number(/#(\d+)/.exec(line)?.[1]), true)).toEqual([]);
    expect(bench.pass(10_000)).toEqual([]);
  });

  it('are counted anew on each connection', () => {
    const bench = serving();
    publishZero(bench, 2);
    expect(atBreak(bench, 2)).toEqual([['s', 2]]);
    const [line = ''] = bench.pass(8_000).filter((said) => said.includes('CONNECT s'));
    const connection = Number(/#(\d+)/.exec(line)?.[1]);
    bench.up(connection, true);
    bench.pass(1_000);
    expect(atBreak(bench, connection)).toEqual([]);
  });

  it('not those that an answer has vouched for which was asked behind them', () => {
    const bench = serving();
    publishZero(bench, 3);
    publishOnce(bench, 1);
    publishZero(bench, 2);
    publishOnce(bench, 2);
    publishZero(bench);
    bench.acked(2, 'PUBACK', 1);
    bench.acked(2, 'PUBACK', 1); // says no more than the first time
    expect(atBreak(bench, 2)).toEqual([['s', 3]]);
  });

  it('a later answer vouches for all before, whatever came of the earlier packet', () => {
    const bench = serving();
    publishZero(bench, 3);
    publishOnce(bench, 1);
    publishZero(bench, 2);
    publishOnce(bench, 2);
    bench.acked(2, 'PUBACK', 2);
    expect(atBreak(bench, 2)).toEqual([]);
  });

  it('an answer to what was asked before them vouches for nothing', () => {
    const bench = serving();
    publishOnce(bench, 1);
    publishZero(bench);
    bench.acked(2, 'PUBACK', 1);
    expect(atBreak(bench, 2)).toEqual([['s', 1]]);
  });

  it('PUBREC vouches for what was before PUBLISH, PUBCOMP for what was before PUBREL', () => {
    const bench = serving();
    publishZero(bench, 4);
    publishOnce(bench, 1, 2);
    publishZero(bench, 2);
    bench.acked(2, 'PUBREC', 1);
    bench.from('s', '04 10 00 01');
    publishZero(bench);
    bench.acked(2, 'PUBREC', 1);
    const before = serving();
    publishZero(before, 4);
    publishOnce(before, 1, 2);
    publishZero(before, 2);
    before.acked(2, 'PUBREC', 1);
    expect(atBreak(before, 2)).toEqual([['s', 2]]);
    bench.acked(2, 'PUBCOMP', 1);
    expect(atBreak(bench, 2)).toEqual([['s', 1]]);
  });

  it('SUBACK vouches as well', () => {
    const bench = serving();
    publishZero(bench, 2);
    bench.from('s', frame('12 20 0001', 'x/#'));
    bench.suback(2, 1, 1);
    expect(atBreak(bench, 2)).toEqual([]);
  });

  it('and the keep-alive: for so many as were written before', () => {
    const bench = serving();
    publishZero(bench, 5);
    bench.feed({ type: 'upstream-kept', connection: 2, publishes: 3 });
    expect(atBreak(bench, 2)).toEqual([['s', 2]]);
  });

  it('QoS −1 on the gateway’s own connection, too', () => {
    const bench = serving();
    publishMinusOne(bench, 7);
    bench.feed({ type: 'upstream-kept', connection: 1, publishes: 4 });
    expect(atBreak(bench, 1)).toEqual([[undefined, 3]]);
    bench.pass(8_000);
    expect(bench.notes.filter(({ type }) => type === 'qos0-unconfirmed')).toEqual([]);
  });

  it('not where the gateway ends the connection itself, behind them', () => {
    const bench = serving();
    publishZero(bench, 2);
    expect(bench.from('s', '02 18')).toContain('#2 DISCONNECT');
    expect(bench.notes.filter(({ type }) => type === 'qos0-unconfirmed')).toEqual([]);
  });
});
