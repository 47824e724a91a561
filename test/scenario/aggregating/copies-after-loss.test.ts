import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** The lines that are about this filter. */
function about(filter: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes(` ${filter} `));
}

/** The Subscription Identifier with which it was asked for. */
function identifierOf(filter: string, lines: readonly string[]): number {
  return Number(/ as (\d+)/.exec(about(filter, lines).at(-1) ?? '')?.[1]);
}

function named(lines: readonly string[]): Record<'plus' | 'rest', number> {
  return { plus: identifierOf('a/+', lines), rest: identifierOf('a/#', lines) };
}

/** `b` has both filters, and the broker, which had them, has ended the connection: the next one is being made. */
function broken(): HubBench {
  const bench = new HubBench();
  bench.client('b', { clean: false });
  bench.subscribe('b', 'a/+', 1);
  bench.subscribe('b', 'a/#', 2);
  bench.got('b');
  bench.breaks({ reasonCode: 0x8b });
  bench.wait(2_000);
  return bench;
}

/** The same, and the broker says this of its session. */
function lost(sessionPresent: boolean): { readonly bench: HubBench; readonly asked: readonly string[] } {
  const bench = broken();
  return { bench, asked: bench.stands({ sessionPresent }) };
}

describe('a copy for a filter that is not the best one of the client (3.7 item 1)', () => {
  it.each([0, 1, 2] as const)(
    'QoS %i: is taken where the broker has lost the better one, and was asked for it',
    (qos) => {
      const { bench, asked } = lost(false);
      bench.grants(about('a/+', asked));
      bench.comes('a/x', 'hello', { qos, packetId: qos && 7, identifiers: [named(asked).plus] });
      expect(bench.got('b')).toEqual([`qos${qos && 1} a/x "hello"`]);
    },
  );

  it.each([0, 1] as const)('QoS %i: is taken where the broker has refused the better one since (I-97)', (qos) => {
    const { bench, asked } = lost(false);
    bench.grants(about('a/+', asked));
    bench.grants(about('a/#', asked), 0x87);
    bench.wait(5_000);
    bench.comes('a/x', 'hello', { qos, packetId: qos && 7, identifiers: [named(asked).plus] });
    expect(bench.got('b')).toEqual([`qos${qos} a/x "hello"`]);
  });

  it.each([0, 1] as const)('QoS %i: is none again when the broker has granted both', (qos) => {
    const { bench, asked } = lost(false);
    bench.grants(asked);
    const { plus, rest } = named(asked);
    bench.comes('a/x', 'hello', { qos, packetId: qos && 7, identifiers: [plus] });
    bench.comes('a/x', 'hello', { qos, packetId: qos && 8, identifiers: [rest] });
    bench.wait(200);
    expect(bench.got('b')).toEqual([`qos${qos} a/x "hello"`]);
  });

  it('is none where the better one has been at the broker since an earlier process, and nothing is left there of before SUBACK', () => {
    const first = new HubBench();
    first.client('other', { clean: false });
    first.subscribe('other', 'a/#', 2);
    const next = hubRestarted(first, { isAway: true });
    next.up(next.own);
    next.grants(next.stands({ sessionPresent: true }));
    next.client('b');
    const asked = [...next.subscribe('b', 'a/#', 2), ...next.subscribe('b', 'a/+', 0)];
    next.wait(5_000);
    next.got('b');
    next.comes('a/x', 'hello', { qos: 1, packetId: 7, identifiers: [identifierOf('a/+', asked)] });
    next.wait(5_000);
    expect(next.got('b')).toEqual([]);
    next.comes('a/x', 'hello', { qos: 1, packetId: 8, identifiers: [identifierOf('a/#', asked)] });
    expect(next.got('b')).toEqual(['qos1 a/x "hello"']);
  });

  it.each([
    { dup: false, others: 0 },
    { dup: true, others: 0 },
    { dup: true, others: 64 }, // more than are written down with a filter
  ])(
    'is taken after a restart right behind SUBACK for the better one (dup: $dup, $others more clients)',
    ({ dup, others }) => {
      const killed = new HubBench({ answersPings: false });
      killed.client('b', { clean: false });
      const plus = identifierOf('a/+', killed.subscribe('b', 'a/+', 1));
      killed.pongs();
      killed.subscribe('b', 'a/#', 2);
      for (let nth = 0; nth < others; nth++) {
        killed.client(`c${nth}`, { clean: false });
        killed.subscribe(`c${nth}`, 'a/#', 2);
      }
      killed.comes('a/x', 'before', { qos: 1, packetId: 7, identifiers: [plus] });
      const bench = hubRestarted(killed, { isAway: true, answersPings: true });
      bench.up(bench.own);
      bench.grants(bench.stands({ sessionPresent: true }));
      bench.client('b', { clean: false });
      bench.got('b');
      bench.comes('a/x', 'before', { qos: 1, packetId: 7, dup, identifiers: [plus] });
      bench.wait(5_000);
      expect(bench.got('b')).toEqual(['qos1 a/x "before"']);
    },
  );

  it('waits for the better one where other filters stood for both meanwhile, for messages named no subscriptions', () => {
    const bench = new HubBench({ answersPings: false });
    bench.client('b', { clean: false });
    const first = named([...bench.subscribe('b', 'a/+', 2), ...bench.subscribe('b', 'a/#', 1)]);
    bench.comes('a/x', 'one', { qos: 1, packetId: 7, identifiers: [first.plus] });
    bench.comes('a/x', 'one', { qos: 1, packetId: 8, identifiers: [first.rest] });
    for (const identifiersAvailable of [false, true]) {
      bench.breaks({ reasonCode: 0x8b });
      bench.wait(5_000);
      for (
        let told = bench.stands({ sessionPresent: true, identifiersAvailable });
        told.length > 0;
        told = bench.grants(told)
      ) {
        bench.got('b');
      }
    }
    bench.comes('a/x', 'two', { qos: 1, packetId: 9, identifiers: [first.rest] });
    bench.wait(4_000); // it answers no PINGREQ
    expect(bench.got('b')).toEqual(['qos1 a/x "two"']);
  });
});

