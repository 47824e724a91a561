import { describe, expect, it } from '@jest/globals';
import type { StoredSession } from '../../src/core/contract/stored-records.ts';
import { BrokenCore, inWords, type Place } from '../support/broken-core.ts';
import { connectFrame, frame } from '../support/core-bench.ts';

const MAX_INFLIGHT: Place = ['clients', 'maxInflight'];
const IDLE_PROBE_AFTER: Place = ['timing', 'idleProbeAfter'];
const RETRY_COUNT: Place = ['timing', 'retryCount'];
const EXPIRY: Place = ['sessions', 'expiry'];
const TOPIC_PREFIX: Place = ['upstream', 'topicPrefix'];
const MAX_TOPICS: Place = ['clients', 'maxTopics'];

/** A persistent session that was active. */
function storedSession(clientId: string, keepAlive: number): StoredSession {
  return {
    kind: 'session',
    clientId,
    protocolVersion: '1.2',
    link: `udp:${clientId}`,
    transport: 'udp',
    host: clientId,
    nodeId: undefined,
    state: 'active',
    cleanSession: false,
    keepAlive,
    sleepDuration: undefined,
    lastHeard: 0,
    nextTopicId: 1,
    epoch: 1,
  };
}

const AGGREGATING = { upstream: { mode: 'aggregating' } } as const;

const REGISTER = frame('0a 0000 0001', 'a/b');
const PUBLISH_QOS_1 = '08 0c 20 0001 0002 78';

describe('an invariant that breaks in the middle of a turn (design 3)', () => {
  it('leaves what the messages before it in the datagram promised: written, and said behind that', () => {
    const bench = new BrokenCore(MAX_INFLIGHT);
    bench.connect('s');
    const error = bench.breaking(() => bench.from('s', `${REGISTER} ${PUBLISH_QOS_1}`));
    expect(error.clientId).toBe('s');
    expect(inWords(error.effects)).toEqual(['store topic/s/1 true', 'udp:s < 070b0001000100']);
    const [store] = error.effects;
    expect(store).toMatchObject({ writes: [{ record: { topicId: 1, topicName: 'a/b', knownIn: 2 } }] });
  });

  it('leaves nothing of the message that broke it', () => {
    const bench = new BrokenCore(MAX_INFLIGHT);
    bench.connect('s');
    bench.from('s', REGISTER);
    const error = bench.breaking(() => bench.from('s', PUBLISH_QOS_1));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
  });

  it('leaves what the deadlines before it in the tick did, and nothing of the one that broke it', () => {
    const bench = new BrokenCore(IDLE_PROBE_AFTER);
    bench.connect('lost', 1); // nothing is heard of it for 1.5 s
    bench.connect('also', 2);
    bench.connect('probed', 0); // it is asked for a sign of life after an hour
    bench.now += 4_000_000;
    const error = bench.breaking(() => bench.feed({ type: 'tick' }));
    expect(error.clientId).toBe('probed');
    expect(inWords(error.effects)).toEqual(['store session/lost,session/also false', '#1 closed', '#2 closed']); // I-62
    expect(error.effects[0]).toMatchObject({ writes: [{ record: { state: 'lost' } }, { record: { state: 'lost' } }] });
  });

  it('ends its own session, for good, and the others go on', () => {
    const bench = new BrokenCore(MAX_INFLIGHT);
    bench.connect('s');
    bench.connect('t');
    bench.breaking(() => bench.from('s', `${REGISTER} ${PUBLISH_QOS_1}`));
    expect(bench.failed('s')).toEqual(['store session/s gone,topic/s/1 gone true', 'udp:s < 0218', '#1 DISCONNECT']);
    expect(inWords(bench.from('t', REGISTER))).toEqual(['store topic/t/1 true', 'udp:t < 070b0001000100']);
  });
});

