import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../../support/core-bench.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

/** `a` has its own connection from now on, or everybody has. */
const OTHERS = [
  ['another mode', { mode: 'transparent' }],
  ['a connection of its own', { ownConnection: ['a'] }],
] as const;

/** `a` has `x/+` with QoS 2, and has left. */
function left(): HubBench {
  const bench = new HubBench();
  bench.client('a', { clean: false });
  bench.subscribe('a', 'x/+', 2);
  bench.says('a', '02 18');
  bench.got('a');
  return bench;
}

function comes(bench: HubBench, text: string, qos: 1 | 2, packetId: number): void {
  bench.comes('x/y', text, { qos, packetId, identifiers: [65] });
  if (qos === 2) {
    bench.act(bench.feed({ type: 'upstream-released', connection: bench.shared, packetId }));
  }
}

/** Started again with these settings; the connections of the gateway stand. */
function changed(bench: HubBench, upstream: object, more: Partial<HubBenchOptions> = {}): HubBench {
  const next = hubRestarted(bench, { settings: { upstream }, isAway: true, ...more });
  next.up(next.own);
  return next;
}

/** `a` connects, and the broker accepts it. What the broker is told from then on. */
function connects(bench: HubBench, { clean = false, sessionPresent = false } = {}): string[] {
  const told = bench.client('a', { clean });
  expect(told.at(-1)).toContain(' CONNECT a');
  return standsFor(bench, sessionPresent);
}

