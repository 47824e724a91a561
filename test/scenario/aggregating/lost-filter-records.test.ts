/** 3.7 item 1: a record of a filter is lost, and what the broker has taken for it names an identifier that nobody knows any more (I-167). */
import { describe, expect, it } from '@jest/globals';
import type { UpstreamMessage } from '../../../src/core/contract/input.ts';
import type { Disk } from '../../support/core-bench-restart.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

type Qos = 0 | 1 | 2;

const connack = { sessionPresent: true };

/** Identifiers of the first three filters of a gateway, with the SUBSCRIBE of the client that came with them. */
const [FIRST, SECOND, THIRD] = [65, 129, 193] as const;

let packetId = 0;

/** A persistent client for each of these, which subscribes to these filters. */
function subscribed(clients: { readonly [name: string]: { readonly [filter: string]: Qos } }): HubBench {
  const bench = new HubBench();
  for (const [name, filters] of Object.entries(clients)) {
    bench.client(name, { clean: false });
    for (const [filter, qos] of Object.entries(filters)) {
      bench.subscribe(name, filter, qos);
    }
  }
  return bench;
}

/** The gateway is killed, and started again without the records of these filters. Its clients are back. */
function without(first: HubBench, lost: readonly string[], more: Partial<HubBenchOptions> = {}): HubBench {
  const disk: Disk = structuredClone(first.disk);
  for (const filter of lost) {
    expect(disk.delete(`filter/${filter}`)).toBe(true);
  }
  return hubRestarted(first, { connack, ...more }, disk);
}

function back(bench: HubBench, ...names: string[]): HubBench {
  for (const name of names) {
    bench.client(name, { clean: false });
    bench.got(name);
  }
  return bench;
}

function copy(bench: HubBench, topic: string, identifier: number, qos: Qos = 1, more: Partial<UpstreamMessage> = {}) {
  packetId++;
  return bench.comes(topic, 'm', { qos, packetId: qos && packetId, identifiers: [identifier], ...more });
}

const messages = (bench: HubBench, name = 'a'): string[] => bench.got(name).filter((line) => line.startsWith('qos'));

/** SUBACK for each SUBSCRIBE that the gateway has sent. */
function grantAll(bench: HubBench): void {
  for (const effect of bench.turns.flat()) {
    if (effect.type === 'upstream-subscribe' && effect.connection === bench.shared) {
      bench.act(bench.suback(bench.shared, effect.packetId, effect.qos));
    }
  }
}

/** UNSUBACK for each UNSUBSCRIBE in these lines. */
function unsubacks(bench: HubBench, lines: readonly string[]): void {
  for (const [, id] of lines.join('\n').matchAll(/UNSUBSCRIBE id(\d+)/g)) {
    bench.act(bench.feed({ type: 'upstream-unsubscribed', connection: bench.shared, packetId: Number(id) }));
  }
}

