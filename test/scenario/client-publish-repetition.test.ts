import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { breakUpstream, connected, persistent, registered, sent } from '../support/core-bench-traffic.ts';
import { mainKeys } from '../support/disk-session.ts';

/** A client that has registered a/b as topic id 1 and a/c as 2; "a/b" is also the pre-defined id 10, "p" the pre-defined id 1. */
function publisher(clean = false): CoreBench {
  const options = { predefined: { '*': { 1: 'p', 10: 'a/b' } } };
  const bench = clean ? connected(options) : persistent(options);
  expect(registered(bench, 'a/b')).toBe('000b');
  expect(registered(bench, 'a/c')).toBe('000c');
  return bench;
}

/** PUBLISH with MsgId 1: Flags, TopicId, payload. */
const publish = (flags: string, topicId: string, payload: string): string =>
  frame(`0c ${flags} ${topicId} 0001`, payload);

describe('another message under a MsgId that is open (T-18)', () => {
  it.each([
    ['another payload', '20', '000b', 'y', 'qos1 id2 a/b "y"'],
    ['another payload, with DUP, for its first copy may be lost', 'a0', '000b', 'y', 'qos1 id2 a/b "y"'],
    ['a longer payload', 'a0', '000b', 'xx', 'qos1 id2 a/b "xx"'],
    ['no payload', 'a0', '000b', '', 'qos1 id2 a/b ""'],
    ['another topic', 'a0', '000c', 'x', 'qos1 id2 a/c "x"'],
    ['another topic with the same TopicId, a pre-defined one', 'a1', '0001', 'x', 'qos1 id2 p "x"'],
    ['Retain', 'b0', '000b', 'x', 'qos1 id2 a/b "x" retain'],
    ['another QoS', 'c0', '000b', 'x', 'qos2 id2 a/b "x"'],
  ])(
    '%s: it goes to the broker too, and never gets the acknowledgement of the old one',
    (_what, flags, topicId, payload, line) => {
      const bench = publisher();
      bench.from('s', publish('20', '000b', 'x'));
      expect(bench.from('s', publish(flags, topicId, payload))).toEqual([`#1 PUBLISH ${line}`]);
      expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
      if (line.startsWith('qos2')) {
        expect(bench.acked(1, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
        expect(bench.from('s', '04 10 00 01')).toEqual(['#1 PUBREL id2']);
        expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([sent('0e 0001')]);
      } else {
        expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent(`0d ${topicId} 0001 00`)]);
      }
    },
  );

  it('is answered also where the broker answers it before the old one', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    bench.from('s', publish('20', '000b', 'y'));
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 000b 0001 00')]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
  });

  it('is itself repeated, and absorbed', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    bench.from('s', publish('20', '000b', 'y'));
    expect(bench.from('s', publish('a0', '000b', 'y'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('the same topic by another kind of id is the same content: a repetition', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    expect(bench.from('s', publish('21', '000a', 'x'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('QoS 2 that stopped at PUBREC is released by the gateway, and its PUBCOMP answers nobody', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    expect(bench.acked(1, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
    expect(bench.from('s', publish('c0', '000b', 'y'))).toEqual(['#1 PUBREL id1', '#1 PUBLISH qos2 id2 a/b "y"']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.from('s', '04 10 00 01')).toEqual([]); // not before the PUBREC of the new one
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
    expect(bench.from('s', '04 10 00 01')).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([sent('0e 0001')]);
  });

  it('QoS 2 before PUBREC goes on without the client: the gateway says PUBREL, nobody is told', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    expect(bench.from('s', publish('40', '000b', 'y'))).toEqual(['#1 PUBLISH qos2 id2 a/b "y"']);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
  });

  it('QoS 2 after PUBREL keeps its packet id until the broker’s last answer', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    bench.acked(1, 'PUBREC', 1);
    bench.from('s', '04 10 00 01');
    expect(bench.from('s', publish('40', '000b', 'y'))).toEqual(['#1 PUBLISH qos2 id2 a/b "y"']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
  });

  it('while the broker is away: both are published, in the order in which they came (3.5 item 6)', () => {
    const bench = publisher();
    bench.down(1);
    expect(bench.from('s', publish('20', '000b', 'x'))).toEqual([]);
    expect(bench.from('s', publish('20', '000b', 'y'))).toEqual([]);
    expect(bench.from('s', publish('20', '000b', 'z'))).toEqual([]);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual([
      '#3 PUBLISH qos1 id1 a/b "x"',
      '#3 PUBLISH qos1 id2 a/b "y"',
      '#3 PUBLISH qos1 id3 a/b "z"',
    ]);
    expect([1, 2, 3].flatMap((id) => bench.acked(3, 'PUBACK', id))).toEqual([sent('0d 000b 0001 00')]);
  });

  it('the old one is sent again with DUP where the connection breaks, its QoS 2 released when it is back (I-6)', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    bench.from('s', publish('40', '000b', 'y'));
    bench.acked(1, 'PUBREC', 1);
    breakUpstream(bench);
    expect(bench.up(3, true)).toEqual(['#3 PUBREL id1']); // without an answer at the break: alone (I-42)
    expect(bench.acked(3, 'PUBCOMP', 1)).toEqual(['#3 PUBLISH qos2 id2 a/b "y" dup']);
    expect(bench.acked(3, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
  });

  it('the old one is refused by the broker: nobody is answered, the log knows', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    bench.from('s', publish('20', '000b', 'y'));
    expect(bench.acked(1, 'PUBACK', 1, 0x87)).toEqual([]);
    expect(bench.notes).toEqual([expect.objectContaining({ type: 'client-publish-dropped', qos: 1, clientId: 's' })]);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('all of them together are no more than clients.maxInflight, and the places come back (T-36)', () => {
    const bench = publisher();
    for (let id = 1; id <= 16; id++) {
      expect(bench.from('s', publish('20', '000b', `${id}`))).toEqual([`#1 PUBLISH qos1 id${id} a/b "${id}"`]);
    }
    expect(bench.from('s', publish('20', '000b', 'no'))).toEqual([sent('0d 000b 0001 01')]);
    expect(bench.acked(1, 'PUBACK', 16)).toEqual([]); // not taken for that of the one that was refused
    expect(bench.from('s', publish('20', '000b', 'yes'))).toEqual(['#1 PUBLISH qos1 id17 a/b "yes"']);
    expect(bench.acked(1, 'PUBACK', 17)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('a late copy of the old one is no third message, and gets no answer that would be taken for the new one’s', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    bench.from('s', publish('20', '000b', 'y'));
    expect(bench.from('s', publish('20', '000b', 'x'))).toEqual([]);
    bench.acked(1, 'PUBACK', 1);
    expect(bench.from('s', publish('a0', '000b', 'x'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('of a clean session too', () => {
    const bench = publisher(true);
    bench.from('s', publish('20', '000b', 'x'));
    expect(bench.from('s', publish('20', '000b', 'y'))).toEqual(['#1 PUBLISH qos1 id2 a/b "y"']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
  });
});

describe('a finished exchange (T-18, 3.3)', () => {
  function finished(flags: '20' | '40'): CoreBench {
    const bench = publisher();
    bench.from('s', publish(flags, '000b', 'x'));
    bench.acked(1, flags === '20' ? 'PUBACK' : 'PUBREC', 1);
    if (flags === '40') {
      bench.from('s', '04 10 00 01');
      bench.acked(1, 'PUBCOMP', 1);
    }
    return bench;
  }

  it.each([
    ['payload', 'a0', '000b', 'y', 'qos1 id2 a/b "y"'],
    ['length of the payload', 'a0', '000b', 'xx', 'qos1 id2 a/b "xx"'],
    ['topic', 'a0', '000c', 'x', 'qos1 id2 a/c "x"'],
    ['Retain', 'b0', '000b', 'x', 'qos1 id2 a/b "x" retain'],
    ['QoS', 'c0', '000b', 'x', 'qos2 id2 a/b "x"'],
  ])('DUP with another %s is a new message', (_what, flags, topicId, payload, line) => {
    expect(finished('20').from('s', publish(flags, topicId, payload))).toEqual([`#1 PUBLISH ${line}`]);
  });

  it('QoS 2: DUP with another payload is a new message', () => {
    expect(finished('40').from('s', publish('c0', '000b', 'y'))).toEqual(['#1 PUBLISH qos2 id2 a/b "y"']);
  });

  it('DUP with the same content gets its acknowledgement again, by whatever kind of id the topic is named', () => {
    expect(finished('20').from('s', publish('a0', '000b', 'x'))).toEqual([sent('0d 000b 0001 00')]);
    expect(finished('20').from('s', publish('a1', '000a', 'x'))).toEqual([sent('0d 000a 0001 00')]);
    expect(finished('40').from('s', publish('c0', '000b', 'x'))).toEqual([sent('0f 0001')]);
  });

  it('the same content without DUP is a new message', () => {
    expect(finished('20').from('s', publish('20', '000b', 'x'))).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']);
  });

  it('two of one MsgId are both remembered', () => {
    const bench = finished('20');
    bench.from('s', publish('20', '000b', 'y'));
    bench.acked(1, 'PUBACK', 2);
    expect(bench.from('s', publish('a0', '000b', 'x'))).toEqual([sent('0d 000b 0001 00')]);
    expect(bench.from('s', publish('a0', '000b', 'y'))).toEqual([sent('0d 000b 0001 00')]);
    expect(bench.from('s', publish('a0', '000b', 'z'))).toEqual(['#1 PUBLISH qos1 id3 a/b "z"']);
  });
});

describe('a client that connects again and counts from 1 again (T-18, I-32)', () => {
  /** The client publishes "x" with MsgId 1 and connects again, and the broker's connection is up again as #2. */
  function reborn(flags: '20' | '40', answered: boolean): CoreBench {
    const bench = publisher();
    bench.from('s', publish(flags, '000b', 'x'));
    if (answered) {
      bench.acked(1, 'PUBREC', 1);
    }
    bench.from('s', connectFrame('s', false, 900));
    bench.up(2, true);
    return bench;
  }

  it('QoS 1: the new message goes to the broker, and only its PUBACK to the client', () => {
    const bench = reborn('20', false);
    expect(bench.from('s', publish('20', '000b', 'y'))).toEqual(['#2 PUBLISH qos1 id2 a/b "y"']);
    expect(bench.acked(2, 'PUBACK', 1)).toEqual([]);
    expect(bench.acked(2, 'PUBACK', 2)).toEqual([sent('0d 000b 0001 00')]);
  });

  it('QoS 2 that stopped at PUBREC: the old one is released, the new one goes its own way', () => {
    const bench = reborn('40', true);
    expect(bench.from('s', publish('40', '000b', 'y'))).toEqual(['#2 PUBREL id1', '#2 PUBLISH qos2 id2 a/b "y"']);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.acked(2, 'PUBREC', 2)).toEqual([sent('0f 0001')]);
  });

  it.each([
    ['20', 'PUBACK', '0d 000b 0001 00'],
    ['40', 'PUBREC', '0f 0001'],
  ] as const)(
    'Flags %s: an answer from before waits until the client names its message again: it may be on its way with another',
    (flags, packet, answer) => {
      const bench = reborn(flags, false);
      expect(bench.acked(2, packet, 1)).toEqual([]);
      const dup = flags === '20' ? 'a0' : 'c0';
      expect(bench.from('s', publish(dup, '000b', 'x'))).toEqual([sent(answer)]);
    },
  );

  it('a PUBCOMP from before waits for PUBREL', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    bench.acked(1, 'PUBREC', 1);
    bench.from('s', '04 10 00 01');
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['#2 PUBREL id1', sent('05 00')]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]); // P-8
  });

  it('a PUBREL that comes again before the PUBCOMP gets it when it comes', () => {
    const bench = publisher();
    bench.from('s', publish('40', '000b', 'x'));
    bench.acked(1, 'PUBREC', 1);
    bench.from('s', '04 10 00 01');
    bench.from('s', connectFrame('s', false, 900));
    bench.up(2, true);
    expect(bench.from('s', '04 10 00 01')).toEqual([]);
    expect(bench.acked(2, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('a refusal from before is nobody’s answer, and the log knows', () => {
    const bench = reborn('20', false);
    expect(bench.acked(2, 'PUBACK', 1, 0x87)).toEqual([]);
    expect(bench.notes).toEqual([expect.objectContaining({ type: 'client-publish-dropped', qos: 1 })]);
  });

  it('a SUBSCRIBE from before is asked again, and its SUBACK is that of the topic asked for', () => {
    const bench = publisher();
    expect(bench.from('s', frame('12 20 0001', 'c/d'))).toEqual(['#1 SUBSCRIBE id1 c/d qos1']);
    bench.from('s', connectFrame('s', false, 900));
    expect(bench.up(2, true)).toEqual(['#2 UNSUBSCRIBE id2 c/d', sent('05 00')]); // I-53
    expect(bench.from('s', frame('12 20 0001', 'e/f'))).toEqual(['#2 SUBSCRIBE id3 e/f qos1']);
    expect(bench.suback(2, 1, 1)).toEqual([]);
    expect(bench.suback(2, 3, 1)).toEqual([sent('13 20 000e 0001 00')]);
  });

  it('clean: nothing of the old session is answered or published', () => {
    const bench = publisher();
    bench.from('s', publish('20', '000b', 'x'));
    bench.from('s', publish('20', '000b', 'y'));
    bench.from('s', connectFrame('s', true, 900));
    expect(bench.up(2)).toEqual([sent('05 00')]);
  });
});

describe('another message under an open MsgId, over a restart (T-18, 3.3)', () => {
  /** `s1`, "a/b" as id 1: two QoS 2 messages under MsgId 3. */
  function two(before: (bench: DiskBench) => unknown = () => {}): DiskBench {
    const bench = new DiskBench();
    keepSession(bench);
    bench.from('s', S1.publishQos2);
    before(bench);
    bench.from('s', frame('0c 40 0001 0003', 'y'));
    return bench;
  }

  it('both are on disk and published again in their order, each under its packet id', () => {
    const bench = restartedAndUp(two());
    expect(bench.restored.slice(1)).toEqual(['#1 PUBLISH qos2 id2 a/b "x" dup', '#1 PUBLISH qos2 id3 a/b "y" dup']);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual([]);
    expect(bench.from('s', frame('0c c0 0001 0003', 'y'))).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 3)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id3']);
    expect(bench.acked(1, 'PUBCOMP', 3)).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('the old one was received: the gateway’s PUBREL is on disk before it goes out, and only PUBREL is repeated', () => {
    const killed = two((bench) => bench.acked(1, 'PUBREC', 2));
    expect(killed.lastTurn).toEqual(['durable', 'upstream-release', 'upstream-publish']);
    const bench = restartedAndUp(killed);
    expect(bench.restored.slice(1)).toEqual(['#1 PUBREL id2', '#1 PUBLISH qos2 id3 a/b "y" dup']);
  });

  it('a new message after the restart takes the MsgId over', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.publishQos2);
    const bench = restarted(killed);
    expect(bench.from('s', frame('0c c0 0001 0003', 'y'))).toEqual([]);
    expect(bench.up(1, true)).toEqual([
      '#1 PUBLISH qos2 id2 a/b "x" dup',
      expect.stringMatching(/^#1 PUBLISH qos2 id(?!2 )\d+ a\/b "y"$/),
    ]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['#1 PUBREL id2']);
  });

  it('an answer to what was sent before the crash waits until the client names it: it may have connected anew before (I-33)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.publishQos2);
    killed.from('s', connectFrame('s1', false, 60));
    killed.up(2, true);
    const bench = restartedAndUp(killed);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual([]);
    expect(bench.from('s', frame('0c c0 0001 0003', 'x'))).toEqual(['s < 040f0003']);
  });

  it('more than nine are published in the order in which they came', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.down(1);
    const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
    for (const [index, text] of texts.entries()) {
      killed.from('s', frame(`0c 40 0001 ${hex16(0x100 - index)}`, text));
    }
    const byKey = [...killed.disk].sort(([a], [b]) => (a < b ? -1 : 1)); // as a database gives them back
    killed.disk.clear();
    for (const [key, record] of byKey) {
      killed.disk.set(key, record);
    }
    const bench = restartedAndUp(killed);
    expect(bench.restored.flatMap((line) => /"(.)"/.exec(line)?.[1] ?? [])).toEqual(texts);
  });

  it('a clean start leaves nothing of either on disk (S-4)', () => {
    const bench = two((b) => b.acked(1, 'PUBREC', 2));
    bench.from('s', S1.connectClean);
    bench.up(2);
    expect([...bench.disk.keys()]).toEqual([]);
  });
});
