import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { lastAttempt } from '../support/core-bench-absence.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { registered, sent } from '../support/core-bench-traffic.ts';

/** The own connection stands as #1; `s` has been connected for a minute as #2, with "a/b" as topic id 1. Keep-alive 1000 s. */
function serving(how: { clean?: boolean } = {}, bench = new CoreBench()): CoreBench {
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  bench.connect('s', 's', { duration: 1000, clean: false, ...how });
  registered(bench, 'a/b');
  bench.pass(60_000);
  return bench;
}

/** The next attempt for `s` is accepted; its number, and what goes out on it. */
function next(bench: CoreBench, sessionPresent = true): { connection: number; lines: string[] } {
  const connection = lastAttempt(bench.pass(8_000), 's');
  return { connection, lines: bench.up(connection, sessionPresent) };
}

/** The same after a break with something out: nothing goes out for a second, so that a connection that breaks without any is told apart. */
function nextQuiet(bench: CoreBench, sessionPresent = true): ReturnType<typeof next> & { notes: CoreBench['notes'] } {
  const { connection, lines } = next(bench, sessionPresent);
  const { notes } = bench;
  expect(lines).toEqual([]);
  expect(bench.pass(999)).toEqual([]);
  return { connection, lines: bench.pass(1), notes };
}

/** MQTT 5 DISCONNECT with a reason. */
function named(bench: CoreBench, connection: number, reasonCode: number): string[] {
  return bench.feed({ type: 'upstream-lost', connection, reason: 'for a reason', takenOver: false, reasonCode });
}

const publish = (qos: 1 | 2, msgId: number, text: string, dup = false) =>
  frame(`0c ${(qos * 0x20 + (dup ? 0x80 : 0)).toString(16)} 0001 000${msgId}`, text);

const OWN = '(gateway)';

const GIVEN_UP = { type: 'poison-given-up', message: 'PUBLISH', topic: 'a/b' };

