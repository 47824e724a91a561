import { describe, expect, it } from '@jest/globals';
import type { AccessRule, AccessSettings } from '../../src/core/contract/access-settings.ts';
import { type BenchOptions, CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { sent } from '../support/core-bench-traffic.ts';

const NOTHING: AccessRule = {
  name: 'r',
  connect: false,
  publish: [],
  subscribe: [],
  deny: [],
  qosMinus1: false,
  retain: false,
  maxQos: 2,
};

/** Settings with these rules; each grants CONNECT unless it says otherwise. */
function rules(...some: readonly Partial<AccessRule>[]): AccessSettings {
  return {
    rules: some.map((rule) => ({ ...NOTHING, connect: true, ...rule })),
    default: 'deny',
    clientIdFromIdentity: 'off',
    clientIdPattern: '%i',
  };
}

function bench(access: AccessSettings, more: BenchOptions = {}): CoreBench {
  const made = new CoreBench({ ...more, settings: { ...more.settings, access } });
  made.open('dtls');
  return made;
}

/** The client s, connected as #1 under these rules. */
function connected(access: AccessSettings, more: BenchOptions = {}): CoreBench {
  const made = bench(access, more);
  made.connect('s', 's', { duration: 1000 });
  return made;
}

const BY_RULE = '(access rule "r")';
const shortPublish = (flags: string, payload = 'x'): string => frame(`0c ${flags} 7470 0001`, payload);

describe('CONNECT under access rules (I-118)', () => {
  it('is taken by the first rule that fits, and by none after it', () => {
    const made = bench(rules({ clientId: ['a*'], connect: false }, { clientId: ['*'] }));
    expect(made.from('s', connectFrame('a1'))).toEqual(['s < 030503']);
    expect(made.notes).toEqual([
      {
        type: 'client-refused',
        clientId: 'a1',
        link: 'udp:s',
        returnCode: 3,
        reason: `connecting is not granted ${BY_RULE}`,
      },
    ]);
    expect(made.from('s', connectFrame('b1'))).toEqual(['#1 CONNECT b1 clean']);
  });

  it('is shown with the session that it decides on', () => {
    expect(connected(rules({})).core.session('s')?.accessRule).toBe('access rule "r"');
    const open = connected({ ...rules({ clientId: ['a'] }), default: 'allow' });
    expect(open.core.session('s')?.accessRule).toBeUndefined(); // it may do everything
  });

  it('is refused where no rule fits, unless that is allowed', () => {
    const made = bench(rules({ clientId: ['a'] }));
    expect(made.from('s', connectFrame('b'))).toEqual(['s < 030503']);
    expect(made.notes[0]).toMatchObject({ reason: 'connecting is not granted (access.default)' });
    const open = bench({ ...rules({ clientId: ['a'] }), default: 'allow' });
    expect(open.from('s', connectFrame('b'))).toEqual(['#1 CONNECT b clean']);
  });

  it('goes by transport, host, identity and forwarder', () => {
    const made = bench(
      rules(
        { transport: ['udp'], host: ['10.0.0.0/8'] },
        { identity: ['sensor-*'] },
        { forwarder: ['192.0.2.1'], clientId: ['node'] },
      ),
    );
    const answers = (link: string, hex: string): string | undefined => made.from(link, hex)[0];
    expect(answers('udp:10.1.2.3:4711', connectFrame('a'))).toBe('#1 CONNECT a clean');
    expect(answers('udp:11.1.2.3:4711', connectFrame('b'))).toBe('11.1.2.3:4711 < 030503');
    expect(answers('dtls:10.1.2.3:4711@other', connectFrame('c'))).toBe('dtls:10.1.2.3:4711@other < 030503');
    expect(answers('dtls:1.2.3.4:1@sensor-7', connectFrame('d'))).toBe('#2 CONNECT d clean');
    expect(answers('udp:192.0.2.1:1', frame('fe 00 07') + connectFrame('node'))).toBe('#3 CONNECT node clean');
    expect(answers('udp:192.0.2.1:2', connectFrame('node'))).toBe('192.0.2.1:2 < 030503');
  });

  it('gets no session more than are granted to its identity, and one again when another has ended (I-124)', () => {
    const made = bench(rules({ sessions: 1 }));
    made.connect('dtls:a:1@alice', 'one');
    expect(made.from('dtls:a:2@alice', connectFrame('two'))).toEqual(['dtls:a:2@alice < 030503']);
    expect(made.notes[0]).toMatchObject({ reason: `so many sessions are not granted ${BY_RULE}` });
    expect(made.from('dtls:b:1@bob', connectFrame('three'))).toEqual(['#2 CONNECT three clean']);
    expect(made.from('dtls:a:1@alice', connectFrame('one', false))).toEqual(['#1 DISCONNECT', '#3 CONNECT one']);
    made.from('dtls:a:1@alice', frame('18'));
    expect(made.from('dtls:a:2@alice', connectFrame('two'))).toEqual(['#4 CONNECT two clean']);
  });

  it.each([
    ['require', 'alice', '#1 CONNECT alice clean'],
    ['require', 'bob', 'dtls:a:1@alice < 030503'],
    ['set', 'bob', '#1 CONNECT alice clean'],
    ['set', '', '#1 CONNECT alice clean'],
    ['off', 'bob', '#1 CONNECT bob clean'],
  ] as const)(
    'with clientIdFromIdentity %s and client id "%s" of alice (I-121)',
    (clientIdFromIdentity, clientId, line) => {
      const made = bench({ ...rules({}), clientIdFromIdentity });
      expect(made.from('dtls:a:1@alice', connectFrame(clientId))).toEqual([line]);
      expect(made.from('udp:a:1', connectFrame('bo'))).toEqual([expect.stringMatching(/CONNECT bo clean/)]);
    },
  );

  it('with clientIdFromIdentity require has no client id that the gateway makes up, unless the pattern takes it (I-121)', () => {
    const settings = { clients: { emptyClientId: 'generate' as const } };
    const strict = bench({ ...rules({}), clientIdFromIdentity: 'require' }, { settings });
    expect(strict.from('dtls:a:1@alice', connectFrame(''))).toEqual(['dtls:a:1@alice < 030503']);
    expect(strict.notes[0]).toMatchObject({ reason: expect.stringContaining('access.clientIdFromIdentity') });
    expect(strict.from('udp:a:1', connectFrame(''))).toEqual([expect.stringMatching(/CONNECT anonymous-/)]);
    const open = bench({ ...rules({}), clientIdFromIdentity: 'require', clientIdPattern: '*' }, { settings });
    expect(open.from('dtls:a:1@alice', connectFrame(''))).toEqual([expect.stringMatching(/CONNECT anonymous-/)]);
  });

  it('with clientIdFromIdentity set wakes by the client id that it says, for that is its identity (I-121)', () => {
    const made = bench({ ...rules({}), clientIdFromIdentity: 'set' });
    made.connect('dtls:b:1@bob', 'bob');
    made.from('dtls:b:1@bob', frame('18 012c'));
    made.connect('dtls:a:1@alice', 'sensor', { clean: false });
    expect(made.from('dtls:a:1@alice', frame('18 012c'))).toEqual(['dtls:a:1@alice < 0218']);
    expect(made.from('dtls:a:1@alice', frame('16', 'sensor'))).toEqual(['dtls:a:1@alice < 0217']);
    expect(made.from('dtls:a:2@alice', frame('16', 'sensor'))).toEqual(['dtls:a:2@alice < 0217']);
    expect(made.from('dtls:a:3@alice', frame('16', 'bob'))).toEqual(['dtls:a:3@alice < 0217']);
    expect(made.core.session('alice')).toMatchObject({ link: 'dtls:a:3@alice' });
    expect(made.core.session('bob')).toMatchObject({ link: 'dtls:b:1@bob', state: 'asleep' });
  });

  it('with a pattern in which the identity is to the letter', () => {
    const made = bench({ ...rules({}), clientIdFromIdentity: 'require', clientIdPattern: '%i-*' });
    expect(made.from('dtls:a:1@a*', connectFrame('abc-1'))).toEqual(['dtls:a:1@a* < 030503']);
    expect(made.from('dtls:a:1@a*', connectFrame('a*-1'))).toEqual(['#1 CONNECT a*-1 clean']);
  });

  it('with a will that may not be published gets 0x03, at its topic or at its message', () => {
    const made = bench(rules({ publish: ['mine/#'], maxQos: 1, maxPayload: 2 }));
    const withWill = frame('04 0c 01 003c', 's');
    expect(made.from('s', withWill)).toEqual(['s < 0206']);
    expect(made.from('s', frame('07 00', 'other'))).toEqual(['s < 030503']);
    expect(made.notes[0]).toMatchObject({ reason: `its will: publishing to this topic is not granted ${BY_RULE}` });
    for (const flags of ['10', '40']) {
      made.from('s', withWill);
      expect(made.from('s', frame(`07 ${flags}`, 'mine/w'))).toEqual(['s < 030503']); // Retain, QoS 2
    }
    made.from('s', withWill);
    made.from('s', frame('07 20', 'mine/w'));
    expect(made.from('s', frame('09', 'abc'))).toEqual(['s < 030503']);
    made.from('s', withWill);
    made.from('s', frame('07 20', 'mine/w'));
    expect(made.from('s', frame('09', 'ab'))).toEqual([expect.stringContaining('CONNECT s clean will mine/w')]);
  });
});

describe('publishing under access rules (I-118, I-120)', () => {
  it('REGISTER gets no id for a topic to which it may not publish', () => {
    const made = connected(rules({ publish: ['sensors/%c/#'], subscribe: ['#'] }));
    expect(made.from('s', frame('0a 0000 0001', 'sensors/t/x'))).toEqual([sent('0b 0000 0001 03')]);
    expect(made.notes).toEqual([
      {
        type: 'request-rejected',
        clientId: 's',
        link: 'udp:s',
        message: 'REGISTER',
        returnCode: 3,
        reason: `publishing to this topic is not granted ${BY_RULE}`,
        topic: 'sensors/t/x',
      },
    ]);
    expect(made.from('s', frame('0a 0000 0002', 'sensors/s/x'))).toEqual([sent('0b 0001 0002 00')]);
  });

  it.each([
    ['another topic, by a short name', {}, frame('0c 22 7878 0001', 'x'), '0d 7878 0001 03'],
    ['another topic, by a pre-defined id', {}, frame('0c 21 0002 0001', 'x'), '0d 0002 0001 03'],
    ['a higher QoS', { maxQos: 0 }, shortPublish('22'), '0d 7470 0001 03'],
    ['Retain', {}, shortPublish('32'), '0d 7470 0001 03'],
    ['a longer payload', { maxPayload: 1 }, shortPublish('22', 'xx'), '0d 7470 0001 03'],
    ['QoS 0 on another topic', {}, frame('0c 02 7878 0000', 'x'), '0d 7878 0000 03'],
    ['a topic that is denied', { deny: ['tp'] }, shortPublish('22'), '0d 7470 0001 03'],
  ])('PUBLISH is refused: %s', (_what, rule, publish, answer) => {
    const made = connected(rules({ publish: ['tp'], ...rule } as Partial<AccessRule>), {
      predefined: { '*': { 2: 'a/b' } },
    });
    expect(made.from('s', publish)).toEqual([sent(answer)]);
    expect(made.notes).toHaveLength(1);
  });

  it('PUBLISH passes where all of it is granted', () => {
    const made = connected(rules({ publish: ['tp'], retain: true, maxPayload: 1, maxQos: 1 }));
    expect(made.from('s', shortPublish('32'))).toEqual(['#1 PUBLISH qos1 id1 tp "x" retain']);
  });

  it('a topic id from before the rules changed is of no use any more', () => {
    const made = connected(rules({ publish: ['a/#'] }));
    made.from('s', frame('0a 0000 0001', 'a/b'));
    expect(made.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    made.changed({ settings: { access: rules({ publish: ['b'] }) } });
    expect(made.from('s', frame('0c 00 0001 0000', 'x'))).toEqual([sent('0d 0001 0000 03')]);
  });

  it('more than the rate gets 0x01, until there is some again; a repetition is none', () => {
    const made = connected(rules({ publish: ['#'], rate: { messages: 1, burstSeconds: 2 } }));
    const publish = (msgId: string): string[] => made.from('s', frame(`0c 22 7470 ${msgId}`, 'x'));
    expect(publish('0001')).toEqual(['#1 PUBLISH qos1 id1 tp "x"']);
    expect(publish('0001')).toEqual([]);
    expect(publish('0002')).toEqual(['#1 PUBLISH qos1 id2 tp "x"']);
    expect(publish('0003')).toEqual([sent('0d 7470 0003 01')]);
    expect(made.notes[0]).toMatchObject({ reason: `so many publishes are not granted ${BY_RULE}` });
    made.pass(1_000);
    expect(publish('0003')).toEqual(['#1 PUBLISH qos1 id3 tp "x"']);
    made.from('s', frame('18'));
    made.connect('s', 's');
    expect(made.from('s', frame('0c 22 7470 0004', 'x'))).toEqual([sent('0d 7470 0004 01')]); // it is the same client
  });

  it('octets have a rate of their own, and a long payload is paid for afterwards', () => {
    const made = connected(rules({ publish: ['#'], rate: { octets: 10, burstSeconds: 1 } }));
    const publish = (): string[] =>
      made.from('s', frame('0c 02 7470 0000', '0123456789012345678901234567890123456789'));
    expect(publish()).toHaveLength(1);
    expect(publish()).toEqual([sent('0d 7470 0000 01')]);
    made.pass(3_000);
    expect(publish()).toEqual([sent('0d 7470 0000 01')]);
    made.pass(100);
    expect(publish()).toEqual([expect.stringMatching(/^#1 PUBLISH/)]);
  });

  it('a will update is checked as a publish', () => {
    const made = connected(rules({ publish: ['mine'] }));
    expect(made.from('s', frame('1a 00', 'other'))).toEqual([sent('1b 03')]);
    expect(made.from('s', frame('1a 00', 'mine'))).toEqual([sent('1b 00')]);
  });

  it('a will that is not granted any more does not go to the broker again', () => {
    const made = bench(rules({ publish: ['w'] }));
    made.from('s', frame('04 08 01 03e8', 's'));
    made.from('s', frame('07 00', 'w'));
    made.from('s', frame('09', 'x'));
    made.up(1);
    made.changed({ settings: { access: rules({ publish: ['other'] }) } });
    expect(made.from('s', connectFrame('s', false))).toEqual(['#1 DISCONNECT', '#2 CONNECT s']);
    expect(made.notes).toContainEqual(expect.objectContaining({ type: 'client-publish-dropped', topic: 'w' }));
  });
});

describe('QoS −1 under access rules (I-118, I-124)', () => {
  const minusOne = frame('0c 62 7470 0000', 'x');

  it('is dropped where the rule of its address does not grant it, and told', () => {
    const made = bench(
      rules(
        { clientId: ['*'], qosMinus1: true, publish: ['#'] },
        { host: ['192.0.2.7'], qosMinus1: true, publish: ['tp'] },
        { publish: ['tp'] },
      ),
    );
    made.feed({ type: 'sessions-restored', records: [] });
    made.up(1);
    expect(made.from('udp:192.0.2.7:1', minusOne)).toEqual(['#1 PUBLISH qos0 tp "x"']);
    expect(made.from('udp:192.0.2.7:1', frame('0c 62 7878 0000', 'x'))).toEqual([]);
    expect(made.notes).toEqual([
      {
        type: 'client-publish-dropped',
        clientId: undefined,
        link: 'udp:192.0.2.7:1',
        qos: -1,
        reason: `publishing to this topic is not granted ${BY_RULE}`,
        topic: 'xx',
      },
    ]);
    expect(made.from('udp:192.0.2.8:1', minusOne)).toEqual([]);
    expect(made.notes[0]).toMatchObject({ reason: `QoS −1 is not granted ${BY_RULE}` });
  });

  it('has the rate of its address', () => {
    const made = bench(rules({ qosMinus1: true, publish: ['#'], rate: { messages: 1, burstSeconds: 1 } }));
    made.feed({ type: 'sessions-restored', records: [] });
    made.up(1);
    expect(made.from('a', minusOne)).toHaveLength(1);
    expect(made.from('a', minusOne)).toEqual([]);
    expect(made.from('b', minusOne)).toHaveLength(1);
  });
});

describe('reading under access rules (I-118, I-119)', () => {
  it.each([
    ['a filter of which nothing may be read', frame('12 20 0001', 'other/#'), '13 00 0000 0001 03'],
    ['a name that may not be read', frame('12 20 0001', 'other/x'), '13 00 0000 0001 03'],
    ['a pre-defined id', frame('12 21 0001 0002'), '13 00 0000 0001 03'],
    ['a short name', frame('12 22 0001', 'xx'), '13 00 0000 0001 03'],
    ['what is denied altogether', frame('12 20 0001', 'mine/secret/+'), '13 00 0000 0001 03'],
    ['a shared filter that is wider than the grant', frame('12 20 0001', '$share/g/#'), '13 00 0000 0001 03'],
    ['a shared filter of which a part is denied', frame('12 20 0001', '$share/g/mine/#'), '13 00 0000 0001 03'],
  ])('SUBSCRIBE is refused: %s', (_what, subscribe, answer) => {
    const made = connected(rules({ subscribe: ['mine/#'], deny: ['mine/secret/#'] }), {
      predefined: { '*': { 2: 'a/b' } },
    });
    expect(made.from('s', subscribe)).toEqual([sent(answer)]);
    expect(made.notes[0]).toMatchObject({
      type: 'request-rejected',
      reason: `subscribing to this filter is not granted ${BY_RULE}`,
    });
    expect(made.core.session('s')?.topicIds).toEqual([]);
  });

  it('a shared filter that lies wholly in the grant is taken, and a lower QoS than was asked for', () => {
    const made = connected(rules({ subscribe: ['mine/#'], maxQos: 1 }));
    expect(made.from('s', frame('12 40 0001', '$share/g/mine/+'))).toEqual(['#1 SUBSCRIBE id1 $share/g/mine/+ qos1']);
  });

  it('# brings what may be read, retained or not; the rest is acknowledged to the broker, counted and told', () => {
    const made = connected(rules({ subscribe: ['tp', 'in/%c'] }));
    expect(made.from('s', frame('12 40 0001', '#'))).toEqual(['#1 SUBSCRIBE id1 # qos2']);
    made.suback(1, 1, 2);
    expect(made.message(1, 'tp', 'x', { qos: 1, packetId: 1, retain: true })).toEqual([sent('0c 32 7470 0001', 'x')]);
    made.from('s', frame('0d 7470 0001 00'));
    expect(made.message(1, 'other', 'x', { qos: 1, packetId: 2, retain: true })).toEqual(['#1 PUBACK id2']);
    expect(made.notes).toEqual([
      {
        type: 'delivery-dropped',
        clientId: 's',
        link: 'udp:s',
        topic: 'other',
        qos: 1,
        reason: `reading this topic is not granted ${BY_RULE}`,
      },
    ]);
    expect(made.message(1, 'in/t', 'x', { qos: 2, packetId: 3 })).toEqual(['#1 PUBREC id3']);
    expect(made.released(1, 3)).toEqual(['#1 PUBCOMP id3']);
    expect(made.message(1, 'in/t', 'x')).toEqual([]);
    expect(made.core.session('s')).toMatchObject({ topicIds: [], counters: { dropped: 3, delivered: 1 } });
    expect(made.message(1, 'in/s', 'x')).toEqual([sent('0a 0001 0002', 'in/s')]);
  });

  it('a sleeper has nothing waiting that it may not read, nor what it may not read any more', () => {
    const made = connected(rules({ subscribe: ['tp', 'xx'] }));
    made.from('s', frame('12 20 0001', '#'));
    made.suback(1, 1, 1);
    made.from('s', frame('18 012c'));
    made.message(1, 'other', 'x');
    made.message(1, 'tp', 'x', { qos: 1, packetId: 1 });
    made.message(1, 'xx', 'y', { qos: 1, packetId: 2 });
    expect(made.core.session('s')?.waiting).toBe(2);
    made.changed({ settings: { access: rules({ subscribe: ['xx'] }) } });
    expect(made.from('s', frame('16', 's'))).toEqual(['#1 PUBACK id1', sent('0c 22 7878 0001', 'y')]);
  });
});

describe('rules that change (I-122)', () => {
  it('send away who may not connect any more, awake or asleep, without a will', () => {
    const made = connected(rules({}));
    made.connect('t', 't');
    made.from('t', frame('18 012c'));
    expect(made.changed({ settings: { access: rules({ clientId: ['other'] }) } })).toEqual([
      's < 0218',
      '#1 DISCONNECT',
      't < 0218',
      '#2 DISCONNECT',
    ]);
    expect(made.notes.filter(({ type }) => type === 'client-disconnected')).toEqual([
      expect.objectContaining({ clientId: 's', reason: 'connecting is not granted any more (access.default)' }),
      expect.objectContaining({ clientId: 't' }),
    ]);
  });

  it('a sleeper wakes from no address where it may not connect', () => {
    const made = bench(rules({ host: ['192.0.2.0/24'] }));
    made.connect('udp:192.0.2.7:1', 's');
    made.from('udp:192.0.2.7:1', frame('18 012c'));
    expect(made.from('udp:198.51.100.1:1', frame('16', 's'))).toEqual(['198.51.100.1:1 < 0218']);
    expect(made.from('udp:192.0.2.8:1', frame('16', 's'))).toEqual(['192.0.2.8:1 < 0217']);
  });

  it.each(['asleep', 'active', 'gone'])(
    'over a restart: who may not connect is away, and keeps the session: %s',
    (state) => {
      const before = new DiskBench({ settings: { access: rules({}) } });
      before.connect('s', 's', { clean: false });
      if (state !== 'active') {
        before.from('s', frame(state === 'asleep' ? '18 012c' : '18'));
      }
      const none = { settings: { access: rules({ clientId: ['other'] }) } };
      const after = restarted(before, 0, before.disk, none);
      expect(after.core.session('s')?.state).toBe('disconnected');
      expect(after.from('s', frame('16', 's'))).toEqual(['s < 0218']);
      expect(after.from('s', connectFrame('s', false))).toEqual(['s < 030503']);
      after.changed({ settings: { access: rules({}) } });
      expect(after.from('s', connectFrame('s', false))).toEqual([expect.stringMatching(/CONNECT s$/)]);
    },
  );

  it.each(['require', 'set'] as const)('send away whose client id is not that of its identity: %s', (how) => {
    const alice = 'dtls:a:1@alice';
    const before = { ...rules({}), clientIdFromIdentity: 'off' as const };
    const after = { ...before, clientIdFromIdentity: how };
    const made = bench(before);
    made.connect(alice, 'other', { clean: false });
    made.connect('dtls:b:1@bob', 'bob');
    made.connect('udp:c:1', 'plain');
    made.from(alice, frame('18 012c'));
    expect(made.changed({ settings: { access: after } })).toEqual([`${alice} < 0218`, '#1 DISCONNECT']);
    expect(made.notes).toContainEqual(
      expect.objectContaining({
        type: 'client-disconnected',
        clientId: 'other',
        reason: 'its client id is not that of its identity (access.clientIdFromIdentity)',
      }),
    );
    made.pass(20_000); // DISCONNECT is said once in T_retry
    expect(made.from(alice, frame('16', 'other'))).toEqual([`${alice} < 0218`]);
    const disk = new DiskBench({ settings: { access: before } });
    disk.open('dtls');
    disk.connect(alice, 'other', { clean: false });
    disk.from(alice, frame('18 012c'));
    const next = restarted(disk, 0, disk.disk, { settings: { access: after } });
    expect(next.core.session('other')?.state).toBe('disconnected');
  });

  it('none from then on: everything is allowed', () => {
    const made = connected(rules({}));
    made.changed({ settings: {} });
    expect(made.from('s', shortPublish('22'))).toEqual([sent('0d 7470 0001 03')]);
    const { access: _none, ...rest } = made.settings;
    made.feed({
      type: 'settings-changed',
      settings: { ...rest, access: undefined },
      predefinedTopics: new Map(),
      transports: new Map(),
    });
    expect(made.from('s', shortPublish('22'))).toEqual(['#1 PUBLISH qos1 id1 tp "x"']);
  });
});

describe('groups, where another rule grants less of them (I-135)', () => {
  const wide = rules({ subscribe: ['mine/#'] });
  const narrow = rules({ subscribe: ['mine/1'] });

  function inGroup(): CoreBench {
    const made = connected(wide);
    made.from('s', frame('12 20 0001', '$share/g/mine/+'));
    made.suback(1, 1, 1);
    made.from('s', frame('12 20 0002', 'mine/+'));
    made.suback(1, 2, 1);
    return made;
  }

  it('are left when the rules change, and told; what is no group stays', () => {
    const made = inGroup();
    expect(made.changed({ settings: { access: narrow } })).toEqual(['#1 UNSUBSCRIBE id3 $share/g/mine/+']);
    expect(made.notes).toContainEqual({
      type: 'subscription-refused',
      clientId: 's',
      link: 'udp:s',
      filter: '$share/g/mine/+',
      reason: `subscribing to this filter is not granted ${BY_RULE}`,
    });
    expect(made.core.session('s')?.subscriptions).toEqual([{ filter: 'mine/+', qos: 1 }]);
    const same = inGroup();
    expect(same.changed({ settings: { access: rules({ subscribe: ['mine/#', 'more'] }) } })).toEqual([]);
  });

  it('are left where the client connects from where it may read less', () => {
    const made = bench({ ...wide, rules: [{ ...wide.rules[0], host: ['a'] } as AccessRule, ...narrow.rules] });
    made.connect('udp:a:1', 's', { clean: false });
    made.from('udp:a:1', frame('12 20 0001', '$share/g/mine/+'));
    made.suback(1, 1, 1);
    made.from('udp:b:1', connectFrame('s', false));
    expect(made.up(2, true)).toContain('#2 UNSUBSCRIBE id3 $share/g/mine/+');
  });

  it('are not joined where the rules change before SUBACK: SUBACK 0x03, and the broker is told', () => {
    const made = connected(wide);
    expect(made.from('s', frame('12 20 0001', '$share/g/mine/+'))).toEqual(['#1 SUBSCRIBE id1 $share/g/mine/+ qos1']);
    expect(made.changed({ settings: { access: narrow } })).toEqual([]);
    expect(made.suback(1, 1, 1)).toEqual(['#1 UNSUBSCRIBE id2 $share/g/mine/+', sent('13 00 0000 0001 03')]);
    expect(made.core.session('s')?.subscriptions).toEqual([]);
    expect(made.unsuback(1, 2)).toEqual([]);
  });

  it('the same where the client had been in the group, and asks once more', () => {
    const made = inGroup();
    expect(made.from('s', frame('12 40 0003', '$share/g/mine/+'))).toEqual(['#1 SUBSCRIBE id3 $share/g/mine/+ qos2']);
    expect(made.changed({ settings: { access: narrow } })).toEqual(['#1 UNSUBSCRIBE id4 $share/g/mine/+']);
    expect(made.suback(1, 3, 2)).toEqual([sent('13 00 0000 0003 03')]);
    expect(made.unsuback(1, 4)).toEqual([]);
    expect(made.core.session('s')?.subscriptions).toEqual([{ filter: 'mine/+', qos: 1 }]);
  });

  it('a SUBSCRIBE that waits for the broker is judged by the rules of the time when it goes out (I-122)', () => {
    const made = connected(wide, { settings: { upstream: { grace: 60_000 } } });
    made.down(1);
    expect(made.from('s', frame('12 20 0001', '$share/g/mine/+'))).toEqual([]);
    made.changed({ settings: { access: narrow } });
    const [connect] = made.pass(1_000).filter((line) => line.endsWith(' CONNECT s clean'));
    expect(made.up(Number(connect?.slice(1, connect.indexOf(' '))))).toEqual([sent('13 00 0000 0001 03')]);
  });

  it('are left after a restart with other rules', () => {
    const before = new DiskBench({ settings: { access: wide } });
    before.connect('s', 's', { clean: false });
    before.from('s', frame('12 20 0001', '$share/g/mine/+'));
    before.suback(1, 1, 1);
    before.from('s', frame('18 012c'));
    const after = restarted(before, 0, before.disk, { settings: { access: narrow } });
    expect(after.core.session('s')?.subscriptions).toEqual([]);
    expect(after.up(after.connectionOf('s'), true)).toEqual([
      expect.stringMatching(/^#\d+ UNSUBSCRIBE id\d+ \$share\/g\/mine\/\+$/),
    ]);
  });
});

describe('a client of DTLS whose address has changed (I-124)', () => {
  const link = 'dtls:association@alice';
  const at = (made: CoreBench, host: string, hex: string): string[] =>
    made.feed({
      type: 'frame-received',
      link,
      peer: { transport: 'dtls', host, address: `${host}:1`, identity: 'alice' },
      frame: Buffer.from(hex, 'hex'),
    });

  it.each(['active', 'asleep'])('is judged by it at PINGREQ: %s', (state) => {
    const made = bench(rules({ host: ['10.0.0.0/8'], publish: ['tp'] }, { host: ['192.0.2.7'] }));
    at(made, '10.0.0.1', connectFrame('s', false));
    made.up(1);
    if (state === 'asleep') {
      at(made, '10.0.0.1', frame('18 012c'));
    }
    const ping = frame('16', state === 'asleep' ? 's' : '');
    expect(at(made, '198.51.100.1', ping)).toEqual([`${link} < 0218`]);
    expect(at(made, '10.0.0.2', ping)).toEqual([`${link} < 0217`]);
    expect(at(made, '10.0.0.2', shortPublish('22'))).toEqual([expect.stringContaining('PUBLISH qos1')]);
    expect(at(made, '192.0.2.7', ping)).toEqual([`${link} < 0217`]);
    expect(at(made, '192.0.2.7', frame('0c 22 7470 0002', 'x'))).toEqual([
      `${link} < ${sent('0d 7470 0002 03').slice(4)}`,
    ]);
  });
});

describe('a sender of QoS −1 over DTLS whose address has changed (I-124)', () => {
  const link = 'dtls:association@alice';

  it('is judged by where it is', () => {
    const made = bench(rules({ host: ['10.0.0.0/8'], qosMinus1: true, publish: ['tp'] }));
    made.feed({ type: 'sessions-restored', records: [] });
    made.up(1);
    const at = (host: string): string[] =>
      made.feed({
        type: 'frame-received',
        link,
        peer: { transport: 'dtls', host, address: `${host}:1`, identity: 'alice' },
        frame: Buffer.from(frame('0c 62 7470 0000', 'x'), 'hex'),
      });
    expect(at('192.0.2.7')).toEqual([]);
    expect(at('10.0.0.1')).toEqual(['#1 PUBLISH qos0 tp "x"']);
    expect(at('192.0.2.7')).toEqual([]);
    expect(at('10.0.0.1')).toEqual(['#1 PUBLISH qos0 tp "x"']);
  });
});

describe('access rules in an aggregating gateway', () => {
  it('are the same: what a client may not read does not reach it', () => {
    const made = bench(rules({ subscribe: ['tp'], publish: ['tp'] }), {
      settings: { upstream: { mode: 'aggregating', sharedProtocol: 4 } },
    });
    made.feed({ type: 'sessions-restored', records: [] });
    made.up(1);
    made.up(2);
    made.from('s', connectFrame('s'));
    expect(made.from('s', shortPublish('22'))).toEqual([expect.stringContaining('PUBLISH qos1')]);
    expect(made.from('s', frame('0c 22 7878 0001', 'x'))).toEqual([sent('0d 7878 0001 03')]);
    expect(made.from('s', frame('12 20 0001', '#'))).toEqual([expect.stringContaining('SUBSCRIBE')]);
  });
});
