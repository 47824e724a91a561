import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '../../../src/core/contract/invariant-error.ts';
import { sharedKey } from '../../../src/core/contract/stored-records.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { radio } from '../../support/core-bench-absence.ts';
import type { Disk } from '../../support/core-bench-restart.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

const SLEEP = '04 18 0E 10';

function made(options: HubBenchOptions = {}): HubBench {
  return new HubBench(options);
}

describe('wills (3.7 item 5)', () => {
  it.each([true, false])(
    'are on the disk before CONNACK, also of a clean client (%s), published on loss and gone then',
    (clean) => {
      const bench = made();
      bench.client('a', { clean, will: 'off' });
      expect(bench.disk.get('will/a')).toMatchObject({ topic: { topic: 'will' } });
      expect(bench.got('a').at(-1)).toBe('030500');
      expect(bench.wait(12_000_000)).toEqual(['#2 PUBLISH qos1 id1 will "off"']);
      expect([...bench.disk.keys()].filter((key) => key.startsWith('fired'))).toEqual(['fired-will/1']);
      expect(bench.acks('PUBACK', 1)).toEqual([]);
      expect([...bench.disk.keys()].filter((key) => key.startsWith('fired'))).toEqual([]);
    },
  );

  it('are never published on DISCONNECT, nor where the gateway stops', () => {
    const bench = made();
    bench.client('a', { will: 'off' });
    bench.client('b', { will: 'off' });
    expect(bench.says('a', '02 18')).toEqual([]);
    expect(bench.disk.has('will/a')).toBe(false);
    expect(bench.act(bench.feed({ type: 'operator-stopped' })).filter((line) => line.includes('PUBLISH'))).toEqual([]);
  });

  it('after a restart silence publishes, CONNECT does not', () => {
    const bench = made();
    bench.client('a', { clean: false, will: 'off' });
    bench.client('b', { will: 'gone' });
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.client('a', { clean: false })).toEqual([]);
    const told = next.wait(12_000_000);
    expect(told).toEqual([
      `#${next.shared} PUBLISH qos1 id1 will "gone"`,
      `#${next.shared} PUBLISH qos1 id2 will "off"`,
    ]);
  });

  it('not out when the process ended are published by the next one', () => {
    const bench = made();
    bench.client('a', { clean: false, will: 'off' });
    bench.breaks();
    bench.wait(12_000_000);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} PUBLISH qos1 id1 will "off"`]);
  });

  it('are on the disk soon where the broker is away: after a loss of power CONNECT would end them', () => {
    const bench = made();
    bench.client('a', { clean: false, will: 'off' });
    bench.breaks();
    const isFired = (): boolean => bench.stored.some(({ writes }) => writes.some(({ key }) => key === 'fired-will/1'));
    for (let next = bench.core.nextDeadline; next !== undefined && !isFired(); next = bench.core.nextDeadline) {
      bench.now = Math.max(bench.now, next);
      bench.act(bench.feed({ type: 'tick' }));
    }
    expect(bench.stored).toMatchObject([{ durable: false, syncs: true }]);
  });

  it('with QoS 2 exactly once by their stored packet id', () => {
    const bench = made();
    bench.says('a', frame('04 0c 01 000a', 'a'));
    bench.says('a', frame('07 40', 'will'));
    bench.says('a', frame('09', 'off'));
    expect(bench.wait(16_000)).toEqual(['#2 PUBLISH qos2 id1 will "off"']);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} PUBLISH qos2 id1 will "off" dup`]);
    expect(next.acks('PUBREC', 1)).toEqual([`#${next.shared} PUBREL id1`]);
    const last = hubRestarted(next, { isAway: true });
    last.up(last.own);
    expect(last.stands({ sessionPresent: true })).toEqual([`#${last.shared} PUBREL id1`]);
    last.acks('PUBCOMP', 1);
    expect([...last.disk.keys()].filter((key) => key.startsWith('fired'))).toEqual([]);
  });
});

