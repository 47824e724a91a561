/** A session whose client sleeps is one string: what comes back is what was there, and what cannot be written keeps it from being folded up. */
import { describe, expect, it } from '@jest/globals';
import type { Exchange, FinishedPublish } from '../../../src/core/state/client-publish-state.ts';
import { fold, type Unfolded, unfold } from '../../../src/core/state/folded-session.ts';
import type { Delivery } from '../../../src/core/state/gateway-publish-state.ts';
import { directPath } from '../../../src/core/state/path.ts';
import { Session } from '../../../src/core/state/session.ts';
import { newSessionParts, type SessionParts } from '../../../src/core/state/session-parts.ts';
import { newSleepState } from '../../../src/core/state/sleep-state.ts';
import type { Request } from '../../../src/core/state/subscribe-state.ts';
import { TopicRegistry } from '../../../src/core/topics/topic-registry.ts';
import { peerOf } from '../../support/peer-of.ts';

const WHERE: Unfolded = {
  path: directPath('udp:h:1', peerOf('udp:h:1')),
  state: 'asleep',
  will: { topic: { topic: 'w', qos: 1, retain: true }, message: Uint8Array.of(1, 2) },
};

/** What the broker says that it does not take. */
const SAID = {
  ...{ receiveMaximum: 7, maximumPacketSize: 300, maximumQos: 1 as const, retainAvailable: false },
  ...{ wildcardAvailable: false, sharedAvailable: false },
};

type Fields = Record<string, unknown>;

/** The parts of a session that have plain fields. */
const HOLDERS: readonly (readonly [string, (parts: SessionParts) => unknown])[] = [
  ['', (parts) => parts],
  ['counters', (parts) => parts.counters],
  ['upstream', (parts) => parts.upstream],
  ['limits', (parts) => (parts.upstream.limits = { ...parts.upstream.limits })],
  ['sleep', (parts) => parts.sleep],
  ['stored', (parts) => parts.stored],
  ['stored.session', (parts) => parts.stored.session ?? {}],
  ['subscribing', (parts) => parts.subscribing],
  ['topics', (parts) => parts.topics],
];

/** What is made when it is read; what may be repeated is told of all the same (`repeatable`). */
const MADE_ANEW = new Set(['inbound', 'outbound', 'requests', 'owed', 'suspicion']);

const LISTS = new Set(['ids', 'keys', 'values', 'entries']);

