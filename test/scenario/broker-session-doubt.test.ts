import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { lastAttempt, radio } from '../support/core-bench-absence.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';

const CONNACK = 's < 030500';
const CONNECT_KEEP = connectFrame('s1', false);

/** The number of the connection that these effects open for `s1`. */
function opened(lines: readonly string[]): number {
  const number = /#(\d+) CONNECT s1/.exec(lines.join('\n'))?.[1];
  if (number === undefined) {
    throw new Error(`no connection: ${lines.join(' | ')}`);
  }
  return Number(number);
}

/** The packet id of the request for a filter. */
function packetId(lines: readonly string[], request: string): number {
  const id = new RegExp(` ${request.replace(' ', ' id(\\d+) ')}`).exec(lines.join('\n'))?.[1];
  if (id === undefined) {
    throw new Error(`no ${request}: ${lines.join(' | ')}`);
  }
  return Number(id);
}

/** What goes to the broker, without the connection number and packet ids. */
function requests(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, packet, rest] = /^#\d+ (SUBSCRIBE|UNSUBSCRIBE) id\d+ (.*)$/.exec(line) ?? [];
    return packet === undefined ? [] : [`${packet} ${rest}`];
  });
}

/** The connection breaks, after it has stood long enough for no take-over (I-12), and the gateway has begun the next one: its number. */
function broken(bench: CoreBench, connection: number): number {
  bench.pass(6_000);
  return opened([...bench.down(connection), ...bench.pass(4_000)]);
}

/** `s1` with "c/d" (QoS 1) at a broker that has lost the session and made a new one, on which nothing has been granted. */
function lostUngranted(bench: CoreBench): number {
  const second = broken(bench, keepSession(bench));
  expect(requests(bench.up(second, false))).toEqual(['SUBSCRIBE c/d qos1']);
  return second;
}

