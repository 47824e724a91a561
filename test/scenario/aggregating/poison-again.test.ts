import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { type HubBench, serving } from '../../support/hub-bench.ts';

const puback = (msgId: number, code = 0): string => `070d7470${msgId.toString(16).padStart(4, '0')}0${code}`;

/** The broker closes the connection on what is out, until that is given up. The pauses before it is there again. */
function fells(bench: HubBench): number[] {
  return [0, 1].map(() => {
    const { shared: broken, now } = bench;
    bench.breaks();
    while (bench.shared === broken) {
      bench.wait(100);
    }
    const pause = bench.now - now;
    bench.stands({ sessionPresent: true });
    bench.wait(1_000);
    return pause;
  });
}

describe('a client of an aggregating gateway that publishes poison again and again (I-111)', () => {
  it('does not make the pauses longer for everybody: the reason of these breaks is known, and gone', () => {
    const bench = serving();
    for (let msgId = 1; msgId <= 6; msgId++) {
      bench.says('a', frame(`0c 22 613${msgId} 000${msgId}`, 'x'));
      expect(Math.max(...fells(bench))).toBeLessThanOrEqual(2_000);
      expect(bench.got('a')).toEqual([expect.stringMatching(/03$/)]);
      bench.wait(5_000);
    }
  });

  it('the second time the topic is refused without asking the broker, from that size on, whoever publishes', () => {
    const bench = serving();
    for (const msgId of [1, 2]) {
      bench.publishes('a', 1, msgId, `bad ${msgId}`);
      fells(bench);
      expect(bench.got('a')).toEqual([puback(msgId, 3)]);
    }
    expect(bench.publishes('b', 1, 3, 'bad 3')).toEqual([]);
    expect(bench.got('b')).toEqual([puback(3, 3)]);
    expect(bench.publishes('b', 1, 4, 'tiny')).toEqual([`#${bench.shared} PUBLISH qos1 id3 tp "tiny"`]);
    expect(bench.publishes('b', 2, 5, 'bad 5')).toEqual([`#${bench.shared} PUBLISH qos2 id4 tp "bad 5"`]);
  });

  it('what waited behind the second one is refused as well', () => {
    const bench = serving();
    bench.publishes('a', 1, 1, 'bad 1');
    fells(bench);
    bench.publishes('a', 1, 2, 'bad 2');
    bench.breaks();
    bench.publishes('b', 1, 7, 'bad 7');
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    bench.wait(1_000);
    bench.breaks();
    bench.wait(3_000);
    expect(bench.stands({ sessionPresent: true })).toEqual([]);
    expect(bench.got('b')).toEqual([puback(7, 3)]);
  });

  it('a message of that size that stands shows that it was chance', () => {
    const bench = serving();
    bench.publishes('a', 1, 1, 'bad 1');
    fells(bench);
    bench.publishes('a', 1, 2, 'good 2');
    bench.acks('PUBACK', 2);
    bench.publishes('a', 1, 3, 'bad 3');
    fells(bench);
    bench.got('a');
    expect(bench.publishes('a', 1, 4, 'good 4')).toHaveLength(1);
  });

  it('is tried again ten minutes later', () => {
    const bench = serving();
    for (const msgId of [1, 2]) {
      bench.publishes('a', 1, msgId, `bad ${msgId}`);
      fells(bench);
    }
    bench.wait(601_000);
    bench.got('a');
    expect(bench.publishes('a', 1, 3, 'bad 3')).toHaveLength(1);
  });
});

describe('a QoS 2 publish of which the client has PUBREC, though PUBREL has not gone out (I-42)', () => {
  /** PUBREL waited for the disk when the connection broke (I-38), so PUBLISH goes out again. */
  function told(): HubBench {
    const bench = serving();
    bench.publishes('a', 2, 1, 'told');
    bench.acks('PUBREC', 1);
    expect(bench.got('a')).toEqual(['040f0001']);
    bench.breaks({ kept: { packetIds: new Set([1]), qos0: 0 } });
    bench.wait(5_000);
    expect(bench.stands({ sessionPresent: true })).toEqual([`#${bench.shared} PUBLISH qos2 id1 tp "told" dup`]);
    return bench;
  }

  it('is not given up as long as it may be chance: the client would not repeat it', () => {
    const bench = told();
    fells(bench);
    fells(bench);
    expect(bench.got('a')).toEqual([]);
    expect(bench.acks('PUBREC', 1)).toEqual([`#${bench.shared} PUBREL id1`]);
  });

  it('is given up when eight connections have broken on it alone, for the others wait', () => {
    const bench = told();
    bench.says('a', '04 10 0001');
    for (let pair = 0; pair < 5; pair++) {
      expect(bench.got('a')).toEqual([]);
      fells(bench);
    }
    expect(bench.got('a')).toEqual(['040e0001']);
    expect(bench.publishes('b', 1, 1, 'next')).toEqual([`#${bench.shared} PUBLISH qos1 id2 tp "next"`]);
  });
});

describe('poison while another client of the shared connection waits for the disk (I-38, I-42)', () => {
  /** `a` has published with QoS 1, and `b` with QoS 2, which waits for its record. */
  function waiting(): HubBench {
    const bench = serving();
    expect(bench.publishes('a', 1, 1, 'bad')).toEqual([`#${bench.shared} PUBLISH qos1 id1 tp "bad"`]);
    bench.publishes('b', 2, 2, 'waits');
    return bench;
  }

  it('the one that has gone out is condemned by a code at once, and what waits has nothing to do with it', () => {
    const bench = waiting();
    bench.breaks({ reasonCode: 0x82, kept: { packetIds: new Set([2]), qos0: 0 } });
    bench.wait(5_000);
    expect(bench.got('a')).toEqual([puback(1, 3)]);
    expect(bench.stands({ sessionPresent: true })).toEqual([`#${bench.shared} PUBLISH qos2 id2 tp "waits" dup`]);
  });

  it('what waits when it is tried alone is not accused: it has not gone out', () => {
    const bench = waiting();
    bench.acks('PUBACK', 1);
    bench.breaks();
    const kept = { packetIds: new Set([2]), qos0: 0 };
    for (const _ of [1, 2]) {
      bench.wait(5_000);
      bench.stands({ sessionPresent: true });
      bench.wait(2_000);
      bench.breaks({ kept });
    }
    bench.wait(5_000);
    bench.stands({ sessionPresent: true });
    bench.wait(2_000);
    bench.acks('PUBREC', 2);
    expect(bench.got('b')).toEqual(['040f0002']);
  });
});
