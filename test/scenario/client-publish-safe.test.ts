import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { breakUpstream, publisher, sent } from '../support/core-bench-traffic.ts';

/** T_retry·(N_retry+1). */
const WINDOW = 40_000;

const publish = (msgId: number, flags = '40'): string => frame(`0c ${flags} 0001 ${hex16(msgId)}`, 'x');
const pubRel = (msgId: number): string => `04 10 ${hex16(msgId)}`;

/** QoS 2 up to PUBREC: MsgId and packet id are the same. */
function halfWay(bench: CoreBench, msgId: number): void {
  bench.from('s', publish(msgId));
  expect(bench.acked(1, 'PUBREC', msgId)).toEqual([sent(`0f ${hex16(msgId)}`)]);
}

describe('PUBREL that has not reached the broker, over a restart (3.3, I-6, I-19)', () => {
  /** `s1` sleeps and has PUBREC for MsgId 3 (packet id 2), and the broker is away. */
  function brokerAway(then: (bench: DiskBench) => unknown): DiskBench {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 2);
    bench.from('s', S1.sleep300);
    bench.down(1);
    then(bench);
    return bench;
  }

  const published = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(' id2'));

  it.each<[string, (bench: DiskBench) => unknown]>([
    ['it was let go', (bench) => bench.pass(WINDOW)],
    ['the client said it', (bench) => bench.from('s', '04 10 00 03')],
    ['another message took the MsgId', (bench) => bench.from('s', frame('0c 40 0001 0003', 'y'))],
  ])('%s while the broker was away, which has lost the session since: published anew, and released', (_what, then) => {
    const bench = restartedAndUp(brokerAway(then), false);
    expect(published(bench.restored)).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
    bench.acked(1, 'PUBREC', 2);
    bench.from('s', '04 10 00 03');
    bench.pass(WINDOW);
    expect(bench.acked(1, 'PUBCOMP', 2).filter((line) => line.startsWith('#'))).toEqual([]);
    expect([...bench.disk.keys()].filter((key) => key === 'exchange/s1/1')).toEqual([]);
  });

  it('the client said it: PUBCOMP follows when it says so again and the broker has the message', () => {
    const bench = restartedAndUp(
      brokerAway((away) => away.from('s', '04 10 00 03')),
      false,
    );
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });

  it('it is on disk before it goes to the broker', () => {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 2);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id2']);
    expect(bench.lastTurn).toEqual(['durable', 'upstream-release']);
    expect(bench.disk.get('exchange/s1/1')).toMatchObject({ released: true });
  });
});