describe('a session that is folded up', () => {
  it('comes back with everything that there was', () => {
    const parts = everything();
    expect(told(again(parts))).toEqual(told(parts));
  });

  it('comes back with nothing where there was nothing', () => {
    const parts = newSessionParts(5, 0);
    expect(told(again(parts))).toEqual(told(parts));
  });

  it('comes back the same from the second time, too, and takes no more room', () => {
    const parts = everything();
    expect(fold(again(parts), WHERE)).toEqual(fold(parts, WHERE));
  });

  it('has its shape in common with those that differ in names and numbers alone', () => {
    const [one, other] = [everything(), everything()];
    Object.assign(other, { lastHeard: 98_765, heard: 12_345, undelivered: 'other words' });
    one.heard = 10;
    const [first, second] = [fold(one, WHERE), fold(other, WHERE)];
    expect(second?.shape).toBe(first?.shape);
    expect(second?.values).not.toBe(first?.values);
    expect(told(again(other))).toEqual(told(other));
  });

  it('comes back, however many shapes there have been since, and however long its own is', () => {
    const [one, long] = [everything(), newSessionParts(65_534, 0)];
    for (let n = 0; n < 500; n++) {
      long.topics.register(`t/${n}`);
    }
    long.topics.tracked.settle();
    const folded = [one, long].map((parts) => fold(parts, WHERE));
    for (let n = 0; n < 1_500; n++) {
      const [heard, delivered, dropped, probes] = [...String(n).padStart(4, '0')].map(Number);
      const parts = newSessionParts(5, 0);
      Object.assign(parts, { heard, probes, lastTopic: 'other' });
      Object.assign(parts.counters, { delivered, dropped });
      expect(told(again(parts))).toEqual(told(parts));
    }
    expect(folded.map((each) => each && told(unfold(each, WHERE)))).toEqual([one, long].map(told));
  });

  it('has the name of a topic once, also where it may be asked for again by that', () => {
    const parts = newSessionParts(5, 0);
    subscribe(parts, 'site/7/command', undefined);
    parts.subscribing.subscriptions.tracked.settle();
    const answer = { type: 'SUBACK', qos: 1, topicId: 8, msgId: 3, returnCode: 'accepted' } as never;
    const filter = 'site/7/command';
    parts.subscribing.answered = [{ reference: `1 normal ${filter}`, filter, answer, until: 9_000 }];
    expect(fold(parts, WHERE)?.values.split(filter)).toHaveLength(2);
    expect(told(again(parts))).toEqual(told(parts));
  });

  it('goes on where it was: ids in turn, publishes that are out, and what has been written', () => {
    const [one, other] = [everything(), again(everything())];
    for (const { topics, msgIds, upstream } of [one, other]) {
      topics.capacity = 9;
      expect(topics.register('next')?.topicId).toBe(12);
      expect(msgIds.reserve()).toBe(false);
      expect(msgIds.next(new Set())).toBe(1003);
      expect(upstream.takePacketId({ purpose: 'unsubscribing', filter: 'f' })).toBe(42);
      expect(upstream.unproven.wrote({ topic: 't', octets: 1 })).toBe(3);
    }
    expect(told(other)).toEqual(told(one));
  });

  it('has nothing to write, and knows what the store has', () => {
    const { topics, subscribing } = again(everything());
    expect(topics.tracked.isSettled && subscribing.subscriptions.tracked.isSettled).toBe(true);
    subscribing.subscriptions.set('s/1', { filter: 's/1', qos: 1, predefinedId: undefined, short: false });
    expect([...subscribing.subscriptions.tracked.changes]).toEqual([]);
    topics.clear();
    expect(topics.tracked.inStore([])).toEqual([8, 9, 10, 11]);
  });

  it('has the will that the store has, if it has one', () => {
    const parts = everything();
    parts.stored.will = undefined;
    expect(again(parts).stored.will).toBeUndefined();
    parts.stored.will = WHERE.will;
    expect(again(parts).stored.will?.message).toBe(WHERE.will.message);
  });

  it.each([
    ['quotes, controls and separators', '"\\/\u0001\u2028'],
    ['a half of a pair', '\ud83d'],
    ['the half that comes second', '\ude00\ud83d\ude00'],
    ['nothing', ''],
  ])('has names as they were: %s', (_what, name) => {
    const parts = newSessionParts(5, 0);
    parts.lastTopic = name;
    parts.upstream.prefix = name;
    parts.undelivered = name;
    expect(told(again(parts))).toEqual(told(parts));
  });

  it('has many names, each as often as it was, in their order', () => {
    const parts = newSessionParts(65_534, 0);
    for (let n = 5_000; n > 0; n--) {
      parts.topics.register(`name/${n}`);
      parts.subscribing.subscriptions.restore({
        filter: `name/${n % 300}`,
        qos: 0,
        predefinedId: undefined,
        short: false,
      });
    }
    parts.topics.tracked.settle();
    parts.lastTopic = 'name/5000';
    parts.upstream.mount = 'name/1';
    expect(told(again(parts))).toEqual(told(parts));
  });

  it('has all limits of its broker, or the one object that most have', () => {
    const parts = newSessionParts(5, 0);
    const { limits } = parts.upstream;
    expect(again(parts).upstream.limits).toBe(limits);
    parts.upstream.limits = { ...limits, maximumQos: 1, restricts: true };
    expect(again(parts).upstream.limits).toEqual(parts.upstream.limits);
  });
});

