import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';

/** CONNECT with Will and CleanSession. */
const connectWill = (clientId: string) => frame('04 0C 01 003C', clientId);

/** A client that connects, keeps its session and leaves. */
function leaveSession(
  bench: CoreBench,
  client: string,
  clientId: string,
  meanwhile: (connection: number) => void = () => undefined,
): void {
  const connection = bench.connect(client, clientId, { clean: false });
  meanwhile(connection);
  bench.from(client, '02 18');
  bench.now += 1_000;
}

function known(bench: CoreBench): string[] {
  return [...bench.core.sessions()].map(({ clientId }) => clientId).sort();
}

/** Lets a client connect where there may be no room: CONNACK's code, `ok` where the broker is asked. */
function connects(bench: CoreBench, client: string, clientId: string): string {
  const [line = ''] = bench.from(client, connectFrame(clientId, false));
  const connection = /^#(\d+) CONNECT/.exec(line)?.[1];
  if (connection === undefined) {
    return line;
  }
  bench.up(Number(connection));
  return 'ok';
}

describe('half-open will dialogues (I-49)', () => {
  it('of strangers take no session from anybody, however many they are', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 10, maxHalfOpen: 20 } } });
    for (let i = 0; i < 500; i++) {
      expect(
        bench.from('f', `04 FE 00 ${(i & 0xff).toString(16).padStart(2, '0')} ${connectWill(`stranger-${i}`)}`),
      ).toHaveLength(1);
    }
    expect(bench.core.sessionCount).toBe(20);
    for (let i = 0; i < 10; i++) {
      expect(connects(bench, `c${i}`, `c${i}`)).toBe('ok');
    }
    expect(bench.core.sessionCount).toBe(30);
  });

  it('the oldest goes first, in silence; it has no session, and the others go on', () => {
    const bench = new CoreBench({ settings: { sessions: { maxHalfOpen: 2 } } });
    bench.from('a', connectWill('a'));
    bench.from('b', connectWill('b'));
    expect(bench.from('c', connectWill('c'))).toEqual(['c < 0206']);
    expect(bench.notes).toMatchObject([
      { type: 'connect-abandoned', clientId: 'a', reason: 'too many will dialogues are under way' },
    ]);
    expect(known(bench)).toEqual(['b', 'c']);
    expect(bench.from('b', '05 07 00 77 31')).toEqual(['b < 0208']);
    expect(bench.from('a', '05 07 00 77 31')).toEqual(['a < 0218']);
  });

  it('a client that answers gets through a flood from one forwarder, however slow it is', () => {
    const bench = new CoreBench({ settings: { sessions: { maxHalfOpen: 10 } } });
    let node = 0;
    const flood = () => {
      for (let i = 0; i < 100; i++) {
        const id = (node++ % 200) + 1;
        bench.from('f', `04 FE 00 ${id.toString(16).padStart(2, '0')} ${connectWill(`n${node}`)}`);
      }
      bench.pass(3_000);
    };
    expect(bench.from('slow', connectWill('slow'))).toEqual(['slow < 0206']);
    flood();
    expect(bench.from('slow', '05 07 00 77 31')).toEqual(['slow < 0208']);
    flood();
    expect(bench.from('slow', '03 09 78')).toEqual(['#1 CONNECT slow clean will w1 "x" qos0']);
    flood();
    expect(bench.up(1)).toEqual(['slow < 030500']);
  });

  it('a client that connects without a will instead has a session, and a flood takes nothing from it', () => {
    const bench = new CoreBench({ settings: { sessions: { maxHalfOpen: 2 } } });
    bench.from('a', connectWill('a'));
    expect(connects(bench, 'a', 'a')).toBe('ok');
    for (const stranger of ['x', 'y', 'z']) {
      expect(bench.from(stranger, connectWill(stranger))).toEqual([`${stranger} < 0206`]);
    }
    expect(bench.core.session('a')?.state).toBe('active');
    expect(known(bench)).toEqual(['a', 'y', 'z']);
  });

  it('and gets none where there is no room', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    bench.from('a', connectWill('a'));
    bench.connect('b', 'b', { clean: false });
    expect(connects(bench, 'a', 'a')).toBe('a < 030501');
    expect(known(bench)).toEqual(['b']);
  });

  it('of clients with a session do not count: the session is theirs already', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 2, maxHalfOpen: 1 } } });
    leaveSession(bench, 'a', 'a');
    leaveSession(bench, 'b', 'b');
    for (const client of ['a', 'b']) {
      expect(bench.from(client, frame('04 08 01 003C', client))).toEqual([`${client} < 0206`]);
    }
    expect(bench.from('c', connectWill('c'))).toEqual(['c < 030501']);
    expect(known(bench)).toEqual(['a', 'b']);
  });
});