describe('sessions over a restart', () => {
  it('keep subscriptions and queues; the broker is asked again for what it may not have', () => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.says('a', '02 18');
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([
      `#${next.shared} SUBSCRIBE id1 x/+ qos1 as 65 without retained`,
    ]);
    next.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    next.client('a', { clean: false });
    expect(next.got('a')).toEqual(['030500', 'qos1 x/y "m"']);
  });

  it.each([
    [false, 'it had lost the session, and had not granted all again'],
    [undefined, 'it may have made a session with the last CONNECT, and has not said so'],
  ] as const)('nothing is published before the broker has all subscriptions (session present: %s): %s', (said, _) => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.breaks();
    expect(bench.wait(2_000)).toContain(`#${bench.shared} CONNECT (shared)`);
    if (said !== undefined) {
      bench.stands({ sessionPresent: said });
    }
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    const told = next.stands({ sessionPresent: true });
    next.client('b');
    expect(next.publishes('b', 1, 1, 'y')).toEqual([]);
    expect(next.grants(told)).toEqual([`#${next.shared} PUBLISH qos1 id2 tp "y"`]);
    expect([...next.disk.keys()]).not.toContain('doubt');
  });

  it('of a clean client are gone, with its filters', () => {
    const bench = made();
    bench.client('a');
    bench.subscribe('a', 'x/+', 1);
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} UNSUBSCRIBE id1 x/+`]);
    next.act(next.unsuback(next.shared, 1));
    expect([...next.disk.keys()]).toEqual(['slots']);
  });

  it('of a clean sleeper go on', () => {
    const bench = made();
    bench.client('a');
    bench.subscribe('a', 'tp', 1);
    bench.says('a', SLEEP);
    bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.says('a', '03 16 61');
    expect(next.got('a')).toEqual(['qos1 tp "m"', '0217']);
  });

  it('before the broker is reached: what a sleeper has is delivered', () => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'tp', 1);
    bench.says('a', SLEEP);
    bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    const next = hubRestarted(bench, { isAway: true });
    next.says('a', '03 16 61');
    expect(next.got('a')).toEqual(['qos1 tp "m"', '0217']);
  });

  it.each(['before', 'stored', 'after'])(
    'a message comes once or more, and the last acknowledgement leaves nothing: killed %s',
    (moment) => {
      const bench = made();
      bench.client('a', { clean: false });
      bench.subscribe('a', 'tp', 1);
      bench.says('a', SLEEP);
      bench.got('a');
      if (moment !== 'before') {
        bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65] });
      }
      const next = hubRestarted(bench, { connack: { sessionPresent: true } });
      if (moment !== 'after') {
        expect(next.comes('tp', 'm', { qos: 1, packetId: 1, dup: moment === 'stored', identifiers: [65] })).toEqual([
          `#${next.shared} PUBACK id1`,
        ]);
      }
      next.says('a', '03 16 61');
      expect(new Set(next.got('a'))).toEqual(new Set(['qos1 tp "m"', '0217']));
      expect([...next.disk.keys()].filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
    },
  );
});

describe('what is retained, over a restart (I-96)', () => {
  it('with identifiers: what the broker sends again is for who asked with that SUBSCRIBE', () => {
    const bench = made();
    for (const name of ['a', 'b']) {
      bench.client(name, { clean: false });
      bench.subscribe(name, 'x/+', 1);
      bench.says(name, SLEEP);
    }
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    const copy = { retain: true, qos: 1, packetId: 1, dup: true, identifiers: [66] } as const;
    expect(next.comes('x/y', 'r', copy)).toEqual([`#${next.shared} PUBACK id1`]);
    next.says('a', '03 16 61');
    expect(next.got('a')).toEqual(['0217']);
    next.says('b', '03 16 62');
    expect(next.got('b')).toContain('qos1 x/y "r" retain');
  });

  it('of who has left meanwhile is for nobody', () => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.client('b', { clean: false });
    bench.subscribe('b', 'x/+', 1);
    bench.unsubscribe('b', 'x/+');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.comes('x/y', 'r', { retain: true, qos: 1, packetId: 1, dup: true, identifiers: [66] })).toEqual([
      `#${next.shared} PUBACK id1`,
    ]);
    expect([...next.disk.keys()].filter((key) => /^(?:message|parcel)/.test(key))).toEqual([]);
  });

  it('without identifiers: what was not fetched is fetched again; what was is not', () => {
    const bench = made({ settings: { upstream: { sharedProtocol: 4 } }, answersPings: false });
    bench.client('a', { clean: false });
    expect(bench.grants(bench.asks('a', 'x/+', 1))).toEqual(['#2 PINGREQ']);
    const next = hubRestarted(bench, { isAway: true, answersPings: false });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toEqual([`#${next.shared} SUBSCRIBE id1 x/+ qos1`]);
    expect(next.grants(['SUBSCRIBE id1 x/+ qos1'])).toEqual([`#${next.shared} PINGREQ`]);
    next.act(next.feed({ type: 'upstream-ponged', connection: next.shared }));
    const last = hubRestarted(next, { isAway: true });
    last.up(last.own);
    expect(last.stands({ sessionPresent: true })).toEqual([`#${last.shared} SUBSCRIBE id1 x/+ qos1 without retained`]);
  });
});