describe('every plain field of a session that is not as usual', () => {
  it.each(plainFields())('comes back, or keeps it from being folded up: %s', (_what, holderOf, name) => {
    for (const full of [false, true]) {
      const parts = full ? everything() : withSleep(newSessionParts(5, 0));
      const holder = holderOf(parts);
      holder[name] = another(holder[name]);
      const text = fold(parts, WHERE);
      if (text !== undefined) {
        expect(told(unfold(text, WHERE))).toEqual(told(parts));
      }
    }
  });
});

type Change = readonly [string, (parts: SessionParts) => unknown];

/** What is under way, and what cannot be written. */
const UNFOLDABLE: readonly Change[] = [
  ['a CONNECT', (parts) => (parts.attempt = {} as never)],
  ['a CONNECT that was accepted, and nothing since', (parts) => (parts.accepted = {} as never)],
  ['an update of the will', (parts) => (parts.willUpdate = {} as never)],
  ['a farewell', (parts) => (parts.farewell = {} as never)],
  ['a publish of the client', (parts) => parts.inbound.exchanges.add({} as Exchange)],
  ['a publish that was let go', (parts) => parts.inbound.letGo.push(finished(1))],
  ['a message for the client', (parts) => parts.outbound.queue.waiting.push({} as Delivery)],
  ['a packet id of a message', (parts) => parts.outbound.queue.unsettled.set(1, {} as Delivery)],
  ['a request of the client', (parts) => parts.subscribing.requests.push({} as Request)],
  ['a filter that is owed to the broker', (parts) => parts.subscribing.owed.add('f')],
  ['a packet id that is in use', (parts) => parts.upstream.takePacketId({ purpose: 'unsubscribing', filter: 'f' })],
  ['a suspicion', (parts) => (parts.upstream.suspicion.unexplained = true)],
  ['PINGREQ without an answer', (parts) => parts.upstream.pingSent()],
  ['a topic id that the store does not have', (parts) => parts.topics.register('new')],
  ['a topic id that the client knows, as the store does not', (parts) => (topic(parts, 8).known = true)],
  ['a subscription that the store does not have', (parts) => subscribe(parts, 'new', undefined)],
  ['one that the store still has', (parts) => parts.subscribing.subscriptions.delete('s/1')],
  ['another will in the store', (parts) => (parts.stored.will = { topic: undefined, message: undefined })],
  [
    'a time that does not end',
    (parts) => parts.inbound.finished.push({ ...finished(3), until: Number.POSITIVE_INFINITY }),
  ],
  ['a number that is none', (parts) => (parts.lastHeard = Number.NaN)],
];

describe('a session is not folded up', () => {
  it.each(UNFOLDABLE)('with %s, and stays as it is', (_what, change) => {
    const parts = everything();
    expect(fold(parts, WHERE)).toBeDefined();
    change(parts);
    const before = told(parts);
    expect(fold(parts, WHERE)).toBeUndefined();
    expect(told(parts)).toEqual(before);
  });
});

function again(parts: SessionParts): SessionParts {
  const text = fold(parts, WHERE);
  if (text === undefined) {
    throw new Error('it is not folded up');
  }
  return unfold(text, WHERE);
}

