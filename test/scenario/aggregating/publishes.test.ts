import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../../support/core-bench.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

function serving(names: readonly string[], options: HubBenchOptions = {}): HubBench {
  const bench = new HubBench(options);
  for (const name of names) {
    bench.client(name.replace('!', ''), { clean: name.endsWith('!') });
    bench.got(name.replace('!', ''));
  }
  return bench;
}

function puback(msgId: number, code = 0): string {
  return frame(`0d 7470 ${hex16(msgId)} ${hex16(code).slice(2)}`);
}

const ours = (bench: HubBench): string[] =>
  [...bench.disk.keys()].filter((key) => /^(?:relay|exchange|fired)/.test(key));

describe('publishes of many clients on one connection (3.7 item 6)', () => {
  it('QoS 1: acknowledged when the broker has acknowledged, each to its client; a repetition is one publish', () => {
    const bench = serving(['a!', 'b!']);
    expect(bench.publishes('a', 1, 7, 'x')).toEqual(['#2 PUBLISH qos1 id1 tp "x"']);
    expect(bench.publishes('b', 1, 7, 'y')).toEqual(['#2 PUBLISH qos1 id2 tp "y"']);
    expect(bench.says('a', frame('0c a2 7470 0007', 'x'))).toEqual([]);
    bench.acks('PUBACK', 2);
    expect([bench.got('a'), bench.got('b')]).toEqual([[], [puback(7)]]);
    bench.acks('PUBACK', 1);
    expect(bench.got('a')).toEqual([puback(7)]);
  });

  it('QoS 2: PUBREL goes to the broker at once after PUBREC, PUBCOMP to the client after its own', () => {
    const bench = serving(['a']);
    expect(bench.publishes('a', 2, 7, 'x')).toEqual(['#2 PUBLISH qos2 id1 tp "x"']);
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
    expect(bench.got('a')).toEqual(['040f0007']);
    expect(bench.acks('PUBCOMP', 1)).toEqual([]);
    expect(ours(bench)).toEqual(['exchange/a/1', 'relay/a/1']);
    expect(bench.says('a', frame('0c c2 7470 0007', 'x'))).toEqual([]);
    expect(bench.got('a')).toEqual(['040f0007']);
    expect(bench.says('a', '04 10 0007')).toEqual([]);
    expect(bench.got('a')).toEqual(['040e0007']);
    expect(ours(bench)).toEqual([]);
  });

  it('twenty clients that stop at PUBREC block nobody', () => {
    const names = Array.from({ length: 20 }, (_, at) => `s${at}`);
    const bench = serving([...names, 'a'], { connack: { receiveMaximum: 2 } });
    let id = 0;
    for (const name of names) {
      expect(bench.publishes(name, 2, 1, 'x')).toEqual([`#2 PUBLISH qos2 id${++id} tp "x"`]);
      bench.acks('PUBREC', id);
      bench.acks('PUBCOMP', id);
    }
    expect(bench.publishes('a', 2, 1, 'y')).toEqual([`#2 PUBLISH qos2 id${++id} tp "y"`]);
  });

  it('no more than 16 with QoS 2 are out in MQTT 3.1.1, which names no limit; QoS 1 goes on, and the others have their turn', () => {
    const names = Array.from({ length: 20 }, (_, at) => `s${at}`);
    const bench = serving([...names, 'a'], { settings: { upstream: { sharedProtocol: 4 } } });
    const out = names.flatMap((name) => bench.publishes(name, 2, 1, 'x'));
    expect(out).toHaveLength(16);
    expect(bench.publishes('s18', 1, 2, 'behind')).toEqual([]);
    expect(bench.publishes('a', 1, 1, 'y')).toEqual(['#2 PUBLISH qos1 id17 tp "y"']);
    bench.acks('PUBREC', 1);
    expect(bench.acks('PUBCOMP', 1)).toEqual(['#2 PUBLISH qos2 id18 tp "x"']); // that of s16
    bench.breaks();
    const again = bench.wait(2_000).concat(bench.stands({ sessionPresent: true }), bench.wait(1_000));
    expect(again.filter((line) => line.includes(' PUBLISH ')).length).toBeLessThanOrEqual(16);
    let told = again;
    for (let n = 0; n < 40; n += 1) {
      told = told.flatMap((line) => {
        const [, qos, id] = /PUBLISH qos(\d) (?:dup )?id(\d+)/.exec(line) ?? [];
        if (qos === '1') {
          return bench.acks('PUBACK', Number(id));
        }
        return id === undefined ? [] : [...bench.acks('PUBREC', Number(id)), ...bench.acks('PUBCOMP', Number(id))];
      });
    }
    expect(names.filter((name) => bench.got(name).includes('040f0001'))).toHaveLength(20);
  });

  it('a quarter of Receive Maximum is left to QoS 1, for QoS 2 may wait for the disk', () => {
    const bench = serving(['a!', 'b!', 'c!', 'd!', 'e!'], { connack: { receiveMaximum: 4 } });
    const out = ['a', 'b', 'c', 'd'].flatMap((name) => bench.publishes(name, 2, 1, name));
    expect(out).toEqual(['a', 'b', 'c'].map((name, at) => `#2 PUBLISH qos2 id${at + 1} tp "${name}"`));
    expect(bench.publishes('e', 1, 1, 'e')).toEqual(['#2 PUBLISH qos1 id4 tp "e"']);
    bench.acks('PUBREC', 1);
    expect(bench.acks('PUBCOMP', 1)).toEqual(['#2 PUBLISH qos2 id5 tp "d"']);
  });

  it('Receive Maximum is shared in turn: one that sends much waits behind one that sends little', () => {
    const bench = serving(['a!', 'b!'], { connack: { receiveMaximum: 2 } });
    const told = [1, 2, 3, 4, 5].flatMap((msgId) => bench.publishes('a', 1, msgId, `a${msgId}`));
    expect(told).toEqual(['#2 PUBLISH qos1 id1 tp "a1"', '#2 PUBLISH qos1 id2 tp "a2"']);
    expect(bench.publishes('b', 1, 1, 'b1')).toEqual([]);
    expect(bench.acks('PUBACK', 1)).toEqual(['#2 PUBLISH qos1 id3 tp "a3"']);
    expect(bench.acks('PUBACK', 2)).toEqual(['#2 PUBLISH qos1 id4 tp "b1"']);
    expect(bench.acks('PUBACK', 3)).toEqual(['#2 PUBLISH qos1 id5 tp "a4"']);
  });

  it('a smaller Receive Maximum after a break is kept, also by what goes out again', () => {
    const bench = serving(['a!']);
    [1, 2, 3].flatMap((msgId) => bench.publishes('a', 1, msgId, `${msgId}`));
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(2_000);
    const told = bench.stands({ sessionPresent: true, receiveMaximum: 2 });
    expect(told).toEqual([
      `#${bench.shared} PUBLISH qos1 id1 tp "1" dup`,
      `#${bench.shared} PUBLISH qos1 id2 tp "2" dup`,
    ]);
    expect(bench.acks('PUBACK', 1)).toEqual([`#${bench.shared} PUBLISH qos1 id3 tp "3" dup`]);
  });

  it('what the broker does not take is refused alone (Maximum Packet Size)', () => {
    const bench = serving(['a!'], { connack: { maximumPacketSize: 50 } });
    expect(bench.publishes('a', 1, 1, 'x'.repeat(60))).toEqual([]);
    expect(bench.got('a')).toEqual([puback(1, 3)]);
    expect(bench.publishes('a', 1, 2, 'x')).toHaveLength(1);
  });

  it('refused by the broker: the client hears it, with PUBACK for QoS 2 as well', () => {
    const bench = serving(['a!']);
    bench.publishes('a', 1, 1, 'x');
    bench.publishes('a', 2, 2, 'x');
    bench.acks('PUBACK', 1, 0x97);
    bench.acks('PUBREC', 2, 0x87);
    expect(bench.got('a')).toEqual([puback(1, 1), puback(2, 3)]);
  });

  it('PUBREC for QoS 1 says that the broker has it: PUBACK for the client, PUBREL for the broker (I-34)', () => {
    const bench = serving(['a!']);
    bench.publishes('a', 1, 1, 'x');
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
    expect(bench.got('a')).toEqual([puback(1)]);
    expect(bench.acks('PUBCOMP', 1)).toEqual([]);
  });

  it('an answer for nothing ends nothing, and is told (I-34)', () => {
    const bench = serving(['a!']);
    expect(bench.acks('PUBACK', 9)).toEqual([]);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'broker-answer-ignored', packet: 'PUBACK' }));
  });

  it('a client that comes back clean hears nothing of what was out, and its id serves the next one', () => {
    const bench = serving(['a!']);
    bench.publishes('a', 1, 1, 'x');
    bench.client('a');
    bench.got('a');
    expect(bench.publishes('a', 1, 1, 'y')).toEqual(['#2 PUBLISH qos1 id2 tp "y"']);
    bench.acks('PUBACK', 1);
    expect(bench.got('a')).toEqual([]);
    bench.acks('PUBACK', 2);
    expect(bench.got('a')).toEqual([puback(1)]);
  });
});