describe('a message that waited at the broker for a filter that nobody has any more', () => {
  it('is for nobody, also where a restart has given the identifier to another filter', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.client('b', { clean: false });
    const identifiers = [identifierOf('x', bench.subscribe('a', 'x', 1))];
    const [told = ''] = bench.unsubscribe('a', 'x');
    const packetId = Number(/UNSUBSCRIBE id(\d+)/.exec(told)?.[1]);
    bench.act(bench.feed({ type: 'upstream-unsubscribed', connection: bench.shared, packetId }));
    bench.disk.delete('slots'); // by an older gateway (I-151)
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(identifierOf('y', next.subscribe('b', 'y', 1))).toBe(identifiers[0]);
    next.got('b');
    expect(next.comes('x', 'old', { qos: 1, packetId: 9, identifiers })).toEqual([`#${next.shared} PUBACK id9`]);
    expect(next.comes('x', 'kept', { qos: 1, packetId: 10, retain: true, identifiers })).toHaveLength(1);
    expect(next.got('b')).toEqual([]);
  });
});

describe('a copy that comes while the session is in doubt (I-52)', () => {
  /** `b` has both filters, which the broker had for certain; CONNACK of the connection before this one may have been lost. */
  function doubted(): { readonly bench: HubBench; readonly asked: readonly string[] } {
    const bench = broken();
    bench.breaks();
    bench.wait(5_000);
    return { bench, asked: bench.stands({ sessionPresent: true }) };
  }

  it('is taken: the broker may have no session but that of the connection before, and has taken one SUBSCRIBE alone by then', () => {
    const { bench, asked } = doubted();
    const { plus, rest } = named(asked);
    bench.grants(about('a/+', asked));
    bench.comes('a/x', 'between', { qos: 1, packetId: 7, identifiers: [plus] });
    bench.grants(about('a/#', asked));
    bench.wait(200);
    expect(bench.got('b')).toEqual(['qos1 a/x "between"']);
    bench.comes('a/x', 'behind', { qos: 1, packetId: 8, identifiers: [plus] });
    bench.comes('a/x', 'behind', { qos: 2, packetId: 9, identifiers: [rest] });
    bench.wait(200);
    expect(bench.got('b')).toEqual(['qos2 a/x "behind"']);
  });

  it('is none where the better one comes right behind it', () => {
    const { bench, asked } = doubted();
    const { plus, rest } = named(asked);
    bench.comes('a/x', 'kept', { qos: 1, packetId: 7, identifiers: [plus] });
    bench.comes('a/x', 'kept', { qos: 2, packetId: 8, identifiers: [rest] });
    bench.wait(200);
    expect(bench.got('b')).toEqual(['qos2 a/x "kept"']);
  });
});