function standsFor(bench: HubBench, sessionPresent = false): string[] {
  const connection = bench.connectionOf('a');
  const told = bench.act(bench.feed({ type: 'upstream-connected', connection, sessionPresent }));
  const ids = told.flatMap((line) => /^#\d+ SUBSCRIBE id(\d+)/.exec(line)?.[1] ?? []);
  return [...told, ...ids.flatMap((id) => bench.act(bench.suback(connection, Number(id), 2)))];
}

const messages = (bench: HubBench) => bench.got('a').filter((line) => line.startsWith('qos'));

/** What is asked of the disk is read. */
function loads(bench: HubBench): void {
  for (const effect of bench.turns.splice(0).flat()) {
    if (effect.type === 'load') {
      const records = effect.keys.map((key) => ({ key, record: bench.disk.get(key) }));
      bench.act(bench.feed({ type: 'records-loaded', records }));
    }
  }
}

/** A minute, in which clients answer. */
function passes(bench: HubBench): void {
  for (let second = 0; second < 60; second++) {
    bench.wait(1_000);
  }
}

/** What is on the disk of the shared connection. */
function leftOn(bench: HubBench): string[] {
  return [...bench.disk.keys()].filter((key) =>
    /^(?:message|parcel|relay|fired-will|filter|doubt|packet-ids|slots)/.test(key),
  );
}

describe.each(OTHERS)('what waits for a client that has %s now (I-133)', (_what, upstream) => {
  it('comes beside what comes on its own connection, once and in order, and the broker hears nothing of it', () => {
    const bench = left();
    for (const [at, text] of ['one', 'two', 'three'].entries()) {
      comes(bench, text, at === 1 ? 2 : 1, at + 1);
    }
    const next = changed(bench, upstream);
    const told = connects(next);
    expect(told.filter((line) => / PUB/.test(line))).toEqual([]);
    expect(messages(next)).toEqual(['qos1 x/y "one"', 'qos2 x/y "two"', 'qos1 x/y "three"']);
    const connection = next.connectionOf('a');
    expect(next.act(next.message(connection, 'x/y', 'four', { qos: 1, packetId: 1 }))).toEqual([
      `#${connection} PUBACK id1`,
    ]);
    expect(messages(next)).toEqual(['qos1 x/y "four"']);
    expect(leftOn(next).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
  });

  it('more than a session takes at a time comes as it is acknowledged', () => {
    const bench = left();
    const texts = Array.from({ length: 40 }, (_, at) => `m${at}`);
    for (const [at, text] of texts.entries()) {
      comes(bench, text, 1, at + 1);
    }
    const next = changed(bench, upstream);
    connects(next);
    expect(messages(next)).toEqual(texts.map((text) => `qos1 x/y "${text}"`));
  });

  it('all of it comes before what comes on its own connection, however much; where payloads are on the disk alone all of it comes, too', () => {
    for (const octetsInMemory of [1_000_000, 0]) {
      const bench = left();
      const texts = Array.from({ length: 40 }, (_, at) => `m${at}`);
      for (const [at, text] of texts.entries()) {
        comes(bench, text, 1, at + 1);
      }
      const next = hubRestarted(bench, {
        settings: { upstream, sessions: { queue: { octetsInMemory } } },
        isAway: true,
      });
      next.up(next.own);
      next.client('a', { clean: false });
      const connection = next.connectionOf('a');
      const [asked = ''] = next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: true }));
      next.act(next.message(connection, 'x/y', 'new', { qos: 1, packetId: 1 }));
      next.act(next.suback(connection, Number(/ id(\d+) /.exec(asked)?.[1]), 2));
      for (let load = 0; load < 50; load++) {
        loads(next);
      }
      const got = messages(next).map((line) => line.slice(10, -1));
      expect(octetsInMemory > 0 ? got : got.filter((text) => text !== 'new').concat('new')).toEqual([...texts, 'new']);
    }
  });

  it('what the client has not acknowledged comes again, after a break and a restart', () => {
    const bench = left();
    comes(bench, 'one', 1, 1);
    const next = changed(bench, upstream);
    next.of('a').isMute = true;
    connects(next);
    expect(messages(next)).toEqual(['qos1 x/y "one"']);
    next.of('a').isMute = false;
    next.act(next.down(next.connectionOf('a')));
    const last = changed(next, upstream);
    connects(last);
    expect(messages(last)).toEqual(['qos1 x/y "one"']);
    expect(leftOn(last).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
  });

  it('a QoS 2 message that the client has had comes no second time, whatever becomes of its own session at the broker', () => {
    const bench = left();
    comes(bench, 'one', 2, 1);
    const next = changed(bench, upstream);
    next.of('a').isMute = true;
    connects(next);
    expect(messages(next)).toEqual(['qos2 x/y "one"']);
    const msgId = lastMsgId(next);
    next.says('a', `04 0f ${hex16(msgId)}`); // PUBREC, and PUBREL stays unanswered
    next.act(next.down(next.connectionOf('a')));
    next.wait(5_000);
    standsFor(next);
    next.of('a').isMute = false;
    next.of('a').received.add(msgId);
    passes(next);
    expect(messages(next)).toEqual([]);
    expect(leftOn(next).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
  });

  it('a QoS 2 message that was half-way when the gateway was started anew goes on where it was', () => {
    const bench = left();
    bench.of('a').isMute = true;
    bench.client('a', { clean: false });
    comes(bench, 'one', 2, 1);
    expect(messages(bench)).toEqual(['qos2 x/y "one"']);
    const msgId = lastMsgId(bench);
    bench.says('a', `04 0f ${hex16(msgId)}`);
    const next = changed(bench, upstream);
    next.of('a').isMute = false;
    next.of('a').received.add(msgId);
    standsFor(next);
    passes(next);
    expect(messages(next)).toEqual([]);
    expect(next.of('a').received.size).toBe(0); // PUBREL has come
    expect(leftOn(next).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
    expect([...next.disk.keys()].filter((key) => key.startsWith('delivery'))).toEqual([]);
  });

  it('so does one of a sleeper that had connected clean, and nothing of it stays on the disk', () => {
    const bench = new HubBench();
    bench.client('a', { clean: true });
    bench.subscribe('a', 'x/+', 2);
    bench.says('a', '04 18 03 e8');
    comes(bench, 'one', 2, 1);
    bench.of('a').isMute = true;
    bench.got('a');
    bench.says('a', '03 16 61');
    expect(messages(bench)).toEqual(['qos2 x/y "one"']);
    const msgId = lastMsgId(bench);
    bench.says('a', `04 0f ${hex16(msgId)}`);
    const next = changed(bench, upstream);
    next.of('a').received.add(msgId);
    standsFor(next);
    next.says('a', '03 16 61');
    expect(next.of('a').received.size).toBe(0); // PUBREL has come
    expect([...next.disk.keys()].filter((key) => /^(?:delivery|parcel|message)/.test(key))).toEqual([]);
  });

  it('goes with the session, where the client connects clean or the operator forgets it', () => {
    for (const isForgotten of [false, true]) {
      const bench = left();
      comes(bench, 'one', 1, 1);
      const next = changed(bench, upstream);
      if (isForgotten) {
        next.feed({ type: 'operator-forgot', clientId: 'a', token: 1 });
      } else {
        connects(next, { clean: true });
      }
      expect(messages(next)).toEqual([]);
      expect(leftOn(next).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
    }
  });

  it('comes on the shared one where that is its connection again', () => {
    const bench = left();
    comes(bench, 'one', 1, 1);
    const next = changed(bench, upstream);
    const back = changed(next, {});
    back.grants(back.stands());
    back.client('a', { clean: false });
    expect(messages(back)).toEqual(['qos1 x/y "one"']);
  });

  it('comes with what it has been handed on the shared one meanwhile, where it has one of its own once more', () => {
    const bench = left();
    comes(bench, 'one', 1, 1);
    const next = changed(bench, upstream);
    next.of('a').isMute = true;
    connects(next);
    next.says('a', '02 18');
    const back = changed(next, {});
    back.grants(back.stands());
    back.of('a').isMute = true;
    const [ending = ''] = back.client('a', { clean: false });
    const connection = Number(/^#(\d+) CONNECT a clean/.exec(ending)?.[1]);
    back.act(back.feed({ type: 'upstream-connected', connection, sessionPresent: false })); // I-158
    comes(back, 'two', 1, 1);
    back.wait(2_000); // it has not answered, so that is on the disk
    back.says('a', '02 18');
    const last = changed(back, upstream);
    standsFor(last);
    connects(last);
    passes(last);
    expect(messages(last)).toEqual(['qos1 x/y "one"', 'qos1 x/y "two"']);
    expect(leftOn(last).filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
  });

  it('comes to a sleeper when it wakes', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 2);
    bench.says('a', '04 18 03 e8');
    comes(bench, 'one', 1, 1);
    comes(bench, 'two', 2, 2);
    const next = changed(bench, upstream);
    standsFor(next);
    next.got('a');
    next.says('a', '03 16 61');
    expect(messages(next)).toEqual(['qos1 x/y "one"', 'qos2 x/y "two"']);
  });

  it('a QoS 2 publish of the client that was half-way is made once, on the shared connection', () => {
    for (const hasPubrec of [false, true]) {
      const bench = new HubBench();
      bench.client('a', { clean: false });
      bench.publishes('a', 2, 1, 'up');
      if (hasPubrec) {
        bench.acks('PUBREC', 1);
      }
      const next = changed(bench, upstream);
      const own = standsFor(next);
      const told = [...own, ...next.stands({ sessionPresent: true }), ...next.publishes('a', 2, 1, 'up')];
      expect(told.filter((line) => / PUB/.test(line))).toEqual([
        hasPubrec ? `#${next.shared} PUBREL id1` : `#${next.shared} PUBLISH qos2 id1 tp "up" dup`,
      ]);
      const rest = [...(hasPubrec ? [] : next.acks('PUBREC', 1)), ...next.acks('PUBCOMP', 1)];
      rest.push(...next.says('a', '04 10 0001'));
      expect(rest.filter((line) => line.startsWith(`#${next.connectionOf('a')} PUB`))).toEqual([]);
      expect(next.got('a').slice(-2)).toEqual(['040f0001', '040e0001']);
      expect(leftOn(next).filter((key) => /^relay/.test(key))).toEqual([]);
      expect([...next.disk.keys()].filter((key) => key.startsWith('exchange'))).toEqual([]);
    }
  });

  it('and one on which the broker closes the shared connection does not go out on its own one, when the client repeats it', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.publishes('a', 2, 1, 'poison');
    const next = changed(bench, upstream);
    const own = standsFor(next);
    own.push(...next.stands({ sessionPresent: true }));
    for (let time = 0; time < 2; time++) {
      own.push(...next.breaks(), ...next.wait(1_000), ...next.stands({ sessionPresent: true }), ...next.wait(1_500));
    }
    expect(own.filter((line) => line.includes('"poison" dup'))).toHaveLength(2);
    next.got('a');
    const told = next.says('a', frame('0c c2 7470 0001', 'poison'));
    expect(told.filter((line) => / PUBLISH /.test(line))).toEqual([]);
    expect(next.got('a')).toEqual(['070d7470000103']);
  });
});

/** Of the last PUBLISH with QoS 1 or 2 to a client. */
function lastMsgId(bench: HubBench): number {
  const sent = bench.turns.flat().flatMap((effect) => (effect.type === 'send' ? [Buffer.from(effect.frame)] : []));
  return sent.findLast((frame) => frame[1] === 0x0c)?.readUInt16BE(5) ?? 0;
}

describe('the shared connection when everybody has one of his own (I-133)', () => {
  /** Whose client is lost with a will with this QoS while the broker is away. */
  function willWaits(qos: 1 | 2): HubBench {
    const bench = new HubBench();
    bench.says('w', frame('04 0c 01 0001', 'w'));
    bench.says('w', frame(`07 ${qos === 1 ? '20' : '40'}`, 'will'));
    bench.says('w', frame('09', 'off'));
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.breaks({ reasonCode: 0x8b });
    bench.wait(10_000); // `w` is lost
    return bench;
  }

  it.each([1, 2] as const)(
    'a will with QoS %i that waits is published, and the session at the broker is given up',
    (qos) => {
      const bench = willWaits(qos);
      const next = changed(bench, { mode: 'transparent' });
      standsFor(next);
      const told = next.stands({ sessionPresent: true });
      told.push(...next.act(next.feed({ type: 'upstream-ponged', connection: next.shared }))); // I-159: `x/+` of `a` ends then
      const [, id = ''] = /PUBLISH qos\d id(\d+) will/.exec(told.join('\n')) ?? [];
      const unsubscribe = /UNSUBSCRIBE id(\d+) x/.exec(told.join('\n'))?.[1];
      const connection = next.shared;
      next.act(next.feed({ type: 'upstream-unsubscribed', connection, packetId: Number(unsubscribe) }));
      if (qos === 2) {
        next.acks('PUBREC', Number(id));
      }
      expect(next.acks(qos === 1 ? 'PUBACK' : 'PUBCOMP', Number(id))).toEqual([
        `#${connection} DISCONNECT`,
        `#${next.shared} CONNECT (shared) clean`,
      ]);
      expect(next.stands()).toEqual([`#${next.shared} DISCONNECT`]);
      expect(next.notes).toContainEqual({ type: 'shared-session-ended' });
      expect(leftOn(next)).toEqual([]);
      const last = hubRestarted(next, { settings: { upstream: { mode: 'transparent' } }, isAway: true });
      expect(last.shared).toBe(0);
      expect(last.wait(100_000).filter((line) => line.includes('shared'))).toEqual([]);
    },
  );

  it('is given up when the broker has answered what it was asked for: nothing of a filter stays on the disk', () => {
    const bench = new HubBench();
    for (const [name, qos] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      bench.client(name, { clean: false });
      bench.subscribe(name, 'x/+', qos);
    }
    const next = changed(bench, { mode: 'transparent' });
    next.stands({ sessionPresent: true });
    const lowered = standsFor(next).at(-1) ?? ''; // nobody is left on the shared one that wants QoS 2
    expect(lowered).toMatch(/^#4 SUBSCRIBE id\d+ x.* qos1/);
    const connection = next.connectionOf('b');
    const [asked = ''] = next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
    next.act(next.suback(connection, Number(/ id(\d+) /.exec(asked)?.[1]), 1));
    next.act(next.feed({ type: 'upstream-ponged', connection: next.shared }));
    const told = next.act(next.suback(next.shared, Number(/ id(\d+) /.exec(lowered)?.[1]), 1));
    const packetId = Number(/UNSUBSCRIBE id(\d+) x/.exec(told.join('\n'))?.[1]);
    next.act(next.feed({ type: 'upstream-unsubscribed', connection: next.shared, packetId }));
    next.stands();
    expect(next.notes).toContainEqual({ type: 'shared-session-ended' });
    expect(leftOn(next)).toEqual([]);
  });

  it('is tried until the broker takes it, over a restart too', () => {
    const bench = willWaits(1);
    let next = changed(bench, { mode: 'transparent' });
    next.breaks({ unsent: true });
    next.wait(10_000);
    const told = next.stands();
    const [, id = ''] = /PUBLISH qos1 id(\d+) will/.exec(told.join('\n')) ?? [];
    expect(next.acks('PUBACK', Number(id))).toEqual([
      expect.stringContaining('DISCONNECT'),
      expect.stringContaining('clean'),
    ]);
    next = changed(next, { mode: 'transparent' });
    expect(next.stands({ sessionPresent: true })).toEqual([
      expect.stringContaining('DISCONNECT'),
      `#${next.shared} CONNECT (shared) clean`,
    ]);
    next.breaks();
    next.wait(10_000);
    expect(next.stands()).toEqual([`#${next.shared} DISCONNECT`]);
    expect(leftOn(next)).toEqual([]);
  });

  it('is there for a QoS 2 publish that is half-way, and its client hears the answers', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.publishes('a', 2, 1, 'up');
    const next = changed(bench, { mode: 'transparent' });
    standsFor(next);
    next.stands({ sessionPresent: true });
    next.acks('PUBREC', 1);
    expect(next.acks('PUBCOMP', 1).at(-1)).toBe(`#${next.shared} CONNECT (shared) clean`);
  });

  it('a gateway that has always been a transparent one has none', () => {
    const bench = new HubBench({ settings: { upstream: { mode: 'transparent' } }, isAway: true });
    bench.up(bench.own);
    bench.client('a', { clean: false });
    standsFor(bench);
    expect(bench.shared).toBe(0);
    const next = changed(bench, { mode: 'transparent' });
    expect([next.shared, leftOn(next)]).toEqual([0, []]);
  });

  it('all subscriptions are asked for on the own connection, also where the broker has a session of that client from before', () => {
    const next = changed(left(), { mode: 'transparent' });
    next.client('a', { clean: false });
    expect(standsFor(next, true)).toEqual([`#${next.connectionOf('a')} SUBSCRIBE id1 x/+ qos2`]);
  });

  it.each(['is none any more when its client connects', 'is published when its time is over'])(
    'a will that waits for its client (I-101) %s',
    (what) => {
      const upstream = { mode: 'transparent', willDelay: 60_000 } as const;
      const bench = new HubBench({ settings: { upstream: { willDelay: 60_000 } } });
      bench.says('a', frame('04 08 01 000a', 'a'));
      bench.says('a', frame('07 20', 'will'));
      bench.says('a', frame('09', 'off'));
      bench.wait(15_000); // lost
      const next = changed(bench, upstream);
      next.stands({ sessionPresent: true });
      const { shared } = next;
      if (what.startsWith('is none')) {
        next.says('a', frame('04 00 01 000a', 'a'));
        expect(standsFor(next)).toContain(`#${next.shared} CONNECT (shared) clean`);
      } else {
        expect(next.wait(59_999)).toEqual([]);
        expect(next.wait(1)).toEqual([`#${shared} PUBLISH qos1 id1 will "off"`]);
        expect(next.acks('PUBACK', 1)).toContain(`#${next.shared} CONNECT (shared) clean`);
      }
      expect(next.shared).not.toBe(shared);
      next.stands();
      expect(leftOn(next)).toEqual([]);
    },
  );
});

describe('clients that have another connection than before are counted (I-133)', () => {
  const counted = (bench: HubBench): unknown[] =>
    bench.turns
      .flat()
      .flatMap((effect) =>
        effect.type === 'note' && effect.note.type === 'mode-changed' ? [effect.note.clients] : [],
      );

  it.each([...OTHERS, ['the same', {}]] as const)(
    'where they have %s now, whether they sleep or are away',
    (what, upstream) => {
      const bench = left();
      bench.client('b', { clean: false });
      bench.subscribe('b', 'x/z', 1);
      bench.says('b', '04 18 0E 10');
      const next = changed(bench, 'ownConnection' in upstream ? { ownConnection: ['a', 'b'] } : upstream);
      expect(counted(next)).toEqual(what === 'the same' ? [] : [2]);
    },
  );
});
