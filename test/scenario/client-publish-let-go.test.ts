import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { connected, publisher, registered, sent } from '../support/core-bench-traffic.ts';
import { mainKeys } from '../support/disk-session.ts';

/** T_retry·(N_retry+1). */
const WINDOW = 40_000;

const publish = (msgId: number, payload = 'x', flags = '40'): string =>
  frame(`0c ${flags} 0001 ${hex16(msgId)}`, payload);

/** QoS 2 up to PUBREC: MsgId and packet id are the same. */
function halfWay(bench: CoreBench, msgId: number, payload = 'x'): void {
  bench.from('s', publish(msgId, payload));
  expect(bench.acked(1, 'PUBREC', msgId)).toEqual([sent(`0f ${hex16(msgId)}`)]);
}

/** MsgId 1 was let go; the broker has said PUBCOMP. */
function letGo(): CoreBench {
  const bench = publisher();
  halfWay(bench, 1);
  expect(bench.pass(WINDOW)).toEqual(['#1 PUBREL id1']);
  expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
  return bench;
}

describe('a QoS 2 publish whose client does not say PUBREL (T-18)', () => {
  it.each([true, false])(
    'is released by the gateway after T_retry·(N_retry+1), not before (clean session: %s)',
    (clean) => {
      const bench = publisher(clean);
      halfWay(bench, 1);
      expect(bench.pass(WINDOW - 1)).toEqual([]);
      expect(bench.pass(1)).toEqual(['#1 PUBREL id1']);
      expect(bench.pass(WINDOW)).toEqual([]);
      expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    },
  );

  it('a late PUBREL gets PUBCOMP when that of the broker has come, and at once after that (P-8, I-60)', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(WINDOW);
    expect(bench.from('s', '04 10 00 01')).toEqual([]);
    expect(bench.from('s', '04 10 00 01')).toEqual([]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
  });

  it('a repetition with DUP gets PUBREC, months later too, and its PUBREL PUBCOMP: the broker sees nothing', () => {
    const bench = letGo();
    for (let day = 0; day < 90; day++) {
      bench.from('s', '02 16');
      bench.now += 1_000_000; // within the keep-alive
    }
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
  });

  it('a repetition with DUP gets PUBREC also while the broker has not said PUBCOMP', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(WINDOW);
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
  });

  it.each([
    ['without DUP', publish(1, 'x', '40'), '"x"'],
    ['with DUP and another payload', publish(1, 'y', 'c0'), '"y"'],
  ])('the MsgId counts as finished: %s it is a new message', (_what, again, text) => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(WINDOW);
    expect(bench.from('s', again)).toEqual([`#1 PUBLISH qos2 id2 a/b ${text}`]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
  });

  it('is forgotten as any finished one when its client has gone on: PUBREL came after all, or the MsgId came with another message', () => {
    const late = letGo();
    late.from('s', '04 10 00 01');
    expect(late.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    late.pass(WINDOW + 1);
    expect(late.from('s', publish(1, 'x', 'c0'))).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
    const gone = letGo();
    gone.from('s', publish(1, 'y'));
    gone.acked(1, 'PUBREC', 2);
    gone.from('s', '04 10 00 01');
    gone.acked(1, 'PUBCOMP', 2);
    gone.pass(WINDOW + 1);
    expect(gone.from('s', publish(1, 'x', 'c0'))).toEqual(['#1 PUBLISH qos2 id3 a/b "x"']);
  });

  it('the last 16 are remembered', () => {
    const bench = publisher();
    for (let id = 1; id <= 17; id++) {
      halfWay(bench, id);
      expect(bench.pass(WINDOW)).toEqual([`#1 PUBREL id${id}`]);
      bench.acked(1, 'PUBCOMP', id);
    }
    for (let id = 2; id <= 17; id++) {
      expect(bench.from('s', publish(id, 'x', 'c0'))).toEqual([sent(`0f ${hex16(id)}`)]);
    }
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual(['#1 PUBLISH qos2 id18 a/b "x"']);
  });

  describe('sixteen of them, before the broker has said PUBCOMP (T-36, I-32)', () => {
    function sixteen(): CoreBench {
      const bench = publisher();
      for (let id = 1; id <= 16; id++) {
        halfWay(bench, id);
      }
      expect(bench.pass(WINDOW)).toHaveLength(16);
      return bench;
    }

    it('take none of the client’s places, also after its next CONNECT', () => {
      const bench = sixteen();
      bench.from('s', connectFrame('s', false, 1000));
      bench.up(2, true);
      for (let id = 17; id <= 32; id++) {
        expect(bench.from('s', publish(id))).toEqual([expect.stringContaining(' PUBLISH qos2 ')]);
      }
      expect(bench.from('s', publish(33))).toEqual([sent('0d 0001 0021 01')]);
    });

    it('but there are never more of both than twice as many', () => {
      const bench = sixteen();
      for (let id = 17; id <= 32; id++) {
        halfWay(bench, id);
      }
      expect(bench.pass(WINDOW)).toHaveLength(16);
      expect(bench.from('s', publish(33))).toEqual([sent('0d 0001 0021 01')]);
      bench.acked(1, 'PUBCOMP', 1);
      expect(bench.from('s', publish(33))).toEqual([expect.stringContaining(' PUBLISH qos2 ')]);
    });
  });

  it('finished exchanges do not push out those that were let go', () => {
    const bench = letGo();
    for (let id = 2; id <= 30; id++) {
      bench.from('s', publish(id, 'q', '20'));
      bench.acked(1, 'PUBACK', id);
    }
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
  });

  it('each has its own time, the oldest first', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(10_000);
    halfWay(bench, 2);
    bench.pass(10_000);
    halfWay(bench, 3);
    expect(bench.from('s', '04 10 00 01')).toEqual(['#1 PUBREL id1']);
    expect(bench.pass(29_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 PUBREL id2']);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 PUBREL id3']);
  });

  it('sixteen of them take the places of the client no longer than that (T-36)', () => {
    const bench = publisher();
    for (let id = 1; id <= 16; id++) {
      halfWay(bench, id);
    }
    expect(bench.from('s', publish(17, 'y', '20'))).toEqual([sent('0d 0001 0011 01')]);
    expect(bench.pass(WINDOW)).toHaveLength(16);
    for (let id = 1; id <= 16; id++) {
      bench.acked(1, 'PUBCOMP', id);
    }
    expect(bench.from('s', publish(17, 'y', '20'))).toEqual(['#1 PUBLISH qos1 id17 a/b "y"']);
  });

  it('a broker that takes few at a time gets the next one (MQTT 5 Receive Maximum)', () => {
    const bench = persistentWithReceiveMaximum(1);
    bench.from('s', publish(1));
    bench.acked(1, 'PUBREC', 1);
    expect(bench.from('s', publish(2, 'y', '20'))).toEqual([]);
    expect(bench.pass(WINDOW)).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['#1 PUBLISH qos1 id2 a/b "y"']);
  });

  it('the broker is away when the time is over: PUBREL goes out when it is back', () => {
    const bench = publisher();
    bench.from('s', '04 18 0E 10'); // asleep, so that it outlives the grace time
    halfWay(bench, 1);
    bench.down(1);
    bench.pass(WINDOW);
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.up(3, true)).toEqual(['#3 PUBREL id1']);
  });

  it('the broker has lost the session: it is published anew, and released at once (I-6)', () => {
    const bench = publisher();
    bench.from('s', '04 18 0E 10');
    halfWay(bench, 1);
    bench.down(1);
    bench.pass(WINDOW);
    expect(bench.up(3, false)).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual([]);
  });
});