describe('a full table of sessions (I-22, S-7)', () => {
  const full = (limit: number) => new CoreBench({ settings: { sessions: { limit } } });

  it('makes room at the host that has most: its oldest absent session', () => {
    const bench = full(4);
    leaveSession(bench, '192.0.2.1:1', 'lonely');
    leaveSession(bench, '192.0.2.9:1', 'x1');
    leaveSession(bench, '192.0.2.9:2', 'x2');
    leaveSession(bench, '192.0.2.9:3', 'x3');
    expect(bench.from('192.0.2.2:1', connectFrame('new'))).toEqual(['#5 CONNECT new clean']);
    expect(bench.notes).toMatchObject([
      { type: 'session-expired', clientId: 'x1', reason: 'room was made for another client' },
    ]);
    expect(known(bench)).toEqual(['lonely', 'new', 'x2', 'x3']);
  });

  it('a stranger who connects and leaves for ever pushes out only his own', () => {
    const bench = full(20);
    for (let i = 0; i < 5; i++) {
      leaveSession(bench, `192.0.2.${i}:1`, `sensor-${i}`);
    }
    for (let i = 0; i < 200; i++) {
      leaveSession(bench, `f:1`, `stranger-${i}`);
    }
    expect(bench.core.sessionCount).toBe(20);
    expect(known(bench).filter((clientId) => clientId.startsWith('sensor'))).toHaveLength(5);
    expect(connects(bench, '192.0.2.77:1', 'new')).toBe('ok');
  });

  it('all nodes behind one forwarder are one source', () => {
    const bench = full(3);
    leaveSession(bench, '192.0.2.1:1', 'lonely');
    for (const [node, clientId] of [
      ['01', 'n1'],
      ['02', 'n2'],
    ] as const) {
      const [line = ''] = bench.from('f', `04 FE 00 ${node} ${connectFrame(clientId, false)}`);
      bench.up(Number(/#(\d+)/.exec(line)?.[1]));
      bench.from('f', `04 FE 00 ${node} 02 18`);
    }
    expect(connects(bench, '192.0.2.2:1', 'new')).toBe('ok');
    expect(known(bench)).toEqual(['lonely', 'n2', 'new']);
  });

  it.each([
    ['is connected', (bench: CoreBench) => bench.connect('192.0.2.9:1', 'x', { clean: false })],
    [
      'sleeps',
      (bench: CoreBench) => {
        bench.connect('192.0.2.9:1', 'x', { clean: false });
        bench.from('192.0.2.9:1', '04 18 0E 10');
      },
    ],
    [
      'is owed an UNSUBSCRIBE at the broker, whose UNSUBACK it has had',
      (bench: CoreBench) =>
        leaveSession(bench, '192.0.2.9:1', 'x', (connection) => {
          bench.from('192.0.2.9:1', frame('12 20 0001', 'a/#'));
          bench.suback(connection, 1, 1);
          bench.down(connection);
          bench.from('192.0.2.9:1', frame('14 00 0002', 'a/#'));
        }),
    ],
    [
      'has a subscription',
      (bench: CoreBench) =>
        leaveSession(bench, '192.0.2.9:1', 'x', (connection) => {
          bench.from('192.0.2.9:1', frame('12 20 0001', 'a/#'));
          bench.suback(connection, 1, 1);
        }),
    ],
    [
      'has a QoS 2 exchange that is open',
      (bench: CoreBench) =>
        leaveSession(bench, '192.0.2.9:1', 'x', () => bench.from('192.0.2.9:1', '08 0C 42 74 70 00 01 78')),
    ],
    [
      'has had PUBREC and never said PUBREL, although the broker is done with it (T-18)',
      (bench: CoreBench) =>
        leaveSession(bench, '192.0.2.9:1', 'x', (connection) => {
          const answer = /^#\d+ PUBLISH qos2 id(\d+)/.exec(bench.from('192.0.2.9:1', '08 0C 42 74 70 00 01 78').join());
          const packetId = Number(answer?.[1]);
          bench.acked(connection, 'PUBREC', packetId);
          expect(bench.pass(50_000)).toEqual([`#${connection} PUBREL id${packetId}`]);
          bench.acked(connection, 'PUBCOMP', packetId);
        }),
    ],
    [
      'has a message that it has not acknowledged',
      (bench: CoreBench) =>
        leaveSession(bench, '192.0.2.9:1', 'x', (connection) => {
          bench.message(connection, 'tp', 'x', { qos: 1, packetId: 5 });
        }),
    ],
  ])('does not forget one that %s: congestion', (_what, begin) => {
    const bench = full(1);
    begin(bench);
    expect(connects(bench, '192.0.2.2:1', 'new')).toBe('192.0.2.2:1 < 030501');
    expect(known(bench)).toEqual(['x']);
  });

  it('one that has come back in the meantime stays', () => {
    const bench = full(2);
    leaveSession(bench, '192.0.2.9:1', 'x1');
    leaveSession(bench, '192.0.2.9:2', 'x2');
    bench.connect('192.0.2.9:1', 'x1', { clean: false, sessionPresent: true });
    expect(connects(bench, '192.0.2.2:1', 'new')).toBe('ok');
    expect(known(bench)).toEqual(['new', 'x1']);
  });

  it('a client that moved counts at its new host', () => {
    const bench = full(3);
    leaveSession(bench, '192.0.2.9:1', 'x1');
    leaveSession(bench, '192.0.2.9:2', 'x2');
    leaveSession(bench, '192.0.2.1:1', 'y1');
    leaveSession(bench, '192.0.2.1:1', 'x1');
    expect(connects(bench, '192.0.2.2:1', 'new')).toBe('ok');
    expect(known(bench)).toEqual(['new', 'x1', 'x2']); // y1 is the oldest at 192.0.2.1, which has two now
  });

  it('nobody makes room at a host that has less than his own: there is congestion for him alone', () => {
    const bench = full(4);
    leaveSession(bench, '192.0.2.1:1', 'lonely');
    for (const port of [1, 2, 3]) {
      bench.connect(`192.0.2.9:${port}`, `x${port}`);
    }
    expect(connects(bench, '192.0.2.9:4', 'x4')).toBe('192.0.2.9:4 < 030501');
    expect(connects(bench, '192.0.2.2:1', 'new')).toBe('ok');
  });

  describe('at one host that has more than half of it, and nothing to give', () => {
    /** Sixteen sessions are all that there may be; so many are absent clients of `host` with a subscription each. */
    function crowded(host: string, sessions: number, bench = full(16)): CoreBench {
      for (let i = 0; i < sessions; i++) {
        leaveSession(bench, `${host}:${i}`, `${host} ${i}`, (connection) => {
          bench.from(`${host}:${i}`, frame('12 20 0001', 'a/#'));
          bench.suback(connection, 1, 1);
        });
      }
      return bench;
    }

    it('clients of hosts that have few get an eighth more; nothing of anybody is forgotten', () => {
      const bench = crowded('192.0.2.9', 16);
      expect(connects(bench, '192.0.2.9:99', 'more')).toBe('192.0.2.9:99 < 030501');
      expect(connects(bench, '192.0.2.1:1', 'new 1')).toBe('ok');
      expect(connects(bench, '192.0.2.1:2', 'new 2')).toBe('192.0.2.1:2 < 030501'); // has one already
      expect(connects(bench, '192.0.2.2:1', 'new 3')).toBe('ok');
      expect(connects(bench, '192.0.2.3:1', 'new 4')).toBe('192.0.2.3:1 < 030501');
      expect(bench.core.sessionCount).toBe(18);
    });

    it('also where it is found so after a restart', () => {
      const bench = new DiskBench({ settings: { sessions: { limit: 16 } } });
      crowded('192.0.2.9', 16, bench);
      const next = restarted(bench, 1_000);
      expect(connects(next, '192.0.2.9:99', 'more')).toBe('192.0.2.9:99 < 030501');
      expect(connects(next, '192.0.2.1:1', 'new')).toBe('ok');
    });

    it('but not where it has no more than half: the limit is one for all', () => {
      const bench = crowded('192.0.2.9', 8);
      for (let i = 0; i < 8; i++) {
        crowded(`198.51.100.${i}`, 1, bench);
      }
      expect(connects(bench, '192.0.2.1:1', 'new')).toBe('192.0.2.1:1 < 030501');
    });

    it('and what may be forgotten goes first', () => {
      const bench = crowded('192.0.2.9', 15);
      leaveSession(bench, '192.0.2.8:1', 'x');
      expect(connects(bench, '192.0.2.1:1', 'new')).toBe('ok');
      expect(bench.core.sessionCount).toBe(16);
    });
  });

  it('room is made before the broker is asked, and at the end of a will dialogue, not at its beginning', () => {
    const bench = full(1);
    leaveSession(bench, '192.0.2.9:1', 'x');
    bench.from('192.0.2.2:1', connectWill('new'));
    expect(known(bench)).toEqual(['new', 'x']);
    bench.from('192.0.2.2:1', '05 07 00 77 31');
    expect(bench.from('192.0.2.2:1', '03 09 78')).toEqual(['#2 CONNECT new clean will w1 "x" qos0']);
    expect(known(bench)).toEqual(['new']);
  });

  it('is the same after a restart, the one that was heard longest ago first; its record is gone', () => {
    const bench = new DiskBench({ settings: { sessions: { limit: 3 } } });
    leaveSession(bench, '192.0.2.9:1', 'z-first');
    leaveSession(bench, '192.0.2.9:2', 'a-second');
    leaveSession(bench, '192.0.2.1:1', 'lonely');
    const next = restarted(bench, 1_000);
    expect(connects(next, '192.0.2.2:1', 'new')).toBe('ok');
    expect(known(next)).toEqual(['a-second', 'lonely', 'new']);
    const owners = [...next.disk.values()].flatMap((record) => ('clientId' in record ? [record.clientId] : []));
    expect(owners.sort()).toEqual(['a-second', 'lonely', 'new']);
  });
});
