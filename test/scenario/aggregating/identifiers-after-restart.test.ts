import { describe, expect, it } from '@jest/globals';
import type { Effect, UpstreamSubscribe } from '../../../src/core/contract/effect.ts';
import type { Disk, DiskBench } from '../../support/core-bench-restart.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const connack = { sessionPresent: true };

/** The Subscription Identifier in the last of these lines. */
function identifierOf(lines: readonly string[]): number {
  return Number(/ as (\d+)/.exec(lines.filter((line) => line.includes(' SUBSCRIBE ')).at(-1) ?? '')?.[1]);
}

function since(bench: DiskBench, turn: number): Effect[] {
  return bench.turns.slice(turn).flat();
}

function subscribesOf(effects: readonly Effect[]): UpstreamSubscribe[] {
  return effects.filter((effect): effect is UpstreamSubscribe => effect.type === 'upstream-subscribe');
}

/** Asks for so many filters that nobody has had, one after the other, and leaves each again. */
function takeAndLeave(bench: HubBench, many: number): void {
  for (let n = 0; n < many; n++) {
    const told = [...bench.subscribe('clean', `s/${n}/+`, 0), ...bench.unsubscribe('clean', `s/${n}/+`)];
    const [, packetId] = /UNSUBSCRIBE id(\d+)/.exec(told.join('\n')) ?? [];
    bench.act(bench.feed({ type: 'upstream-unsubscribed', connection: bench.shared, packetId: Number(packetId) }));
  }
}

describe('a Subscription Identifier never means two filters at the broker (I-151)', () => {
  it('not where the disk was full when the first one went out, and the process was killed', () => {
    const first = new HubBench();
    first.client('clean');
    first.subscribe('clean', 'a/#', 1);
    const disk: Disk = structuredClone(first.disk);
    const unknown = identifierOf(first.subscribe('clean', 'a/b', 1));

    const next = hubRestarted(first, { connack }, disk);
    next.client('clean');
    const asked = next.subscribe('clean', 'a/+', 1);
    expect(identifierOf(asked)).toBeGreaterThan(unknown);
    next.wait(5_000);
    next.got('clean');
    next.comes('a/b', 'hello', { qos: 0, identifiers: [unknown] });
    next.comes('a/b', 'hello', { qos: 0, identifiers: [identifierOf(asked)] });
    expect(next.got('clean')).toEqual(['qos0 a/b "hello"']);
  });

  it('what the process may give is on its way to the disk before there is a connection', () => {
    const bench = new HubBench({ isAway: true });
    expect(bench.disk.get('slots')).toEqual({ kind: 'slots', last: 4_096 });
    const next = hubRestarted(bench, { isAway: true });
    expect(next.disk.get('slots')).toEqual({ kind: 'slots', last: 8_192 });
  });

  it('SUBSCRIBE waits for that, and nothing of a client does', () => {
    const bench = new HubBench({ isAway: true });
    const isOfSlots = (effect: Effect): boolean =>
      effect.type === 'store' && effect.writes.some(({ key }) => key === 'slots');
    const [stored] = since(bench, 0).filter(isOfSlots);
    expect(stored).toMatchObject({ durable: true });
    const owners = stored?.type === 'store' ? [...stored.owners] : [];
    bench.up(bench.own);
    bench.stands();
    bench.client('clean');
    const before = bench.turns.length;
    bench.subscribe('clean', 'a/#', 1);
    expect(subscribesOf(since(bench, before))).toMatchObject([{ filter: 'a/#', owner: owners[0] }]);
    expect(since(bench, before).filter((effect) => effect.type === 'store' && effect.durable)).toEqual([]);
  });

  it('a filter that is known from before does not wait', () => {
    const first = new HubBench();
    first.client('kept', { clean: false });
    first.subscribe('kept', 'a/#', 1);
    const next = hubRestarted(first, { connack });
    expect(subscribesOf(since(next, 0)).map(({ filter, owner }) => [filter, owner])).toEqual([['a/#', undefined]]);
  });

  it('further ones are written down when half of them are given', () => {
    const bench = new HubBench();
    bench.client('clean');
    takeAndLeave(bench, 2_047);
    expect(bench.disk.get('slots')).toEqual({ kind: 'slots', last: 4_096 });
    const before = bench.turns.length;
    takeAndLeave(bench, 3);
    expect(bench.disk.get('slots')).toMatchObject({ last: 2_049 + 4_096 });
    expect(since(bench, before).filter((effect) => effect.type === 'store' && effect.durable)).toHaveLength(1);
  });

  it('an older gateway has written none, or the record is damaged: they go on far behind those of its filters', () => {
    const first = new HubBench();
    first.client('kept', { clean: false });
    first.subscribe('kept', 'a/#', 1);
    const disk: Disk = structuredClone(first.disk);
    disk.delete('slots');
    const next = hubRestarted(first, { connack }, disk);
    expect(next.disk.get('slots')).toEqual({ kind: 'slots', last: 1 + 3 * 4_096 });
    next.client('clean');
    expect(identifierOf(next.subscribe('clean', 'b/#', 1))).toBe((1 + 2 * 4_096 + 1) * 64 + 1);
  });

  it('the transparent mode writes none, and takes them away', () => {
    const first = new HubBench();
    const away = hubRestarted(first, { isAway: true, settings: { upstream: { mode: 'transparent' } } });
    expect(away.disk.get('slots')).toEqual({ kind: 'slots', last: 4_096 });
    away.stands();
    away.wait(1_000);
    away.stands();
    expect(away.disk.has('slots')).toBe(false);
  });
});