describe('a QoS 2 publish whose client loses its power after PUBREC, sixteen times over months (T-18)', () => {
  /** The broker never sees a PUBREL while the client is there; what it gets with each connection it leaves unanswered. */
  function sixteenLives(): DiskBench {
    const bench = new DiskBench();
    for (let life = 1; life <= 16; life++) {
      const connection = bench.connect('s', 's1', { clean: false, sessionPresent: true, duration: 10 });
      bench.from('s', S1.register);
      expect(bench.from('s', publish(life, `${life}`))).toEqual([
        `#${connection} PUBLISH qos2 id${life} a/b "${life}"`,
      ]);
      expect(bench.acked(connection, 'PUBREC', life)).toEqual([sent(`0f ${hex16(life)}`)]);
      const lost = bench.pass(15_001); // K-4
      expect(lost).toEqual([`#${connection} PUBREL id${life}`, `#${connection} close without DISCONNECT`]); // I-65
      bench.pass(400_000_000);
    }
    return bench;
  }

  it('all are released before the next CONNACK, and its places are free', () => {
    const bench = sixteenLives();
    bench.from('s', connectFrame('s1', false, 100));
    const connection = bench.connectionOf('s1');
    const releases = Array.from({ length: 16 }, (_, index) => `#${connection} PUBREL id${index + 1}`);
    expect(bench.up(connection, true)).toEqual([...releases, sent('05 00')]);
    for (let id = 1; id <= 16; id++) {
      expect(bench.acked(connection, 'PUBCOMP', id)).toEqual([]);
    }
    bench.from('s', S1.register);
    expect(bench.from('s', publish(1, 'new', '20'))).toEqual([`#${connection} PUBLISH qos1 id17 a/b "new"`]);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('exchange/'))).toEqual([]);
  });
});