describe('a publish that the broker answers by closing the connection (3.5 item 8, I-42)', () => {
  it('is refused with 0x03 after the second time, and the session and what comes behind it go on', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', publish(1, 2, 'good'));
    expect(bench.down(2)).toEqual([]);
    const first = nextQuiet(bench);
    expect(first.lines).toEqual([`#${first.connection} PUBLISH qos1 id1 a/b "poison" dup`]);
    expect(bench.from('s', frame('0c 00 0001 0000', 'zero'))).toEqual([]);
    expect(bench.down(first.connection)).toEqual([]);
    const second = next(bench);
    expect(bench.notes).toContainEqual(expect.objectContaining({ ...GIVEN_UP, octets: 6 }));
    expect(second.lines).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.pass(1_000)).toEqual([`#${second.connection} PUBLISH qos1 id2 a/b "good" dup`]);
    expect(bench.acked(second.connection, 'PUBACK', 2)).toEqual([
      sent('0d 0001 0002 00'),
      `#${second.connection} PUBLISH qos0 a/b "zero"`,
    ]);
    expect(bench.pass(100_000)).toEqual([]);
  });

  it.each([
    ['CONNECT', []],
    ['DISCONNECT, then CONNECT', ['02 18']],
    ['falling asleep, then CONNECT', ['04 18 01 2C']],
  ])(
    'is given up also where the client says %s within the second that shows it, and the own connection falls later',
    (_, first) => {
      const bench = serving();
      bench.from('s', publish(2, 1, 'poison'));
      bench.down(2);
      expect(bench.down(nextQuiet(bench).connection)).toEqual([]);
      bench.pass(100);
      for (const message of first) {
        bench.from('s', message);
      }
      const connection = lastAttempt(bench.from('s', connectFrame('s', false, 1000)), 's');
      bench.pass(2_000);
      bench.down(1);
      const told = bench.up(connection, true);
      expect(bench.notes).toContainEqual(expect.objectContaining({ ...GIVEN_UP, octets: 6 }));
      told.push(...bench.pass(5_000));
      expect(told).toContain('s < 030500');
      expect(told.filter((line) => line.includes(' PUBLISH '))).toEqual([]);
    },
  );

  it('is not found guilty where the own connection came up in the moment of the break: there was no quiet second (I-70)', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    bench.down(2);
    const attempt = lastAttempt(bench.pass(5_000), 's');
    bench.down(1);
    const own = lastAttempt(bench.pass(5_000), OWN);
    expect(bench.up(attempt, true)).toEqual([`#${attempt} PUBLISH qos1 id1 a/b "good" dup`]);
    const lines = [...bench.down(attempt), ...bench.up(own), ...bench.pass(8_000)];
    const connection = lastAttempt(lines, 's');
    bench.up(connection, true);
    expect(bench.pass(1_000)).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
    expect(bench.acked(connection, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
  });

  it('is not found guilty where connections break without it as well: another client of this id may be the reason (I-12)', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    const lines = bench.down(2);
    for (let breaks = 0; breaks < 3; breaks++) {
      const connection = lastAttempt([...lines, ...bench.pass(20_000)], 's');
      expect(bench.up(connection, true)).toEqual([]); // before a second has passed
      lines.splice(0, lines.length, ...bench.down(connection));
    }
    expect([...lines, ...bench.pass(60_000)]).toEqual(['s < 0218']);
    expect(bench.notes).not.toContainEqual(expect.objectContaining(GIVEN_UP));
  });

  it('nor where the broker drops everybody while another client of this id is there', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    bench.down(2);
    bench.down(1);
    bench.up(lastAttempt(bench.pass(4_000), '(gateway)'));
    let connection = lastAttempt(bench.pass(1_000), 's');
    for (let breaks = 0; breaks < 2; breaks++) {
      expect(bench.up(connection, true)).toEqual([]);
      connection = lastAttempt([...bench.down(connection), ...bench.pass(20_000)], 's');
    }
    expect(bench.up(connection, true)).toEqual([]);
    expect(bench.pass(1_000)).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
    expect(bench.acked(connection, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
  });

  it('is found guilty after the second time also where the broker has dropped everybody shortly before', () => {
    const bench = serving();
    let [own, last] = [1, 2];
    for (let round = 0; round < 2; round++) {
      bench.down(last);
      bench.down(own);
      own = lastAttempt(bench.pass(4_000), '(gateway)');
      bench.up(own);
      last = lastAttempt(bench.pass(8_000), 's');
      expect(bench.up(last, true)).toEqual([]);
    }
    expect(bench.from('s', publish(1, 1, 'poison'))).toEqual([`#${last} PUBLISH qos1 id1 a/b "poison"`]);
    bench.down(last);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id1 a/b "poison" dup`]);
    bench.down(connection);
    expect(next(bench).lines).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.pass(100_000)).toEqual([]);
  });

  it('and where another client of this id has been at the broker shortly before', () => {
    const bench = serving();
    bench.down(2);
    const idle = next(bench).connection;
    bench.down(idle);
    const { connection: again } = next(bench);
    expect(bench.from('s', publish(1, 1, 'poison'))).toEqual([`#${again} PUBLISH qos1 id1 a/b "poison"`]);
    bench.down(again);
    bench.down(nextQuiet(bench).connection);
    const { lines } = next(bench);
    expect(lines).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.pass(100_000)).toEqual([]);
  });

  it('nor is a QoS 2 publish whose PUBREC the client has: the broker has taken it once, and it is sent again', () => {
    const bench = serving();
    bench.from('s', publish(2, 1, 'told'));
    expect(bench.acked(2, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
    let connection = 2;
    for (let breaks = 0; breaks < 5; breaks++) {
      bench.pass(6_000);
      connection = lastAttempt([...bench.down(connection), ...bench.pass(20_000)], 's');
      const lines = [...bench.up(connection, false), ...bench.pass(1_000)];
      expect(lines).toEqual([`#${connection} PUBLISH qos2 id1 a/b "told"`]);
    }
  });

  it('is found guilty also where the own connection falls later, and the next one stands only then', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    bench.down(connection);
    bench.down(lastAttempt(bench.pass(2_000), 's')); // not made
    bench.down(1);
    bench.up(lastAttempt(bench.pass(8_000), '(gateway)'));
    expect(next(bench).lines).toEqual([sent('0d 0001 0001 03')]);
  });

  it('but not where it falls within a second', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    bench.down(connection);
    bench.pass(999);
    bench.down(1);
    bench.up(lastAttempt(bench.pass(8_000), '(gateway)'));
    const again = nextQuiet(bench);
    expect(again.lines).toEqual([`#${again.connection} PUBLISH qos1 id1 a/b "good" dup`]);
  });

  it.each([
    ['falls within a second of the break, though the next connection stands before', true],
    ['does not fall', false],
  ])('and is judged a second after the break at the earliest: the own connection %s', (_what, falls) => {
    const bench = serving({}, new CoreBench({ settings: { upstream: { reconnectMin: 100 } } }));
    bench.from('s', publish(1, 1, 'suspect'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    bench.down(connection);
    let last = lastAttempt(bench.pass(300), 's');
    expect(bench.up(last, true)).toEqual([]);
    expect(bench.pass(600)).toEqual([]);
    if (!falls) {
      expect(bench.pass(100)).toEqual([sent('0d 0001 0001 03')]);
      return;
    }
    bench.down(last);
    bench.down(1);
    bench.up(lastAttempt(bench.pass(8_000), OWN));
    last = lastAttempt(bench.pass(8_000), 's');
    bench.up(last, true);
    expect(bench.pass(1_000)).toEqual([`#${last} PUBLISH qos1 id1 a/b "suspect" dup`]);
  });

  it('its repetition, for PUBACK was lost, gets the same answer and never reaches the broker', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.down(2);
    bench.down(nextQuiet(bench).connection);
    next(bench);
    expect(bench.from('s', publish(1, 1, 'poison', true))).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.from('s', publish(1, 1, 'other'))).toEqual([expect.stringContaining('"other"')]);
  });

  it('with DUP however late it comes, and whatever was given up since', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', publish(1, 2, 'poison too'));
    bench.down(2);
    bench.down(nextQuiet(bench).connection);
    const { connection } = next(bench);
    bench.pass(1_000);
    bench.down(connection);
    next(bench);
    bench.pass(100_000);
    expect(bench.from('s', publish(1, 1, 'poison', true))).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.from('s', publish(1, 2, 'poison too', true))).toEqual([sent('0d 0001 0002 03')]);
    expect(bench.from('s', publish(1, 2, 'poison too'))).toEqual([expect.stringContaining('"poison too"')]);
  });

  it('with DUP after other messages of the client, which change its session', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    bench.down(connection);
    next(bench);
    bench.pass(100_000);
    registered(bench, 'e/f');
    expect(bench.from('s', publish(1, 1, 'poison', true))).toEqual([sent('0d 0001 0001 03')]);
  });

  it('is given up without a word where its MsgId means another message by now (I-32)', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    bench.from('s', publish(1, 1, 'good'));
    bench.down(connection);
    const again = next(bench);
    expect(bench.notes).toContainEqual(expect.objectContaining({ ...GIVEN_UP, octets: 6 }));
    expect(again.lines).toEqual([expect.stringMatching(/ PUBLISH qos1 id\d+ a\/b "good"$/)]);
    const packetId = Number(/ id(\d+)/.exec(again.lines[0] ?? '')?.[1]);
    expect(bench.acked(again.connection, 'PUBACK', packetId)).toEqual([sent('0d 0001 0001 00')]);
  });

  it('QoS 2 before PUBREC: PUBACK 0x03', () => {
    const bench = serving();
    bench.from('s', publish(2, 1, 'poison'));
    bench.down(2);
    bench.down(nextQuiet(bench).connection);
    expect(next(bench).lines).toEqual([sent('0d 0001 0001 03')]);
  });

  describe('a QoS 2 exchange whose PUBREL is out when the connection breaks (I-12, I-70)', () => {
    function released(): CoreBench {
      const bench = serving();
      bench.from('s', publish(2, 1, 'x'));
      bench.acked(2, 'PUBREC', 1);
      expect(bench.from('s', '04 10 00 01')).toEqual(['#2 PUBREL id1']);
      return bench;
    }

    const RELEASE_GIVEN_UP = { type: 'poison-given-up', message: 'PUBREL', topic: 'a/b', octets: 1 };

    /** The connection breaks on PUBREL alone, so often. */
    function breaksOnRelease(bench: CoreBench, times: number): void {
      for (let fall = 1; fall <= times; fall++) {
        const connection = lastAttempt(bench.pass(61_000), 's');
        bench.up(connection, true);
        expect(bench.pass(1_000)).toEqual([`#${connection} PUBREL id1`]);
        bench.down(connection);
      }
    }

    it('is not given up after two breaks, which may be chance: nobody would repeat the message', () => {
      const bench = released();
      bench.down(2);
      breaksOnRelease(bench, 3);
      const { connection, lines } = nextQuiet(bench);
      expect(lines).toEqual([`#${connection} PUBREL id1`]);
      expect(bench.acked(connection, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
    });

    it('is given up where eight connections break on it alone, which is no take-over: the client gets PUBCOMP, and what comes behind goes on', () => {
      const bench = released();
      bench.from('s', publish(1, 2, 'good'));
      bench.down(2);
      breaksOnRelease(bench, 8);
      const connection = lastAttempt(bench.pass(61_000), 's');
      const second = { connection, lines: bench.up(connection, true) };
      expect(bench.notes).toContainEqual(expect.objectContaining(RELEASE_GIVEN_UP));
      expect(second.lines).toEqual([sent('0e 0001')]);
      expect(bench.pass(1_000)).toEqual([`#${second.connection} PUBLISH qos1 id2 a/b "good" dup`]);
      expect(bench.acked(second.connection, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00')]);
      expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
      expect(bench.from('s', publish(2, 1, 'x', true))).toEqual([sent('0f 0001')]);
    });

    it('is repeated where the own connection falls as well, however often', () => {
      const bench = released();
      let [own, last] = [1, 2];
      for (let round = 0; round < 4; round++) {
        bench.down(last);
        bench.down(own);
        own = lastAttempt(bench.pass(8_000), '(gateway)');
        bench.up(own);
        last = lastAttempt(bench.pass(20_000), 's');
        bench.up(last, true);
        expect(bench.pass(1_000)).toEqual([`#${last} PUBREL id1`]);
      }
      expect(bench.acked(last, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
    });

    it('is not what an MQTT 5 code condemns where a PUBLISH was out as well: two decide nothing', () => {
      const bench = released();
      bench.from('s', publish(1, 2, 'good'));
      named(bench, 2, 0x82);
      const { connection, lines } = nextQuiet(bench);
      expect(lines).toEqual([`#${connection} PUBREL id1`]);
      expect(bench.acked(connection, 'PUBCOMP', 1)).toEqual([
        sent('0e 0001'),
        `#${connection} PUBLISH qos1 id2 a/b "good" dup`,
      ]);
    });

    it('alone it is condemned by such a code at once', () => {
      const bench = released();
      named(bench, 2, 0x82);
      expect(next(bench).lines).toEqual([sent('0e 0001')]);
    });

    it('a QoS 0 beside it is not condemned by such a code', () => {
      const bench = released();
      bench.from('s', frame('0c 00 0001 0000', 'zero'));
      named(bench, 2, 0x82);
      expect(bench.notes.filter(({ type }) => type === 'poison-given-up')).toEqual([]);
    });

    it('nothing is said to a client that has not said PUBREL, and has left: the broker is left alone from then on', () => {
      const bench = serving();
      bench.from('s', publish(2, 1, 'x'));
      bench.acked(2, 'PUBREC', 1);
      expect(bench.pass(40_000)).toEqual(['#2 PUBREL id1']); // let go
      bench.down(2);
      breaksOnRelease(bench, 8);
      expect(bench.up(lastAttempt(bench.pass(61_000), 's'), true)).toEqual([]);
      expect(bench.notes).toContainEqual(expect.objectContaining(RELEASE_GIVEN_UP));
      expect(bench.pass(10_000)).toEqual([]);
      expect(bench.from('s', publish(2, 1, 'x', true))).toEqual([sent('0f 0001')]);
      expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
    });

    it('nor is it the reason where connections break without it as well: another client has this id', () => {
      const bench = released();
      const lines = bench.down(2);
      for (let breaks = 0; breaks < 3; breaks++) {
        const connection = lastAttempt([...lines, ...bench.pass(20_000)], 's');
        expect(bench.up(connection, true)).toEqual([]);
        lines.splice(0, lines.length, ...bench.down(connection));
      }
      expect([...lines, ...bench.pass(60_000)]).toEqual(['s < 0218']);
    });
  });

  it('the client connects anew in between: it is found all the same, and its repetition is told', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.down(2);
    bench.down(nextQuiet(bench).connection);
    const lines = bench.from('s', connectFrame('s', false, 1001));
    const connection = lastAttempt(lines, 's');
    expect(bench.up(connection, true)).toEqual(['s < 030500']);
    expect(bench.from('s', publish(1, 1, 'poison', true))).toEqual([]);
    expect(bench.pass(1_000)).toEqual([sent('0d 0001 0001 03')]); // a second after the break
  });

  it('QoS 2 from the store: found after a restart as well', () => {
    const killed = serving({}, new DiskBench()) as DiskBench;
    killed.from('s', publish(2, 1, 'poison'));
    const bench = restarted(killed);
    bench.up(2);
    bench.up(1, true);
    bench.down(1);
    bench.down(nextQuiet(bench).connection);
    expect(next(bench).lines).toEqual([]); // the client may have started anew: told when it names the message (I-33)
    expect(bench.from('s', publish(2, 1, 'poison', true))).toEqual([sent('0d 0001 0001 03')]);
  });

  it('two of them cost three connections, and are no take-over', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', publish(1, 2, 'poison too'));
    bench.down(2);
    bench.down(nextQuiet(bench).connection);
    const second = next(bench);
    expect(second.lines).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.pass(1_000)).toEqual([`#${second.connection} PUBLISH qos1 id2 a/b "poison too" dup`]);
    bench.down(second.connection);
    expect(next(bench).lines).toEqual([sent('0d 0001 0002 03')]);
  });
});

describe('a good publish beside trouble (3.5 item 8, I-42)', () => {
  it('a broker that restarts three times under load refuses nothing: the own connection falls as well', () => {
    const bench = serving();
    for (const msgId of [1, 2, 3]) {
      bench.from('s', publish(1, msgId, `m${msgId}`));
    }
    let [own, last] = [1, 2];
    for (let restart = 0; restart < 3; restart++) {
      bench.down(last);
      bench.down(own); // a moment later
      let lines = bench.pass(8_000);
      own = lastAttempt(lines, '(gateway)');
      bench.up(own);
      lines = bench.pass(20_000);
      last = lastAttempt(lines, 's');
      expect(bench.up(last, true)).toEqual([]);
      expect(bench.pass(1_000)).toEqual([`#${last} PUBLISH qos1 id1 a/b "m1" dup`]);
    }
    expect(bench.acked(last, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00'), `#${last} PUBLISH qos1 id2 a/b "m2" dup`]);
    expect(bench.acked(last, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00'), `#${last} PUBLISH qos1 id3 a/b "m3" dup`]);
    expect(bench.acked(last, 'PUBACK', 3)).toEqual([sent('0d 0001 0003 00')]);
  });

  it('a poison QoS 0 beside a good QoS 1 costs only the QoS 0', () => {
    const bench = serving();
    bench.from('s', frame('0c 00 0001 0000', 'poison'));
    bench.from('s', publish(1, 1, 'good'));
    bench.down(2);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
    bench.from('s', frame('0c 00 0001 0000', 'poison again'));
    expect(bench.acked(connection, 'PUBACK', 1)).toEqual([
      sent('0d 0001 0001 00'),
      `#${connection} PUBLISH qos0 a/b "poison again"`,
    ]);
    bench.from('s', publish(1, 2, 'good too'));
    bench.down(connection);
    const again = nextQuiet(bench);
    expect(again.lines).toEqual([`#${again.connection} PUBLISH qos1 id2 a/b "good too" dup`]);
    expect(bench.acked(again.connection, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('a connection that this side ends, for no ping is answered, accuses nobody', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    let last = 2;
    for (let round = 0; round < 3; round++) {
      bench.feed({
        type: 'upstream-lost',
        connection: last,
        reason: 'no answer to ping',
        takenOver: false,
        ours: true,
      });
      const { connection, lines } = next(bench);
      expect(lines).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
      last = connection;
    }
  });

  it('a broker that neither answers a suspected packet nor closes on it stands it: the others follow', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'slow'));
    bench.from('s', publish(1, 2, 'next'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([`#${connection} PUBLISH qos1 id2 a/b "next" dup`]);
    expect(bench.acked(connection, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
    expect(bench.acked(connection, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00')]);
  });

  it('a packet that follows one which is not answered for long is not given up for it: both are suspected, one at a time', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', publish(1, 2, 'good'));
    bench.down(2);
    const { connection } = nextQuiet(bench);
    expect(bench.pass(10_000)).toEqual([`#${connection} PUBLISH qos1 id2 a/b "good" dup`]); // the broker stands still, and closes then
    bench.down(connection);
    const second = nextQuiet(bench);
    expect(second.lines).toEqual([`#${second.connection} PUBLISH qos1 id1 a/b "poison" dup`]);
    bench.down(second.connection);
    const third = next(bench);
    expect(third.lines).toEqual([sent('0d 0001 0001 03')]);
    expect(bench.pass(1_000)).toEqual([`#${third.connection} PUBLISH qos1 id2 a/b "good" dup`]);
  });

  it('a packet of a client that waits for the disk may not have gone out: it is not given up for a break (I-38)', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    bench.down(2);
    const { connection } = next(bench);
    bench.feed({ type: 'client-held', clientId: 's' });
    expect(bench.pass(1_000)).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
    bench.down(connection);
    bench.feed({ type: 'client-released', clientId: 's' });
    const { connection: last, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${last} PUBLISH qos1 id1 a/b "good" dup`]);
    expect(bench.notes).not.toContainEqual(expect.objectContaining(GIVEN_UP));
  });

  it.each([
    ['a QoS 2 publish', publish(2, 2, 'waits'), { packetIds: new Set([2]), qos0: 0 }],
    ['a QoS 0 publish', frame('0c 00 0001 0000', 'waits'), { packetIds: new Set<number>(), qos0: 1 }],
  ])('%s that waits for the disk has not gone out: a code condemns the one that has, at once', (_what, waits, kept) => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', waits);
    bench.feed({ type: 'upstream-lost', connection: 2, reason: 'broken', takenOver: false, reasonCode: 0x82, kept });
    const { lines } = next(bench);
    expect(lines[0]).toBe(sent('0d 0001 0001 03'));
  });

  it.each([
    ['a code', { reasonCode: 0x82 }],
    ['breaks when it is tried alone', {}],
  ])('what waits for the disk is not condemned by %s', (_what, how) => {
    const bench = serving();
    const kept = { packetIds: new Set([1]), qos0: 0 };
    bench.from('s', publish(2, 1, 'waits'));
    let connection = 2;
    for (const _ of [1, 2, 3]) {
      bench.feed({ type: 'upstream-lost', connection, reason: 'broken', takenOver: false, kept, ...how });
      connection = next(bench).connection;
      bench.pass(1_000);
    }
    expect(bench.notes).not.toContainEqual(expect.objectContaining(GIVEN_UP));
    expect(bench.acked(connection, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
  });

  it('nor does it stand it while its client waits for the disk: it is found guilty when it has gone out', () => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'poison'));
    bench.from('s', publish(1, 2, 'next'));
    bench.down(2);
    const { connection } = next(bench);
    bench.feed({ type: 'client-held', clientId: 's' });
    expect(bench.pass(60_000)).toEqual([`#${connection} PUBLISH qos1 id1 a/b "poison" dup`]);
    bench.feed({ type: 'client-released', clientId: 's' });
    bench.down(connection);
    expect(next(bench).lines).toEqual([sent('0d 0001 0001 03')]);
  });

  it('PUBREL of the client waits behind what is suspected, and is not forgotten', () => {
    const bench = serving();
    bench.from('s', publish(2, 1, 'two'));
    bench.acked(2, 'PUBREC', 1);
    bench.from('s', publish(1, 2, 'one'));
    bench.down(2);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id2 a/b "one" dup`]);
    expect(bench.from('s', '04 10 00 01')).toEqual([]);
    expect(bench.acked(connection, 'PUBACK', 2)).toEqual([sent('0d 0001 0002 00'), `#${connection} PUBREL id1`]);
    expect(bench.acked(connection, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });
});

describe('MQTT 5 says why it closes (3.5 item 8, I-42)', () => {
  it.each(['81', '82', '87', '90', '95', '99', '9a', '9b'])(
    '0x%s decides at the first break where one packet was out',
    (code) => {
      const bench = serving();
      bench.from('s', publish(1, 1, 'poison'));
      named(bench, 2, Number.parseInt(code, 16));
      expect(next(bench).lines).toEqual([sent('0d 0001 0001 03')]);
    },
  );

  it('a QoS 0 that was out alone is told, with topic and size', () => {
    const bench = serving();
    bench.from('s', frame('0c 00 0001 0000', 'poison'));
    named(bench, 2, 0x95);
    expect(bench.notes).toContainEqual(expect.objectContaining({ ...GIVEN_UP, octets: 6 }));
    expect(next(bench).lines).toEqual([]);
  });

  it.each([
    ['two of them', ['zero', 'zero'], 0x95],
    ['no code that decides', ['zero'], 0x8b],
  ])('but not with %s', (_what, texts, code) => {
    const bench = serving();
    for (const text of texts) {
      bench.from('s', frame('0c 00 0001 0000', text));
    }
    named(bench, 2, code);
    expect(bench.notes.filter(({ type }) => type === 'poison-given-up')).toEqual([]);
  });

  it('but not where two were out, one of them with QoS 0', () => {
    const bench = serving();
    bench.from('s', frame('0c 00 0001 0000', 'poison'));
    bench.from('s', publish(1, 1, 'good'));
    named(bench, 2, 0x95);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
  });

  it('a QoS 0 that the broker stood, for it answered what came behind, is out of it', () => {
    const bench = serving();
    bench.from('s', frame('0c 00 0001 0000', 'good'));
    bench.from('s', publish(1, 1, 'good'));
    bench.acked(2, 'PUBACK', 1);
    bench.from('s', publish(1, 2, 'poison'));
    named(bench, 2, 0x95);
    expect(next(bench).lines).toEqual([sent('0d 0001 0002 03')]);
  });

  it.each(['89', '8b', '8d', '97', '98', '9c', '9d', '9f'])('0x%s never counts', (code) => {
    const bench = serving();
    bench.from('s', publish(1, 1, 'good'));
    let last = 2;
    for (let round = 0; round < 3; round++) {
      named(bench, last, Number.parseInt(code, 16));
      const { connection, lines } = next(bench);
      expect(lines).toEqual([`#${connection} PUBLISH qos1 id1 a/b "good" dup`]);
      last = connection;
    }
  });
});

describe('a SUBSCRIBE that the broker answers by closing the connection (3.5 item 8, I-42)', () => {
  it('is refused with 0x03 after the second time, and the next one goes on', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'poison/#'));
    bench.from('s', frame('12 20 0002', 'good/#'));
    bench.down(2);
    const first = nextQuiet(bench);
    expect(first.lines).toEqual([expect.stringContaining('SUBSCRIBE id1 poison/# qos1')]);
    bench.down(first.connection);
    const { connection, lines } = next(bench);
    expect(lines).toEqual([sent('13 00 0000 0001 03'), expect.stringContaining(' good/# qos1')]);
    const packetId = Number(/id(\d+)/.exec(lines[1] ?? '')?.[1]);
    expect(bench.suback(connection, packetId, 1)).toEqual([sent('13 20 0000 0002 00')]);
  });

  /** This side ends the connection. */
  const endedHere = (bench: CoreBench, connection: number, how: { unreadable?: true }): string[] =>
    bench.feed({ type: 'upstream-lost', connection, reason: 'Invalid suback', takenOver: false, ours: true, ...how });

  it('is refused as well where the answer of the broker cannot be read, so that this side ends the connection', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'poison/#'));
    endedHere(bench, 2, { unreadable: true });
    const first = nextQuiet(bench);
    expect(first.lines).toEqual([expect.stringContaining('SUBSCRIBE id1 poison/# qos1')]);
    endedHere(bench, first.connection, { unreadable: true });
    expect(next(bench).lines).toEqual([sent('13 00 0000 0001 03')]);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'poison-given-up', message: 'SUBSCRIBE', topic: 'poison/#' }),
    );
    expect(bench.pass(10_000)).toEqual([]);
  });

  it('is not refused where this side ends the connection of itself, however often', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'good/#'));
    let connection = 2;
    for (let round = 0; round < 3; round++) {
      endedHere(bench, connection, {});
      const again = next(bench);
      expect(again.lines).toEqual([expect.stringContaining('SUBSCRIBE id1 good/# qos1')]);
      ({ connection } = again);
    }
    expect(bench.suback(connection, 1, 1)).toEqual([sent('13 20 0000 0001 00')]);
  });

  it('one that the broker had granted, and has lost: the subscription ends, the others are restored', () => {
    const bench = serving({ clean: true });
    for (const [packetId, filter] of [
      [1, 'x/#'],
      [2, 'y/#'],
    ] as const) {
      bench.from('s', frame(`12 20 000${packetId}`, filter));
      bench.suback(2, packetId, 1);
    }
    bench.down(2);
    const first = next(bench, false);
    expect(first.lines.map((line) => line.replace(/id\d+ /, ''))).toEqual([
      `#${first.connection} SUBSCRIBE x/# qos1`,
      `#${first.connection} SUBSCRIBE y/# qos1`,
    ]);
    bench.down(first.connection);
    const second = nextQuiet(bench, false);
    expect(second.lines).toEqual([]);
    expect(bench.pass(3_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([expect.stringContaining(' x/# qos1')]);
    bench.down(second.connection);
    const third = nextQuiet(bench, false);
    expect(third.notes).toContainEqual(
      expect.objectContaining({ type: 'poison-given-up', message: 'SUBSCRIBE', topic: 'x/#' }),
    );
    expect([...third.lines, ...bench.pass(5_000)]).toEqual([expect.stringContaining(' y/# qos1')]);
    expect(bench.core.session('s')?.subscriptions).toEqual([{ filter: 'y/#', qos: 1 }]);
  });

  it('one that the broker had granted in a session that it has: it is ended there too (I-145)', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'x/#'));
    bench.suback(2, 1, 1);
    bench.down(2);
    bench.down(next(bench, false).connection);
    const second = nextQuiet(bench, true);
    expect(bench.pass(4_000)).toEqual([expect.stringContaining(' x/# qos1')]);
    bench.down(second.connection);
    const third = next(bench, true);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'poison-given-up', message: 'SUBSCRIBE', topic: 'x/#' }),
    );
    expect(third.lines).toEqual([expect.stringMatching(/ UNSUBSCRIBE id\d+ x\/#$/)]);
  });

  it('one that the broker had granted is out when somebody else takes the client id: it is kept, and the client learns of the other (I-12)', () => {
    const bench = serving({ clean: true });
    bench.from('s', frame('12 20 0001', 'x/#'));
    bench.suback(2, 1, 1);
    bench.down(2);
    let { connection } = next(bench, false);
    for (let round = 0; round < 3; round++) {
      bench.down(connection);
      ({ connection } = next(bench, false));
    }
    expect(bench.core.session('s')?.subscriptions).toEqual([{ filter: 'x/#', qos: 1 }]);
    bench.down(connection);
    expect(bench.pass(16_000)).toContain('s < 0218');
    expect(bench.notes.filter(({ type }) => type === 'poison-given-up')).toEqual([]);
  });

  it('one that is suspected is asked for after a CONNECT of the sleeper, too', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'x/#'));
    bench.suback(2, 1, 1);
    bench.from('s', '04 18 03 E8');
    bench.down(2);
    bench.down(next(bench, false).connection);
    expect(next(bench, true).lines).toEqual([]);
    expect(bench.from('s', connectFrame('s', false, 1000))).toEqual(['s < 030500']);
    expect(bench.pass(5_000)).toEqual([expect.stringContaining(' x/# qos1')]);
  });

  describe('one that is suspected when the client connects anew', () => {
    /** "x/#" was granted to `s`, lost, and is suspected since the last connection; and the broker has the next one. */
    function suspected(clean: boolean, retryInterval = 10_000): { bench: CoreBench; lines: string[] } {
      const bench = serving({ clean }, new CoreBench({ settings: { timing: { retryInterval } } }));
      bench.from('s', frame('12 20 0001', 'x/#'));
      bench.suback(2, 1, 1);
      bench.down(2);
      bench.down(next(bench, false).connection);
      const connection = lastAttempt(bench.from('s', connectFrame('s', clean, 1000)), 's');
      return { bench, lines: bench.up(connection, !clean) };
    }

    it('is gone where it starts clean: CONNACK at once', () => {
      expect(suspected(true).lines).toEqual(['s < 030500']);
    });

    it.each([10_000, 3_000])('is back before CONNACK, also where T_retry is %d ms', (retryInterval) => {
      const { bench, lines } = suspected(false, retryInterval);
      expect(lines).toEqual([]);
      const [request] = bench.pass(retryInterval / 2);
      const [, connection, packetId] = /^#(\d+) SUBSCRIBE id(\d+) x\/# qos1$/.exec(request ?? '') ?? [];
      expect(bench.suback(Number(connection), Number(packetId), 1)).toEqual(['s < 030500']);
    });
  });

  it('restored subscriptions that were not all granted before a break are asked for again, though the broker has a session by now (3.4)', () => {
    const bench = serving();
    bench.from('s', frame('12 20 0001', 'x/#'));
    bench.suback(2, 1, 1);
    bench.down(2);
    const first = next(bench, false);
    expect(first.lines).toEqual([expect.stringContaining(' x/# qos1')]);
    bench.feed({
      type: 'upstream-lost',
      connection: first.connection,
      reason: 'no answer',
      takenOver: false,
      ours: true,
    });
    expect(next(bench, true).lines).toEqual([expect.stringContaining(' x/# qos1')]);
  });
});

