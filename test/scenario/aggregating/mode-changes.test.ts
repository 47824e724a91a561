import { describe, expect, it } from '@jest/globals';
import { sharedKey } from '../../../src/core/contract/shared-records.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

const TRANSPARENT = { mode: 'transparent' } as const;

/** Each way in which `a` has a connection of its own. */
const OWN = [
  ['the transparent mode', TRANSPARENT],
  ['upstream.ownConnection', { ownConnection: ['a'] }],
] as const;

/** In which `a` has a connection of its own; the connections of the gateway stand. */
function transparent(upstream: object = TRANSPARENT): HubBench {
  const bench = new HubBench({ settings: { upstream }, isAway: true });
  bench.up(bench.own);
  return bench;
}

/** Killed, and started again with these settings; the connection of the gateway itself stands. */
function changed(bench: HubBench, upstream: object, more: Partial<HubBenchOptions> = {}): HubBench {
  const next = hubRestarted(bench, { settings: { upstream }, isAway: true, ...more });
  next.up(next.own);
  return next;
}

/** The same to the shared connection, which stands and has all its filters. */
function aggregating(bench: HubBench, sessionPresent = false): HubBench {
  const next = changed(bench, {});
  next.grants(next.stands({ sessionPresent }));
  return next;
}

/** The broker accepts the connection of a client, and grants what it is asked for there. What it was told. */
function standsFor(bench: HubBench, name: string, sessionPresent = false): string[] {
  const connection = bench.connectionOf(name);
  const told = bench.act(bench.feed({ type: 'upstream-connected', connection, sessionPresent }));
  const ids = told.flatMap((line) => /^#\d+ SUBSCRIBE id(\d+)/.exec(line)?.[1] ?? []);
  return [...told, ...ids.flatMap((id) => bench.act(bench.suback(connection, Number(id), 2)))];
}

/** `a` has `x/+` with QoS 2 on a connection of its own, and has left. */
function left(upstream: object = TRANSPARENT): HubBench {
  const bench = transparent(upstream);
  bench.client('a', { clean: false });
  standsFor(bench, 'a');
  const [told = ''] = bench.asks('a', 'x/+', 2);
  bench.act(bench.suback(bench.connectionOf('a'), Number(/ id(\d+) /.exec(told)?.[1]), 2));
  bench.says('a', '02 18');
  bench.got('a');
  return bench;
}

/** A message for a filter on the shared connection. */
function comes(bench: HubBench, text: string, qos: 1 | 2, packetId: number, name = 'x/+'): void {
  const filter = bench.disk.get(sharedKey('filter', name));
  const identifiers = filter?.kind === 'filter' ? [filter.identifier] : [];
  bench.comes('x/y', text, { qos, packetId, identifiers });
  if (qos === 2) {
    bench.act(bench.feed({ type: 'upstream-released', connection: bench.shared, packetId }));
  }
}

const messages = (bench: HubBench) => bench.got('a').filter((line) => line.startsWith('qos'));

/** Connections to the broker that are asked for, without their numbers. */
const connects = (told: readonly string[]) =>
  told.filter((line) => line.includes(' CONNECT ')).map((line) => line.replace(/^#\d+ CONNECT /, ''));

/** The broker accepts the connection that is asked for there. */
function accepts(bench: HubBench, told: readonly string[], sessionPresent = false): string[] {
  const line = told.findLast((one) => one.includes(' CONNECT ')) ?? '';
  const connection = Number(/^#(\d+)/.exec(line)?.[1]);
  return bench.act(bench.feed({ type: 'upstream-connected', connection, sessionPresent }));
}

const leftovers = (bench: HubBench) => [...bench.disk.keys()].filter((key) => key.startsWith('leftover'));

describe.each(OWN)('the session that the broker has from %s (I-158)', (_what, upstream) => {
  it('stays as long as the client has not been back on the shared connection, and ends when it has', () => {
    const bench = aggregating(left(upstream));
    expect(connects(bench.wait(60_000))).toEqual([]);
    const told = bench.client('a', { clean: false });
    expect(connects(told)).toEqual(['a clean']);
    expect(leftovers(bench)).toEqual(['leftover/a']);
    expect(accepts(bench, told)).toEqual([expect.stringMatching(/^#\d+ DISCONNECT$/)]);
    expect(leftovers(bench)).toEqual([]);
    comes(bench, 'one', 2, 1);
    expect(messages(bench)).toEqual(['qos2 x/y "one"']);
    bench.says('a', '02 18');
    expect(connects(bench.client('a', { clean: false }))).toEqual([]);
  });

  it('ends once, over restarts', () => {
    const bench = aggregating(left(upstream));
    bench.client('a', { clean: false });
    const next = changed(bench, {});
    expect(leftovers(next)).toEqual(['leftover/a']);
    const line = connectLine(next, 'a clean');
    next.stands({ sessionPresent: true });
    accepts(next, [line]);
    const last = aggregating(next, true);
    expect(leftovers(last)).toEqual([]);
    expect(connects(last.client('a', { clean: false }))).toEqual([]);
  });

  it('is tried again when the broker is back', () => {
    const bench = aggregating(left(upstream));
    bench.act(bench.down(bench.own));
    bench.breaks();
    bench.client('a', { clean: false });
    bench.wait(30_000);
    bench.act(bench.up(bench.own));
    bench.stands({ sessionPresent: true });
    const told = bench.client('a', { clean: false });
    const later = [...told, ...bench.wait(60_000)];
    expect(connects(later)).toContain('a clean');
  });

  it('is tried in its pauses, whatever is heard of the client, where that was to be done before a change there and back', () => {
    const bench = aggregating(left(upstream));
    bench.client('a', { clean: false }); // and the broker does not answer
    const back = aggregating(changed(bench, upstream), true);
    const line = connectLine(back, 'a clean');
    expect(line).not.toBe('');
    const told = back.act(back.down(Number(/^#(\d+)/.exec(line)?.[1])));
    told.push(...back.client('a', { clean: false }));
    expect(connects(told)).toEqual([]);
    expect(connects(back.wait(1_000))).toEqual(['a clean']);
  });

  it('ends with the session that is forgotten', () => {
    const bench = aggregating(left(upstream));
    const told = bench.act(bench.feed({ type: 'operator-forgot', clientId: 'a', token: 1 }));
    expect(connects(told)).toEqual(['a clean']);
  });

  it('ends when a sleeper wakes', () => {
    const before = transparent(upstream);
    before.client('a', { clean: false });
    standsFor(before, 'a');
    before.says('a', '04 18 03 e8');
    const bench = aggregating(before);
    expect(connects(bench.wait(10_000))).toEqual([]);
    expect(connects(bench.says('a', '03 16 61'))).toEqual(['a clean']);
  });

  it('is no matter of a client whose sessions are clean', () => {
    const before = transparent(upstream);
    before.client('a');
    standsFor(before, 'a');
    const bench = aggregating(before);
    expect(connects(bench.client('a'))).toEqual([]);
  });
});

/** The line of the connection that was asked for at the start. */
function connectLine(bench: HubBench, what: string): string {
  for (const effect of bench.turns.flat()) {
    if (effect.type === 'upstream-connect' && effect.clientId !== undefined) {
      const line = `#${effect.connection} CONNECT ${effect.clientId}${effect.cleanSession ? ' clean' : ''}`;
      if (line.endsWith(` ${what}`)) {
        return line;
      }
    }
  }
  return '';
}

describe('a client has a connection of its own again (I-158)', () => {
  it('nothing comes twice that it has got on the shared one: the session of before ends first', () => {
    const bench = aggregating(left());
    bench.act(bench.client('a', { clean: false })); // and the broker does not answer
    comes(bench, 'one', 2, 1);
    expect(messages(bench)).toEqual(['qos2 x/y "one"']);
    bench.says('a', '02 18');
    for (const next of [changed(bench, TRANSPARENT), changed(changed(bench, TRANSPARENT), TRANSPARENT)]) {
      const line = connectLine(next, 'a clean');
      next.client('a', { clean: false });
      expect(connectLine(next, 'a')).toBe('');
      const told = accepts(next, [line]);
      expect(connects(told)).toEqual(['a']);
      expect(standsFor(next, 'a')).toContain(`#${next.connectionOf('a')} SUBSCRIBE id1 x/+ qos2`);
      expect(messages(next)).toEqual([]);
    }
  });

  it('who has not been back has it from the session of before; what the gateway has of that with QoS 2 goes, with QoS 1 it comes, too', () => {
    const bench = aggregating(left());
    comes(bench, 'one', 2, 1);
    comes(bench, 'two', 1, 2);
    const next = changed(bench, TRANSPARENT);
    next.client('a', { clean: false });
    standsFor(next, 'a', true);
    expect(messages(next)).toEqual(['qos1 x/y "two"']);
    const connection = next.connectionOf('a');
    for (const [at, text] of ['zero', 'one'].entries()) {
      next.act(next.message(connection, 'x/y', text, { qos: 2, packetId: at + 1 }));
      next.act(next.feed({ type: 'upstream-released', connection, packetId: at + 1 }));
    }
    expect(messages(next)).toEqual(['qos2 x/y "zero"', 'qos2 x/y "one"']);
  });

  it('what it was just being given on the shared one goes on, and is not given by the session of before, also where that comes again', () => {
    const before = transparent();
    before.client('a', { clean: false });
    standsFor(before, 'a');
    const [asked = ''] = before.asks('a', 'x/y', 2); // it knows the topic id
    before.act(before.suback(before.connectionOf('a'), Number(/ id(\d+) /.exec(asked)?.[1]), 2));
    before.got('a');
    const bench = aggregating(before);
    bench.of('a').isMute = true; // the client is there, and says nothing
    comes(bench, 'one', 2, 1, 'x/y');
    expect(messages(bench)).toEqual(['qos2 x/y "one"']);
    const next = changed(bench, TRANSPARENT);
    next.of('a').isMute = false;
    standsFor(next, 'a', true);
    expect(messages(next)).toEqual(['qos2 x/y "one" dup']);
    const first = next.connectionOf('a');
    next.act(next.message(first, 'x/y', 'zero', { qos: 2, packetId: 7 }));
    next.act(next.feed({ type: 'upstream-released', connection: first, packetId: 7 }));
    const ofOne = { qos: 2, packetId: 8 } as const;
    expect(next.act(next.message(first, 'x/y', 'one', ofOne))).toEqual([`#${first} PUBREC id8`]);
    next.act(next.down(first));
    next.wait(10_000);
    standsFor(next, 'a', true);
    const second = next.connectionOf('a');
    expect(next.act(next.message(second, 'x/y', 'one', { ...ofOne, dup: true }))).toEqual([`#${second} PUBREC id8`]);
    expect(next.act(next.feed({ type: 'upstream-released', connection: second, packetId: 8 }))).toContain(
      `#${second} PUBCOMP id8`,
    );
    next.act(next.message(second, 'x/y', 'one', ofOne)); // another one that says the same
    next.act(next.feed({ type: 'upstream-released', connection: second, packetId: 8 }));
    expect(messages(next)).toEqual(['qos2 x/y "zero"', 'qos2 x/y "one"']);
  });

  it('and is tried in its pauses, also while the session waits for its own: a CONNECT of the client alone is a reason to do so at once', () => {
    const before = transparent();
    before.client('a', { clean: false });
    standsFor(before, 'a');
    const [asked = ''] = before.asks('a', 'x/+', 1);
    before.act(before.suback(before.connectionOf('a'), Number(/ id(\d+) /.exec(asked)?.[1]), 1));
    const bench = aggregating(before);
    expect(connects(bench.says('a', '02 16'))).toEqual(['a clean']); // and the broker does not answer
    bench.got('a');
    const next = changed(bench, TRANSPARENT);
    const times: number[] = [];
    const refuses = (told: readonly string[]): void => {
      for (const line of told.filter((one) => one.endsWith(' CONNECT a clean'))) {
        times.push(next.now);
        const connection = Number(/^#(\d+)/.exec(line)?.[1]);
        const refused = { type: 'upstream-refused', connection, reasonCode: 3, protocolVersion: 4 } as const;
        refuses(next.act(next.feed(refused)));
      }
    };
    expect(connects(next.wait(1_500))).toEqual([]); // the broker is known to be there
    refuses([connectLine(next, 'a clean')]);
    refuses(next.client('a', { clean: false }));
    expect(times).toEqual([next.now, next.now]);
    expect(next.got('a')).toContain('030501');
    for (let second = 0; second < 60; second++) {
      refuses(next.wait(1_000));
    }
    const pauses = times.slice(2).map((time, index) => time - (times[index + 1] ?? 0));
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000]);
  });

  it('where the broker has no session any more all that the gateway has comes', () => {
    const bench = aggregating(left());
    comes(bench, 'one', 2, 1);
    const next = changed(changed(bench, TRANSPARENT), TRANSPARENT);
    next.client('a', { clean: false });
    standsFor(next, 'a', false);
    expect(messages(next)).toEqual(['qos2 x/y "one"']);
  });

  it.each([
    ['and gets nothing from one that was never made whole, which ends first', false],
    ['and where a third change came before all was asked for again it has all of that', true],
  ])('for the third time, %s', (_what, isWhole) => {
    let first = new HubBench();
    first.client('a', { clean: false });
    first.subscribe('a', 'x/+', 2);
    first.says('a', '02 18');
    if (isWhole) {
      const own = changed(first, TRANSPARENT);
      standsFor(own, 'a');
      own.wait(1_000);
      first = aggregating(own, true);
    }
    const second = changed(first, TRANSPARENT);
    const connection = second.connectionOf('a');
    const told = second.act(second.feed({ type: 'upstream-connected', connection, sessionPresent: isWhole }));
    expect(told).toContainEqual(expect.stringMatching(/ SUBSCRIBE id\d+ x\/\+ qos2/)); // of which SUBACK never comes
    const third = aggregating(second, true);
    expect(connectLine(third, 'a clean') !== '').toBe(!isWhole);
    comes(third, 'one', 2, 2);
    const last = changed(third, TRANSPARENT);
    const ending = connectLine(last, 'a clean');
    if (ending !== '') {
      accepts(last, [ending]);
    }
    last.client('a', { clean: false });
    standsFor(last, 'a', isWhole);
    expect(messages(last)).toEqual(isWhole ? [] : ['qos2 x/y "one"']);
  });

  it('what was in the gateway before the session of before was made is not taken for a part of it', () => {
    const first = new HubBench();
    first.client('a', { clean: false });
    first.subscribe('a', 'x/+', 2);
    first.says('a', '02 18');
    first.got('a');
    comes(first, 'old', 2, 1);
    const second = changed(first, TRANSPARENT); // and the client does not come
    standsFor(second, 'a');
    second.wait(1_000);
    const third = aggregating(second, true);
    comes(third, 'new', 2, 2);
    const last = changed(third, TRANSPARENT);
    last.client('a', { clean: false });
    standsFor(last, 'a', true);
    expect(messages(last)).toEqual(['qos2 x/y "old"']);
  });
});

describe.each(OWN)('a client with a QoS 2 publish half-way on its own connection (I-158: %s)', (_what, upstream) => {
  /** The line to the broker for it, where the client's publish has come so far when the gateway is killed. */
  function halfWay(hasPubrec: boolean, isReleased: boolean, clean = false): HubBench {
    const bench = transparent(upstream);
    bench.client('a', { clean });
    standsFor(bench, 'a');
    const connection = bench.connectionOf('a');
    bench.publishes('a', 2, 1, 'up');
    if (hasPubrec) {
      bench.act(bench.acked(connection, 'PUBREC', 1, 0));
    }
    if (isReleased) {
      bench.says('a', '04 10 0001');
    }
    return bench;
  }

  const waits = (bench: HubBench) =>
    bench.turns
      .flat()
      .flatMap((one) => (one.type === 'note' && one.note.type === 'mode-change-waits' ? [one.note] : []));

  it('of which PUBREL has gone out, keeps that until a later start, and then it shares one', () => {
    const bench = aggregating(halfWay(true, true));
    expect(waits(bench)).toEqual([{ type: 'mode-change-waits', clients: 1, some: ['a'] }]);
    const told = standsFor(bench, 'a', true);
    const own = bench.connectionOf('a');
    expect(told).toContain(`#${own} PUBREL id1`);
    bench.says('a', '04 10 0001');
    expect(bench.got('a')).toEqual([]);
    bench.act(bench.acked(own, 'PUBCOMP', 1, 0));
    expect(bench.got('a')).toEqual(['040e0001']);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('exchange'))).toEqual([]);

    const next = changed(bench, {});
    expect(waits(next)).toEqual([]);
    expect(connectLine(next, 'a')).toBe('');
    next.grants(next.stands());
    expect(next.publishes('a', 1, 2, 'shared')).toContainEqual(
      expect.stringMatching(new RegExp(`^#${next.shared} PUBLISH qos1 id\\d+ tp "shared"$`)),
    );
  });

  it.each([true, false])(
    'that has not come so far is made anew on the shared one at once (PUBREC has come: %s)',
    (hasPubrec) => {
      const bench = changed(halfWay(hasPubrec, false), {});
      expect(waits(bench)).toEqual([]);
      const told = [...bench.stands(), ...bench.publishes('a', 2, 1, 'up')];
      expect(told.filter((line) => line.includes('"up"'))).toEqual([
        expect.stringMatching(new RegExp(`^#${bench.shared} PUBLISH qos2 id\\d+ tp "up"( dup)?$`)),
      ]);
    },
  );

  it.each([true, false])(
    'is not refused while the broker is away: its client may have PUBREC (it has said PUBREL: %s)',
    (isReleasing) => {
      const before = halfWay(true, false);
      before.got('a');
      const bench = changed(before, {});
      bench.act(bench.down(bench.shared));
      bench.act(bench.down(bench.own));
      if (isReleasing) {
        bench.says('a', '04 10 0001');
      }
      bench.wait(bench.settings.upstream.grace + 60_000);
      expect(bench.got('a')).toEqual([]);
      bench.up(bench.own);
      bench.wait(60_000);
      const told = [...bench.stands(), ...bench.wait(1_000)];
      expect(told.filter((line) => line.includes('"up"'))).toEqual([`#${bench.shared} PUBLISH qos2 id1 tp "up"`]);
      bench.acks('PUBREC', 1);
      if (!isReleasing) {
        bench.publishes('a', 2, 1, 'up');
        expect(bench.got('a')).toEqual(['040f0001']);
        bench.says('a', '04 10 0001');
      }
      bench.acks('PUBCOMP', 1);
      expect(bench.got('a')).toEqual(['040e0001']);
    },
  );

  it('goes in its place among others', () => {
    const before = transparent(upstream);
    before.client('a', { clean: false });
    standsFor(before, 'a');
    const numbers = Array.from({ length: 11 }, (_, at) => at + 1);
    for (const msgId of numbers) {
      before.publishes('a', 2, msgId, `up ${msgId}`);
    }
    const records = [...before.disk].reverse(); // in whatever order the store has them
    before.disk.clear();
    for (const [key, record] of records) {
      before.disk.set(key, record);
    }
    const bench = changed(before, {});
    const told = [...bench.stands(), ...bench.wait(1_000)].filter((line) => line.includes('PUBLISH'));
    expect(told.map((line) => /"up (\d+)"/.exec(line)?.[1])).toEqual(numbers.map(String));
  });

  it('is away, and keeps it until it has been back: nothing connects for it', () => {
    const before = halfWay(true, true);
    before.says('a', '02 18');
    const bench = aggregating(changed(before, {}));
    expect(connectLine(bench, 'a')).toBe('');
    expect(connects(bench.client('a', { clean: false }))).toEqual(['a']);
    expect(standsFor(bench, 'a', true)).toContain(`#${bench.connectionOf('a')} PUBREL id1`);
  });

  it('begins anew without a session: that ends on its own connection, too', () => {
    const bench = aggregating(halfWay(true, true));
    expect(connects(bench.client('a'))).toEqual(['a clean']);
  });

  it('shares one at once where its session is clean, or the broker has had all of it', () => {
    expect(waits(aggregating(halfWay(true, true, true)))).toEqual([]);
    const done = halfWay(true, true);
    done.act(done.acked(done.connectionOf('a'), 'PUBCOMP', 1, 0));
    expect(waits(aggregating(done))).toEqual([]);
  });
});

describe('the log after a change (A-1, A-2)', () => {
  const notes = (bench: HubBench) =>
    bench.turns.flat().flatMap((one) => (one.type === 'note' && one.note.type === 'mode-changed' ? [one.note] : []));

  it('names the direction, the clients and what has changed, once', () => {
    const bench = aggregating(left());
    expect(notes(bench)).toEqual([
      { type: 'mode-changed', to: 'shared', mode: 'aggregating', clients: 1, some: ['a'] },
    ]);
    expect(notes(changed(bench, {}))).toEqual([]);
    const back = changed(bench, TRANSPARENT);
    expect(notes(back)).toEqual([{ type: 'mode-changed', to: 'own', mode: 'transparent', clients: 1, some: ['a'] }]);
    expect(notes(changed(back, TRANSPARENT))).toEqual([]);
  });

  it('tells a change of ownConnection from one of the mode', () => {
    const bench = aggregating(left({ ownConnection: ['a'] }));
    expect(notes(bench)).toEqual([
      { type: 'mode-changed', to: 'shared', mode: 'aggregating', clients: 1, some: ['a'] },
    ]);
    expect(notes(changed(bench, { ownConnection: ['a'] }))).toEqual([
      { type: 'mode-changed', to: 'own', mode: 'aggregating', clients: 1, some: ['a'] },
    ]);
  });
});

describe('a client that is away and shared the connection (I-159)', () => {
  /** `a` has `x/+` with QoS 2 and is away. */
  function away(): HubBench {
    const bench = new HubBench();
    bench.client('a', { clean: false, will: 'bye' });
    bench.subscribe('a', 'x/+', 2);
    bench.says('a', '02 18');
    bench.got('a');
    return bench;
  }

  it.each(OWN)(
    'has a session of its own at the broker after the change to %s, without a will, and hears nothing',
    (_, upstream) => {
      const next = changed(away(), upstream);
      next.stands(); // and the broker has lost the session of the shared one
      const line = connectLine(next, 'a');
      expect(line).toContain(' CONNECT a');
      const connection = next.connectionOf('a');
      const told = next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
      expect(told).toEqual([`#${connection} SUBSCRIBE id1 x/+ qos2`]);
      next.act(next.message(connection, 'x/y', 'nobody', { qos: 0 }));
      expect(next.act(next.suback(connection, 1, 2))).toContain(`#${connection} DISCONNECT`);
      expect(next.got('a')).toEqual([]);
      expect(connects(next.wait(100_000)).filter((one) => one.startsWith('a'))).toEqual([]);
      const connect = next.turns.flat().find((effect) => effect.type === 'upstream-connect' && effect.clientId === 'a');
      expect(connect).toMatchObject({ cleanSession: false, will: undefined });
      const again = changed(next, upstream);
      expect(connectLine(again, 'a')).toBe('');
    },
  );

  it('a kill in between does it again, and so does a broker that is away', () => {
    const next = changed(away(), TRANSPARENT);
    next.act(next.feed({ type: 'upstream-connected', connection: next.connectionOf('a'), sessionPresent: false }));
    const again = changed(next, TRANSPARENT);
    expect(connectLine(again, 'a')).toContain(' CONNECT a');
    again.act(again.down(again.connectionOf('a')));
    expect(connects(again.wait(60_000))).toContain('a');
    again.stands();
    expect(standsFor(again, 'a')).toContain(`#${again.connectionOf('a') || connectionOf(again, 'a')} DISCONNECT`);
  });

  it.each(OWN)(
    'that is sent away, for the broker does not take it (%s), is no reason to connect without a pause',
    (_, upstream) => {
      const bench = new HubBench();
      bench.client('a', { clean: false });
      bench.subscribe('a', 'x/+', 2);
      bench.got('a');
      const next = changed(bench, upstream);
      next.stands();
      let told = [connectLine(next, 'a')];
      while (!next.got('a').includes('0218')) {
        told = connects(told).includes('a') ? next.act(next.down(connectionOf(next, 'a'))) : next.wait(1_000);
      }
      expect(connects(told)).toEqual([]);
      expect(connects(next.wait(5_000)).filter((one) => one.startsWith('a'))).toEqual([]);
      expect(connects(next.wait(60_000))).toContain('a');
    },
  );

  it.each(OWN)('that is refused is no reason either (%s)', (_, upstream) => {
    const next = changed(away(), upstream);
    next.stands();
    next.act(next.down(connectionOf(next, 'a')));
    const told = next.client('a', { clean: false });
    expect(connects(told)).toEqual([expect.stringMatching(/^a will/)]);
    const refused = { type: 'upstream-refused', connection: connectionOf(next, 'a'), reasonCode: 3 } as const;
    expect(connects(next.act(next.feed({ ...refused, protocolVersion: 4 })))).toEqual([]);
    expect(next.got('a')).toContain('030501');
    expect(connects(next.wait(499))).not.toContain('a');
    expect(connects(next.wait(501))).toContain('a');
  });

  it('and that closes on it each time: the pauses grow from the CONNECT of the client on, also where that comes to nothing', () => {
    const next = changed(away(), TRANSPARENT);
    next.stands();
    next.wait(2_000); // the broker is known to be there
    const times: number[] = [];
    const closes = (told: readonly string[]): void => {
      for (const line of told.filter((one) => / CONNECT a( |$)/.test(one))) {
        times.push(next.now);
        const connection = Number(/^#(\d+)/.exec(line)?.[1]);
        closes(next.act(next.down(connection)));
      }
    };
    closes([connectLine(next, 'a')]);
    closes(next.client('a', { clean: false }));
    const begun = next.now;
    for (let second = 0; second < 90; second++) {
      closes(next.wait(1_000));
    }
    expect(next.got('a')).toEqual(['030503']);
    const pauses = times.filter((time) => time > begun).map((time, index, all) => time - (all[index - 1] ?? begun));
    expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it('the client comes meanwhile: there is one connection, and that is its own', () => {
    const next = changed(away(), TRANSPARENT);
    const first = next.connectionOf('a');
    const told = next.client('a', { clean: false });
    expect(told).toEqual([`#${first} DISCONNECT`, expect.stringMatching(/^#\d+ CONNECT a/)]);
    expect(standsFor(next, 'a')).toEqual([`#${next.connectionOf('a')} SUBSCRIBE id1 x/+ qos2`]);
    expect(next.got('a')).toEqual(['030500']);
  });

  it('what comes there with QoS 1 and 2 stays at the broker', () => {
    const next = changed(away(), TRANSPARENT);
    const connection = next.connectionOf('a');
    const [line = ''] = next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
    expect(next.act(next.message(connection, 'x/y', 'one', { qos: 2, packetId: 1 }))).toEqual([]);
    next.act(next.suback(connection, Number(/ id(\d+) /.exec(line)?.[1]), 2));
    next.client('a', { clean: false });
    standsFor(next, 'a', true);
    next.act(next.message(next.connectionOf('a'), 'x/y', 'one', { qos: 2, packetId: 1, dup: true }));
    expect(messages(next)).toEqual(['qos2 x/y "one"']);
  });

  it('its session is forgotten, or ends, meanwhile: so does the connection', () => {
    const next = changed(away(), TRANSPARENT);
    const connection = next.connectionOf('a');
    const told = next.act(next.feed({ type: 'operator-forgot', clientId: 'a', token: 1 }));
    expect(told).toContain(`#${connection} DISCONNECT`);
    expect(connects(told)).toEqual(['a clean']);
    const other = changed(away(), TRANSPARENT);
    expect(other.act(other.feed({ type: 'operator-stopped' }))).toContain(
      `#${other.connectionOf('a') || connection} DISCONNECT`,
    );
  });

  it('has none where it has no subscriptions, or is clean', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.says('a', '02 18');
    expect(connectLine(changed(bench, TRANSPARENT), 'a')).toBe('');
  });

  it('no more are made at a time than upstream.maxConnecting', () => {
    const bench = new HubBench();
    for (let at = 0; at < 30; at++) {
      bench.client(`a${at}`, { clean: false });
      bench.subscribe(`a${at}`, 'x/+', 2);
      bench.says(`a${at}`, '02 18');
    }
    const next = changed(bench, { ...TRANSPARENT, maxConnecting: 4 });
    const made = next.turns.flat().filter((one) => one.type === 'upstream-connect' && one.clientId !== undefined);
    expect(made).toHaveLength(4);
  });
});

/** Of the last connection that was asked for. */
function connectionOf(bench: HubBench, clientId: string): number {
  const made = bench.turns.flat().flatMap((one) => (one.type === 'upstream-connect' ? [one] : []));
  return made.findLast((one) => one.clientId === clientId)?.connection ?? 0;
}

describe('what is published while a client gets a session of its own (I-159)', () => {
  /** `a` is there or away, and the gateway of the shared connection has been killed. */
  function killed(isAway: boolean): HubBench {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 2);
    if (isAway) {
      bench.says('a', '02 18');
    }
    bench.got('a');
    return changed(bench, TRANSPARENT);
  }

  it.each([true, false])('comes from the shared session, which is kept for so long (away: %s)', (isAway) => {
    const next = killed(isAway);
    next.stands({ sessionPresent: true });
    comes(next, 'between', 2, 1);
    expect(next.notes).not.toContainEqual({ type: 'shared-session-ended' });
    standsFor(next, 'a');
    const { shared } = next;
    next.act(next.feed({ type: 'upstream-ponged', connection: shared }));
    next.grants([]);
    const unsubscribes = next.turns.flat().flatMap((one) => (one.type === 'upstream-unsubscribe' ? [one] : []));
    for (const { packetId } of unsubscribes) {
      next.act(next.feed({ type: 'upstream-unsubscribed', connection: shared, packetId }));
    }
    expect(next.shared).not.toBe(shared);
    next.stands();
    expect(next.notes).toContainEqual({ type: 'shared-session-ended' });
    if (isAway) {
      next.client('a', { clean: false });
      standsFor(next, 'a', true);
    }
    expect(messages(next)).toEqual(['qos2 x/y "between"']);
  });

  it('is safe before the shared session is given up: PINGREQ goes out behind the acknowledgements, which may wait for the disk', () => {
    const bench = new HubBench({ answersPings: false });
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 2);
    const next = changed(bench, TRANSPARENT);
    next.grants(next.stands({ sessionPresent: true }));
    const { shared } = next;
    comes(next, 'between', 2, 1);
    standsFor(next, 'a');
    const told = next.wait(15_000);
    const [line = ''] = told.filter((one) => one.includes(' UNSUBSCRIBE '));
    const packetId = Number(/ id(\d+) /.exec(line)?.[1]);
    next.act(next.feed({ type: 'upstream-unsubscribed', connection: shared, packetId }));
    next.wait(60_000);
    expect(next.shared).toBe(shared);
    next.pongs(); // for copies of the message, and then for all
    next.pongs();
    expect(next.shared).not.toBe(shared);
  });

  it.each([true, false])(
    'is for it over a kill, until nothing is left of it on the shared connection (away: %s)',
    (isAway) => {
      const bench = new HubBench({ answersPings: false });
      bench.client('a', { clean: false });
      bench.subscribe('a', 'x/+', 2);
      if (isAway) {
        bench.says('a', '02 18');
      }
      bench.got('a');
      const next = changed(bench, TRANSPARENT); // and the shared connection cannot be made
      next.act(next.down(next.shared));
      standsFor(next, 'a');
      const last = changed(next, TRANSPARENT);
      last.grants(last.stands({ sessionPresent: true }));
      comes(last, 'between', 1, 1);
      if (isAway) {
        last.client('a', { clean: false });
      }
      standsFor(last, 'a', true);
      expect(messages(last)).toEqual(['qos1 x/y "between"']);
      last.pongs();
      last.pongs();
      const [packetId = 0] = last.turns
        .flat()
        .flatMap((one) => (one.type === 'upstream-unsubscribe' ? [one.packetId] : []));
      last.act(last.feed({ type: 'upstream-unsubscribed', connection: last.shared, packetId }));
      for (const { shared } = last; last.shared === shared && last.pongs().length > 0; ) {
        // whatever is asked is answered
      }
      last.stands();
      expect(last.notes).toContainEqual({ type: 'shared-session-ended' });
      const session = last.disk.get('session/a');
      expect(session).not.toHaveProperty('bridged', true);
      expect(session).not.toHaveProperty('owesSession', true);
    },
  );

  it('is asked for again on the next connection, before the session is given up: what waited for the disk was not acknowledged', () => {
    const bench = new HubBench({ answersPings: false, connack: { identifiersAvailable: false } });
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 2);
    const next = changed(bench, TRANSPARENT);
    next.grants(next.stands({ sessionPresent: true }));
    comes(next, 'between', 2, 1);
    standsFor(next, 'a');
    const [line = ''] = next.wait(15_000).filter((one) => one.includes(' UNSUBSCRIBE '));
    const packetId = Number(/ id(\d+) /.exec(line)?.[1]);
    next.act(next.feed({ type: 'upstream-unsubscribed', connection: next.shared, packetId }));
    next.breaks();
    next.wait(5_000);
    const { shared } = next;
    next.stands({ sessionPresent: true });
    next.wait(60_000);
    expect(next.shared).toBe(shared);
    next.pongs();
    expect(next.shared).not.toBe(shared);
  });

  it('comes to a sleeper whose own connection stands already', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 2);
    bench.says('a', '04 18 03 e8');
    const next = changed(bench, TRANSPARENT);
    const connection = next.connectionOf('a');
    next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
    next.stands({ sessionPresent: true });
    comes(next, 'between', 2, 1);
    comes(next, 'more', 1, 2);
    next.act(next.suback(connection, 1, 2));
    next.got('a');
    next.says('a', '03 16 61');
    expect(messages(next)).toEqual(['qos2 x/y "between"', 'qos1 x/y "more"']);
  });

  it('a client that is away is let go when it is known that nothing is left for it on the shared connection', () => {
    const next = killed(true);
    next.stands({ sessionPresent: true });
    const connection = next.connectionOf('a');
    next.comes('x/y', 'both', { qos: 2, packetId: 1, identifiers: [65] }); // PUBREL is to come
    expect(standsFor(next, 'a').filter((line) => line.endsWith('DISCONNECT'))).toEqual([]);
    next.act(next.message(connection, 'x/y', 'both', { qos: 2, packetId: 1 }));
    const told = next.act(next.feed({ type: 'upstream-released', connection: next.shared, packetId: 1 }));
    expect(told).toContain(`#${connection} DISCONNECT`);
    next.client('a', { clean: false });
    standsFor(next, 'a', true);
    next.act(next.message(next.connectionOf('a'), 'x/y', 'both', { qos: 2, packetId: 1, dup: true }));
    expect(messages(next)).toEqual(['qos2 x/y "both"']);
  });

  it.each([true, false])(
    'and comes by both, is given once with QoS 0 (on its own connection first: %s)',
    (isOwnFirst) => {
      const next = killed(false);
      next.stands({ sessionPresent: true });
      const connection = next.connectionOf('a');
      next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
      const filter = next.disk.get(sharedKey('filter', 'x/+'));
      const identifiers = filter?.kind === 'filter' ? [filter.identifier] : [];
      const own = () => next.act(next.message(connection, 'x/y', 'both', { qos: 0, packetId: 0 }));
      const shared = () => next.comes('x/y', 'both', { qos: 0, packetId: 0, identifiers });
      const both = isOwnFirst ? [own, shared] : [shared, own];
      expect(both.flatMap((arrives) => arrives())).toEqual([]);
      expect(messages(next)).toEqual(['qos0 x/y "both"']);
      expect(both.flatMap((arrives) => arrives())).toEqual([]);
      expect(messages(next)).toEqual(['qos0 x/y "both"']);
    },
  );

  it('and comes by both, is given once with QoS 2, also where its own connection broke with it', () => {
    for (const isKnown of [false, true]) {
      const next = killed(true);
      next.stands({ sessionPresent: true });
      const first = next.connectionOf('a');
      next.act(next.feed({ type: 'upstream-connected', connection: first, sessionPresent: false }));
      if (isKnown) {
        next.act(next.message(first, 'x/y', 'both', { qos: 2, packetId: 1 }));
      }
      next.act(next.down(first));
      next.client('a', { clean: false });
      const connection = next.connectionOf('a');
      next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: true }));
      comes(next, 'both', 2, 1);
      next.act(next.message(connection, 'x/y', 'both', { qos: 2, packetId: 1, dup: true }));
      const [line = ''] = next.wait(6_000).filter((one) => one.includes('SUBSCRIBE')); // it was out when the connection broke
      next.act(next.suback(connection, Number(/ id(\d+) /.exec(line)?.[1]), 2));
      expect(messages(next)).toEqual(['qos2 x/y "both"']);
    }
  });

  it('is lost with the shared session; what others have of it ends with the last of them', () => {
    const bench = new HubBench();
    for (const [name, qos] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      bench.client(name, { clean: false });
      bench.subscribe(name, 'x/y', qos);
    }
    const next = changed(bench, { ownConnection: ['a'] });
    const asked = next.stands({ sessionPresent: false });
    expect(asked).toEqual([expect.stringMatching(/SUBSCRIBE id1 x\/y qos1/)]);
    next.grants(asked);
    standsFor(next, 'a');
    expect(next.unsubscribe('b', 'x/y')).toContain(`#${next.shared} UNSUBSCRIBE id2 x/y`);
  });

  it('and comes by both, is given once with QoS 2', () => {
    for (const isOwnFirst of [true, false]) {
      const next = killed(true);
      next.stands({ sessionPresent: true });
      const connection = next.connectionOf('a');
      const [line = ''] = next.act(next.feed({ type: 'upstream-connected', connection, sessionPresent: false }));
      const own = () => next.act(next.message(connection, 'x/y', 'both', { qos: 2, packetId: 1 }));
      if (isOwnFirst) {
        own();
      }
      comes(next, 'both', 2, 1);
      if (!isOwnFirst) {
        own();
      }
      next.act(next.suback(connection, Number(/ id(\d+) /.exec(line)?.[1]), 2));
      next.client('a', { clean: false });
      standsFor(next, 'a', true);
      next.act(next.message(next.connectionOf('a'), 'x/y', 'both', { qos: 2, packetId: 1, dup: true }));
      expect(messages(next)).toEqual(['qos2 x/y "both"']);
    }
  });
});

describe('the log after a change of upstream.topicPrefix', () => {
  const notes = (bench: HubBench) =>
    bench.turns
      .flat()
      .flatMap((one) => (one.type === 'note' && one.note.type === 'topic-prefix-changed' ? [one.note] : []));
  const with2 = { topicPrefix: 'p2/' };

  it('names the sleepers with subscriptions on the shared connection, once', () => {
    const bench = new HubBench({ settings: { upstream: { topicPrefix: 'p1/%c/' } } });
    for (const name of ['a', 'b']) {
      bench.client(name, { clean: false });
    }
    bench.subscribe('a', 'x/+', 1);
    for (const name of ['a', 'b']) {
      bench.says(name, '04 18 0e 10');
    }
    expect(notes(changed(bench, { topicPrefix: 'p1/%c/' }))).toEqual([]);
    const other = changed(bench, with2);
    expect(notes(other)).toEqual([{ type: 'topic-prefix-changed', clients: 1, some: ['a'] }]);
    expect(notes(changed(other, with2))).toEqual([]);
  });

  it('names who has a connection of its own and is away, until it is back', () => {
    const bench = changed(left(), { ...TRANSPARENT, ...with2 });
    expect(notes(bench)).toEqual([{ type: 'topic-prefix-changed', clients: 1, some: ['a'] }]);
    const again = changed(bench, { ...TRANSPARENT, ...with2 });
    expect(notes(again)).toEqual([{ type: 'topic-prefix-changed', clients: 1, some: ['a'] }]);
    again.client('a', { clean: false });
    standsFor(again, 'a', true);
    again.says('a', '02 18');
    expect(notes(changed(again, { ...TRANSPARENT, ...with2 }))).toEqual([]);
  });
});
