import { describe, expect, it } from '@jest/globals';
import type { StoreEffect } from '../../src/core/contract/effect.ts';
import { frame } from '../support/core-bench.ts';
import { type Disk, DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { sent, subscribed } from '../support/core-bench-traffic.ts';
import { sessionOnDisk } from '../support/disk-session.ts';

const writesOfSession = (bench: DiskBench): StoreEffect[] =>
  bench.turns
    .flat()
    .filter((effect) => effect.type === 'store')
    .filter(({ writes }) => writes.some(({ key }) => key === 'session/s'));

describe('our MsgIds over a restart (I-55)', () => {
  it('go on behind those that the client may remember, of a message that was given up too', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 })).toEqual([sent('0c 40 0001 0001', 'x')]);
    bench.from('s', '04 18 01 2C');
    const next = restartedAndUp(bench);
    next.message(1, 'a/b', 'y', { packetId: 11, qos: 2 });
    expect(next.from('s', frame('16', 's'))).toEqual([sent('0c 40 0001 0801', 'y')]); // 1…1024 and one block more
  });

  it('after a second start without a message: go on where they would have gone on', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 })).toEqual([sent('0c 20 0001 0001', 'x')]);
    const next = restartedAndUp(restartedAndUp(bench));
    expect(next.message(1, 'a/b', 'x', { packetId: 11, qos: 1 })).toEqual([sent('0c 20 0001 0801', 'x')]);
  });

  it('a loss of power after QoS 1, whose block nobody has waited for: a QoS 2 message has none of them', () => {
    const bench = subscriber();
    qos1(bench, 1, 1024);
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    bench.from('s', '04 0F 04 01'); // the second block is on the disk with it
    bench.released(1, 10);
    bench.from('s', '04 0E 04 01');
    qos1(bench, 1026, 2049); // the third one is not waited for
    const next = restartedAndUp(bench, true, 0, bench.synced);
    expect(next.message(1, 'a/b', 'y', { packetId: 12, qos: 2 })).toEqual([sent('0c 40 0001 0c01', 'y')]);
  });

  it('the same for a clean session that sleeps, whose deliveries the broker does not repeat', () => {
    const bench = new DiskBench();
    bench.connect('s', 's', { clean: true, duration: 10_000 });
    subscribed(bench, 'a/b', 2);
    bench.from('s', '04 18 01 2C');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 40 0001 0001', 'x')]);
    const next = restartedAndUp(bench, true, 0, bench.synced);
    next.message(1, 'a/b', 'y', { packetId: 11, qos: 2 });
    expect(next.from('s', frame('16', 's'))).toEqual([sent('0c 40 0001 0801', 'y')]);
  });

  it('cost one write for 1,024 of them', () => {
    const bench = subscriber();
    const before = writesOfSession(bench).length;
    qos1(bench, 1, 2048);
    const writes = writesOfSession(bench).slice(before);
    expect(writes.map(({ durable }) => durable)).toEqual([false, false]);
    expect(sessionOnDisk(bench.disk, 's')).toMatchObject({ msgIdsTo: 2048 });
  });

  it('begin anywhere, but far from one that is open, where an older gateway wrote the session', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    const disk: Disk = new Map(bench.disk);
    const record = disk.get('session/s');
    if (record?.kind !== 'session') {
      throw new Error('no session is on the disk');
    }
    disk.set('session/s', { ...record, msgIdsTo: undefined });
    const next = restartedAndUp(bench, true, 0, disk);
    expect(next.message(1, 'a/b', 'y', { packetId: 11, qos: 1 })).toEqual([sent('0c 20 0001 8001', 'y')]);
  });

  /** `s`, with a session that is kept and a/b (QoS 2) as id 1, on #1. */
  function subscriber(): DiskBench {
    const bench = new DiskBench();
    bench.connect('s', 's', { clean: false, duration: 10_000 });
    subscribed(bench, 'a/b', 2);
    return bench;
  }

  /** Messages with QoS 1, delivered and acknowledged under these MsgIds. */
  function qos1(bench: DiskBench, first: number, last: number): void {
    for (let msgId = first; msgId <= last; msgId++) {
      const id = msgId.toString(16).padStart(4, '0');
      expect(bench.message(1, 'a/b', 'm', { packetId: 9, qos: 1 })).toEqual([sent(`0c 20 0001 ${id}`, 'm')]);
      expect(bench.from('s', frame(`0d 0001 ${id} 00`))).toEqual(['#1 PUBACK id9']);
    }
  }
});
