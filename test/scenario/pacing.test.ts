import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { radio } from '../support/core-bench-absence.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import type { PartialSettings } from '../support/settings-with.ts';

function bench(settings: PartialSettings = { upstream: { maxConnecting: 2 } }): CoreBench {
  return new CoreBench({ settings });
}

/** `a` and `b` are connecting on #1 and #2; `c` and `d` wait for their turn. */
function crowded(): CoreBench {
  const crowd = bench();
  expect(crowd.from('a', connectFrame('a'))).toEqual(['#1 CONNECT a clean']);
  expect(crowd.from('b', connectFrame('b'))).toEqual(['#2 CONNECT b clean']);
  expect(crowd.from('c', connectFrame('c'))).toEqual([]);
  expect(crowd.from('d', connectFrame('d'))).toEqual([]);
  return crowd;
}

describe('connections to the broker are made a few at a time (3.5 item 1)', () => {
  it('the next goes out when one has been accepted, first come, first served', () => {
    const crowd = crowded();
    expect(crowd.up(2).sort()).toEqual(['#3 CONNECT c clean', 'b < 030500']);
    expect(crowd.up(1).sort()).toEqual(['#4 CONNECT d clean', 'a < 030500']);
    expect(crowd.up(4)).toEqual(['d < 030500']);
    expect(crowd.up(3)).toEqual(['c < 030500']);
  });

  it('or has been refused', () => {
    expect(crowded().refused(1, 5).sort()).toEqual(['#3 CONNECT c clean', 'a < 030503']);
  });

  it('or could not be made', () => {
    const lines = crowded().down(1);
    expect(lines.filter((line) => / CONNECT [a-z]/.test(line))).toEqual([
      expect.stringMatching(/^#\d+ CONNECT c clean$/),
    ]);
    expect(lines).toContain('a < 030501');
  });

  it('or is not wanted any more: its client left (2.15)', () => {
    const crowd = crowded();
    const lines = crowd.from('a', '02 18');
    expect(lines).toContain('a < 0218');
    expect(lines.filter((line) => line.includes(' CONNECT '))).toEqual(['#3 CONNECT c clean']);
  });

  it('or has ended what the broker had of a session that was forgotten (I-103)', () => {
    const one = bench({ upstream: { maxConnecting: 1 } });
    one.connect('s', 's', { clean: false });
    expect(one.feed({ type: 'operator-forgot', clientId: 's' })).toContain('#2 CONNECT s clean');
    expect(one.from('a', connectFrame('a'))).toEqual([]);
    expect(one.up(2).sort()).toEqual(['#2 DISCONNECT', '#3 CONNECT a clean']);
  });

  it('no more of them when the gateway stops', () => {
    expect(
      crowded()
        .feed({ type: 'operator-stopped' })
        .filter((line) => line.includes(' CONNECT ')),
    ).toEqual([]);
  });

  it('a connection that stands takes no place', () => {
    const crowd = bench();
    for (const [index, client] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      crowd.from(client, connectFrame(client));
      expect(crowd.up(index + 1)).toEqual([`${client} < 030500`]);
    }
  });

  it('one that waits and leaves gets its answer, and no connection', () => {
    const crowd = crowded();
    expect(crowd.from('c', '02 18')).toEqual(['c < 0218']);
    expect(crowd.up(1).sort()).toEqual(['#3 CONNECT d clean', 'a < 030500']);
    expect(crowd.up(2)).toEqual(['b < 030500']);
  });

  it('one that waits and repeats its CONNECT keeps its place, and takes no second one (C-8)', () => {
    const crowd = crowded();
    expect(crowd.from('c', connectFrame('c'))).toEqual([]);
    expect(crowd.up(1).sort()).toEqual(['#3 CONNECT c clean', 'a < 030500']);
    expect(crowd.up(2).sort()).toEqual(['#4 CONNECT d clean', 'b < 030500']);
    expect(crowd.up(3)).toEqual(['c < 030500']);
    expect(crowd.up(4)).toEqual(['d < 030500']);
  });

  it('one that waits longer than T_retry gets CONNACK 0x01, and may try again', () => {
    const crowd = crowded();
    expect(crowd.pass(9_999)).toEqual([]);
    expect(
      crowd
        .pass(2)
        .filter((line) => /^[cd] </.test(line))
        .sort(),
    ).toEqual(['c < 030501', 'd < 030501']);
    expect(crowd.up(1).filter((line) => line.includes(' CONNECT '))).toEqual([]);
    expect(crowd.from('c', connectFrame('c'))).toEqual([expect.stringMatching(/^#\d+ CONNECT c clean$/)]);
  });

  it('after the broker’s return all come back, never more than so many at a time', () => {
    const crowd = bench({ upstream: { maxConnecting: 3 } });
    const clients = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const numbers = clients.map((client) => crowd.connect(client));
    const lines = numbers.flatMap((number) => crowd.down(number));
    const open = new Set<number>();
    const back: string[] = [];
    for (let round = 0; round < 60 && back.length < clients.length; round++) {
      if (lines.length === 0) {
        lines.push(...crowd.pass(100));
      }
      for (const line of lines.splice(0)) {
        const [, number, client] = /^#(\d+) CONNECT (\S+)/.exec(line) ?? [];
        if (client === undefined) {
          continue;
        }
        if (client === '(gateway)') {
          lines.push(...crowd.up(Number(number)));
        } else {
          open.add(Number(number));
        }
        if (client !== '(gateway)') {
          back.push(client);
        }
      }
      expect(open.size).toBeLessThanOrEqual(3);
      const first = round % 3 === 0 ? [...open][0] : undefined;
      if (first === undefined) {
        continue;
      }
      open.delete(first);
      lines.push(...crowd.up(first));
    }
    expect([...back].sort()).toEqual([...clients].sort());
  });

  it('a client that disconnects while its reconnection waits is not reconnected', () => {
    const crowd = bench({ upstream: { maxConnecting: 1 } });
    for (const client of ['a', 'b']) {
      crowd.connect(client);
    }
    crowd.down(1);
    crowd.down(2);
    const lines = crowd.pass(1_000).filter((line) => / CONNECT [ab]/.test(line));
    expect(lines).toHaveLength(1);
    const [, number, first] = /^#(\d+) CONNECT (.)/.exec(lines[0] ?? '') ?? [];
    const other = first === 'a' ? 'b' : 'a';
    expect(crowd.from(other, '02 18')).toContain(`${other} < 0218`);
    expect(crowd.up(Number(number)).filter((line) => line.includes(' CONNECT '))).toEqual([]);
    expect(crowd.pass(5_000).filter((line) => / CONNECT [ab]/.test(line))).toEqual([]);
  });
});

describe('the line for connections to the broker is shared between those that are in it (I-50)', () => {
  /** Two hundred nodes behind a forwarder have sent CONNECT, the first of which is being made as #1; then `victim` comes. */
  function flooded(victim: string): CoreBench {
    const crowd = bench({ upstream: { maxConnecting: 1 } });
    for (let at = 0; at < 200; at++) {
      crowd.from('192.0.2.9:1', `05 FE 00 ${hex16(at)} ${connectFrame(`f${at}`)}`);
    }
    crowd.from(victim, connectFrame('v'));
    return crowd;
  }

  /** The clients whose turn comes next, each a moment after the one before. */
  function turns(crowd: CoreBench, most: number): string[] {
    const clients: string[] = [];
    for (let connection = 1; clients.length < most; ) {
      crowd.pass(100);
      const [, number, client = ''] = /#(\d+) CONNECT (\w+)/.exec(crowd.up(connection).join('\n')) ?? [];
      connection = Number(number);
      clients.push(client);
    }
    return clients;
  }

  it.each([
    ['another host', '192.0.2.1:1'],
    ['another port of the very host', '192.0.2.9:2'],
  ])('a client of %s does not wait until a flood is over', (_whose, victim) => {
    expect(turns(flooded(victim), 2)).toContain('v');
  });

  it('those that are to be kept come before sleepers, which have their turns all the same', () => {
    const crowd = bench({ upstream: { maxConnecting: 1 } });
    const sleeper = crowd.connect('192.0.2.1:1', 's', { duration: 1000 });
    crowd.from('192.0.2.1:1', '04 18 0E 10');
    for (let at = 0; at < 200; at++) {
      crowd.from(`192.0.2.${10 + at}:1`, connectFrame(`f${at}`));
    }
    crowd.down(sleeper);
    crowd.pass(1_500);
    const clients: string[] = [];
    for (let connection = sleeper + 1; clients.at(-1) !== 's' && connection < 50; connection++) {
      clients.push(...crowd.up(connection).flatMap((line) => / CONNECT (\S+)/.exec(line)?.[1] ?? []));
    }
    expect(clients.at(-1)).toBe('s');
    expect(clients.length).toBeLessThanOrEqual(8);
    expect(clients.length).toBeGreaterThan(1);
  });

  it('after a restart active clients come first', () => {
    const disk = new DiskBench({ settings: { upstream: { maxConnecting: 1 } } });
    for (const [at, client] of ['a', 'b', 'c', 'd'].entries()) {
      disk.connect(client, client, { clean: false, duration: 1000 });
      if (at < 3) {
        disk.from(client, '04 18 0E 10');
      }
    }
    const next = restarted(disk);
    expect(next.restored).toEqual(['#1 CONNECT a']);
    expect(turns(next, 3)).toEqual(['d', 'b', 'c']);
  });
});

describe('what waits for all sleepers together has a limit (SL-16)', () => {
  /** Clients asleep, each subscribed to "a/b" (QoS 1). */
  function sleepers(settings: PartialSettings, ...clients: string[]): CoreBench {
    const dormitory = bench(settings);
    for (const client of clients) {
      const connection = dormitory.connect(client);
      dormitory.from(client, frame('12 20 0001', 'a/b'));
      dormitory.suback(connection, 1, 1);
      dormitory.from(client, '04 18 01 2C');
    }
    return dormitory;
  }

  /** Payloads that a client gets at its PINGREQ, QoS 0 only. */
  function wake(dormitory: CoreBench, client: string): string[] {
    return dormitory
      .from(client, frame('16', client))
      .flatMap((line) => /^. < ....00....0000((?:..)*)$/.exec(line)?.[1] ?? []);
  }

  const sixty = (text: string): string => text.repeat(60);

  it('two that are below their own limit share it', () => {
    const dormitory = sleepers({ sessions: { sleepBufferOctetsInAll: 100 } }, 'a', 'b');
    expect(dormitory.message(1, 'a/b', sixty('1'))).toEqual([]);
    expect(dormitory.notes).toEqual([]);
    expect(dormitory.message(2, 'a/b', sixty('2'))).toEqual([]);
    expect(dormitory.notes).toEqual([expect.objectContaining({ type: 'delivery-dropped', qos: 0 })]);
    expect([...wake(dormitory, 'a'), ...wake(dormitory, 'b')]).toHaveLength(1);
  });

  it('drops the oldest of the client itself first', () => {
    const dormitory = sleepers({ sessions: { sleepBufferOctetsInAll: 100 } }, 'a');
    for (const text of ['1', '2', '3']) {
      dormitory.message(1, 'a/b', sixty(text));
    }
    expect(wake(dormitory, 'a')).toEqual(['33'.repeat(60)]);
  });

  it('never drops QoS 1', () => {
    const dormitory = sleepers({ sessions: { sleepBufferOctetsInAll: 100 } }, 'a', 'b');
    for (const connection of [1, 2]) {
      dormitory.message(connection, 'a/b', sixty('1'), { qos: 1, packetId: 7 });
    }
    dormitory.message(1, 'a/b', sixty('0'));
    for (const client of ['a', 'b']) {
      expect(radio(dormitory.from(client, frame('16', client)))[0]).toMatch(/^. < 430c20000100013131/);
    }
  });

  it.each([
    ['is delivered', (dormitory: CoreBench) => wake(dormitory, 'a')],
    ['is dropped with the client’s session', (dormitory: CoreBench) => dormitory.from('a', '02 18')],
    ['is dropped because the client is lost', (dormitory: CoreBench) => dormitory.pass(140_000)],
    [
      'is wiped by a clean CONNECT',
      (dormitory: CoreBench) => [...dormitory.from('a', connectFrame('a')), ...dormitory.up(3)],
    ],
  ])('gives the room back when what waits %s', (_what, leaves) => {
    const dormitory = sleepers({ sessions: { sleepBufferOctetsInAll: 100 } }, 'a', 'b');
    dormitory.message(1, 'a/b', sixty('1'));
    dormitory.pass(200_000);
    dormitory.from('b', frame('16', 'b'));
    leaves(dormitory);
    dormitory.message(2, 'a/b', sixty('2'));
    expect(wake(dormitory, 'b')).toEqual(['32'.repeat(60)]);
  });

  it('keeps its books over many cycles', () => {
    const dormitory = sleepers({ sessions: { sleepBufferOctetsInAll: 1_000 } }, 'a', 'b');
    for (let cycle = 0; cycle < 100; cycle++) {
      for (const connection of [1, 2]) {
        for (const text of ['1', '2', '3']) {
          dormitory.message(connection, 'a/b', sixty(text));
        }
      }
      for (const client of ['a', 'b']) {
        expect(wake(dormitory, client)).toHaveLength(3);
      }
    }
  });
});