describe('a QoS 2 publish that was let go, and whose PUBREL comes late (P-8, I-60)', () => {
  it('while the broker is away: PUBCOMP follows that of the broker', () => {
    const bench = publisher();
    bench.from('s', '04 18 0E 10'); // asleep, so that it outlives the grace time
    halfWay(bench, 1);
    bench.down(1);
    bench.pass(WINDOW);
    expect(bench.from('s', pubRel(1))).toEqual([]);
    expect(bench.up(3, false)).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('that the client was never told of, for it had connected anew: PUBCOMP all the same', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.from('s', connectFrame('s', false, 900));
    bench.up(2, true);
    expect(bench.acked(2, 'PUBREC', 1)).toEqual([]); // I-33
    expect(bench.pass(WINDOW)).toEqual(['#2 PUBREL id1']);
    expect(bench.from('s', pubRel(1))).toEqual([]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('is a finished one after that: DUP with the same content gets PUBREC, and after the retry window it is new', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(WINDOW);
    bench.from('s', pubRel(1));
    bench.acked(1, 'PUBCOMP', 1);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', pubRel(1))).toEqual([sent('0e 0001')]);
    bench.pass(WINDOW + 1);
    expect(bench.from('s', publish(1, 'c0'))).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
  });

  it('the MsgId belongs to another message by now, which has ended: PUBCOMP at once, for it is that one’s', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.pass(WINDOW); // the broker owes PUBCOMP
    bench.from('s', frame('0c 40 0001 0001', 'y'));
    bench.acked(1, 'PUBREC', 2);
    bench.from('s', pubRel(1));
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([sent('0e 0001')]);
    expect(bench.from('s', pubRel(1))).toEqual([sent('0e 0001')]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
  });

  it('over a restart: it is taken back, and the store knows it as the client’s', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.publishQos2);
    killed.acked(1, 'PUBREC', 2);
    killed.from('s', S1.sleep300);
    killed.pass(WINDOW);
    expect(killed.from('s', '04 10 00 03')).toEqual([]);
    expect(killed.disk.get('exchange/s1/1')).toMatchObject({ role: 'current', released: true });
    expect([...killed.disk.keys()].filter((key) => key.startsWith('finished/'))).toEqual([]);
    const bench = restartedAndUp(killed);
    expect(bench.restored).toEqual(['#1 CONNECT s1', '#1 PUBREL id2']);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });
});

describe('a QoS 2 publish with PUBREC whose client goes, in a session that is kept (I-65)', () => {
  it.each<[string, (bench: CoreBench) => unknown]>([
    ['it says DISCONNECT', (bench) => bench.from('s', '02 18')],
    ['it is lost', (bench) => bench.pass(1_500_000)],
    ['the gateway stops', (bench) => bench.feed({ type: 'operator-stopped' })],
  ])('%s: PUBREL goes to the broker before its connection ends', (_what, goes) => {
    const bench = publisher();
    halfWay(bench, 1);
    const before = bench.notes.length;
    const lines = [goes(bench)].flat();
    expect(lines.filter((line) => `${line}`.startsWith('#1 ')).at(0)).toBe('#1 PUBREL id1');
    expect(bench.notes.length).toBeGreaterThan(before);
  });

  it('it comes back months later: PUBREL is repeated, a copy is known by its content, and its own PUBREL gets PUBCOMP after the broker’s', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.from('s', '02 18');
    bench.pass(400_000_000);
    bench.from('s', connectFrame('s', false, 900));
    const connection = 2;
    expect(bench.up(connection, true)).toEqual(['#2 PUBREL id1', sent('05 00')]);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', pubRel(1))).toEqual([]);
    expect(bench.acked(connection, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('the broker is away: PUBREL is said with the next connection', () => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.down(1);
    bench.from('s', '02 18');
    bench.pass(100_000);
    bench.up(2);
    const lines = bench.from('s', connectFrame('s', false, 900));
    const connection = Number(/#(\d+) CONNECT s/.exec(lines.join())?.[1]);
    expect(bench.up(connection, true)).toEqual([`#${connection} PUBREL id1`, sent('05 00')]);
  });
});

describe('PUBREC again while the message is nowhere but here (3.3, I-61)', () => {
  it('a clean session whose connection is gone: the repetition waits for PUBREC of the broker', () => {
    const bench = publisher(true);
    halfWay(bench, 1);
    breakUpstream(bench);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([]);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([]);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
    expect(bench.from('s', pubRel(1))).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('PUBREL comes meanwhile: there is no PUBREC behind it', () => {
    const bench = publisher(true);
    halfWay(bench, 1);
    breakUpstream(bench);
    bench.from('s', publish(1, 'c0'));
    expect(bench.from('s', pubRel(1))).toEqual([]);
    bench.up(3);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['#3 PUBREL id1']);
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('let go, too', () => {
    const bench = publisher(true);
    halfWay(bench, 1);
    bench.pass(WINDOW - 3_000);
    breakUpstream(bench);
    bench.pass(2_500);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([]);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(3, 'PUBREC', 1)).toEqual(['#3 PUBREL id1']);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([sent('0f 0001')]);
  });

  it('a persistent session has it on disk: PUBREC at once', () => {
    const bench = publisher();
    halfWay(bench, 1);
    breakUpstream(bench);
    expect(bench.from('s', publish(1, 'c0'))).toEqual([sent('0f 0001')]);
  });
});

describe('PUBREL while the client waits for the disk (I-6, I-38)', () => {
  it.each<[string, (bench: CoreBench) => unknown]>([
    ['of the client', (bench) => bench.from('s', pubRel(1))],
    ['of the gateway', (bench) => bench.pass(WINDOW)],
  ])('%s goes out when nothing waits any more: what waits itself may miss its connection', (_what, says) => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.feed({ type: 'client-held', clientId: 's' });
    expect(says(bench)).toEqual([]);
    expect(bench.from('s', publish(2, '20'))).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']); // and nothing of the first one
    bench.acked(1, 'PUBACK', 2);
    breakUpstream(bench);
    expect(bench.up(3, false)).toEqual(['#3 PUBLISH qos2 id1 a/b "x"']); // the broker has lost it
    expect(bench.acked(3, 'PUBREC', 1)).toEqual([]);
    expect(bench.feed({ type: 'client-released', clientId: 's' })).toEqual(['#3 PUBREL id1']);
  });
});

describe('a session that ends while suspected packets go one at a time (T-18, T-26, I-42)', () => {
  it.each([
    ['what the client has PUBREC for', false],
    ['what it has said PUBREL for', true],
  ])('%s is released before', (_what, says) => {
    const bench = publisher();
    halfWay(bench, 1);
    bench.from('s', publish(2, '20'));
    breakUpstream(bench);
    expect(bench.up(3, true)).toEqual(['#3 PUBLISH qos1 id2 a/b "x" dup']);
    if (says) {
      expect(bench.from('s', pubRel(1))).toEqual([]);
    }
    expect(bench.from('s', connectFrame('s', true, 11)).slice(0, 2)).toEqual(['#3 PUBREL id1', '#3 DISCONNECT']);
  });
});