describe('a QoS 2 publish with PUBREC whose session ends at the broker with the connection (T-18, T-26)', () => {
  it.each<[string, (bench: CoreBench) => string[], string]>([
    ['the client says DISCONNECT', (bench) => bench.from('s', '02 18'), '#1 DISCONNECT'],
    ['the client is lost', (bench) => bench.pass(15_001), '#1 close without DISCONNECT'],
    ['the client connects clean again', (bench) => bench.from('s', connectFrame('s', true, 11)), '#1 DISCONNECT'],
    ['the gateway stops', (bench) => bench.feed({ type: 'operator-stopped' }), '#1 DISCONNECT'],
  ])('%s: it is released before', (_what, end, closing) => {
    const bench = connected({}, { duration: 10 });
    registered(bench, 'a/b');
    halfWay(bench, 1);
    const lines = end(bench).filter((line) => line.startsWith('#1 '));
    expect(lines).toEqual(['#1 PUBREL id1', closing]);
  });

  it('a persistent session that is begun clean: it is released before', () => {
    const bench = publisher();
    halfWay(bench, 1);
    expect(bench.from('s', connectFrame('s', true, 11)).slice(0, 2)).toEqual(['#1 PUBREL id1', '#1 DISCONNECT']);
  });

  it('one that the client has heard nothing of, or that is released, needs nothing', () => {
    const bench = publisher(true);
    bench.from('s', publish(1));
    halfWay(bench, 2);
    bench.from('s', '04 10 00 02');
    expect(bench.from('s', '02 18')).toEqual([sent('18'), '#1 DISCONNECT']);
  });

  it('one of a session that is kept too, for nobody knows whether its client comes back (I-65)', () => {
    const bench = publisher();
    halfWay(bench, 1);
    expect(bench.from('s', '02 18')).toEqual([sent('18'), '#1 PUBREL id1', '#1 DISCONNECT']);
  });
});