describe('what an invariant leaves half done', () => {
  it('is no connection that nobody will ever close', () => {
    const bench = new BrokenCore(EXPIRY);
    bench.connect('s');
    const error = bench.breaking(() => bench.from('s', '02 18'));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
    expect(bench.failed('s')).toEqual(['store session/s gone true', '#1 DISCONNECT']);
  });

  it('is no will of a lost client that is never published', () => {
    const bench = new BrokenCore(EXPIRY);
    bench.connect('s', 1);
    bench.now += 2_000;
    const error = bench.breaking(() => bench.feed({ type: 'tick' }));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
    expect(bench.failed('s')).toEqual(['store session/s gone true', '#1 closed']);
  });

  it('is no record that stays on disk', () => {
    const bench = new BrokenCore(RETRY_COUNT);
    bench.connect('s');
    bench.from('s', REGISTER);
    bench.from('s', '08 0c 40 0001 0007 78'); // QoS 2
    const acknowledged = { type: 'upstream-acknowledged', connection: 1, packetId: 1, reasonCode: 0 } as const;
    bench.feed({ ...acknowledged, packet: 'PUBREC' });
    bench.from('s', '04 10 0007');
    const error = bench.breaking(() => bench.feed({ ...acknowledged, packet: 'PUBCOMP' }));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
    expect(bench.failed('s')[0]).toMatch(/^store exchange\/s\/\S* gone,session\/s gone,topic\/s\/1 gone true$/);
  });

  it('is no attempt of another client to reach the broker', () => {
    const bench = new BrokenCore(EXPIRY, { upstream: { maxConnecting: 1 } });
    bench.connect('s');
    bench.feed({ type: 'upstream-lost', connection: 1, reason: 'closed', takenOver: false });
    bench.now += 1_000;
    expect(inWords(bench.feed({ type: 'tick' }))).toContain('#3 CONNECT s');
    expect(inWords(bench.from('t', connectFrame('t', false, 60)))).toEqual([]); // one at a time
    const refused = { type: 'upstream-refused', connection: 3, protocolVersion: 4, reasonCode: 5 } as const;
    const error = bench.breaking(() => bench.feed(refused));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
    expect(bench.failed('s')).toContain('#4 CONNECT t'); // no. 2 is the gateway's own
  });

  it('is no end at the broker of a session that the operator has made the gateway forget (I-103)', () => {
    const bench = new BrokenCore(EXPIRY, { upstream: { maxConnecting: 1 } });
    bench.connect('f');
    bench.connect('s');
    bench.feed({ type: 'upstream-lost', connection: 2, reason: 'closed', takenOver: false });
    bench.now += 1_000;
    expect(inWords(bench.feed({ type: 'tick' }))).toContain('#3 CONNECT s');
    bench.feed({ type: 'operator-forgot', token: 1, clientId: 'f' }); // in line
    const refused = { type: 'upstream-refused', connection: 3, protocolVersion: 4, reasonCode: 5 } as const;
    expect(bench.breaking(() => bench.feed(refused), 1).clientId).toBe('s');
    expect(bench.failed('s')).toContain('#4 CONNECT f');
  });

  it.each(['f', 't'])('is no turn of another one in the line for connections: %s', (forgotten) => {
    const bench = new BrokenCore(forgotten === 'f' ? EXPIRY : TOPIC_PREFIX, { upstream: { maxConnecting: 1 } });
    bench.connect('f');
    bench.from('s', connectFrame('s', false, 60)); // #2
    if (forgotten === 'f') {
      bench.feed({ type: 'operator-forgot', token: 1, clientId: 'f' });
    } else {
      bench.from('t', connectFrame('t', false, 60));
    }
    const connected = { type: 'upstream-connected', connection: 2, sessionPresent: false } as const;
    const error = bench.breaking(() => bench.feed(connected));
    bench.failed(error.clientId);
    bench.now += 1_000;
    expect(inWords(bench.feed({ type: 'tick' })).filter((word) => word.includes('CONNECT '))).toEqual([
      `#3 CONNECT ${forgotten}`,
    ]);
  });

  it('is no own connection that nobody makes again, or that seems to stand', () => {
    const bench = new BrokenCore(['upstream', 'reconnectMin']);
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    bench.breaking(() => bench.feed({ type: 'upstream-lost', connection: 1, reason: 'closed', takenOver: false }));
    bench.failed(undefined);
    expect(bench.core.isBrokerReached).toBe(false);
    bench.now += 1_000;
    expect(inWords(bench.feed({ type: 'tick' }))).toEqual(['#2 CONNECT undefined']);
  });

  it('is no client whose address went to somebody else: it is the one that has failed', () => {
    const bench = new BrokenCore(EXPIRY);
    bench.connect('s');
    expect(bench.breaking(() => bench.from('s', connectFrame('newcomer', false, 60))).clientId).toBe('s');
    expect(bench.failed('s')).toContain('#1 closed');
    expect(bench.core.session('newcomer')).toBeUndefined();
  });

  it('is no record of the last of several sessions that cannot be ended: its next session would take up what this one had under way', () => {
    const bench = new BrokenCore(RETRY_COUNT);
    for (const client of ['a', 'b', 'c']) {
      bench.connect(client);
      bench.from(client, REGISTER);
      bench.from(client, '08 0c 40 0001 0007 78'); // QoS 2
    }
    const stopped = bench.breaking(() => bench.feed({ type: 'operator-stopped' }));
    expect(stopped.clientId).toBe('a');
    const error = bench.breaking(() => bench.feed({ type: 'session-failed', clientId: 'a' }));
    const [store = ''] = inWords(error.effects);
    const keys = store.replace(/^store | true$/g, '').split(',');
    expect(keys.filter((key) => key.startsWith('exchange')).sort()).toEqual([
      expect.stringMatching(/^exchange\/a\/\S+ gone$/),
      expect.stringMatching(/^exchange\/b\/\S+ gone$/),
      expect.stringMatching(/^exchange\/c\/\S+ gone$/),
    ]);
    expect(keys).toHaveLength(9);
  });

  it('is no session that cannot be ended: it is thrown away with its connection and its record', () => {
    const bench = new BrokenCore(RETRY_COUNT);
    bench.connect('s');
    bench.connect('t');
    bench.breaking(() => bench.from('s', '02 18'));
    const error = bench.breaking(() => bench.feed({ type: 'session-failed', clientId: 's' }));
    expect(inWords(error.effects)).toEqual(['store session/s gone true', '#1 DISCONNECT']);
    expect([...bench.core.sessions()].map(({ clientId }) => clientId)).toEqual(['t']);
  });

  it('is no session in the hub of an aggregating gateway: of one that is thrown away', () => {
    const bench = new BrokenCore(RETRY_COUNT, AGGREGATING);
    bench.connect('s');
    bench.breaking(() => bench.from('s', '02 18'));
    const error = bench.breaking(() => bench.feed({ type: 'session-failed', clientId: 's' }));
    expect(inWords(error.effects)).toEqual(['store session/s gone true', '#1 DISCONNECT', 'upstream-forget']);
  });

  it('is no session in the hub of an aggregating gateway: of one that had just ended', () => {
    const bench = new BrokenCore(MAX_TOPICS, AGGREGATING);
    bench.from('s', connectFrame('s', true, 60));
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    const error = bench.breaking(() => bench.from('s', connectFrame('newcomer', true, 60)));
    expect(inWords(error.effects)).toEqual([]);
    expect(bench.core.session('s')).toBeUndefined();
    expect(bench.failed(error.clientId)).toEqual(['#1 closed', 'upstream-forget']);
  });

  it('is no session in the hub of an aggregating gateway: of one whose record breaks it', () => {
    const shared = true; // as this gateway writes it: else it had a connection of its own (I-158)
    const records = ['a', 'b', 'c'].map((clientId) => ({ ...storedSession(clientId, 60_000), shared }) as const);
    const bench = new BrokenCore(MAX_TOPICS, AGGREGATING);
    const error = bench.breaking(() => bench.feed({ type: 'sessions-restored', records }), 1);
    expect([error.clientId, inWords(error.effects)]).toEqual([undefined, ['#1 CONNECT a']]);
    const rest = ['#2 CONNECT c', '#3 CONNECT undefined']; // the gateway's own, which every start opens
    expect(bench.failed(undefined)).toEqual(['store session/b gone false', 'upstream-forget', ...rest]);
  });

  it('is no gateway that has stopped for some of its clients only', () => {
    const bench = new BrokenCore(EXPIRY);
    for (const client of ['a', 'b', 'c']) {
      bench.connect(client);
    }
    const error = bench.breaking(() => bench.feed({ type: 'operator-stopped' }), 1);
    expect(error.clientId).toBe('b');
    expect(inWords(error.effects)).toEqual(['store session/a true', 'udp:a < 0218', '#1 DISCONNECT']);
    const rest = bench.failed('b');
    expect(rest).toEqual(expect.arrayContaining(['#2 DISCONNECT', 'udp:c < 0218', '#3 DISCONNECT']));
    expect(bench.from('c', '02 16')).toEqual([]);
  });

  it('is no stored session behind the one whose record breaks it', () => {
    const records = ['a', 'b', 'c'].map((clientId) => storedSession(clientId, clientId === 'b' ? 0 : 60_000));
    const bench = new BrokenCore(IDLE_PROBE_AFTER);
    const error = bench.breaking(() => bench.feed({ type: 'sessions-restored', records }));
    expect([error.clientId, inWords(error.effects)]).toEqual(['b', ['#1 CONNECT a']]);
    const rest = ['#2 CONNECT c', '#3 CONNECT undefined']; // the gateway's own, which every start opens
    expect(bench.failed('b')).toEqual(['store session/b gone true', 'udp:b < 0218', ...rest]);
    expect(bench.core.session('c')).toMatchObject({ state: 'active' });
  });

  it('is no stored session behind several whose records break it', () => {
    const records = ['a', 'b', 'c', 'd', 'e'].map((clientId) =>
      storedSession(clientId, clientId === 'a' || clientId === 'e' ? 60_000 : 0),
    );
    const bench = new BrokenCore(IDLE_PROBE_AFTER);
    const error = bench.breaking(() => bench.feed({ type: 'sessions-restored', records }));
    expect(error.clientId).toBe('b');
    const next = bench.breaking(() => bench.feed({ type: 'session-failed', clientId: 'b' }));
    expect(next.clientId).toBe('c');
    expect(inWords(next.effects)).toContain('#2 CONNECT e');
    expect([...bench.core.sessions()].map(({ clientId }) => clientId)).toEqual(['a', 'e']);
  });
});