/** Nothing in it is as it is anew. */
function everything(): SessionParts {
  const parts = withSleep(newSessionParts(5, 7));
  const { topics, subscribing, msgIds, upstream, counters, inbound, stored } = parts;
  Object.assign(parts, { isNew: false, cleanSession: false, keepAlive: 60_000, lastHeard: 1_234.5, heard: 9 });
  Object.assign(parts, { undelivered: 'no answer', held: true, probes: 2 });
  Object.assign(parts, { asksClean: true, lastTopic: 't/1', lastOctets: 3 });
  Object.assign(counters, { published: 4, delivered: 5, dropped: 6 });
  for (const name of ['t/1', 't/2', 't/3', 's/1']) {
    const registered = topics.register(name);
    if (registered && name === 't/2') {
      registered.known = true;
    }
  }
  topics.forgetKnown();
  topic(parts, 10).known = true;
  topic(parts, 9).refused = true;
  topic(parts, 11).unanswered = { msgId: 77, givenUp: 2 };
  topics.tracked.settle();
  subscribe(parts, 's/1', undefined);
  subscribe(parts, 'p/1', 1);
  subscribe(parts, 't/1', 2, { named: true });
  subscribe(parts, 'ab', undefined, { short: true, qos: 0 });
  subscribe(parts, 'p/2', 5, { otherIds: [3, 4] });
  subscribe(parts, 'p/3', 7, { otherIds: [6], named: true });
  subscribing.subscriptions.tracked.settle();
  const until = 9_000;
  subscribing.answered = [
    {
      ...{ reference: 'r', filter: 's/1', until },
      answer: { type: 'SUBACK', qos: 2, topicId: 8, msgId: 3, returnCode: 'accepted' } as never,
    },
    { reference: 'q', filter: undefined, answer: { type: 'UNSUBACK', msgId: 4 }, until },
  ];
  subscribing.asksAgain = true;
  msgIds.startBehind(1_000);
  msgIds.reserve();
  msgIds.next(new Set());
  msgIds.next(new Set());
  upstream.begins(17, 100);
  upstream.stands(
    { ...{ type: 'upstream-connected', connection: 17, sessionPresent: true }, ...SAID, clientIdPrefix: 'pre-' },
    200,
  );
  upstream.goesOn('up', 41);
  const said = {
    shared: true,
    ownSince: 70,
    owesSession: true,
    bridged: true,
    mount: 'm/',
    blocked: true,
    attempts: 3,
    downSince: 150,
    shortLived: 2,
  };
  const more = { shortLivedSince: 120, graceOver: true, redelivering: true, doubtedOn: 17, owesSubscriptions: true };
  Object.assign(upstream, said, more, { pings: 1, asked: 2 });
  upstream.unproven.wrote({ topic: 't/1', octets: 5 });
  upstream.unproven.wrote({ topic: 't/2', octets: 6 });
  upstream.unproven.prove(1);
  inbound.finished.push(finished(1), { ...finished(2), predefinedId: 4, stored: true, retain: true, qos: 2 });
  inbound.lastNumber = 2;
  Object.assign(stored, { erase: true, unsynced: true, will: { ...WHERE.will } });
  stored.session = {
    ...{
      pathKey: 'udp:h:2',
      state: 'active',
      cleanSession: true,
      keepAlive: 1,
      sleepDuration: 2,
      lastHeard: 3,
      epoch: 4,
    },
    ...{
      msgIdsTo: 5,
      mount: 'n/',
      prefix: 'x-',
      subscriptionsDoubted: true,
      shared: undefined,
      identity: 'i',
      ownSince: 3,
      owesSession: true,
      bridged: true,
    },
  };
  return parts;
}

function withSleep(parts: SessionParts): SessionParts {
  parts.sleep = {
    ...newSleepState(5_000, 'needed'),
    ...{ until: 6_000, delivered: 3, silences: 1, over: true, broker: 'missed' },
  };
  return parts;
}

function finished(number: number): FinishedPublish {
  const digest = { octets: number, hash: 2 ** 31 + number, check: 77 };
  return {
    ...{ number, msgId: 500 + number, qos: 1, predefinedId: undefined, topic: `t/${number}`, retain: false, digest },
    ...{ until: 8_000 + number, stored: false },
  };
}

function topic(parts: SessionParts, topicId: number): NonNullable<ReturnType<SessionParts['topics']['byId']>> {
  const found = parts.topics.byId(topicId);
  if (found === undefined) {
    throw new Error(`there is no topic id ${topicId}`);
  }
  return found;
}

function subscribe(parts: SessionParts, filter: string, predefinedId: number | undefined, more: object = {}): void {
  parts.subscribing.subscriptions.set(filter, { filter, qos: 1, predefinedId, short: false, ...more });
}

function plainFields(): (readonly [string, (parts: SessionParts) => Fields, string])[] {
  return HOLDERS.flatMap(([name, holderOf]) =>
    Object.entries(holderOf(everything()) as Fields)
      .filter(([, value]) => typeof value !== 'object')
      .map(([field]) => [`${name}.${field}`, holderOf as (parts: SessionParts) => Fields, field] as const),
  );
}

