import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { lastAttempt } from '../support/core-bench-absence.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench } from '../support/core-bench-restart.ts';

/** The own connection stands as #1; `s1` keeps its session, with "a/b" as id 1 and "c/d" subscribed, and has been connected for 40 s as #2. */
function serving(settings: ConstructorParameters<typeof DiskBench>[0] = {}): DiskBench {
  const bench = new DiskBench(settings);
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  expect(keepSession(bench)).toBe(2);
  bench.pass(40_000);
  bench.from('s', S1.pingReq);
  return bench;
}

/** The next attempt for `s1` is accepted; its number, and what goes out on it. */
function next(bench: CoreBench, sessionPresent = true): { connection: number; lines: string[] } {
  const connection = lastAttempt(bench.pass(8_000), 's1');
  return { connection, lines: bench.up(connection, sessionPresent) };
}

/** The same, where something is suspected: for a second nothing goes out (I-70). */
function nextQuiet(bench: CoreBench): { connection: number; lines: string[] } {
  const { connection, lines } = next(bench);
  expect(lines).toEqual([]);
  expect(bench.pass(999)).toEqual([]);
  return { connection, lines: bench.pass(1) };
}

const written = (bench: DiskBench): string[] => bench.stored.flatMap(({ writes }) => writes.map(({ key }) => key));

describe('an UNSUBSCRIBE that the broker is owed, behind what is suspected (3.5 item 3, I-42)', () => {
  it('goes out when the suspected packet is answered', () => {
    const bench = serving();
    bench.from('s', S1.publishQos1);
    bench.down(2);
    expect(bench.from('s', S1.unsubscribe)).toEqual(['s < 04150005']);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id2 a/b "x" dup`]);
    expect(bench.acked(connection, 'PUBACK', 2)).toEqual(['s < 070d0001000200', `#${connection} UNSUBSCRIBE id3 c/d`]);
  });

  it('goes out on the same connection where the client sends it meanwhile', () => {
    const bench = serving();
    bench.from('s', S1.publishQos1);
    bench.down(2);
    const { connection } = nextQuiet(bench);
    expect(bench.from('s', S1.unsubscribe)).toEqual(['s < 04150005']);
    expect(bench.acked(connection, 'PUBACK', 2)).toEqual(['s < 070d0001000200', `#${connection} UNSUBSCRIBE id3 c/d`]);
    expect(bench.unsuback(connection, 3)).toEqual([]);
    bench.down(connection);
    expect(next(bench).lines).toEqual([]);
  });

  it('does not undo a SUBSCRIBE of the client that the broker has had for longer than it may be suspected', () => {
    const bench = serving();
    bench.down(2);
    bench.from('s', S1.unsubscribe);
    bench.from('s', S1.subscribe);
    const first = next(bench);
    expect(first.lines).toEqual([
      `#${first.connection} UNSUBSCRIBE id2 c/d`,
      `#${first.connection} SUBSCRIBE id3 c/d qos1`,
    ]);
    bench.down(first.connection);
    const second = nextQuiet(bench);
    expect(second.lines).toEqual([`#${second.connection} UNSUBSCRIBE id4 c/d`]);
    bench.pass(10_000);
    expect(bench.suback(second.connection, 3, 1)).toHaveLength(1);
    expect(bench.core.session('s1')?.subscriptions).toEqual([{ filter: 'c/d', qos: 1 }]);
    expect(bench.pass(20_000).filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([]);
  });

  it('that the broker answers by closing the connection is given up, with a warning, and is owed no more', () => {
    const bench = serving();
    bench.down(2);
    bench.from('s', S1.unsubscribe);
    const first = next(bench);
    expect(first.lines).toEqual([`#${first.connection} UNSUBSCRIBE id2 c/d`]);
    bench.down(first.connection);
    const second = nextQuiet(bench);
    expect(second.lines).toEqual([`#${second.connection} UNSUBSCRIBE id3 c/d`]);
    bench.down(second.connection);
    expect(next(bench).lines).toEqual([]);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'poison-given-up', message: 'UNSUBSCRIBE', topic: 'c/d' }),
    );
    expect([...bench.disk.keys()].filter((key) => key.startsWith('unsubscribe'))).toEqual([]);
  });

  it('is a record of its own until UNSUBACK, with UNSUBACK of the client behind it', () => {
    const bench = serving();
    bench.down(2);
    expect(bench.from('s', S1.unsubscribe)).toEqual(['s < 04150005']);
    expect(written(bench)).toEqual(['subscription/s1/c/d', 'unsubscribe/s1/c/d']);
    expect(bench.stored.map(({ durable }) => durable)).toEqual([true]);
    const { connection } = next(bench);
    bench.unsuback(connection, 2);
    expect(bench.stored.flatMap(({ writes }) => writes)).toEqual([{ key: 'unsubscribe/s1/c/d', record: undefined }]);
  });
});