describe('a CONNECT that the broker answers by closing the connection (I-43)', () => {
  it('gets CONNACK 0x03 the second time, where the own connection stands', () => {
    const bench = serving();
    const lines = bench.from('t', connectFrame('t'));
    expect(bench.down(lastAttempt(lines, 't'))).toEqual([]);
    const again = lastAttempt(bench.pass(1_000), 't');
    expect(bench.down(again)).toEqual(['t < 030503']);
  });

  it('gets CONNACK 0x01 where CONNECT has not gone out, for want of a file descriptor or of a listener', () => {
    const bench = serving();
    const lines = bench.from('t', connectFrame('t'));
    const answers: string[] = [];
    for (let passed = 0; passed <= 10_000; passed += 100) {
      for (const line of lines.splice(0)) {
        const connection = Number(/^#(\d+) CONNECT t/.exec(line)?.[1]);
        const lost = { reason: 'EMFILE', takenOver: false, unsent: true as const };
        answers.push(...bench.feed({ type: 'upstream-lost', connection, ...lost }));
      }
      lines.push(...bench.pass(100).filter((line) => line.includes(' CONNECT t')));
    }
    expect(answers).toEqual(['t < 030501']);
  });

  it('gets CONNACK 0x01 where the own connection fell as well', () => {
    const bench = serving();
    const lines = bench.from('t', connectFrame('t'));
    bench.down(lastAttempt(lines, 't'));
    bench.down(2);
    bench.down(1);
    const seen = bench.pass(10_000).filter((line) => line.startsWith('t '));
    expect(seen).toEqual(['t < 030501']);
  });
});
