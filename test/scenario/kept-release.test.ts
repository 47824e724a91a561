/** PUBREL that still waits for the disk when the connection breaks has not gone out: the broker cannot have passed the message on (I-6, I-38). */
import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { lastAttempt } from '../support/core-bench-absence.ts';
import { registered } from '../support/core-bench-traffic.ts';
import { HubBench } from '../support/hub-bench.ts';

const kept = { packetIds: new Set([1]), qos0: 0 };

/** What goes out on the next connections of `s`, until something does; subscriptions it has none. */
function next(bench: CoreBench, sessionPresent: boolean): { readonly connection: number; readonly lines: string[] } {
  const connection = lastAttempt(bench.pass(8_000), 's');
  return { connection, lines: [...bench.up(connection, sessionPresent), ...bench.pass(1_000)] };
}

/** `s` has said PUBREL for a QoS 2 publish, packet id 1. */
function released(): { readonly bench: CoreBench; readonly lost: (connection: number, isKept: boolean) => void } {
  const bench = new CoreBench();
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  bench.connect('s', 's', { duration: 1000, clean: false });
  registered(bench, 'a/b');
  bench.pass(60_000);
  bench.from('s', frame('0c 40 0001 0001', 'x'));
  bench.acked(2, 'PUBREC', 1);
  expect(bench.from('s', '04 10 0001')).toContain('#2 PUBREL id1');
  const lost = (connection: number, isKept: boolean): void => {
    const ended = { type: 'upstream-lost', connection, reason: 'broken', takenOver: false } as const;
    bench.feed({ ...ended, ...(isKept && { kept }) });
  };
  return { bench, lost };
}

describe('PUBREL that the disk kept back when the connection broke', () => {
  it('the message is published anew where the broker has lost its session', () => {
    const { bench, lost } = released();
    lost(2, true);
    const { connection, lines } = next(bench, false);
    expect(lines).toEqual([`#${connection} PUBLISH qos2 id1 a/b "x"`]);
    expect(bench.acked(connection, 'PUBREC', 1)).toEqual([`#${connection} PUBREL id1`]);
  });

  it('goes out where the broker still has its session', () => {
    const { bench, lost } = released();
    lost(2, true);
    const { connection, lines } = next(bench, true);
    expect(lines).toEqual([`#${connection} PUBREL id1`]);
  });

  it('is only repeated where it went out, or had gone out before', () => {
    const { bench, lost } = released();
    lost(2, false);
    const second = next(bench, true);
    expect(second.lines).toEqual([`#${second.connection} PUBREL id1`]);
    lost(second.connection, true);
    const third = next(bench, false);
    expect(third.lines).toEqual([`#${third.connection} PUBREL id1`]);
  });
});

/** A client of an aggregating gateway has published with QoS 2, and the broker has said PUBREC. */
function received(): HubBench {
  const bench = new HubBench();
  bench.client('a', { clean: false });
  bench.got('a');
  expect(bench.publishes('a', 2, 9, 'x')).toEqual(['#2 PUBLISH qos2 id1 tp "x"']);
  expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
  expect(bench.got('a')).toEqual(['040f0009']);
  return bench;
}

function standsAgain(bench: HubBench, sessionPresent: boolean): string[] {
  const { shared } = bench;
  while (bench.shared === shared) {
    bench.wait(100);
  }
  return [...bench.stands({ sessionPresent }), ...bench.wait(2_000)];
}

describe('the same on the shared connection', () => {
  it.each([true, false])(
    'the message is published again, session present: %s; the client hears of it once',
    (isThere) => {
      const bench = received();
      bench.breaks({ kept });
      expect(standsAgain(bench, isThere)).toEqual([`#${bench.shared} PUBLISH qos2 id1 tp "x" dup`]);
      expect(bench.acks('PUBREC', 1)).toEqual([`#${bench.shared} PUBREL id1`]);
      bench.acks('PUBCOMP', 1);
      expect(bench.got('a')).toEqual([]);
      bench.says('a', '04 10 0009');
      expect(bench.got('a')).toEqual(['040e0009']);
    },
  );

  it('PUBREL is only repeated where it went out, or had gone out before', () => {
    const bench = received();
    bench.breaks();
    expect(standsAgain(bench, true)).toEqual([`#${bench.shared} PUBREL id1`]);
    bench.breaks({ kept });
    expect(standsAgain(bench, false)).toEqual([`#${bench.shared} PUBREL id1`]);
  });

  it('a restart in between: the store knows that PUBREL has not gone out', () => {
    const bench = received();
    bench.breaks({ kept });
    expect(bench.disk.get('relay/a/1')).toMatchObject({ packetId: 1, received: false });
  });
});