describe('which clients share the connection', () => {
  it('upstream.ownConnection: those whose ids match have one of their own', () => {
    const bench = made({ settings: { upstream: { ownConnection: ['own-*', 'x?'] } } });
    expect(bench.client('own-1')).toEqual(['#3 CONNECT own-1 clean']);
    expect(bench.client('x1')).toEqual(['#4 CONNECT x1 clean']);
    expect(bench.client('x12')).toEqual([]);
    bench.up(3);
    expect(bench.says('own-1', frame('12 20 0001', 'tp'))).toEqual(['#3 SUBSCRIBE id1 tp qos1']);
  });

  it('the mode changes: sessions and subscriptions stay', () => {
    const bench = made({ settings: { upstream: { ownConnection: ['*'] } } });
    const [line = ''] = bench.client('a', { clean: false });
    const number = Number(/#(\d+)/.exec(line)?.[1]);
    bench.up(number);
    bench.says('a', frame('12 20 0001', 'x/+'));
    bench.suback(number, 1, 1);
    bench.says('a', '02 18');
    const next = hubRestarted(bench, { isAway: true, settings: {} });
    expect(next.notes).toContainEqual(expect.objectContaining({ clients: 1 }));
    next.up(next.own);
    expect(next.stands()).toEqual([`#${next.shared} SUBSCRIBE id1 x/+ qos1 as 262208 without retained`]);
    next.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [262_208] });
    next.client('a', { clean: false });
    expect(next.got('a')).toContain('qos1 x/y "m"');
  });

  it('the client ids of the gateway itself are refused (I-45)', () => {
    const bench = made({ ownClientId: 'gw' });
    for (const name of ['gw', 'gw-s']) {
      expect(bench.client(name)).toEqual([]);
      expect(bench.got(name)).toEqual(['030503']);
    }
  });

  it('upstream.topicPrefix with %c: names, filters, wills and what comes back', () => {
    const bench = made({ settings: { upstream: { topicPrefix: 'site/%c/' } } });
    bench.client('a+b', { will: 'off' });
    expect(bench.subscribe('a+b', 'x/+', 1)).toEqual(['#2 SUBSCRIBE id1 site/a%2Bb/x/+ qos1 as 65']);
    bench.got('a+b');
    bench.comes('site/a%2Bb/x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    expect(bench.got('a+b')).toEqual(['qos1 x/y "m"']);
    expect(bench.publishes('a+b', 1, 9, 'x')).toEqual(['#2 PUBLISH qos1 id2 site/a%2Bb/tp "x"']);
    bench.acks('PUBACK', 2);
    expect(bench.wait(12_000_000)).toEqual([
      '#2 PUBLISH qos1 id3 site/a%2Bb/will "off"',
      '#2 UNSUBSCRIBE id4 site/a%2Bb/x/+',
    ]);
  });
});