describe('a copy of before such a connection (I-152)', () => {
  const both = (bench: HubBench) => named([...bench.subscribe('b', 'a/+', 1), ...bench.subscribe('b', 'a/#', 2)]);

  const settings = { upstream: { sharedProtocol: 5 } } as const; // else attempts without CONNACK are followed by one in 3.1.1

  /** CONNACK may have been lost, and the next one says that the session is there. What the broker is told then. */
  function doubts(bench: HubBench): readonly string[] {
    bench.breaks();
    bench.wait(70_000);
    return bench.stands({ sessionPresent: true });
  }

  /** `b` has had a message by its better filter; the broker has its copies for the other one still. */
  function served(): { readonly bench: HubBench; readonly first: ReturnType<typeof named> } {
    const bench = new HubBench();
    bench.client('b', { clean: false });
    const first = both(bench);
    bench.comes('a/x', 'had', { qos: 2, packetId: 8, identifiers: [first.rest] });
    bench.act(bench.released(bench.shared, 8));
    bench.comes('a/y', 'other', { qos: 1, packetId: 9, identifiers: [first.plus] });
    bench.got('b');
    return { bench, first };
  }

  it('is named by another identifier than what comes from then on', () => {
    const { bench, first } = served();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    const next = named(doubts(bench));
    expect([next.plus, next.rest]).toEqual([first.plus + 1, first.rest + 1]);
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    expect(named(doubts(bench))).toEqual(next); // as long as nothing tells that the session is there
  });

  it.each(['before', 'behind'])(
    'shows that the session is there, %s SUBACK: the client has had the better one',
    (when) => {
      const { bench, first } = served();
      bench.breaks({ reasonCode: 0x8b });
      bench.wait(2_000);
      const asked = doubts(bench);
      if (when === 'behind') {
        bench.grants(asked);
      }
      bench.comes('a/x', 'had', { qos: 2, packetId: 10, identifiers: [first.plus] });
      bench.wait(5_000);
      expect(bench.got('b')).toEqual([]);
    },
  );

  it('is none after a restart, and several connections without CONNACK', () => {
    const { bench: killed, first } = served();
    const bench = hubRestarted(killed, { isAway: true, answersPings: false, settings });
    bench.breaks();
    bench.wait(70_000);
    bench.up(bench.own);
    bench.grants(doubts(bench));
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    bench.grants(doubts(bench));
    bench.client('b', { clean: false });
    bench.got('b');
    bench.comes('a/x', 'had', { qos: 2, packetId: 1, identifiers: [first.plus] });
    bench.wait(5_000);
    expect(bench.got('b')).toEqual([]);
  });

  it('is taken after a restart where the store says that the session was in doubt: the broker may never have had the better filter', () => {
    const { bench: killed, first } = served();
    killed.breaks({ reasonCode: 0x8b });
    killed.wait(2_000);
    expect(killed.disk.has('doubt')).toBe(true);
    const bench = hubRestarted(killed, { isAway: true, answersPings: false, settings });
    bench.up(bench.own);
    bench.grants(doubts(bench));
    bench.client('b', { clean: false });
    bench.got('b');
    bench.comes('a/x', 'waited', { qos: 1, packetId: 1, identifiers: [first.plus] });
    bench.wait(5_000);
    expect(bench.got('b')).toEqual(['qos1 a/x "waited"']);
  });

  it('shows nothing where it names a filter that was asked for the first time since', () => {
    const { bench } = served();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    const asked = doubts(bench);
    bench.client('c');
    const news = bench.subscribe('c', 'a/x', 1);
    bench.comes('a/x', 'one', { qos: 1, packetId: 10, identifiers: [identifierOf('a/x', news)] });
    bench.grants(about('a/+', asked));
    bench.comes('a/x', 'two', { qos: 1, packetId: 11, identifiers: [named(asked).plus] });
    bench.wait(5_000);
    expect(bench.got('b')).toEqual(['qos1 a/x "two"']);
  });

  it('shows nothing of a session that the broker has lost since', () => {
    const { bench, first } = served();
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    doubts(bench);
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(70_000);
    const asked = bench.stands({ sessionPresent: false });
    bench.grants(about('a/+', asked));
    bench.comes('a/x', 'new', { qos: 1, packetId: 10, identifiers: [first.plus] });
    bench.wait(5_000);
    expect(bench.got('b')).toEqual(['qos1 a/x "new"']);
  });
});