describe('a QoS 2 publish with PUBREC whose client begins a will dialogue, for which its connection to the broker ends (I-80)', () => {
  /** MsgId 1 is at PUBREC; CONNECT with a will has come, and the client is asked for its topic. */
  function inDialogue(): CoreBench {
    const bench = publisher();
    halfWay(bench, 1);
    expect(bench.from('s', frame('04 08 01 03e8', 's'))).toEqual(['#1 PUBREL id1', '#1 DISCONNECT', sent('06')]);
    return bench;
  }

  /** The dialogue has come to its end, and the broker has said PUBCOMP. */
  function back(): CoreBench {
    const bench = inDialogue();
    bench.from('s', frame('07 00', 'w'));
    expect(bench.from('s', frame('09', 'off'))).toEqual(['#2 CONNECT s will w "off" qos0']);
    expect(bench.up(2, true)).toEqual(['#2 PUBREL id1', sent('05 00')]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([]);
    return bench;
  }

  it('the client never finishes it: the broker has heard PUBREL', () => {
    expect(inDialogue().pass(1_000_000)).toEqual([sent('06'), sent('06'), sent('06')]);
  });

  it.each([
    ['with DUP', 'c0'],
    ['without DUP', '40'],
  ])(
    'the client goes on where it was: a repetition %s gets PUBREC, PUBREL gets PUBCOMP, and the broker sees nothing',
    (_how, flags) => {
      const bench = back();
      expect(bench.from('s', publish(1, 'x', flags))).toEqual([sent('0f 0001')]);
      expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
    },
  );

  it('PUBREL of the client before PUBCOMP of the broker waits for it', () => {
    const bench = inDialogue();
    bench.from('s', frame('07 00', 'w'));
    bench.from('s', frame('09', 'off'));
    bench.up(2, true);
    expect(bench.from('s', '04 10 00 01')).toEqual([]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('without PUBREL it is let go after T_retry·(N_retry+1) as ever: its MsgId counts as finished', () => {
    const bench = back();
    expect(bench.pass(WINDOW)).toEqual([]);
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', publish(1, 'x', '40'))).toEqual(['#2 PUBLISH qos2 id2 a/b "x"']);
  });

  it('the broker has lost the session: PUBREL is only repeated (I-6)', () => {
    const bench = inDialogue();
    bench.from('s', frame('07 00', 'w'));
    bench.from('s', frame('09', 'off'));
    expect(bench.up(2, false)).toEqual(['#2 PUBREL id1', sent('05 00')]);
  });

  it('what is said to the broker is on disk before, and so is what is left for the client', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 2);
    bench.from('s', S1.connectKeepWill);
    expect(restartedAndUp(bench).restored).toEqual(['#1 CONNECT s1', '#1 PUBREL id2']);
  });

  it('where the broker has no part in it any more, nobody waits for the disk when it is let go (I-62)', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 2);
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(2, true);
    bench.acked(2, 'PUBCOMP', 2);
    bench.pass(WINDOW);
    const written = bench.turns.flat().findLast((effect) => effect.type === 'store');
    expect(written).toMatchObject({ durable: false, writes: [{ key: 'finished/s1/1' }, { key: 'exchange/s1/1' }] });
  });
});

