import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';

const DAYS_8 = 8 * 24 * 3_600_000;

/** A gateway whose chance is this, again and again. */
const fresh = (chance: number): DiskBench => new DiskBench({ random: () => chance });

/** The next life of a gateway, which has nothing on its disk. */
function withoutStore(chance: number): DiskBench {
  return restarted(fresh(chance), 0, new Map());
}

/** The topic id that the gateway gives to a name. */
function idOf(bench: DiskBench, name: string): number {
  return Number.parseInt(/< 070b(.{4})/.exec(bench.from('s', frame('0a 0000 0701', name)).join(''))?.[1] ?? '', 16);
}

function publish(bench: DiskBench, topicId: number): string[] {
  return bench.from('s', frame(`0c 20 ${hex16(topicId)} 0702`, 'x'));
}

/** The MsgId of the first message that the client gets, on the short topic "ab". */
function firstMsgId(bench: DiskBench, connection: number): number {
  const lines = bench.message(connection, 'ab', 'm', { qos: 2, packetId: 7 });
  return Number.parseInt(/< ..0c.{2}.{4}(.{4})/.exec(lines.join(''))?.[1] ?? '', 16);
}

describe('a client that keeps its session, of which the gateway knows nothing (I-55)', () => {
  it('gets MsgIds that begin anywhere: it may hold one of a QoS 2 message', () => {
    const bench = fresh(0.5);
    const connection = bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(firstMsgId(bench, connection)).toBe(0x8000);
  });

  it('gets other MsgIds after its session has expired', () => {
    const bench = fresh(0.5);
    const first = firstMsgId(bench, bench.connect('s', 's', { clean: false, sessionPresent: true }));
    bench.from('s', '02 18');
    bench.pass(DAYS_8);
    const next = withoutStore(0.25);
    expect(firstMsgId(next, next.connect('s', 's', { clean: false, sessionPresent: true }))).toBe(0x4000);
    expect(first).toBe(0x8000);
  });

  it('is told that an old topic id is unknown, and publishes under no other name with it, where the store is lost', () => {
    const bench = fresh(0.1);
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    const former = idOf(bench, 'a/b');
    const next = withoutStore(0.7);
    next.connect('s', 's', { clean: false, sessionPresent: true });
    expect(idOf(next, 'x/y')).not.toBe(former);
    expect(publish(next, former)).toEqual([`s < 070d${hex16(former)}070202`]);
  });

  it('the same where its session has expired, and the gateway was started again since', () => {
    const bench = fresh(0.1);
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    const former = idOf(bench, 'a/b');
    bench.from('s', '02 18');
    bench.pass(DAYS_8);
    const next = restarted(fresh(0.7), 0, bench.disk);
    next.connect('s', 's', { clean: false, sessionPresent: true });
    expect(idOf(next, 'x/y')).not.toBe(former);
    expect(publish(next, former)).toEqual([`s < 070d${hex16(former)}070202`]);
  });

  it('gets ids behind those of its last session where they are still known (R-13)', () => {
    const bench = fresh(0.1);
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    const former = idOf(bench, 'a/b');
    bench.from('s', '02 18');
    bench.pass(DAYS_8);
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(idOf(bench, 'x/y')).toBeGreaterThan(former);
  });

  it('gets ids behind the pre-defined ones (T-16)', () => {
    for (const chance of [0, 0.3, 0.999_999]) {
      const bench = new DiskBench({ random: () => chance, predefined: { '*': { 300: 'p' } } });
      bench.connect('s', 's', { clean: false, sessionPresent: true });
      expect(idOf(bench, 'a/b')).toBeGreaterThan(300);
    }
  });

  it('begins with 1 where the broker knows nothing of it either: it is new', () => {
    const bench = fresh(0.5);
    const connection = bench.connect('s', 's', { clean: false });
    expect(idOf(bench, 'a/b')).toBe(1);
    expect(firstMsgId(bench, connection)).toBe(1);
  });

  it('goes on where the broker says so of a session that is known here', () => {
    const bench = fresh(0.5);
    bench.connect('s', 's', { clean: false });
    expect(idOf(bench, 'a/b')).toBe(1);
    bench.connect('s', 's', { clean: false, duration: 61, sessionPresent: true });
    expect(idOf(bench, 'x/y')).toBe(2);
    const next = restarted(bench);
    next.connect('s', 's', { clean: false, duration: 62, sessionPresent: true });
    expect(idOf(next, 'z')).toBe(3);
  });

  it('begins with 1 where it starts clean: it has forgotten everything (S-4)', () => {
    const bench = fresh(0.5);
    const connection = bench.connect('s', 's', { clean: true });
    expect(idOf(bench, 'a/b')).toBe(1);
    expect(firstMsgId(bench, connection)).toBe(1);
  });
});