describe('a copy that the broker repeats', () => {
  it('is none where the broker may have its session, and the client has had the better one', () => {
    const bench = new HubBench();
    bench.client('b', { clean: false });
    const { plus, rest } = named([...bench.subscribe('b', 'a/+', 1), ...bench.subscribe('b', 'a/#', 2)]);
    bench.got('b');
    bench.comes('a/x', 'hello', { qos: 1, packetId: 8, identifiers: [rest] });
    expect(bench.got('b')).toEqual(['qos1 a/x "hello"']);
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    bench.breaks(); // CONNACK may have been lost: the session is in doubt (I-52)
    bench.wait(5_000);
    bench.stands({ sessionPresent: true });
    bench.comes('a/x', 'hello', { qos: 1, packetId: 7, dup: true, identifiers: [plus] });
    bench.wait(200);
    expect(bench.got('b')).toEqual([]);
  });

  it('is taken where the session is a new one, on which the better filter was asked for and not granted', () => {
    const { bench, asked } = lost(false);
    bench.grants(about('a/+', asked));
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(5_000);
    bench.stands({ sessionPresent: true });
    bench.comes('a/x', 'hello', { qos: 1, packetId: 7, dup: true, identifiers: [named(asked).plus] });
    bench.wait(200);
    expect(bench.got('b')).toEqual(['qos1 a/x "hello"']);
  });
});

describe('a filter of which the record is gone when the gateway starts (damaged, or another one stood for it)', () => {
  it('may be at the broker under another name: a copy for another filter is taken where it comes alone, else the better one (I-167)', () => {
    const first = new HubBench();
    first.client('b', { clean: false });
    const { plus, rest } = named([...first.subscribe('b', 'a/#', 2), ...first.subscribe('b', 'a/+', 1)]);
    const disk = new Map(first.disk);
    expect(disk.delete('filter/a/#')).toBe(true);
    const bench = hubRestarted(first, { isAway: true, connack: { sessionPresent: true }, answersPings: false }, disk);
    bench.up(bench.own);
    bench.grants(bench.stands());
    bench.client('b', { clean: false });
    bench.got('b');
    bench.comes('a/x', 'kept', { qos: 1, packetId: 7, identifiers: [plus] });
    bench.wait(4_000); // it answers no PINGREQ
    expect(bench.got('b')).toEqual(['qos1 a/x "kept"']);
    bench.comes('a/x', 'too', { qos: 1, packetId: 8, identifiers: [plus] });
    bench.comes('a/x', 'too', { qos: 2, packetId: 9, identifiers: [rest] });
    bench.wait(4_000);
    expect(bench.got('b')).toEqual(['qos2 a/x "too"']);
  });
});