describe('what a QoS 2 publish of a persistent client waits for', () => {
  it('is the disk before PUBLISH, and before PUBREL, of the gateway; what its client says then promises nothing more', () => {
    const bench = serving(['a']);
    bench.publishes('a', 2, 7, 'x');
    expect(bench.lastTurn).toEqual(['durable', 'upstream-publish']);
    bench.acks('PUBREC', 1);
    expect(bench.lastTurn).toEqual(['durable', 'upstream-release', 'send']);
    bench.says('a', '04 10 0007');
    expect(bench.lastTurn).toEqual(['store']);
    bench.acks('PUBCOMP', 1);
    expect(bench.lastTurn).toEqual(['store', 'send']);
    expect(ours(bench)).toEqual([]);
  });

  it('a loss of power behind that loses nothing, and makes nothing twice', () => {
    const bench = serving(['a']);
    bench.publishes('a', 2, 7, 'x');
    bench.acks('PUBREC', 1);
    bench.says('a', '04 10 0007');
    const next = hubRestarted(bench, { isAway: true }, bench.synced);
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} PUBREL id1`]);
    next.client('a', { clean: false });
    next.got('a');
    next.says('a', '04 10 0007');
    next.acks('PUBCOMP', 1);
    expect(next.got('a')).toEqual(['040e0007']);
    expect(ours(next)).toEqual([]);
  });
});

describe('QoS 2 over a crash', () => {
  it.each([
    ['before PUBREC', [], ['PUBLISH qos2 id1 tp "x" dup']],
    ['after PUBREC', ['PUBREC'], ['PUBREL id1']],
    ['after PUBCOMP', ['PUBREC', 'PUBCOMP'], []],
  ] as const)('the broker gets it once, under its packet id: %s', (_, answers, told) => {
    const bench = serving(['a']);
    bench.publishes('a', 2, 7, 'x');
    for (const answer of answers) {
      bench.acks(answer, 1);
    }
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual(told.map((line) => `#${next.shared} ${line}`));
    next.client('a', { clean: false });
    next.got('a');
    if (answers.length === 0) {
      expect(next.acks('PUBREC', 1)).toEqual([`#${next.shared} PUBREL id1`]);
    }
    if (answers.length < 2) {
      next.acks('PUBCOMP', 1);
    }
    expect(next.says('a', frame('0c c2 7470 0007', 'x'))).toEqual([]);
    expect(next.got('a')).toEqual(['040f0007']);
    expect(next.says('a', '04 10 0007')).toEqual([]);
    expect(next.got('a')).toEqual(['040e0007']);
    expect(ours(next)).toEqual([]);
  });

  it('of a client that came back clean: what is left at the broker is released', () => {
    const bench = serving(['a']);
    bench.publishes('a', 2, 7, 'x');
    bench.client('a');
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} PUBREL id1`]);
    expect(next.acks('PUBCOMP', 1)).toEqual([]);
    expect(ours(next)).toEqual([]);
  });
});

describe('while the broker is away (3.5 item 7)', () => {
  function broken(names = ['a']): HubBench {
    const bench = serving(names);
    bench.breaks();
    bench.down(bench.own);
    return bench;
  }

  /** Lets time pass; each attempt fails. */
  function pass(bench: HubBench, milliseconds: number): string[] {
    const told: string[] = [];
    for (const end = bench.now + milliseconds; bench.now < end; ) {
      for (const line of bench.wait(Math.min(500, end - bench.now))) {
        const [, number] = /^#(\d+) CONNECT/.exec(line) ?? [];
        if (number === undefined) {
          told.push(line);
        } else {
          told.push(...bench.act(bench.down(Number(number))));
        }
      }
    }
    return told;
  }

  it('publishes wait within the grace time, then are refused with 0x01, and the client stays', () => {
    const bench = broken();
    expect(bench.publishes('a', 1, 1, 'x')).toEqual([]);
    expect(pass(bench, 29_000)).toEqual([]);
    expect(bench.got('a')).toEqual([]);
    pass(bench, 1_500);
    expect(bench.got('a')).toEqual([puback(1, 1)]);
    expect(bench.publishes('a', 1, 2, 'y')).toEqual([]);
    expect(bench.got('a')).toEqual([puback(2, 1)]);
    bench.says('a', '02 16');
    expect(bench.got('a')).toEqual(['0217']);
  });

  it('the notes say that the broker cannot be reached, not that it refused', () => {
    const bench = broken();
    bench.publishes('a', 1, 1, 'x');
    bench.asks('a', 'x/y', 1);
    pass(bench, 30_500);
    bench.publishes('a', 2, 2, 'y');
    bench.asks('a', 'x/z', 1);
    const told = bench.turns
      .flat()
      .flatMap((effect) =>
        effect.type === 'note' && effect.note.type === 'request-rejected'
          ? [`${effect.note.message}: ${effect.note.reason}`]
          : [],
      );
    const away = 'the broker cannot be reached';
    expect(told).toEqual([`PUBLISH: ${away}`, `SUBSCRIBE: ${away}`, `PUBLISH: ${away}`, `SUBSCRIBE: ${away}`]);
  });

  it('what had gone out before waits for its answer', () => {
    const bench = serving(['a']);
    bench.publishes('a', 1, 1, 'x');
    bench.breaks();
    bench.down(bench.own);
    pass(bench, 40_000);
    expect(bench.got('a')).toEqual([]);
    bench.wait(60_000);
    bench.up(bench.own);
    bench.stands({ sessionPresent: true });
    expect(bench.wait(1_000)).toEqual([`#${bench.shared} PUBLISH qos1 id1 tp "x" dup`]);
    bench.acks('PUBACK', 1);
    expect(bench.got('a')).toEqual([puback(1)]);
  });

  it('SUBSCRIBE waits, then is refused; behind the grace time at once', () => {
    const bench = broken();
    expect(bench.asks('a', 'x/y', 1)).toEqual([]);
    pass(bench, 29_000);
    expect(bench.got('a')).toEqual([]);
    pass(bench, 1_500);
    expect(bench.got('a')).toEqual([expect.stringMatching(/01$/)]);
    expect(bench.asks('a', 'x/z', 1)).toEqual([]);
    expect(bench.got('a')).toEqual([expect.stringMatching(/01$/)]);
  });

  it('UNSUBSCRIBE is answered, and owed to the broker, over a restart as well', () => {
    const bench = serving(['a']);
    bench.subscribe('a', 'x/y', 1);
    bench.got('a');
    bench.breaks();
    expect(bench.unsubscribe('a', 'x/y')).toEqual([]);
    expect(bench.got('a')).toHaveLength(1);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} UNSUBSCRIBE id1 x/y`]);
  });

  it('CONNECT gets 0x01 when it has waited, never 0x03: no client is the reason', () => {
    const bench = serving([], { isAway: true });
    bench.up(bench.own);
    bench.client('a');
    for (let attempts = 0; attempts < 4; attempts++) {
      bench.breaks();
      bench.wait(4_000);
    }
    expect(bench.got('a')).toEqual(['030501']);
  });

  it('CONNECT is accepted as soon as the connection stands', () => {
    const bench = serving([], { isAway: true });
    bench.up(bench.own);
    bench.client('a');
    expect(bench.got('a')).toEqual([]);
    bench.stands();
    expect(bench.got('a')).toEqual(['030500']);
  });
});

describe('poison on the shared connection (I-42)', () => {
  it('is found with the own connection as the witness; others wait and none is refused', () => {
    const bench = serving(['a!', 'b!', 'c!']);
    bench.publishes('a', 1, 1, 'good');
    bench.publishes('b', 1, 1, 'bad');
    bench.publishes('c', 1, 1, 'good too');
    bench.breaks();
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    expect(bench.publishes('a', 1, 2, 'later')).toEqual([]);
    expect(bench.wait(1_000)).toEqual([`#${bench.shared} PUBLISH qos1 id1 tp "good" dup`]);
    expect(bench.acks('PUBACK', 1)).toEqual([`#${bench.shared} PUBLISH qos1 id2 tp "bad" dup`]);
    bench.breaks();
    bench.wait(3_000);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'poison-given-up', clientId: 'b', topic: 'tp' }),
    );
    expect(bench.got('b')).toEqual([puback(1, 3)]);
    bench.stands({ sessionPresent: true });
    expect(bench.wait(1_000)).toEqual([`#${bench.shared} PUBLISH qos1 id3 tp "good too" dup`]);
    expect(bench.acks('PUBACK', 3)).toEqual([`#${bench.shared} PUBLISH qos1 id4 tp "later"`]);
    expect([bench.got('a'), bench.got('c')]).toEqual([[puback(1)], [puback(1)]]);
    expect(bench.publishes('b', 1, 2, 'bad')).toEqual([]);
    expect(bench.got('b')).toEqual([puback(2, 3)]);
  });

  it('is not found where the own connection falls too', () => {
    const bench = serving(['a!']);
    bench.publishes('a', 1, 1, 'good');
    for (let round = 0; round < 3; round++) {
      bench.breaks();
      bench.down(bench.own);
      bench.wait(5_000);
      bench.up(bench.own);
      bench.stands({ sessionPresent: true });
      bench.wait(1_000);
    }
    expect(bench.got('a')).toEqual([]);
    bench.acks('PUBACK', 1);
    expect(bench.got('a')).toEqual([puback(1)]);
  });

  it('a filter is found as well: its newcomers are refused, and it is not asked for again for a while', () => {
    const bench = serving(['a!', 'b!']);
    bench.asks('a', 'bad/#', 1);
    bench.breaks();
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    expect(bench.asks('b', 'good', 1)).toEqual([]);
    expect(bench.wait(1_000)).toEqual([`#${bench.shared} SUBSCRIBE id2 bad/# qos1 as 66`]);
    bench.breaks();
    bench.wait(3_000);
    expect(bench.got('a')).toEqual([expect.stringMatching(/03$/)]);
    expect(bench.stands({ sessionPresent: true })).toEqual([`#${bench.shared} SUBSCRIBE id3 good qos1 as 129`]);
    expect(bench.asks('a', 'bad/#', 1)).toEqual([]);
    expect(bench.got('a')).toEqual([expect.stringMatching(/03$/)]);
  });

  it('with a lost broker session: all subscriptions are back before a suspected publish goes out', () => {
    const bench = serving(['a!']);
    bench.subscribe('a', 'x/y', 1);
    bench.publishes('a', 1, 1, 'good');
    bench.breaks();
    bench.wait(2_000);
    bench.stands();
    const told = bench.wait(1_000);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/y qos1 as 65 without retained`]);
    expect(bench.grants(told)).toEqual([`#${bench.shared} PUBLISH qos1 id2 tp "good" dup`]);
  });
});