describe('what waits at the broker for a filter of which the record was lost (I-167)', () => {
  it.each([0, 1, 2] as const)('comes to its clients, with QoS %i', (qos) => {
    const bench = back(without(subscribed({ a: { 'x/+': qos }, b: { 'x/+': qos, z: 1 } }), ['x/+']), 'a', 'b');
    copy(bench, 'x/y', FIRST, qos);
    expect([messages(bench, 'a'), messages(bench, 'b')]).toEqual([[`qos${qos} x/y "m"`], [`qos${qos} x/y "m"`]]);
  });

  it('waits for a client that is away, and for nobody who has come since', () => {
    const bench = without(subscribed({ a: { 'x/+': 1 } }), ['x/+']);
    bench.client('new');
    bench.subscribe('new', 'x/+', 1);
    bench.subscribe('new', 'x/#', 1);
    bench.got('new');
    copy(bench, 'x/y', FIRST);
    bench.client('a', { clean: false });
    expect([messages(bench), messages(bench, 'new')]).toEqual([['qos1 x/y "m"'], []]);
  });

  it('comes also when the broker has granted it again, and while what came before may be on its way', () => {
    const bench = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { answersPings: false }), 'a');
    grantAll(bench);
    copy(bench, 'x/y', FIRST);
    copy(bench, 'x/y', FIRST);
    expect(messages(bench)).toHaveLength(2);
  });

  it('comes after one more restart', () => {
    const once = without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { answersPings: false });
    grantAll(once);
    const bench = back(without(once, []), 'a');
    copy(bench, 'x/y', FIRST);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });

  it('comes after one more restart where the broker was away', () => {
    const away = without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { isAway: true });
    const bench = without(away, []);
    bench.up(bench.own);
    bench.stands();
    back(bench, 'a');
    copy(bench, 'x/y', FIRST);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });

  it('is nothing any more when the broker has nothing left of before, or has lost its session', () => {
    const granted = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+']), 'a');
    grantAll(granted);
    const lost = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { connack: {} }), 'a');
    for (const bench of [granted, lost]) {
      copy(bench, 'x/y', FIRST);
      expect(messages(bench)).toEqual([]);
      expect(JSON.stringify(bench.disk.get('filter/x/+'))).not.toContain('true');
    }
  });

  it('comes by its topic alone in MQTT 3.1.1, where another one may have stood for it: nothing is noted of it', () => {
    const settings = { upstream: { sharedProtocol: 4 as const } };
    const bench = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { settings }), 'a');
    bench.comes('x/y', 'm', { qos: 1, packetId: 1 });
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
    expect(bench.disk.get('filter/x/+')).not.toHaveProperty('nameless');
  });

  it('goes to one of a group', () => {
    const bench = back(
      without(subscribed({ a: { '$share/g/x/+': 1 }, b: { '$share/g/x/+': 1 } }), ['$share/g/x/+']),
      'a',
      'b',
    );
    copy(bench, 'x/y', FIRST);
    expect([...messages(bench, 'a'), ...messages(bench, 'b')]).toEqual(['qos1 x/y "m"']);
  });

  it('is retained: it may be for any of its clients', () => {
    const bench = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+']), 'a');
    copy(bench, 'x/y', FIRST, 1, { retain: true });
    expect(messages(bench)).toEqual(['qos1 x/y "m" retain']);
  });

  it('is for a client that has a connection of its own since (I-159)', () => {
    const settings = { upstream: { ownConnection: ['a'] } };
    const bench = without(subscribed({ a: { 'x/+': 1 } }), ['x/+'], { settings });
    copy(bench, 'x/y', FIRST);
    const stored = [...bench.disk.values()].filter(({ kind }) => kind === 'message' || kind === 'parcel');
    expect(stored).toHaveLength(2);
  });
});

const ORDERS = [
  ['the lost one first', [SECOND, FIRST]],
  ['the lost one last', [FIRST, SECOND]],
] as const;

