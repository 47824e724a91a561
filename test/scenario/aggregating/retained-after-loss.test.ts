import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** `a` has `x/+` and what is retained for it; `b` has had SUBACK for it, and nothing of what is retained. */
function granted(): HubBench {
  const bench = new HubBench({ answersPings: false });
  for (const name of ['a', 'b']) {
    bench.client(name, { clean: false });
    bench.subscribe(name, 'x/+', 1);
    if (name === 'a') {
      pongs(bench);
    }
  }
  bench.got('a');
  bench.got('b');
  return bench;
}

function pongs(bench: HubBench): string[] {
  return bench.act(bench.feed({ type: 'upstream-ponged', connection: bench.shared }));
}

/** The connection breaks, and the next one stands: what the broker is told. */
function next(bench: HubBench, sessionPresent: boolean): string[] {
  bench.breaks({ reasonCode: 0x8b });
  bench.wait(10_000);
  return bench.stands({ sessionPresent }).filter((line) => !line.includes('PINGREQ'));
}

/** The broker sends what it has retained, as it is asked in this line. */
function retained(bench: HubBench, line = ''): void {
  const identifier = Number(/ as (\d+)/.exec(line)?.[1]);
  bench.comes('x/y', 'kept', { qos: 1, packetId: 9, retain: true, identifiers: [identifier] });
}

describe('the broker loses its session behind SUBACK, and before what is retained has come (I-96)', () => {
  it('is asked for it once more, for the newcomer alone', () => {
    const bench = granted();
    const told = next(bench, false);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
    bench.grants(told);
    retained(bench, told[0]);
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "kept" retain']]);
  });

  it('and again, where it loses that one as well', () => {
    const bench = granted();
    bench.grants(next(bench, false));
    expect(next(bench, false)).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`]);
    expect(next(bench, true)).toEqual([`#${bench.shared} SUBSCRIBE id5 x/+ qos1 as 69`]); // without SUBACK
  });

  it('where it may have lost it, too (I-52)', () => {
    const bench = granted();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(5_000);
    expect(next(bench, true)).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
  });

  it('not where PINGRESP has come behind it: the newcomer has it', () => {
    const bench = granted();
    retained(bench, 'SUBSCRIBE as 66');
    pongs(bench);
    expect(bench.got('b')).toEqual(['qos1 x/y "kept" retain']);
    pongs(bench); // something had come since PINGREQ
    expect(next(bench, false)).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 66 without retained`]);
  });

  it('nor where the client has left', () => {
    const bench = granted();
    bench.unsubscribe('b', 'x/+');
    expect(next(bench, false)).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 66 without retained`]);
  });

  it.each([
    ['it is asked for once more', false, ['SUBSCRIBE id3 x/+ qos1 as 67']],
    ['not where PINGRESP had come', true, ['SUBSCRIBE id3 x/+ qos1 as 66 without retained']],
  ])('over a restart of the gateway: %s', (_what, isProven, expected) => {
    const bench = granted();
    if (isProven) {
      pongs(bench);
    }
    const after = hubRestarted(bench, { isAway: true });
    after.up(after.own);
    const told = after.stands({ sessionPresent: false });
    expect(told.map((line) => line.replace(/^#\d+ /, '').replace(/ id\d+/, ' id3'))).toEqual(expected);
    after.grants(told);
    if (!isProven) {
      retained(after, told[0]);
      expect([after.got('a'), after.got('b')]).toEqual([[], [expect.stringContaining('kept')]]);
    }
  });

  it('nobody who has left since gets it after a restart', () => {
    const bench = granted();
    bench.unsubscribe('b', 'x/+');
    const after = hubRestarted(bench, { isAway: true });
    after.up(after.own);
    expect(after.stands({ sessionPresent: false })).toEqual([
      expect.stringMatching(/SUBSCRIBE id\d+ x\/\+ qos1 as \d+ without retained/),
    ]);
  });
});

describe('the connection breaks behind SUBACK, before what is retained has come, and the session is there (I-141)', () => {
  it('is asked for it once more: what is retained with QoS 0 went with the connection', () => {
    const bench = granted();
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
    bench.comes('x/z', 'QoS 1, of before', { qos: 1, packetId: 8, retain: true, dup: true, identifiers: [66] });
    bench.grants(told);
    bench.comes('x/z', 'QoS 1, of before', { qos: 1, packetId: 9, retain: true, identifiers: [67] });
    bench.comes('x/y', 'kept', { retain: true, identifiers: [67] });
    expect([bench.got('a'), bench.got('b')]).toEqual([
      [],
      ['qos1 x/z "QoS 1, of before" retain', 'qos0 x/y "kept" retain'],
    ]);
  });

  it('not where PINGRESP has come behind it, nor for who has left', () => {
    const bench = granted();
    pongs(bench);
    expect(next(bench, true)).toEqual([]);
    const other = granted();
    other.unsubscribe('b', 'x/+');
    expect(next(other, true)).toEqual([]);
  });

  it('over a restart of the gateway as well', () => {
    const bench = granted();
    const after = hubRestarted(bench, { isAway: true });
    after.up(after.own);
    const told = after.stands({ sessionPresent: true }).filter((line) => line.includes('SUBSCRIBE'));
    expect(told).toEqual([expect.stringMatching(/SUBSCRIBE id\d+ x\/\+ qos1 as 67$/)]);
  });
});