describe('the version of MQTT', () => {
  it.each([1, 0x84])('a broker that refuses MQTT 5 with %s is spoken to in 3.1.1, and it is told', (reasonCode) => {
    const bench = made({ isAway: true });
    bench.up(bench.own);
    const refused = { type: 'upstream-refused', connection: bench.shared, protocolVersion: 5, reasonCode } as const;
    bench.act(bench.feed(refused));
    expect(bench.notes).toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
    const told = bench.wait(1);
    expect(told).toEqual([`#${bench.shared} CONNECT (shared)`]);
    expect(bench.turns.flat()).toContainEqual(expect.objectContaining({ shared: true, protocolVersion: 4 }));
    bench.stands();
    bench.client('a');
    expect(bench.asks('a', 'x/y', 1)).toEqual([`#${bench.shared} SUBSCRIBE id1 x/y qos1`]);
  });

  it('so is one that closes twice without CONNACK while the own connection stands', () => {
    const bench = made({ isAway: true });
    bench.up(bench.own);
    bench.breaks();
    bench.wait(2_000);
    bench.breaks();
    expect(bench.notes).toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
  });

  it('one that closes while the own connection does not stand either is tried in 3.1.1 at once, and in 5 again after a pause', () => {
    const bench = made({ isAway: true });
    const versions = (): unknown[] =>
      bench.turns.flat().flatMap((effect) => ('shared' in effect ? [effect.protocolVersion] : []));
    bench.breaks();
    bench.wait(2_000);
    expect(bench.breaks()).toEqual([]);
    expect(bench.wait(1)).toContain(`#${bench.shared} CONNECT (shared)`);
    bench.breaks();
    bench.wait(5_000);
    expect(versions()).toEqual([5, 5, 4, 5]);
    bench.breaks();
    bench.wait(20_000);
    bench.breaks();
    bench.wait(1);
    expect(versions()).toEqual([5, 5, 4, 5, 5, 4]);
    expect(bench.notes).not.toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
    bench.turns.length = 0;
    const refused = { connection: bench.shared, protocolVersion: 4, reasonCode: 3 } as const; // an answer all the same
    bench.act(bench.feed({ type: 'upstream-refused', ...refused }));
    expect(bench.notes).toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
    bench.wait(60_000);
    bench.breaks();
    bench.wait(60_000);
    expect(versions()).toEqual([4, 4]);
  });

  it('a CONNECT that waits when the first one is closed waits for the second one as well, which comes a second later (I-2)', () => {
    const bench = made({ isAway: true });
    bench.from('a', connectFrame('a'));
    expect(radio(bench.down(bench.shared))).toEqual([]);
    expect(bench.wait(999)).not.toContain(`#${bench.shared} CONNECT (shared)`);
    expect(bench.wait(1)).toContain(`#${bench.shared} CONNECT (shared)`);
    expect(radio(bench.down(bench.shared))).toEqual([]);
    bench.wait(1);
    expect(radio(bench.up(bench.shared))).toEqual(['a < 030500']);
    expect(bench.notes).toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
  });

  it('and where 3.1.1 is closed, too, it gets 0x01, and there is a pause', () => {
    const bench = made({ isAway: true });
    bench.from('a', connectFrame('a'));
    bench.down(bench.shared);
    bench.wait(1_000);
    bench.down(bench.shared);
    bench.wait(1);
    expect(radio(bench.down(bench.shared))).toEqual(['a < 030501']);
    expect(bench.wait(499)).not.toContain(`#${bench.shared} CONNECT (shared)`);
  });

  it('not where the broker cannot be reached', () => {
    const bench = made({ isAway: true });
    bench.from('a', connectFrame('a'));
    const { shared: connection } = bench;
    const lost = { type: 'upstream-lost', connection, reason: 'refused', takenOver: false, unsent: true } as const;
    expect(radio(bench.feed(lost))).toEqual(['a < 030501']);
  });

  it('not one that has spoken it before', () => {
    const bench = made();
    bench.breaks();
    for (let attempts = 0; attempts < 4; attempts++) {
      bench.wait(20_000);
      bench.breaks();
      expect(bench.notes).not.toContainEqual({ type: 'shared-protocol-changed', protocolVersion: 4 });
    }
  });

  it('a broker that learns identifiers meanwhile is asked for what was covered', () => {
    const bench = made({ connack: { identifiersAvailable: false } });
    for (const [name, filter] of [
      ['a', 'x/#'],
      ['b', 'x/y'],
    ] as const) {
      bench.client(name);
      bench.subscribe(name, filter, 1);
      bench.got(name);
    }
    bench.breaks();
    bench.wait(2_000);
    const told = bench.stands({ sessionPresent: true, identifiersAvailable: true });
    expect(told.filter((line) => line.includes(' SUBSCRIBE'))).toHaveLength(2);
    bench.grants(told);
    bench.comes('x/y', 'm', { identifiers: [128] });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos0 x/y "m"']]);
  });
});