describe.each(ORDERS)('two filters of one client, the copies: %s', (_what, order) => {
  it.each([
    [1, 2],
    [2, 1],
    [2, 2],
  ] as const)('the other with QoS %i, the lost one with %i: it comes once, with the higher one', (wide, narrow) => {
    const bench = back(without(subscribed({ a: { 'x/#': wide, 'x/+': narrow } }), ['x/+']), 'a');
    for (const identifier of order) {
      copy(bench, 'x/y', identifier, identifier === FIRST ? wide : narrow);
    }
    bench.wait(5_000);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
    for (const identifier of order) {
      copy(bench, 'x/y', identifier, identifier === FIRST ? wide : narrow);
    }
    bench.wait(5_000);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('both are lost: it comes once for each message', () => {
    const bench = back(without(subscribed({ a: { 'x/#': 1, 'x/+': 2 } }), ['x/#', 'x/+']), 'a');
    for (const identifier of [...order, ...order]) {
      copy(bench, 'x/y', identifier, identifier === FIRST ? 1 : 2);
    }
    bench.wait(5_000);
    expect(messages(bench)).toHaveLength(2);
  });

  it('of two clients, both lost: each gets it once, with its own QoS', () => {
    for (const [wide, narrow] of [
      [1, 1],
      [0, 1],
      [1, 0],
    ] as const) {
      const bench = back(without(subscribed({ a: { 'x/#': wide }, b: { 'x/+': narrow } }), ['x/#', 'x/+']), 'a', 'b');
      for (const sent of [1, 0] as const) {
        for (const identifier of order) {
          copy(bench, 'x/y', identifier, Math.min(sent, identifier === FIRST ? wide : narrow) as Qos);
        }
        bench.wait(5_000);
        const got = (granted: number): string[] => [`qos${Math.min(sent, granted)} x/y "m"`];
        expect([messages(bench, 'a'), messages(bench, 'b')]).toEqual([got(wide), got(narrow)]);
      }
    }
  });
});

describe('a filter that everybody has left', () => {
  it('before the restart: what came for it is for nobody', () => {
    const first = subscribed({ a: { 'x/+': 1 }, b: { 'x/#': 1, z: 1 } });
    unsubacks(first, first.unsubscribe('b', 'x/#'));
    const bench = back(without(first, []), 'a', 'b');
    copy(bench, 'x/y', SECOND);
    expect([messages(bench, 'a'), messages(bench, 'b')]).toEqual([[], []]);
  });

  it('and UNSUBACK has not come: for nobody, though the record of another one is lost', () => {
    const first = subscribed({ a: { 'x/+': 1 }, b: { 'x/#': 1, z: 1 } });
    first.unsubscribe('b', 'x/#');
    const bench = back(without(first, ['x/+']), 'a', 'b');
    copy(bench, 'x/y', SECOND);
    expect([messages(bench, 'a'), messages(bench, 'b')]).toEqual([[], []]);
  });

  it('long before, and another one that matches is lost: its clients get it once', () => {
    const first = subscribed({ a: { 'x/+': 1 }, b: { 'x/#': 1, z: 1 } });
    unsubacks(first, first.unsubscribe('b', 'x/#'));
    const bench = back(without(first, ['x/+']), 'a', 'b');
    copy(bench, 'x/y', SECOND);
    copy(bench, 'x/y', FIRST);
    expect([messages(bench, 'a'), messages(bench, 'b')]).toEqual([['qos1 x/y "m"'], []]);
  });

  it('in this process, and its record was lost: UNSUBSCRIBE is owed, over one more restart too, and nobody gets what comes', () => {
    const first = subscribed({ a: { 'x/+': 1, 'y/+': 1 } });
    const bench = back(without(first, ['x/+', 'y/+'], { answersPings: false }), 'a');
    grantAll(bench);
    const told = bench.unsubscribe('a', 'x/+').join('\n');
    expect(told).toContain('UNSUBSCRIBE');
    copy(bench, 'x/y', FIRST);
    expect(messages(bench)).toEqual([]);
    copy(bench, 'y/y', SECOND);
    expect(messages(bench)).toEqual(['qos1 y/y "m"']);
    const next = without(bench, []);
    expect(next.turns.flat().filter(({ type }) => type === 'upstream-unsubscribe')).toHaveLength(1);
  });

  it('no filter that this process has given its name is taken for another one', () => {
    const bench = back(without(subscribed({ a: { 'x/+': 1 } }), ['x/+']), 'a');
    const told = [bench.client('b'), bench.subscribe('b', 'x/#', 1)].flat();
    const identifier = Number(/ as (\d+)/.exec(told.join('\n'))?.[1]);
    unsubacks(bench, bench.unsubscribe('b', 'x/#'));
    copy(bench, 'x/y', identifier);
    expect([messages(bench), messages(bench, 'b')]).toEqual([[], []]);
    expect(THIRD).toBeGreaterThan(SECOND);
  });
});