describe('a request at the broker when a sleeper connects, whose connection goes on (I-53)', () => {
  function asleep(request: string): DiskBench {
    const bench = serving();
    bench.from('s', S1.sleep300);
    bench.from('s', S1.pingReqId);
    bench.from('s', request);
    return bench;
  }

  it('SUBSCRIBE: the broker is told at once that the client has not got it', () => {
    const bench = asleep(S1.subscribeWildcard);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 UNSUBSCRIBE id3 g/#', 's < 030500']);
    expect(bench.suback(2, 2, 1)).toEqual([]);
    expect(bench.unsuback(2, 3)).toEqual([]);
  });

  it('UNSUBSCRIBE: the subscription that the client has is asked for at once', () => {
    const bench = asleep(S1.unsubscribe);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 SUBSCRIBE id3 c/d qos1', 's < 030500']);
    expect(bench.unsuback(2, 2)).toEqual([]);
    expect(bench.suback(2, 3, 1)).toEqual([]);
    expect(bench.core.session('s1')?.subscriptions).toEqual([{ filter: 'c/d', qos: 1 }]);
  });

  it('while something else is suspected, that comes behind it', () => {
    const bench = serving();
    bench.from('s', S1.sleep300);
    bench.from('s', S1.pingReqId);
    bench.from('s', S1.publishQos1);
    bench.from('s', S1.unsubscribe);
    bench.down(2);
    const { connection, lines } = nextQuiet(bench);
    expect(lines).toEqual([`#${connection} PUBLISH qos1 id2 a/b "x" dup`]);
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500']);
    expect(bench.acked(connection, 'PUBACK', 2)).toEqual([]);
    expect(bench.pass(5_000)).toEqual([expect.stringMatching(/ SUBSCRIBE id\d+ c\/d qos1$/)]);
  });

  it('again and again while the broker says nothing: no more goes out to it than a client may ask for at a time, and goes on when it answers', () => {
    const bench = serving();
    const lines: string[] = [];
    for (let at = 0; at < 100; at++) {
      bench.from('s', S1.sleep300);
      lines.push(...bench.from('s', frame(`12 20 ${hex16(100 + at)}`, `g/${at}/#`)));
      lines.push(...bench.from('s', S1.connectKeep));
    }
    const out = lines.filter((line) => line.includes('SUBSCRIBE'));
    expect(out.length).toBeLessThanOrEqual(40);
    bench.from('s', frame('12 20 0007', 'h/#'));
    const answers: string[] = [];
    for (const line of out) {
      const [, type, id] = /#2 (\w+) id(\d+)/.exec(line) ?? [];
      answers.push(...(type === 'SUBSCRIBE' ? bench.suback(2, Number(id), 1) : bench.unsuback(2, Number(id))));
    }
    expect(answers).toEqual([expect.stringMatching(/^#2 SUBSCRIBE id\d+ h\/# qos1$/)]);
    const id = Number(/id(\d+)/.exec(answers[0] ?? '')?.[1]);
    expect(bench.suback(2, id, 1)).toEqual(['s < 0813200000000700']);
    expect(
      bench.core
        .session('s1')
        ?.subscriptions.map(({ filter }) => filter)
        .sort(),
    ).toEqual(['c/d', 'h/#']);
  });
});

describe('a loss of the session that is told to a connection which is given up at once (T-24, I-52)', () => {
  it('is acted upon with the next one: the subscriptions are asked for again', () => {
    const bench = serving({ settings: { clients: { willUpdate: 'reconnect' } } });
    const first = lastAttempt(bench.from('s', S1.willTopicUpd), 's1');
    bench.from('s', S1.willMsgUpd); // another will meanwhile: that connection is replaced at once
    const second = lastAttempt(bench.up(first, false), 's1');
    expect(bench.up(second, true)).toContain(`#${second} SUBSCRIBE id2 c/d qos1`);
  });
});

describe('a session that the broker may have lost unheard (I-52)', () => {
  /** An attempt without CONNACK, then one whose session is present. */
  function doubtful(bench: CoreBench, connection = 2): { connection: number; lines: string[] } {
    bench.down(connection);
    bench.down(lastAttempt(bench.pass(4_000), 's1'));
    return next(bench);
  }

  it('a QoS 2 publish whose PUBREL has not gone out is published again, and then released', () => {
    const bench = serving();
    bench.from('s', S1.publishQos2);
    bench.acked(2, 'PUBREC', 2);
    bench.down(2);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    bench.down(lastAttempt(bench.pass(4_000), 's1'));
    const { connection, lines } = next(bench);
    expect(lines).toContain(`#${connection} PUBLISH qos2 id2 a/b "x" dup`);
    expect(bench.acked(connection, 'PUBREC', 2)).toEqual([`#${connection} PUBREL id2`]);
    expect(bench.acked(connection, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });

  it('a message that the client has, and the broker has forgotten, is finished with the client when its packet id means another one', () => {
    const bench = serving();
    bench.message(2, 'a/b', 'old', { qos: 2, packetId: 7 });
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#2 PUBREC id7']);
    const { connection } = doubtful(bench);
    expect(bench.message(connection, 'a/b', 'new', { qos: 2, packetId: 7 })).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual([`s < ${frame('0c 40 0001 0002', 'new')}`]);
    expect(bench.from('s', '04 0F 00 02')).toEqual([`#${connection} PUBREC id7`]);
  });

  it('a client that connects anew gets CONNACK when its subscriptions are granted', () => {
    const bench = serving();
    bench.down(2);
    bench.down(lastAttempt(bench.pass(4_000), 's1'));
    const third = lastAttempt(bench.from('s', connectFrame('s1', false, 120)), 's1');
    const lines = bench.up(third, true);
    expect(lines).toEqual([expect.stringMatching(/ SUBSCRIBE id\d+ c\/d qos1$/)]);
    expect(bench.suback(third, Number(/id(\d+)/.exec(lines.join())?.[1]), 1)).toEqual(['s < 030500']);
  });
});