function another(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value + 17 : 17;
    case 'boolean':
      return !value;
    case 'string':
      return `${value} another`;
    default:
      return 'another';
  }
}

/** All that can be read of something: its fields, what it computes, and what is in it, in order. */
function told(thing: unknown): unknown {
  if (typeof thing !== 'object' || thing === null || thing instanceof Uint8Array) {
    return thing;
  }
  if (Symbol.iterator in thing) {
    return [...(thing as Iterable<unknown>)].map(told);
  }
  const all = new Map<string, unknown>(Object.entries(thing));
  for (let kind = Object.getPrototypeOf(thing); kind !== Object.prototype; kind = Object.getPrototypeOf(kind)) {
    for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(kind))) {
      if (get !== undefined && !MADE_ANEW.has(name)) {
        all.set(name, get.call(thing));
      } else if (LISTS.has(name)) {
        all.set(name, value.call(thing));
      }
    }
  }
  if (thing instanceof TopicRegistry) {
    const ids = [...thing.ids()];
    all.set(
      'known in',
      ids.map((topicId) => thing.entry(topicId)?.knownIn),
    );
    all.set(
      'topics',
      ids.map((topicId) => thing.byId(topicId)).map((one) => [one?.known, one?.refused, one?.unanswered]),
    );
  }
  return Object.fromEntries([...all].map(([name, value]) => [name, told(value)]));
}

describe('a session of the directory', () => {
  it('is folded up while its client is not there', () => {
    const session = newSession();
    for (const state of ['active', 'awake', 'asleep', 'disconnected', 'lost'] as const) {
      session.enter(state, 1);
      session.fold(1);
      expect([state, session.isFolded]).toEqual([state, state !== 'active' && state !== 'awake']);
    }
  });

  it.each<readonly [string, (session: Session) => unknown]>([
    ['its path', (session) => (session.path = directPath('udp:h:9', peerOf('udp:h:9')))],
    ['its will', (session) => (session.will = { topic: undefined, message: Uint8Array.of(9) })],
    ['its state', (session) => session.enter('lost', 2)],
  ])('knows what the store has of it when %s is another one', (_what, change) => {
    const session = newSession();
    const { will } = WHERE;
    session.will = will;
    session.stored.will = will;
    session.stored.session = { ...everything().stored.session, pathKey: session.path.key, state: 'asleep' } as never;
    const before = told(session.stored);
    session.fold(1);
    expect(session.isFolded).toBe(true);
    change(session);
    session.fold(1);
    expect(told(session.stored)).toEqual(before);
  });

  it('says that it is to be looked at when it has been unfolded, as long as it is in the directory', () => {
    const session = newSession();
    session.foldables = new Set();
    session.fold(1);
    expect(session.foldables.size).toBe(0);
    expect(session.lastHeard).toBe(0);
    expect([...session.foldables]).toEqual([session]);
    session.fold(1);
    session.foldables = undefined;
    expect(session.lastHeard).toBe(0);
  });

  it('of many names is unfolded for as many milliseconds as it takes octets, and for a minute at most', () => {
    for (const [names, pause] of [
      [20, 0],
      [100, 2_000],
      [10_000, 60_000],
    ] as const) {
      const session = newSession(names);
      session.fold(0);
      expect(session.isFolded).toBe(true);
      expect(session.lastHeard).toBe(0);
      session.fold(1_000);
      expect(session.isFolded).toBe(pause === 0);
      session.fold(1_000 + pause / 2);
      expect(session.isFolded).toBe(pause === 0);
      session.fold(1_000 + pause * 2);
      expect(session.isFolded).toBe(true);
    }
  });
});

function newSession(names = 0): Session {
  const session = new Session('a', WHERE.path, 65_534, 0);
  session.enter('asleep', 1);
  for (let n = 0; n < names; n++) {
    session.topics.register(`name/${n}`);
  }
  session.topics.tracked.settle();
  return session;
}
