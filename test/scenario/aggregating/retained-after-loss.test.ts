import { describe, expect, it } from '@jest/globals';
import type { UpstreamMessage } from '../../../src/core/contract/input.ts';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';
import { settingsWith } from '../../support/settings-with.ts';

interface Granted {
  /** For which `b` asks, and `a`. */
  readonly qos?: 1 | 2;
  readonly others?: 1 | 2;
  /** SUBACK for `b`; undefined: it has not come. Left out: it is granted what is asked for. */
  readonly grants?: number | undefined;
}

/** `a` has `x/+` and what is retained for it; `b` has had SUBACK for it, and nothing of what is retained. */
function granted({ qos = 1, others = qos, ...more }: Granted = {}): HubBench {
  const bench = new HubBench({ answersPings: false });
  for (const name of ['a', 'b']) {
    bench.client(name, { clean: false });
    const told = bench.asks(name, 'x/+', name === 'a' ? others : qos);
    if (name === 'a' || !('grants' in more) || more.grants !== undefined) {
      bench.grants(told, name === 'b' ? more.grants : undefined);
    }
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

/** The broker sends a message that is retained, by the SUBSCRIBE with this identifier. What is done then. */
function comes(
  bench: HubBench,
  topic: string,
  text: string,
  identifier: number,
  more: Partial<UpstreamMessage>,
): string[] {
  return plain(bench.comes(topic, text, { qos: 1, retain: true, identifiers: [identifier], ...more }));
}

function plain(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^#\d+ /, ''));
}

const SUBACK = '0813200000000100';

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
  it('is asked once more for what comes with QoS 0, which went with the connection: the session has the rest', () => {
    const bench = granted();
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
    expect(comes(bench, 'x/y', 'older', 66, { packetId: 7, dup: true })).toEqual(['PUBACK id7']);
    expect(comes(bench, 'x/z', 'QoS 1', 66, { packetId: 8 })).toEqual(['PUBACK id8']);
    expect(bench.grants(told)).toEqual([]);
    expect(comes(bench, 'x/z', 'QoS 1', 67, { packetId: 9 })).toEqual(['PUBACK id9']);
    expect(comes(bench, 'x/y', 'newer', 67, { qos: 0, packetId: 0 })).toEqual([]);
    expect([bench.got('a'), bench.got('b')]).toEqual([
      [],
      ['qos1 x/y "older" retain', 'qos1 x/z "QoS 1" retain', 'qos0 x/y "newer" retain'],
    ]);
  });

  it('QoS 2 that is half-way comes once', () => {
    const bench = granted({ qos: 2 });
    expect(comes(bench, 'x/y', 'half-way', 66, { qos: 2, packetId: 7 })).toEqual(['PUBREC id7']);
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos2 as 67`]);
    const released = bench.act(bench.feed({ type: 'upstream-released', connection: bench.shared, packetId: 7 }));
    expect(plain(released)).toEqual(['PUBCOMP id7']);
    bench.grants(told);
    expect(comes(bench, 'x/y', 'half-way', 67, { qos: 2, packetId: 8 })).toEqual(['PUBREC id8']);
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos2 x/y "half-way" retain']]);
  });

  it('for all of it, where the broker had granted QoS 0 alone, and grants more now', () => {
    const bench = granted({ grants: 0 });
    const told = next(bench, true);
    bench.grants(told);
    comes(bench, 'x/y', 'kept', 67, { packetId: 7 });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "kept" retain']]);
  });

  it('for all of it, where SUBACK has not come: the broker may not have had the SUBSCRIBE; what it has of it comes as well', () => {
    const bench = granted({ grants: undefined });
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
    comes(bench, 'x/y', 'older', 66, { packetId: 7 });
    bench.grants(told);
    comes(bench, 'x/y', 'newer', 67, { packetId: 8 });
    expect([bench.got('a'), bench.got('b')]).toEqual([
      [],
      [SUBACK, 'qos1 x/y "older" retain', 'qos1 x/y "newer" retain'],
    ]);
  });

  it('for all of it, where the session may be another one (I-52); what is left in it comes as well', () => {
    const bench = granted();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(5_000);
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 67`]);
    comes(bench, 'x/y', 'older', 66, { packetId: 7 });
    bench.grants(told);
    comes(bench, 'x/y', 'newer', 67, { packetId: 8 });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "older" retain', 'qos1 x/y "newer" retain']]);
  });

  it('not where PINGRESP has come behind it, nor for who has left', () => {
    const bench = granted();
    pongs(bench);
    expect(next(bench, true)).toEqual([]);
    const other = granted();
    other.unsubscribe('b', 'x/+');
    expect(next(other, true)).toEqual([]);
  });

  it('who leaves then gets nothing of either', () => {
    const bench = granted();
    const told = next(bench, true);
    bench.unsubscribe('b', 'x/+');
    expect(comes(bench, 'x/y', 'older', 66, { packetId: 7 })).toEqual(['PUBACK id7']);
    bench.grants(told);
    comes(bench, 'x/y', 'newer', 67, { qos: 0, packetId: 0 });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['04150002']]);
    expect(next(bench, true)).toEqual([]);
  });

  it('who asks once more meanwhile gets all that is retained once more', () => {
    const bench = granted();
    const told = next(bench, true);
    expect(bench.asks('b', 'x/+', 1)).toEqual([]);
    const more = bench.grants(told);
    expect(more.filter((line) => line.includes('SUBSCRIBE'))).toEqual([
      `#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`,
    ]);
    comes(bench, 'x/y', 'QoS 1', 67, { packetId: 7 });
    expect(bench.got('b')).toEqual([]);
    bench.grants(more);
    comes(bench, 'x/y', 'QoS 1', 68, { packetId: 8 });
    expect(bench.got('b').slice(1)).toEqual(['qos1 x/y "QoS 1" retain']);
  });

  it('both in one SUBSCRIBE, where it asks before that goes out', () => {
    const bench = granted();
    bench.breaks({ reasonCode: 0x8b });
    bench.asks('b', 'x/+', 1);
    bench.wait(10_000);
    const told = bench.stands({ sessionPresent: true });
    expect(plain(told)).toEqual(['SUBSCRIBE id3 x/+ qos1 as 67', 'PINGREQ']);
    bench.grants(told);
    comes(bench, 'x/y', 'QoS 1', 67, { packetId: 7 });
    expect(bench.got('b').slice(1)).toEqual(['qos1 x/y "QoS 1" retain']);
  });

  it('several newcomers with one SUBSCRIBE, each of whom gets what its own one has left', () => {
    const bench = granted();
    bench.client('c', { clean: false });
    bench.subscribe('c', 'x/+', 1);
    bench.got('c');
    const told = next(bench, true);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`]);
    comes(bench, 'x/y', 'for b', 66, { packetId: 7 });
    comes(bench, 'x/y', 'for c', 67, { packetId: 8 });
    bench.grants(told);
    comes(bench, 'x/y', 'for nobody', 68, { packetId: 9 });
    comes(bench, 'x/z', 'for both', 68, { qos: 0, packetId: 0 });
    expect([bench.got('a'), bench.got('b'), bench.got('c')]).toEqual([
      [],
      ['qos1 x/y "for b" retain', 'qos0 x/z "for both" retain'],
      ['qos1 x/y "for c" retain', 'qos0 x/z "for both" retain'],
    ]);
  });

  it('a newcomer that comes meanwhile gets all of what the same SUBSCRIBE brings', () => {
    const bench = granted();
    bench.client('c', { clean: false });
    bench.got('c');
    bench.breaks({ reasonCode: 0x8b });
    bench.asks('c', 'x/+', 1);
    bench.wait(10_000);
    const told = bench.stands({ sessionPresent: true });
    expect(plain(told)).toEqual(['SUBSCRIBE id3 x/+ qos1 as 67', 'PINGREQ']);
    bench.grants(told);
    comes(bench, 'x/y', 'QoS 1', 67, { packetId: 7 });
    comes(bench, 'x/z', 'QoS 0', 67, { qos: 0, packetId: 0 });
    expect([bench.got('b'), bench.got('c').slice(1)]).toEqual([
      ['qos0 x/z "QoS 0" retain'],
      ['qos1 x/y "QoS 1" retain', 'qos0 x/z "QoS 0" retain'],
    ]);
  });

  it('a client that sleeps finds all of it when it wakes', () => {
    const bench = granted();
    bench.says('b', frame('18 0e10'));
    const told = next(bench, true);
    comes(bench, 'x/y', 'older', 66, { packetId: 7 });
    bench.grants(told);
    comes(bench, 'x/y', 'newer', 67, { packetId: 8 });
    comes(bench, 'x/z', 'QoS 0', 67, { qos: 0, packetId: 0 });
    bench.got('b');
    bench.says('b', frame('16', 'b'));
    expect(bench.got('b').slice(0, 2)).toEqual(['qos1 x/y "older" retain', 'qos0 x/z "QoS 0" retain']);
  });

  describe('and breaks once more', () => {
    it('the session is there: asked again for QoS 0 alone, whether or not SUBACK had come', () => {
      for (const isGranted of [true, false]) {
        const bench = granted();
        const told = next(bench, true);
        if (isGranted) {
          bench.grants(told);
        }
        const again = next(bench, true);
        expect(again).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`]);
        comes(bench, 'x/y', 'older', 66, { packetId: 7 });
        bench.grants(again);
        comes(bench, 'x/y', 'QoS 1', 67, { packetId: 8 });
        comes(bench, 'x/y', 'QoS 1', 68, { packetId: 9 });
        comes(bench, 'x/z', 'QoS 0', 68, { qos: 0, packetId: 0 });
        expect(bench.got('b')).toEqual(['qos1 x/y "older" retain', 'qos0 x/z "QoS 0" retain']);
      }
    });

    it('the session is lost: for all of it', () => {
      for (const isGranted of [true, false]) {
        const bench = granted();
        const told = next(bench, true);
        if (isGranted) {
          bench.grants(told);
        }
        const again = next(bench, false);
        expect(again).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`]);
        bench.grants(again);
        comes(bench, 'x/y', 'QoS 1', 68, { packetId: 9 });
        expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "QoS 1" retain']]);
      }
    });

    it('the session is lost, and PINGRESP had shown that nothing was left in it: for QoS 0 alone', () => {
      const bench = granted();
      next(bench, true);
      pongs(bench);
      const again = next(bench, false);
      expect(again).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 68`]);
      bench.grants(again);
      comes(bench, 'x/y', 'QoS 1', 68, { packetId: 9 });
      comes(bench, 'x/z', 'QoS 0', 68, { qos: 0, packetId: 0 });
      expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos0 x/z "QoS 0" retain']]);
    });

    it('not where PINGRESP has come behind the second SUBACK', () => {
      const bench = granted();
      const told = next(bench, true);
      pongs(bench);
      bench.grants(told);
      pongs(bench);
      expect(next(bench, true)).toEqual([]);
    });
  });

  it('the broker names no subscriptions any more: all of it is asked for once more', () => {
    const bench = granted();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(10_000);
    const told = bench.stands({ sessionPresent: true, identifiersAvailable: false });
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1`]);
    bench.grants(told);
    bench.comes('x/y', 'QoS 1', { qos: 1, packetId: 9, retain: true });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "QoS 1" retain']]);
  });

  it.each([
    ['refused', 0x87],
    ['granted with QoS 0', 0],
  ])(
    'another SUBSCRIBE behind it, for nobody new, that is %s says nothing of what that one brings',
    (_how, reasonCode) => {
      const bench = granted({ others: 2 });
      const lowered = bench.unsubscribe('a', 'x/+');
      expect(lowered).toEqual([`#${bench.shared} SUBSCRIBE id3 x/+ qos1 as 66 without retained`]);
      bench.grants(lowered, reasonCode);
      bench.got('a');
      const told = next(bench, true);
      expect(told).toEqual([`#${bench.shared} SUBSCRIBE id4 x/+ qos1 as 67`]);
      comes(bench, 'x/y', 'older', 66, { packetId: 7 });
      bench.grants(told);
      comes(bench, 'x/y', 'QoS 1', 67, { packetId: 8 });
      comes(bench, 'x/z', 'QoS 0', 67, { qos: 0, packetId: 0 });
      expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 x/y "older" retain', 'qos0 x/z "QoS 0" retain']]);
    },
  );
});