describe('a defect in the hub', () => {
  /** What is left of an input that meets an error where the hub looks at a setting. */
  function broken(bench: HubBench, name: 'grace' | 'receiveMaximum', run: () => unknown): InvariantError {
    const value = bench.settings.upstream[name];
    const get = (): never => {
      throw new TypeError('planted');
    };
    Object.defineProperty(bench.settings.upstream, name, { get, configurable: true });
    try {
      run();
    } catch (error) {
      if (error instanceof InvariantError) {
        return error;
      }
      throw error;
    } finally {
      Object.defineProperty(bench.settings.upstream, name, { value, configurable: true });
    }
    throw new Error('nothing broke');
  }

  it('met by the wish of one session ends that session, and the others go on', () => {
    const bench = made();
    bench.client('a');
    bench.client('b');
    bench.breaks();
    const error = broken(bench, 'grace', () => bench.publishes('a', 1, 1, 'x'));
    expect(error.clientId).toBe('a');
    bench.got('a');
    bench.act(bench.feed({ type: 'session-failed', clientId: 'a' }));
    expect(bench.got('a')).toEqual(['0218']);
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    expect(bench.publishes('b', 1, 1, 'y')).toEqual([`#${bench.shared} PUBLISH qos1 id1 tp "y"`]);
  });

  it("met by what the broker says is nobody's: the shared connection is made anew", () => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'tp', 1);
    bench.of('a').isMute = true;
    const message = { qos: 1, packetId: 1, identifiers: [65] } as const;
    const error = broken(bench, 'receiveMaximum', () => bench.comes('tp', 'm', message));
    expect(error.clientId).toBeUndefined();
    expect(bench.act(bench.feed({ type: 'session-failed', clientId: undefined }))).toEqual(['#2 DISCONNECT']);
    bench.wait(2_000);
    bench.stands({ sessionPresent: true });
    expect(bench.comes('tp', 'm', { ...message, dup: true })).toEqual([`#${bench.shared} PUBACK id1`]);
  });
});

describe('the gateway stops', () => {
  it('with one DISCONNECT, behind its status, and does nothing after that', () => {
    const bench = made({ settings: { status: { topicPrefix: 'gw' } } });
    bench.client('a');
    bench.subscribe('a', 'x/y', 1);
    bench.client('b', { clean: false });
    bench.subscribe('b', 'x/y', 1);
    const told = bench.act(bench.feed({ type: 'operator-stopped' }));
    expect(told.filter((line) => line.startsWith('#2'))).toEqual([
      '#2 PUBLISH qos0 gw/state "offline" retain',
      '#2 DISCONNECT',
    ]);
    bench.breaks();
    expect(bench.wait(100_000)).toEqual([]);
  });

  it('status: retained when it stands, and the opposite as the will of the connection', () => {
    const bench = made({ isAway: true, settings: { status: { topicPrefix: 'gw' } } });
    expect(bench.turns.flat()).toContainEqual(
      expect.objectContaining({ shared: true, will: expect.objectContaining({ topic: 'gw/state', retain: true }) }),
    );
    expect(bench.stands()).toEqual(['#2 PUBLISH qos1 id1 gw/state "online" retain']);
  });
});