describe('a lost broker session (3.4)', () => {
  it('everything is subscribed again, without what is retained, before anything is published', () => {
    const bench = serving(['a!', 'b!']);
    bench.subscribe('a', 'x/y', 1);
    bench.subscribe('b', 'y/#', 2);
    bench.breaks();
    bench.wait(2_000);
    bench.publishes('a', 1, 1, 'x');
    const told = bench.stands();
    expect(told).toEqual([
      `#${bench.shared} SUBSCRIBE id3 x/y qos1 as 65 without retained`,
      `#${bench.shared} SUBSCRIBE id4 y/# qos2 as 129 without retained`,
    ]);
    expect(bench.grants(told.slice(0, 1))).toEqual([]);
    expect(bench.grants(told.slice(1))).toEqual([`#${bench.shared} PUBLISH qos1 id5 tp "x"`]);
  });

  it('a filter that is refused now holds up nobody, and is asked for on the next connection', () => {
    const bench = serving(['a!']);
    bench.subscribe('a', 'x/y', 1);
    bench.breaks();
    bench.wait(2_000);
    const told = bench.stands();
    bench.publishes('a', 1, 1, 'x');
    expect(bench.grants(told, 0x87)).toEqual([`#${bench.shared} PUBLISH qos1 id3 tp "x"`]);
    bench.acks('PUBACK', 3);
    bench.breaks();
    bench.wait(4_000);
    expect(bench.stands({ sessionPresent: true })).toEqual([
      `#${bench.shared} SUBSCRIBE id4 x/y qos1 as 65 without retained`,
    ]);
  });

  it('a filter whose last client leaves while it is restored holds up nobody', () => {
    const bench = serving(['a!', 'b!']);
    bench.subscribe('a', 'x/y', 1);
    bench.breaks();
    bench.publishes('b', 1, 1, 'x');
    bench.wait(2_000);
    bench.says('a', '02 18');
    expect(bench.stands()).toEqual([`#${bench.shared} PUBLISH qos1 id2 tp "x"`]);
  });

  it('a break in the middle begins again', () => {
    const bench = serving(['a!']);
    bench.subscribe('a', 'x/y', 1);
    bench.breaks();
    bench.wait(2_000);
    bench.stands();
    bench.breaks({ reasonCode: 0x8b });
    bench.publishes('a', 1, 1, 'x');
    bench.wait(4_000);
    const told = bench.stands({ sessionPresent: true });
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id3 x/y qos1 as 65 without retained`]);
    expect(bench.grants(told)).toEqual([`#${bench.shared} PUBLISH qos1 id4 tp "x"`]);
  });
});