/** MQTT 3.1.1: `b` has had SUBACK for `x/+`, and nothing of what is retained; `c` waits for its turn with another filter. */
function fetching({ qos = 1, grants = qos }: { qos?: 1 | 2; grants?: 0 | 1 | 2 } = {}): HubBench {
  const bench = new HubBench({ answersPings: false, settings: SPEAKS_3_1_1 });
  for (const name of ['b', 'c']) {
    bench.client(name, { clean: false });
  }
  bench.grants(bench.asks('b', 'x/+', qos), grants);
  expect(bench.asks('c', 'z', 1)).toEqual([]);
  bench.got('b');
  bench.got('c');
  return bench;
}

const SPEAKS_3_1_1 = settingsWith({ upstream: { mode: 'aggregating', sharedProtocol: 4 } });

function isRetained(bench: HubBench, topic: string, text: string, qos: 0 | 1 | 2, packetId = 0): string[] {
  return plain(bench.comes(topic, text, { qos, packetId, retain: true }));
}

/** PINGRESP, and SUBACK for what the broker is told then. */
function goesOn(bench: HubBench): string[] {
  const told = pongs(bench);
  return [...plain(told), ...plain(bench.grants(told))];
}

describe('the same where messages name no subscriptions (I-147)', () => {
  it('what the session has is for the newcomer, also before its turn comes to ask for what has QoS 0; and comes once', () => {
    const bench = fetching();
    const told = next(bench, true);
    expect(plain(told)).toEqual(['SUBSCRIBE id2 z qos1']);
    expect(isRetained(bench, 'x/y', 'older', 1, 7)).toEqual(['PUBACK id7']);
    bench.grants(told);
    expect(goesOn(bench)).toEqual(['SUBSCRIBE id3 x/+ qos1', 'PINGREQ']);
    expect(isRetained(bench, 'x/z', 'QoS 1', 1, 8)).toEqual(['PUBACK id8']);
    isRetained(bench, 'x/y', 'newer', 0);
    expect(bench.got('b')).toEqual(['qos1 x/y "older" retain', 'qos0 x/y "newer" retain']);
  });

  it('what had come before the break does not come once more', () => {
    const bench = fetching({ qos: 2 });
    isRetained(bench, 'x/y', 'QoS 2', 2, 7);
    const told = next(bench, true);
    bench.act(bench.feed({ type: 'upstream-released', connection: bench.shared, packetId: 7 }));
    bench.grants(told);
    isRetained(bench, 'x/y', 'QoS 2', 2, 8);
    expect(bench.got('b')).toEqual(['qos2 x/y "QoS 2" retain']);
  });

  it('a copy with QoS 0 that comes for others takes the place of none of these', () => {
    const bench = fetching();
    bench.client('d', { clean: false });
    bench.asks('d', 'x/#', 0);
    const told = next(bench, true);
    bench.grants(told);
    isRetained(bench, 'x/y', 'kept', 0);
    isRetained(bench, 'x/y', 'kept', 1, 7);
    expect(bench.got('b')).toEqual(['qos1 x/y "kept" retain']);
  });

  it('the session is lost: all of it is asked for once more, before others have their turn', () => {
    const bench = fetching();
    const told = next(bench, false);
    expect(plain(told)).toEqual(['SUBSCRIBE id2 x/+ qos1']);
    bench.grants(told);
    isRetained(bench, 'x/y', 'QoS 1', 1, 8);
    isRetained(bench, 'x/z', 'QoS 0', 0);
    expect(bench.got('b')).toEqual(['qos1 x/y "QoS 1" retain', 'qos0 x/z "QoS 0" retain']);
  });

  it('the broker had granted QoS 0 alone: the same, when its turn comes', () => {
    const bench = fetching({ grants: 0 });
    bench.grants(next(bench, true));
    expect(goesOn(bench)).toContain('SUBSCRIBE id3 x/+ qos1');
    isRetained(bench, 'x/y', 'QoS 1', 1, 8);
    expect(bench.got('b')).toEqual(['qos1 x/y "QoS 1" retain']);
  });

  it('who has left gets nothing of it', () => {
    const bench = fetching();
    const told = next(bench, true);
    bench.unsubscribe('b', 'x/+');
    isRetained(bench, 'x/y', 'older', 1, 7);
    bench.grants(told);
    expect(bench.got('b')).toEqual(['04150002']);
  });

  it('a second break, and a restart: what was known then is known still', () => {
    for (const isKilled of [false, true]) {
      const bench = fetching();
      const first = next(bench, true);
      bench.grants(first);
      let after = bench;
      if (isKilled) {
        after = hubRestarted(bench, { isAway: true });
        after.up(after.own);
      }
      const told = isKilled ? after.stands({ sessionPresent: true }) : next(bench, true);
      isRetained(after, 'x/y', 'older', 1, 7);
      expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([expect.stringContaining('x/+ qos1')]);
      after.grants(told);
      isRetained(after, 'x/y', 'older', 1, 8);
      isRetained(after, 'x/z', 'QoS 0', 0);
      expect(after.got('b')).toEqual([expect.stringContaining('older'), expect.stringContaining('QoS 0')]);
    }
  });
});