describe('a subscription that the broker does not take again for a reason that may pass (I-132)', () => {
  /** The broker has lost the session, and answers SUBSCRIBE so. */
  function answered(reasonCode: number): {
    readonly bench: DiskBench;
    readonly connection: number;
    readonly lines: string[];
  } {
    const bench = new DiskBench();
    const connection = broken(bench, keepSession(bench));
    const lines = bench.up(connection, false);
    return { bench, connection, lines: bench.suback(connection, packetId(lines, 'SUBSCRIBE c/d'), reasonCode) };
  }

  it('0x97: is kept, told, and asked for on the next connection', () => {
    const { bench, connection } = answered(0x97);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'subscription-refused', clientId: 's1', filter: 'c/d', kept: true }),
    );
    const next = broken(bench, connection);
    const lines = bench.up(next, true);
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    bench.suback(next, packetId(lines, 'SUBSCRIBE c/d'), 1);
    expect(requests(bench.up(broken(bench, next), true))).toEqual([]);
  });

  it('0x97: over a restart, too', () => {
    const next = restarted(answered(0x97).bench);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('0x91: is asked for with another packet id, five times, and then on the next connection', () => {
    const { bench, connection, lines } = answered(0x91);
    let last = lines;
    for (let tried = 1; tried < 5; tried++) {
      expect(requests(last)).toEqual(['SUBSCRIBE c/d qos1']);
      last = bench.suback(connection, packetId(last, 'SUBSCRIBE c/d'), 0x91);
    }
    expect(requests(bench.suback(connection, packetId(last, 'SUBSCRIBE c/d'), 0x91))).toEqual([]);
    expect(requests(bench.up(broken(bench, connection), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('0x87: is gone', () => {
    const { bench, connection } = answered(0x87);
    expect(requests(bench.up(broken(bench, connection), false))).toEqual([]);
  });
});

describe('a subscription that the broker may have from before and does not grant again (I-145)', () => {
  /** It has granted it in the session that it made anew, and the gateway asks for it once more, for an attempt in between had no answer (I-52). */
  function asked(more: { wildcardAvailable?: boolean } = {}): {
    bench: DiskBench;
    connection: number;
    lines: string[];
  } {
    const bench = new DiskBench();
    bench.from('s', CONNECT_KEEP);
    bench.up(1);
    bench.from('s', S1.subscribe);
    bench.suback(1, 1, 1);
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 2, 1);
    bench.down(1);
    opened(bench.from('s', CONNECT_KEEP));
    bench.pass(60_000);
    const connection = opened(bench.from('s', CONNECT_KEEP));
    const lines = bench.feed({ type: 'upstream-connected', connection, sessionPresent: true, ...more });
    return { bench, connection, lines };
  }

  it('is ended there as well: no messages come of what the client has not', () => {
    const { bench, connection, lines } = asked();
    const told = bench.suback(connection, packetId(lines, 'SUBSCRIBE c/d'), 0x87);
    expect(requests(told)).toEqual(['UNSUBSCRIBE c/d']);
    expect(bench.suback(connection, packetId(lines, 'SUBSCRIBE g/#'), 1)).toEqual([CONNACK]);
    const next = broken(bench, connection);
    expect(requests([...bench.up(next, true), ...bench.pass(5_000)])).toEqual(['UNSUBSCRIBE c/d']); // until UNSUBACK
  });

  it('so is one with wildcards where the broker takes none any more (I-44)', () => {
    const { bench, lines } = asked({ wildcardAvailable: false });
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1', 'UNSUBSCRIBE g/#']);
    expect(bench.core.session('s1')?.subscriptions).toEqual([{ filter: 'c/d', qos: 1 }]);
  });

  it('where the broker has lost the session there is nothing to end', () => {
    const bench = new DiskBench();
    const connection = lostUngranted(bench);
    expect(requests(bench.suback(connection, 2, 0x87))).toEqual([]);
  });

  it('that a client has asked for once more when it left: the former one is ended (I-53)', () => {
    const bench = new DiskBench();
    const connection = keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.from('s', '08 12 40 00 05 63 2F 64'); // "c/d" with QoS 2
    const lines = bench.from('s', S1.connectKeep);
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    expect(requests(bench.suback(connection, packetId(lines, 'SUBSCRIBE c/d'), 0x87))).toEqual(['UNSUBSCRIBE c/d']);
  });
});

describe('subscriptions that a broker has lost with its session (3.4, I-52)', () => {
  it('are subscribed on the next connection where the one before broke ahead of SUBACK, though the session is present', () => {
    const bench = new DiskBench();
    const third = broken(bench, lostUngranted(bench));
    expect(requests(bench.up(third, true))).toEqual([]);
    const lines = bench.pass(5_000); // the one before may have broken on it (I-42)
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    bench.suback(third, packetId(lines, 'SUBSCRIBE c/d'), 1);
    const fourth = broken(bench, third);
    expect(requests(bench.up(fourth, true))).toEqual([]);
  });

  it('are there before CONNACK(accepted), over a CONNECT of the client too', () => {
    const bench = new DiskBench();
    lostUngranted(bench);
    const third = opened(bench.from('s', CONNECT_KEEP));
    const lines = bench.up(third, true);
    expect(radio(lines)).toEqual([]);
    expect(bench.suback(third, packetId(lines, 'SUBSCRIBE c/d'), 1)).toContain(CONNACK);
  });

  it('are subscribed after a connection whose CONNACK never came: the broker may have made a new session by it', () => {
    const bench = new DiskBench();
    bench.down(keepSession(bench));
    opened(bench.from('s', CONNECT_KEEP));
    expect(radio(bench.pass(60_000))).toContain('s < 030501');
    const third = opened(bench.from('s', CONNECT_KEEP));
    const lines = bench.up(third, true);
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    expect(bench.suback(third, packetId(lines, 'SUBSCRIBE c/d'), 1)).toContain(CONNACK);
  });

  it('are left alone after an attempt whose CONNECT did not go out', () => {
    const bench = new DiskBench();
    const second = broken(bench, keepSession(bench));
    const lines = bench.feed({
      type: 'upstream-lost',
      connection: second,
      reason: 'refused',
      takenOver: false,
      unsent: true,
    });
    const third = opened([...lines, ...bench.pass(2_000)]);
    expect(requests(bench.up(third, true))).toEqual([]);
  });

  it('are left alone where CONNECT was answered with a refusal', () => {
    const bench = new DiskBench();
    const second = broken(bench, keepSession(bench));
    const third = opened([...bench.refused(second, 3), ...bench.pass(2_000)]);
    expect(requests(bench.up(third, true))).toEqual([]);
  });

  it('that the client has unsubscribed before they were granted are not subscribed again', () => {
    const bench = new DiskBench();
    const second = lostUngranted(bench);
    const asked = bench.from('s', S1.unsubscribe);
    bench.unsuback(second, packetId(asked, 'UNSUBSCRIBE c/d'));
    const third = broken(bench, second);
    expect(requests(bench.up(third, true))).toEqual([]);
  });

  it('outlive a kill before they were granted', () => {
    const bench = new DiskBench();
    lostUngranted(bench);
    const next = restarted(bench);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('outlive a kill between CONNECT and CONNACK', () => {
    const bench = new DiskBench();
    broken(bench, keepSession(bench));
    const next = restarted(bench);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it.each([
    ['between CONNECT and CONNACK', (bench: CoreBench) => broken(bench, keepSession(bench))],
    ['before they were granted', lostUngranted],
  ])('outlive a loss of power %s, though nobody waits for the disk', (_, until) => {
    const bench = new DiskBench();
    until(bench);
    const next = restarted(bench, 0, bench.synced);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it.each([
    ['an active client', undefined],
    ['a sleeper', S1.sleep300],
  ])('a kill while %s connects anew: it is there as before, and its subscriptions are asked for', (_, sleep) => {
    const bench = new DiskBench();
    keepSession(bench);
    if (sleep !== undefined) {
      bench.from('s', sleep);
      bench.down(1);
    }
    const state = bench.core.session('s1')?.state;
    opened([...bench.from('s', CONNECT_KEEP), ...bench.pass(1_000)]);
    const next = restarted(bench);
    expect(next.core.session('s1')?.state).toBe(state);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['SUBSCRIBE c/d qos1']);
  });

  it('were lost while the gateway was down: they outlive a second kill', () => {
    const bench = new DiskBench();
    keepSession(bench);
    const second = restarted(bench);
    second.up(opened(second.restored), false);
    const third = restarted(second);
    const connection = opened(third.restored);
    const lines = third.up(connection, true);
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    third.suback(connection, packetId(lines, 'SUBSCRIBE c/d'), 1);
    const fourth = restarted(third);
    expect(requests(fourth.up(opened(fourth.restored), true))).toEqual([]);
  });

  it('stay as they are over a restart of the gateway where nothing was doubtful', () => {
    const bench = new DiskBench();
    keepSession(bench);
    const next = restarted(bench);
    expect(requests(next.up(opened(next.restored), true))).toEqual([]);
  });
});

describe('UNSUBSCRIBEs that the broker is owed (3.5 item 3)', () => {
  it('are owed until UNSUBACK, however many connections break', () => {
    const bench = new DiskBench();
    const second = broken(bench, keepSession(bench));
    expect(bench.from('s', S1.unsubscribe)).toEqual(['s < 04150005']);
    expect(requests(bench.up(second, true))).toEqual(['UNSUBSCRIBE c/d']);
    const third = broken(bench, second);
    const lines = bench.up(third, true);
    expect(requests(lines)).toEqual(['UNSUBSCRIBE c/d']);
    bench.unsuback(third, packetId(lines, 'UNSUBSCRIBE c/d'));
    const fourth = broken(bench, third);
    expect(requests(bench.up(fourth, true))).toEqual([]);
  });

  it('outlive a kill of the gateway', () => {
    const bench = new DiskBench();
    broken(bench, keepSession(bench));
    expect(bench.from('s', S1.unsubscribe)).toEqual(['s < 04150005']);
    const next = restarted(bench);
    expect(requests(next.up(opened(next.restored), true))).toEqual(['UNSUBSCRIBE c/d']);
  });

  it('are not owed once the client has subscribed again', () => {
    const bench = new DiskBench();
    const second = broken(bench, keepSession(bench));
    bench.from('s', S1.unsubscribe);
    bench.from('s', S1.subscribe);
    const lines = bench.up(second, true);
    expect(requests(lines)).toEqual(['UNSUBSCRIBE c/d', 'SUBSCRIBE c/d qos1']);
    bench.suback(second, packetId(lines, 'SUBSCRIBE c/d'), 1);
    const third = broken(bench, second);
    expect(requests(bench.up(third, true))).toEqual([]);
  });

  it('are bounded for filters that were never subscribed', () => {
    const bench = new DiskBench();
    const second = broken(bench, keepSession(bench));
    for (let index = 0; index < 300; index++) {
      bench.from('s', frame('14 00 0900', `n/${index}`));
    }
    expect(requests(bench.up(second, true))).toHaveLength(256);
  });
});

describe('a request at the broker when the client begins anew (I-53)', () => {
  it('SUBSCRIBE is resent where only the connection broke, and answered', () => {
    const bench = new DiskBench();
    const first = bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.subscribe);
    const second = broken(bench, first);
    const lines = bench.up(second, true);
    expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
    expect(bench.suback(second, packetId(lines, 'SUBSCRIBE c/d'), 1)).toEqual(['s < 0813200001000400']);
  });

  it('SUBSCRIBE is not answered after the next CONNECT, for the MsgId may mean another one by then', () => {
    const bench = new DiskBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.subscribe);
    const second = opened(bench.from('s', CONNECT_KEEP));
    const lines = bench.up(second, true);
    expect(requests(lines)).toEqual(['UNSUBSCRIBE c/d']);
    expect(lines).toContain(CONNACK);
    const again = bench.from('s', S1.subscribe);
    expect(requests(again)).toEqual(['SUBSCRIBE c/d qos1']);
    expect(bench.suback(second, packetId(again, 'SUBSCRIBE c/d'), 1)).toHaveLength(1);
  });

  it.each([S1.unsubscribe, '08 12 00 00 04 63 2F 64'])(
    'a filter that the client has is subscribed as it was, for what became of %s is not known',
    (request) => {
      const bench = new DiskBench();
      keepSession(bench);
      bench.from('s', request);
      const second = opened(bench.from('s', CONNECT_KEEP));
      const lines = bench.up(second, true);
      expect(requests(lines)).toEqual(['SUBSCRIBE c/d qos1']);
      expect(bench.suback(second, packetId(lines, 'SUBSCRIBE c/d'), 1)).toContain(CONNACK);
    },
  );

  it('the same where the client has left', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.unsubscribe);
    bench.from('s', S1.disconnect);
    const second = opened(bench.from('s', CONNECT_KEEP));
    expect(requests(bench.up(second, true))).toEqual(['SUBSCRIBE c/d qos1']);
  });
});

describe('a session that the broker may have lost unheard, and is present (I-52)', () => {
  /** An attempt without CONNACK, then one whose session is present. */
  function doubtful(bench: CoreBench): string[] {
    const second = broken(bench, 1);
    const third = opened([...bench.down(second), ...bench.pass(2_000)]);
    return bench.up(third, true);
  }

  it('a QoS 2 publish with PUBREC goes out again under its packet id, with DUP, and is released once', () => {
    const bench = new DiskBench();
    keepSession(bench);
    const id = Number(/id(\d+)/.exec(bench.from('s', S1.publishQos2).join('\n'))?.[1]);
    expect(bench.acked(1, 'PUBREC', id)).toEqual(['s < 040f0003']);
    const lines = doubtful(bench);
    expect(lines.filter((line) => line.includes('PUBLISH'))).toEqual([`#4 PUBLISH qos2 id${id} a/b "x" dup`]);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(4, 'PUBREC', id)).toEqual([`#4 PUBREL id${id}`]);
    expect(bench.acked(4, 'PUBCOMP', id)).toEqual(['s < 040e0003']);
  });

  it('another message under a packet id that is taken is a new one', () => {
    const bench = new DiskBench();
    bench.subscriber('s', 's1');
    bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
    doubtful(bench);
    expect(bench.message(4, 'c/d', 'new', { qos: 1, packetId: 7 })).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([`s < ${frame('0c 20 0001 0002', 'new')}`]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#4 PUBACK id7']);
  });

  it('what the client acknowledges is told to the broker when it has repeated it, and only then: its packet id may mean another message', () => {
    const bench = new DiskBench();
    bench.subscriber('s', 's1');
    bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
    bench.message(1, 'c/d', 'next', { qos: 1, packetId: 8 });
    doubtful(bench);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([`s < ${frame('0c 20 0001 0002', 'next')}`]);
    expect(bench.message(4, 'c/d', 'old', { qos: 1, packetId: 7, dup: true })).toEqual(['#4 PUBACK id7']);
    expect(bench.message(4, 'c/d', 'next', { qos: 1, packetId: 8, dup: true })).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#4 PUBACK id8']);
  });

  it('the same where it does so on a later connection: the message of the other session comes after all', () => {
    const bench = new DiskBench();
    bench.subscriber('s', 's1');
    bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
    const lines = doubtful(bench);
    bench.suback(4, packetId([...lines, ...bench.pass(6_000)], 'SUBSCRIBE c/d'), 1);
    const fifth = broken(bench, 4);
    bench.up(fifth, true);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([]);
    expect(bench.message(fifth, 'c/d', 'new', { qos: 1, packetId: 7 })).toEqual([
      `s < ${frame('0c 20 0001 0002', 'new')}`,
    ]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual([`#${fifth} PUBACK id7`]);
  });

  it('QoS 2: PUBREC of the client is told when the broker has repeated the message', () => {
    const bench = new DiskBench();
    bench.subscriber('s', 's1');
    bench.message(1, 'c/d', 'old', { qos: 2, packetId: 7 });
    doubtful(bench);
    expect(bench.from('s', '04 0F 00 01')).toEqual([]);
    expect(bench.message(4, 'c/d', 'old', { qos: 2, packetId: 7, dup: true })).toEqual(['#4 PUBREC id7']);
    expect(bench.released(4, 7)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#4 PUBCOMP id7']);
  });

  describe('and only a later connection shows that it was lost', () => {
    /** Two messages under packet ids of the lost session, and a connection on which nothing is in doubt any more. */
    function settled(bench: CoreBench): number {
      bench.subscriber('s', 's1');
      bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
      bench.message(1, 'c/d', 'older', { qos: 1, packetId: 8 });
      const lines = doubtful(bench);
      bench.suback(4, packetId([...lines, ...bench.pass(6_000)], 'SUBSCRIBE c/d'), 1);
      const fifth = broken(bench, 4);
      expect(requests(bench.up(fifth, true))).toEqual([]);
      return fifth;
    }

    it.each([false, true])('another message under a packet id that is taken is a new one (DUP %s)', (dup) => {
      const bench = new DiskBench();
      const fifth = settled(bench);
      bench.message(fifth, 'c/d', 'new', { qos: 1, packetId: 7, dup });
      expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([`s < ${frame('0c 20 0001 0002', 'older')}`]);
      expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual([`s < ${frame('0c 20 0001 0003', 'new')}`]);
      expect(bench.from('s', frame('0d 0001 0003 00'))).toEqual([`#${fifth} PUBACK id7`]);
    });

    it('another message is not taken for one that the client has had', () => {
      const bench = new DiskBench();
      bench.subscriber('s', 's1');
      bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
      const second = broken(bench, 1);
      bench.from('s', frame('0d 0001 0001 00')); // the broker is to hear of it when it repeats the message
      const third = opened([...bench.down(second), ...bench.pass(2_000)]);
      bench.suback(third, packetId([...bench.up(third, true), ...bench.pass(6_000)], 'SUBSCRIBE c/d'), 1);
      const fourth = broken(bench, third);
      bench.up(fourth, true);
      expect(bench.message(fourth, 'c/d', 'new', { qos: 1, packetId: 7, dup: true })).toEqual([
        `s < ${frame('0c 20 0001 0002', 'new')}`,
      ]);
    });
  });

  it('the same message is the same one', () => {
    const bench = new DiskBench();
    bench.subscriber('s', 's1');
    bench.message(1, 'c/d', 'old', { qos: 1, packetId: 7 });
    doubtful(bench);
    expect(bench.message(4, 'c/d', 'old', { qos: 1, packetId: 7, dup: true })).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#4 PUBACK id7']);
  });
});

describe('a broker that says "session present" to a CONNECT with CleanSession', () => {
  it('is not believed: what the client has subscribed to is asked for again, and its QoS 2 publish goes out anew', () => {
    const bench = new CoreBench();
    const connection = bench.connect('s', 's1');
    bench.from('s', S1.register);
    bench.from('s', S1.subscribe);
    bench.suback(connection, 1, 1);
    bench.from('s', S1.publishQos2);
    bench.acked(connection, 'PUBREC', 2);
    bench.down(connection);
    const next = lastAttempt(bench.pass(2_000), 's1');
    expect(bench.up(next, true).filter((line) => !line.startsWith('s '))).toEqual([
      expect.stringMatching(/SUBSCRIBE id\d+ c\/d qos1$/),
      expect.stringMatching(/PUBLISH qos2 id2 a\/b "x"$/),
    ]);
  });
});

describe('SUBSCRIBE for a filter that the client has not, at a broker that keeps the session (I-146)', () => {
  const owed = (bench: DiskBench): string[] => [...bench.disk.keys()].filter((key) => key.startsWith('unsubscribe/'));

  /** It is at the broker, and has no answer. */
  function asked(clean = false): DiskBench {
    const bench = new DiskBench();
    bench.connect('s', 's1', { clean });
    expect(requests(bench.from('s', S1.subscribe))).toEqual(['SUBSCRIBE c/d qos1']);
    return bench;
  }

  it('is written down before it goes out, and on the disk at once, though nobody waits for that', () => {
    const bench = asked();
    expect(owed(bench)).toEqual(['unsubscribe/s1/c/d']);
    expect(bench.stored).toEqual([expect.objectContaining({ durable: false, syncs: true })]);
  });

  it('is ended after a kill where its SUBACK had not come: the client may not ask again, and messages would come for ever', () => {
    const bench = restarted(asked());
    const lines = bench.up(1, true);
    expect(requests(lines)).toEqual(['UNSUBSCRIBE c/d']);
    bench.unsuback(1, packetId(lines, 'UNSUBSCRIBE c/d'));
    expect(owed(bench)).toEqual([]);
  });

  it('a client that asks again after the kill has it', () => {
    const bench = restarted(asked());
    bench.from('s', S1.subscribe);
    const lines = bench.up(1, true);
    expect(requests(lines)).toEqual(['UNSUBSCRIBE c/d', 'SUBSCRIBE c/d qos1']);
    bench.unsuback(1, packetId(lines, 'UNSUBSCRIBE c/d'));
    expect(bench.suback(1, packetId(lines, ' SUBSCRIBE c/d'.trim()), 1)).toEqual(['s < 0813200001000400']);
    expect(owed(bench)).toEqual([]);
    expect(requests(restarted(bench).up(1, true))).toEqual([]);
  });

  it.each([
    ['granted', 1],
    ['refused', 0x80],
  ])('is nothing that is owed when it is %s', (_, reasonCode) => {
    const bench = asked();
    bench.suback(1, 1, reasonCode);
    expect(owed(bench)).toEqual([]);
  });

  it('goes out once more on the next connection, and nothing else', () => {
    const bench = asked();
    const next = broken(bench, 1);
    expect(requests([...bench.up(next, true), ...bench.pass(5_000)])).toEqual(['SUBSCRIBE c/d qos1']);
    expect(owed(bench)).toEqual(['unsubscribe/s1/c/d']);
  });

  it('is owed where the client leaves, and leaves nothing when its session is forgotten', () => {
    const bench = asked();
    bench.from('s', S1.disconnect);
    expect(owed(bench)).toEqual(['unsubscribe/s1/c/d']);
    bench.from('s', S1.connectClean);
    bench.up(2);
    expect(owed(bench)).toEqual([]);
  });

  it('leaves nothing where the session ends while it is out', () => {
    const bench = asked();
    bench.feed({ type: 'operator-forgot', token: 1, clientId: 's1' });
    expect(owed(bench)).toEqual([]);
  });

  it('of a clean session needs no record: the broker forgets it with the connection', () => {
    expect(owed(asked(true))).toEqual([]);
  });

  it('for one that the client has already needs none', () => {
    const bench = asked();
    bench.suback(1, 1, 1);
    bench.from('s', '08 12 40 00 05 63 2F 64');
    expect(owed(bench)).toEqual([]);
  });
});