describe('a client that leaves while its CONNECT waits for the connection', () => {
  it('leaves nothing behind', () => {
    const bench = made({ isAway: true });
    bench.up(bench.own);
    bench.client('a');
    bench.says('a', '02 18');
    expect(bench.stands()).toEqual([]);
    bench.client('b');
    expect(bench.got('b')).toEqual(['030500']);
  });

  it('and one that repeats it is accepted once', () => {
    const bench = made({ isAway: true });
    bench.up(bench.own);
    bench.client('a', { clean: false });
    bench.client('a', { clean: false });
    bench.stands();
    expect(bench.got('a')).toEqual(['030500']);
  });
});

describe('hostile filters', () => {
  it('of 65 kB are one subscription, found and left again', () => {
    const bench = made();
    bench.client('a');
    const filter = `${'+/'.repeat(30_000)}#`;
    const body = Buffer.concat([Buffer.from('1220000161'.slice(0, 8), 'hex'), Buffer.from(filter)]);
    const long = `01${(body.length + 3).toString(16).padStart(4, '0')}${body.toString('hex')}`;
    const told = bench.says('a', long);
    expect(told).toHaveLength(1);
    bench.grants(told);
    bench.comes('x/y', 'm', { identifiers: [65] });
    expect(bench.says('a', '02 18')).toHaveLength(1);
  });
});

describe('a broker that answers no UNSUBSCRIBE', () => {
  it('gets no further filters when 16,384 are owed: SUBSCRIBE gets congestion', () => {
    const disk: Disk = new Map();
    for (let n = 0; n < 16_384; n++) {
      const filter = `f${n}`;
      disk.set(sharedKey('filter', filter), { kind: 'filter', filter, identifier: 64 * (n + 1), qos: 0 });
    }
    const bench = new HubBench({ connack: { sessionPresent: true } }, disk); // nobody has them any more
    bench.client('a');
    bench.got('a');
    expect(bench.asks('a', 'new', 0)).toEqual([]);
    expect(bench.got('a')).toEqual(['0813000000000101']);
    expect(bench.asks('a', 'f7', 0).join()).toMatch(/SUBSCRIBE id\d+ f7 qos0 as \d+$/); // one of those that are owed
  });
});

describe('a clean session with a will is in the store for that', () => {
  it('and goes on after a restart: so does what it has not acknowledged', () => {
    const bench = made();
    bench.client('a', { will: 'off' });
    bench.subscribe('a', 'tp', 2);
    bench.of('a').isMute = true;
    expect(bench.comes('tp', 'm', { qos: 2, packetId: 1, identifiers: [65] })).toEqual(['#2 PUBREC id1']);
    bench.got('a');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.comes('tp', 'm', { qos: 2, packetId: 1, dup: true, identifiers: [65] })).toEqual([
      `#${next.shared} PUBREC id1`,
    ]);
    expect(next.got('a')).toEqual(['qos2 tp "m" dup']); // once, under its MsgId (T-19)
  });

  it('until it deletes the will (W-3): that is gone before the answer, and no restart brings it back', () => {
    const bench = made();
    bench.client('a', { will: 'off' });
    bench.got('a');
    bench.says('a', '02 1A');
    expect(bench.disk.has('will/a')).toBe(false);
    expect(bench.got('a')).toEqual(['031b00']);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.wait(12_000_000).filter((line) => line.includes('will'))).toEqual([]);
  });

  it('again when it has deleted the will and set another one', () => {
    const bench = made();
    bench.client('a', { will: 'off' });
    bench.says('a', '02 1A');
    bench.says('a', frame('1a 20', 'next'));
    bench.says('a', frame('1c', 'gone'));
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(next.wait(12_000_000).join()).toMatch(/PUBLISH qos1 id\d+ next "gone"$/);
  });
});

describe('two filters with the same QoS', () => {
  it('over a restart the older one counts, whatever their names: its copy alone may be what the broker repeats', () => {
    const bench = made();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/y', 1);
    bench.subscribe('a', 'x/#', 1); // before the other one in the store
    bench.got('a');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.comes('x/y', 'm', { qos: 1, packetId: 1, dup: true, identifiers: [65] });
    expect(next.got('a')).toEqual(['qos1 x/y "m"']);
    next.comes('x/y', 'm', { qos: 1, packetId: 2, dup: true, identifiers: [129] });
    expect(next.got('a')).toEqual([]);
  });
});
