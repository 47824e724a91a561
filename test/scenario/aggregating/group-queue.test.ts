/** What waits in the gateway for one of a group (`$share/…`) that leaves it: another one of the group gets it, or this one still (I-139). */
import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

const GROUP = '$share/g/x/+';

const messages = (bench: HubBench, name: string): string[] =>
  bench.got(name).flatMap((line) => /^qos\d \S+ "(.*)"$/.exec(line)?.[1] ?? []);

/** `a` is alone in the group, and away when `count` messages come; then `b` is in it too, and `a` is back and says nothing. */
function waits(count: number, { qos = 1, others = true, options = {} }: Partial<Waits> = {}): HubBench {
  const bench = new HubBench(options);
  bench.client('a', { clean: false });
  const told = bench.subscribe('a', GROUP, 2);
  const identifiers = [Number(/ as (\d+)/.exec(told.join('\n'))?.[1])];
  bench.says('a', '02 18');
  for (let number = 1; number <= count; number++) {
    const packetId = number;
    bench.comes('x/y', `${number}`, { qos, packetId, ...(options.settings?.upstream ? {} : { identifiers }) });
    if (qos === 2) {
      bench.act(bench.released(bench.shared, packetId));
    }
  }
  if (others) {
    bench.client('b', { clean: false });
    bench.subscribe('b', GROUP, 2);
  }
  bench.of('a').isMute = true;
  bench.client('a', { clean: false });
  bench.got('b');
  return bench;
}

interface Waits {
  readonly qos: 1 | 2;
  readonly others: boolean;
  readonly options: HubBenchOptions;
}

const ALL = Array.from({ length: 40 }, (_, at) => `${at + 1}`);

const OLD_BROKER = { settings: { upstream: { sharedProtocol: 4 as const } } };

describe.each([
  ['QoS 1', { qos: 1 }],
  ['QoS 2', { qos: 2 }],
  ['MQTT 3.1.1', { qos: 1, options: OLD_BROKER }],
] as const)('UNSUBSCRIBE of one of a group for which much waits: %s', (_what, how) => {
  it('the others get it, save what it has heard of', () => {
    const bench = waits(40, how);
    expect(messages(bench, 'a')).toEqual(['1']);
    bench.unsubscribe('a', GROUP);
    expect([...messages(bench, 'b')].sort(byNumber)).toEqual(ALL.slice(1));
    bench.of('a').isMute = false;
    bench.wait(60_000);
    expect(messages(bench, 'a').filter((text) => text !== '1')).toEqual([]);
    expect([...bench.disk.keys()].filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
    expect(bench.notes.filter(({ type }) => type === 'delivery-dropped')).toEqual([]);
  });

  it('nobody else is in it: it gets that still', () => {
    const bench = waits(40, { ...how, others: false });
    bench.unsubscribe('a', GROUP);
    bench.of('a').isMute = false;
    bench.wait(60_000);
    expect([...new Set(messages(bench, 'a'))]).toEqual(ALL);
  });

  it('a restart comes between: nothing is lost', () => {
    const bench = waits(40, how);
    bench.of('b').isMute = true;
    bench.unsubscribe('a', GROUP);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.client('b', { clean: false });
    next.wait(60_000);
    const had = new Set([...messages(bench, 'b'), ...messages(next, 'b')]);
    expect([...had].sort(byNumber)).toEqual(ALL.slice(1));
  });
});

function byNumber(one: string, other: string): number {
  return Number(one) - Number(other);
}

describe('what waits for one of a group', () => {
  it('stays where another filter of it brings the same', () => {
    const bench = waits(40);
    bench.subscribe('a', 'x/#', 1);
    bench.unsubscribe('a', GROUP);
    expect(messages(bench, 'b')).toEqual([]);
  });

  it('is for the others when its session ends', () => {
    const bench = waits(40);
    messages(bench, 'a');
    bench.client('a');
    expect([...messages(bench, 'b')].sort(byNumber)).toEqual(ALL);
  });

  it('is not for the group where a plain filter of a session that ends brings it', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', GROUP, 1);
    bench.subscribe('a', 'x/#', 1);
    bench.says('a', '02 18');
    bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [128 + 1] });
    bench.client('b');
    bench.subscribe('b', GROUP, 1);
    bench.client('a');
    expect(messages(bench, 'b')).toEqual([]);
  });

  it('waits for another one that sleeps, also where payloads are on the disk alone, over a restart', () => {
    const bench = waits(40, { options: { settings: { sessions: { queue: { octetsInMemory: 0 } } } } });
    bench.says('b', frame('18 012c'));
    bench.unsubscribe('a', GROUP);
    expect(messages(bench, 'b')).toEqual([]);
    expect(bench.core.session('b')?.waiting).toBeGreaterThanOrEqual(24);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.core.session('b')?.waiting).toBeGreaterThanOrEqual(24);
  });
});

/**
 * In the group `b` has QoS 0 and `a` QoS 1: `b` has had the first message, `a` is busy with the second one; then the connection broke, and the broker has sent
 * the first one again, in the turn of `a`.
 */
function repeated(): HubBench {
  const bench = new HubBench(OLD_BROKER);
  for (const [name, qos] of [
    ['b', 0],
    ['a', 1],
  ] as const) {
    bench.client(name, { clean: false });
    bench.subscribe(name, GROUP, qos);
  }
  bench.of('a').isMute = true;
  for (const packetId of [1, 2, 3]) {
    bench.comes('x/y', `${packetId}`, { qos: 1, packetId });
  }
  bench.breaks();
  bench.wait(2_000);
  bench.grants(bench.stands({ sessionPresent: true }));
  bench.comes('x/y', '1', { qos: 1, packetId: 1, dup: true });
  expect(messages(bench, 'b')).toEqual(['1', '3']);
  return bench;
}

/** Another one in the group, with QoS 1. */
function withAnother(bench: HubBench): HubBench {
  bench.client('c', { clean: false });
  bench.subscribe('c', GROUP, 1);
  return bench;
}

describe('what the broker has sent again waits for one of a group', () => {
  it('never comes to one with QoS 0, which may have had it: UNSUBSCRIBE, and this one gets it still', () => {
    const bench = repeated();
    bench.unsubscribe('a', GROUP);
    bench.of('a').isMute = false;
    bench.wait(60_000);
    expect(messages(bench, 'b')).toEqual([]);
    expect([...new Set(messages(bench, 'a'))]).toEqual(['2', '1']);
  });

  it('nor where its session ends', () => {
    const bench = repeated();
    bench.client('a');
    expect(messages(bench, 'b')).toEqual(['2']);
  });

  it('nor after a restart', () => {
    const before = repeated();
    before.wait(1_000);
    before.says('a', frame('18 012c'));
    const bench = hubRestarted(before, { isAway: true });
    bench.grants(bench.stands({ sessionPresent: true }));
    bench.client('b', { clean: false });
    bench.client('a');
    expect(messages(bench, 'b')).toEqual(['2']);
  });

  it('comes to another one with QoS 1, whose turn it is not', () => {
    const bench = withAnother(repeated());
    bench.comes('x/y', '4', { qos: 1, packetId: 4 });
    expect(messages(bench, 'b')).toEqual(['4']);
    bench.client('a');
    expect(messages(bench, 'b')).toEqual([]);
    expect(messages(bench, 'c')).toEqual(['2', '1']);
  });
});