describe('let go, over a restart (T-18, 3.3)', () => {
  /** `s1` with a persistent session; MsgId 3 ("x") was let go. */
  function killed(completed: boolean): DiskBench {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 2);
    bench.from('s', S1.sleep300);
    expect(bench.pass(WINDOW)).toEqual(['#1 PUBREL id2']);
    const turn = bench.turns.find((effects) => effects.some(({ type }) => type === 'upstream-release'));
    expect(turn?.[0]).toMatchObject({ type: 'store', durable: true });
    if (completed) {
      expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([]);
      expect(mainKeys(bench.disk).sort()).toEqual(['finished/s1/1', 'session/s1']);
    }
    return bench;
  }

  const again = '08 0C C0 00 01 00 03 78';

  it('a repetition is known by its content', () => {
    const bench = restartedAndUp(killed(true));
    expect(bench.restored).toEqual(['#1 CONNECT s1']);
    expect(bench.from('s', again)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('another content is a new message', () => {
    const bench = restartedAndUp(killed(true));
    expect(bench.from('s', '08 0C C0 00 01 00 03 79')).toEqual([
      expect.stringMatching(/^#1 PUBLISH qos2 id\d+ a\/b "y"$/),
    ]);
    expect(mainKeys(bench.disk).sort()).toEqual(['exchange/s1/2', 'session/s1']);
  });

  it('the broker has not said PUBCOMP: only PUBREL again, and the client is not asked', () => {
    const bench = restartedAndUp(killed(false));
    expect(bench.restored).toEqual(['#1 CONNECT s1', '#1 PUBREL id2']);
    expect(bench.from('s', again)).toEqual(['s < 040f0003']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([]);
    expect(mainKeys(bench.disk).sort()).toEqual(['finished/s1/1', 'session/s1']);
  });

  it('one that was half-way at the crash is let go when the broker has said PUBREC again', () => {
    const half = new DiskBench();
    keepSession(half);
    half.from('s', S1.publishQos2);
    half.acked(1, 'PUBREC', 2);
    half.from('s', S1.sleep300);
    const bench = restartedAndUp(half);
    expect(bench.restored).toEqual(['#1 CONNECT s1', '#1 PUBLISH qos2 id2 a/b "x" dup']);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([]); // I-33: the client has not asked
    expect(bench.from('s', again)).toEqual(['s < 040f0003']);
    expect(bench.pass(WINDOW)).toEqual(['#1 PUBREL id2']);
  });

  it('one that was half-way at the crash is released before its client is lost, for it may have been told before (I-19, I-65)', () => {
    const half = new DiskBench();
    half.connect('s', 's1', { clean: false, duration: 10 });
    half.from('s', S1.register);
    half.from('s', S1.publishQos2);
    half.acked(1, 'PUBREC', 1);
    const bench = restarted(half);
    bench.up(1, true);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual([]);
    expect(bench.pass(15_000)).toEqual(['#1 PUBREL id1', '#1 close without DISCONNECT']);
  });

  it('sixteen that were half-way at the crash free their places for a client that connects again', () => {
    const half = new DiskBench();
    keepSession(half);
    for (let id = 1; id <= 16; id++) {
      half.from('s', publish(id));
      half.acked(1, 'PUBREC', id + 1);
    }
    const bench = restarted(half);
    bench.from('s', connectFrame('s1', false, 100));
    const connection = bench.connectionOf('s1');
    const lines = bench.up(connection, true);
    expect(lines.filter((line) => line.includes('PUBLISH'))).toHaveLength(16);
    bench.suback(connection, Number(/SUBSCRIBE id(\d+) c\/d/.exec(lines.join())?.[1]), 1); // I-52: nothing was heard of the first attempt
    for (let id = 1; id <= 16; id++) {
      bench.acked(connection, 'PUBREC', id + 1);
    }
    expect(bench.pass(WINDOW).filter((line) => line.includes('PUBREL'))).toHaveLength(16);
    for (let id = 1; id <= 16; id++) {
      bench.acked(connection, 'PUBCOMP', id + 1);
    }
    expect(bench.from('s', publish(99, 'new', '20'))).toEqual([expect.stringContaining('PUBLISH qos1')]);
    expect(mainKeys(bench.disk)).toHaveLength(17);
  });

  it('a clean start forgets them (S-4)', () => {
    const bench = killed(true);
    bench.from('s', S1.connectClean);
    bench.up(2);
    expect([...bench.disk.keys()]).toEqual([]);
  });

  it('of a session that was opened clean and sleeps: kept with it, gone with it', () => {
    const bench = new DiskBench();
    bench.from('s', connectFrame('s', true, 1000));
    bench.up(1);
    registered(bench, 'a/b');
    halfWay(bench, 1);
    expect(bench.pass(WINDOW)).toEqual(['#1 PUBREL id1']);
    expect(bench.disk.size).toBe(0);
    bench.from('s', S1.sleep300);
    expect(mainKeys(bench.disk).sort()).toEqual(['exchange/s/1', 'finished/s/1', 'session/s']);
    bench.from('s', S1.disconnect);
    expect(bench.disk.size).toBe(0);
  });
});

/** `s`, persistent, with a/b as id 1, at a broker that takes so many QoS 1 and 2 publishes at a time. */
function persistentWithReceiveMaximum(receiveMaximum: number): CoreBench {
  const bench = new DiskBench();
  bench.from('s', connectFrame('s', false, 1000));
  bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum });
  registered(bench, 'a/b');
  return bench;
}