describe('the gateway is killed behind SUBACK, before what is retained has come, and the session is there (I-141)', () => {
  function restarted(bench: HubBench): { readonly after: HubBench; readonly told: string[] } {
    const after = hubRestarted(bench, { isAway: true });
    after.up(after.own);
    return { after, told: after.stands({ sessionPresent: true }).filter((line) => line.includes('SUBSCRIBE')) };
  }

  it('the same: QoS 0 is asked for once more, the session has the rest', () => {
    const { after, told } = restarted(granted());
    expect(told).toEqual([expect.stringMatching(/SUBSCRIBE id\d+ x\/\+ qos1 as 67$/)]);
    comes(after, 'x/y', 'older', 66, { packetId: 7, dup: true });
    after.grants(told);
    comes(after, 'x/y', 'QoS 1', 67, { packetId: 8 });
    comes(after, 'x/z', 'QoS 0', 67, { qos: 0, packetId: 0 });
    expect([after.got('a'), after.got('b')]).toEqual([
      [],
      [expect.stringContaining('older'), expect.stringContaining('QoS 0')],
    ]);
  });

  it('without SUBACK all of it is asked for, also where the client had the filter before', () => {
    for (const had of [false, true]) {
      const bench = granted({ grants: had ? 1 : undefined });
      if (had) {
        pongs(bench);
        bench.asks('b', 'x/+', 1);
      }
      const { after, told } = restarted(bench);
      if (!had) {
        expect(told).toEqual([expect.stringContaining('x/+ qos1 as 66 without retained')]); // b has no subscription, and asks again
        continue;
      }
      expect(told).toEqual([expect.stringMatching(/x\/\+ qos1 as 68$/)]);
      comes(after, 'x/y', 'older', 67, { packetId: 7 });
      after.grants(told);
      comes(after, 'x/y', 'newer', 68, { packetId: 8 });
      expect(after.got('b')).toEqual([expect.stringContaining('older'), expect.stringContaining('newer')]);
    }
  });

  it('and a second time, behind a break: what was known then is known still', () => {
    for (const isProven of [false, true]) {
      const bench = granted();
      const asked = next(bench, true);
      if (isProven) {
        pongs(bench); // nothing is left of the first one
      }
      bench.grants(asked);
      const { after, told } = restarted(bench);
      expect(told).toEqual([expect.stringMatching(/SUBSCRIBE id\d+ x\/\+ qos1 as 68$/)]);
      comes(after, 'x/y', 'older', 66, { packetId: 7 });
      after.grants(told);
      comes(after, 'x/y', 'QoS 1', 67, { packetId: 8 });
      comes(after, 'x/y', 'QoS 1', 68, { packetId: 9 });
      comes(after, 'x/z', 'QoS 0', 68, { qos: 0, packetId: 0 });
      expect(after.got('b')).toEqual([expect.stringContaining('older'), expect.stringContaining('QoS 0')]);
    }
  });

  it('the session is lost behind a break, and another start: all of it, save where PINGRESP had shown that QoS 0 alone was missing', () => {
    for (const isProven of [false, true]) {
      const bench = granted();
      const asked = next(bench, true);
      if (isProven) {
        pongs(bench);
      }
      bench.grants(asked);
      const after = hubRestarted(bench, { isAway: true });
      after.up(after.own);
      const told = after.stands({ sessionPresent: false });
      after.grants(told);
      comes(after, 'x/y', 'QoS 1', 68, { packetId: 9 });
      comes(after, 'x/z', 'QoS 0', 68, { qos: 0, packetId: 0 });
      const qos0 = expect.stringContaining('QoS 0');
      expect(after.got('b')).toEqual(isProven ? [qos0] : [expect.stringContaining('QoS 1'), qos0]);
    }
  });
});
