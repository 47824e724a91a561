import { describe, expect, it } from '@jest/globals';
import type { BrokerSession } from '../broker-session.ts';
import { payloadOf } from '../payload.ts';
import type { Wire } from '../wire.ts';
import { Bench, ID, LINK, publish, SHARED_CONNECTION } from './bench.ts';
import { FULL_DISK } from './calm.ts';

/** A client with `t/a` on the shared connection. `clean` false: its session outlives the process. */
function subscribed(clean = true): { readonly bench: Bench; readonly session: BrokerSession } {
  const bench = new Bench({ clean }, [], 'aggregating');
  const session = bench.sharedSession();
  bench.connected();
  bench.subscribe(session, 't/a', 1);
  expect(bench.check).toBeUndefined();
  return { bench, session };
}

/** A client that has nothing. */
function shared(): Bench {
  const bench = new Bench({}, [], 'aggregating');
  bench.sharedSession();
  bench.connected();
  return bench;
}

/** The first one, and a message is with the gateway. */
function withMessage(clean: boolean): Bench {
  const { bench } = subscribed(clean);
  bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
  return bench;
}

const ended = (bench: Bench): void => bench.books.atEnd(new Map([[ID, '']]));

describe('the books of a message for a client that shares the connection', () => {
  it('object where the broker is told to forget it, and neither the client nor the disk has it', () => {
    const bench = withMessage(false);
    bench.acknowledge('PUBACK', 1);
    // the bench notes each client as one that came clean
    expect(bench.check).toBeUndefined();
    const asleep = withMessage(false);
    asleep.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    asleep.acknowledge('PUBACK', 1);
    asleep.pass(200);
    expect(asleep.check).toBe('acknowledged-not-delivered');
  });

  it('object to the last of the copies for filters with the same QoS: any of them may be the one of the client', () => {
    const { bench, session } = subscribed(false);
    bench.subscribe(session, 't/+', 1);
    session.identifiers.set('t/a', 1);
    session.identifiers.set('t/+', 2);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    expect(session.inflight.size).toBe(2);
    bench.acknowledge('PUBACK', 1);
    bench.pass(200);
    expect(bench.check).toBeUndefined();
    bench.acknowledge('PUBACK', 2);
    bench.pass(200);
    expect(bench.check).toBe('acknowledged-not-delivered');
  });

  it.each([
    ['has copies of its own', 2, undefined],
    ['has not', undefined, 'stuck-to-client'],
  ] as const)(
    'do not where the broker has lost the filter, and another one that matches %s',
    (_what, identifier, check) => {
      const { bench, session } = subscribed(true);
      session.subscribe('t/+', 1, identifier); // another client has it
      session.subscriptions.delete('t/a');
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      session.unsubscribe('t/+');
      session.subscribe('t/a', 1, identifier);
      ended(bench);
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    [50, undefined],
    [150, 'acknowledged-not-delivered'],
  ] as const)('wait %s ms for the note that it was dropped, which may wait for the disk: %s', (late, check) => {
    const bench = withMessage(false);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    bench.acknowledge('PUBACK', 1);
    bench.pass(late);
    const note = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;
    bench.books.noted({ ...note, reason: 'it does not fit' });
    bench.pass(200);
    expect(bench.check).toBe(check);
  });

  it('do not where the client has it', () => {
    const bench = withMessage(true);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    bench.deliver('b.1', 1, 1);
    bench.acknowledge('PUBACK', 1);
    expect(bench.check).toBeUndefined();
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('do not where a note says that one like it was dropped by a rule, and do where that was another one', () => {
    const note = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, reason: 'it does not fit' } as const;
    const dropped = withMessage(true);
    dropped.books.noted({ ...note, topic: 't/a' });
    ended(dropped);
    expect(dropped.check).toBeUndefined();
    const other = withMessage(true);
    other.books.noted({ ...note, topic: 't/b' });
    ended(other);
    expect(other.check).toBe('stuck-to-client');
  });

  it('take it for another one also where the first is one that was retained, too', () => {
    const { bench, session } = subscribed(true);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    bench.broker.publish('t/a', payloadOf('b.2', 0), 1, false);
    expect(session.inflight.size).toBe(2);
    const note = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;
    bench.books.noted({ ...note, reason: 'it does not fit' });
    bench.books.enqueued(ID, 'b.1', 't/a', 1, true);
    bench.deliver('b.1', 1, 1);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('take a dropped message for another one, if the client gets the first', () => {
    const bench = withMessage(true);
    bench.broker.publish('t/a', payloadOf('b.2', 0), 1, false);
    bench.books.noted({
      ...{ type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a', reason: 'it does not fit' },
    } as const);
    bench.deliver('b.1', 1, 1);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('object to one that the client gets behind UNSUBACK', () => {
    const { bench } = subscribed();
    const topic = { topicIdType: 'normal', topicName: 't/a' } as const;
    bench.books.handled(LINK, { type: 'UNSUBSCRIBE', msgId: 2, topic });
    bench.books.sent(LINK, { type: 'UNSUBACK', msgId: 2 });
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    bench.books.sent(LINK, publish('b.1', 1, 1));
    expect(bench.check).toBe('foreign-delivery');
  });

  it('excuse what the broker has lost with its session, and the gateway had not told it to forget', () => {
    const { bench, session } = subscribed();
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    bench.books.brokerForgot(session);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });
});

describe('the books of subscriptions on the shared connection', () => {
  it('object where something is published that finds no subscription of a client that has one', () => {
    const { bench, session } = subscribed();
    session.unsubscribe('t/a');
    bench.books.brokerHas(session.clientId, payloadOf('c0.1', 0), 't/a', 1, true);
    expect(bench.check).toBe('published-too-early');
  });

  it('object to a subscription at the end that no client has', () => {
    const { bench, session } = subscribed();
    session.subscribe('t/b', 1, undefined);
    ended(bench);
    expect(bench.check).toBe('place-not-freed');
  });
});

describe('the books of wills that the gateway publishes', () => {
  const lost = { type: 'client-lost', clientId: ID, link: LINK, reason: 'said so', will: true } as const;
  const will = (bench: Bench, qos: number, nth = 1): void =>
    bench.books.brokerHas('(shared)', payloadOf(`w.${ID}.${nth}`, 0), `wills/${ID}`, qos, true);

  it('object to one of a client that is not lost', () => {
    const bench = shared();
    will(bench, 1);
    ended(bench);
    expect(bench.check).toBe('will-not-due');
  });

  it('wait for the note that the client is lost, which may wait for the disk', () => {
    const bench = shared();
    will(bench, 1);
    bench.books.noted(lost);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it.each([
    [1, undefined],
    [2, 'will-not-due'],
  ] as const)('let one with QoS %s come twice after a break: %s', (qos, check) => {
    const bench = shared();
    bench.books.noted(lost);
    will(bench, qos);
    const gone = { reason: 'closed by the broker', takenOver: false } as const;
    bench.books.fromBroker({ type: 'upstream-lost', connection: SHARED_CONNECTION, ...gone });
    will(bench, qos);
    ended(bench);
    expect(bench.check).toBe(check);
  });

  it('take a new one before its note for no repetition of an earlier one', () => {
    const bench = new Bench({ will: { topic: `wills/${ID}`, qos: 1 } }, [], 'aggregating');
    bench.books.noted(lost);
    will(bench, 1);
    const gone = { reason: 'closed by the broker', takenOver: false } as const;
    bench.books.fromBroker({ type: 'upstream-lost', connection: SHARED_CONNECTION, ...gone });
    will(bench, 1, 2);
    bench.books.noted(lost);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('take one that comes again for no other one, of a later loss, that has not come yet', () => {
    const bench = shared();
    bench.books.noted(lost);
    bench.books.noted(lost);
    will(bench, 1);
    const gone = { reason: 'closed by the broker', takenOver: false } as const;
    bench.books.fromBroker({ type: 'upstream-lost', connection: SHARED_CONNECTION, ...gone });
    will(bench, 1);
    will(bench, 1, 2);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('be content with a will that a client has kept over several losses, and that comes for each', () => {
    const bench = new Bench({ will: { topic: `wills/${ID}`, qos: 1 } }, [], 'aggregating');
    bench.sharedSession();
    const gone = { reason: 'closed by the broker', takenOver: false } as const;
    for (let loss = 0; loss < 3; loss++) {
      bench.pass(1_000);
      bench.books.noted(lost);
      will(bench, 1);
      for (let time = 0; time < 2; time++) {
        bench.books.fromBroker({ type: 'upstream-lost', connection: SHARED_CONNECTION, ...gone });
        bench.sharedSession();
      }
    }
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it('object to one that has not come at the end; not where the process ended at that moment', () => {
    const plan = { will: { topic: `wills/${ID}`, qos: 1 } } as const;
    const [missing, killed] = [new Bench(plan, [], 'aggregating'), new Bench(plan, [], 'aggregating')];
    missing.books.noted(lost);
    ended(missing);
    expect(missing.check).toBe('will-missing');
    killed.books.noted(lost);
    killed.books.gatewayEnded();
    ended(killed);
    expect(killed.check).toBeUndefined();
    killed.pass(60_000);
    killed.books.noted(lost);
    will(killed, 1); // of the second loss: the first one is not known any more
    ended(killed);
    expect(killed.check).toBeUndefined();
  });

  it.each([
    [0, undefined],
    [1, undefined],
    [2, 'will-not-due'],
  ] as const)(
    'let one that the broker has lost with its session, before it passed it on, come once: %s times: %s',
    (times, check) => {
      const bench = new Bench({ will: { topic: `wills/${ID}`, qos: 2 } }, [], 'aggregating');
      const session = bench.sharedSession();
      bench.books.noted(lost);
      session.received.set(1, { topic: `wills/${ID}`, payload: payloadOf(`w.${ID}.1`, 0), retain: false });
      bench.books.brokerForgot(session);
      for (let time = 0; time < times; time++) {
        will(bench, 2);
      }
      ended(bench);
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of congestion', () => {
  it.each([
    [29_000, 'congestion'],
    [30_000, undefined],
  ] as const)('excuse it when the shared connection has been away for %s ms: %s', (away, check) => {
    const { bench } = subscribed();
    bench.books.fromBroker({ type: 'upstream-connected', connection: SHARED_CONNECTION, sessionPresent: true });
    const gone = { reason: 'closed by the broker', takenOver: false } as const;
    bench.books.fromBroker({ type: 'upstream-lost', connection: SHARED_CONNECTION, ...gone });
    bench.pass(away);
    bench.publish(`${ID}.1`, 1, 1);
    bench.books.sent(LINK, { type: 'PUBACK', topicId: 1, msgId: 1, returnCode: 1 });
    expect(bench.check).toBe(check);
  });
});

describe('the books of QoS 0', () => {
  it.each([
    [1, undefined],
    [0, 'qos0-twice'],
  ] as const)(
    'let a message that was published with QoS %s come again after an end of the process: %s',
    (qos, check) => {
      const bench = new Bench({}, [], 'aggregating');
      const session = bench.sharedSession();
      bench.connected();
      bench.subscribe(session, 't/a', 0);
      bench.broker.publish('t/a', payloadOf('b.1', 0), qos, false);
      bench.deliver('b.1', 0, 0);
      bench.books.gatewayEnded();
      bench.deliver('b.1', 0, 0);
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of newcomers', () => {
  it('let them have what was on its way for others when they subscribed, and nothing else', () => {
    const bench = new Bench({}, [], 'aggregating');
    const session = bench.sharedSession();
    bench.connected();
    session.subscribe('t/a', 1, undefined);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    bench.subscribe(session, 't/a', 1);
    bench.books.sent(LINK, publish('b.1', 1, 1));
    expect(bench.check).toBeUndefined();
    bench.books.sent(LINK, publish('b.2', 1, 2));
    expect(bench.check).toBe('foreign-delivery');
  });
});

describe('the books of what waits at the broker', () => {
  const unsubscribe = { type: 'UNSUBSCRIBE', msgId: 2, topic: { topicIdType: 'normal', topicName: 't/#' } } as const;

  it.each([
    [1, undefined],
    [0, 'foreign-delivery'],
  ] as const)('let it come with QoS %s for another filter when the better one is given up: %s', (qos, check) => {
    const { bench, session } = subscribed();
    bench.subscribe(session, 't/#', 2);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
    bench.books.handled(LINK, unsubscribe);
    bench.books.sent(LINK, { type: 'UNSUBACK', msgId: 2 });
    bench.books.sent(LINK, publish('b.1', qos, qos));
    expect(bench.check).toBe(check);
  });

  it.each([
    [2_000, 'foreign-delivery'],
    [1_000, undefined],
  ] as const)(
    'object where it comes with another QoS, no filter was given up, and the gateway has had %s ms to find out: %s',
    (since, check) => {
      const { bench, session } = subscribed();
      bench.subscribe(session, 't/#', 2);
      bench.pass(since);
      bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
      bench.books.sent(LINK, publish('b.1', 1, 1));
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['a better copy waits for the window of the broker', 20, undefined],
    ['there is room for it', 18, 'foreign-delivery'],
  ] as const)('let it come with the QoS of the copy that came where %s (I-138)', (_what, inFlight, check) => {
    const { bench, session } = subscribed();
    bench.subscribe(session, 't/#', 2);
    bench.pass(2_000);
    for (let n = 0; n < inFlight; n++) {
      bench.broker.publish('t/b', payloadOf(`b.${n + 2}`, 0), 1, false);
    }
    bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
    bench.books.sent(LINK, publish('b.1', 1, 1));
    expect(bench.check).toBe(check);
  });

  it.each([
    ['1, which another client has it with', 20, 1, 1, undefined],
    ['0, its own', 20, 1, 0, undefined],
    ['1, though nobody has it with more than 0', 20, 0, 1, 'foreign-delivery'],
    ['1, though there is room for the better copy', 18, 1, 1, 'foreign-delivery'],
  ] as const)(
    'let it come by the copy for a filter that the client has with QoS 0, with QoS %s (I-138)',
    (_what, inFlight, granted, qos, check) => {
      const bench = shared();
      const session = bench.broker.sessions.get('(shared)') as BrokerSession;
      bench.subscribe(session, 't/#', 0);
      session.subscribe('t/#', granted, 1);
      bench.subscribe(session, 't/a', 2);
      session.subscribe('t/a', 2, 2);
      bench.pass(2_000);
      session.subscribe('x', 1, undefined);
      for (let n = 0; n < inFlight; n++) {
        bench.broker.publish('x', payloadOf(`b.${n + 2}`, 0), 1, false);
      }
      bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
      bench.books.sent(LINK, publish('b.1', qos, qos));
      expect(bench.check).toBe(check);
    },
  );

  it('let it come for a filter that the client has asked for since, with the QoS of that', () => {
    const { bench, session } = subscribed();
    bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
    bench.subscribe(session, 't/#', 0);
    bench.books.sent(LINK, publish('b.1', 0, 0));
    expect(bench.check).toBeUndefined();
  });
});

describe('the books of a subscription that ends though nothing has been told of its client', () => {
  it.each([
    ['may be lost behind a full disk', true, 60_000, true, undefined],
    ['has said something', true, 30_000, true, 'subscription-differs'],
    ['outlives the gateway', false, 60_000, true, 'subscription-differs'],
    ['would be told to be lost', true, 60_000, false, 'subscription-differs'],
  ] as const)('object to it but where that one %s', (_what, clean, silence, isFull, check) => {
    const { bench, session } = subscribed(clean);
    const accepted = { clientId: ID, link: LINK, cleanSession: clean, keepAlive: 60, will: false };
    bench.books.noted({ type: 'client-connected', ...accepted });
    bench.books.brokerHas(session.clientId, payloadOf('online', 0), 'gateway/state', 1, true);
    if (isFull) {
      bench.calm.begins(FULL_DISK);
    }
    bench.pass(silence);
    const connection = SHARED_CONNECTION;
    bench.books.emitted({ type: 'upstream-unsubscribe', connection, packetId: 1, filter: 't/a' });
    session.unsubscribe('t/a');
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    expect(bench.check).toBe(check);
  });
});

describe('the books of a session that the broker has made anew', () => {
  it('object to what finds no subscription there from the first publish of the gateway on', () => {
    const { bench } = subscribed();
    const status = payloadOf('online', 0);
    bench.books.brokerForgot(bench.broker.sessions.get('(shared)') as BrokerSession);
    const anew = bench.sharedSession();
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    expect(bench.check).toBeUndefined();
    anew.subscribe('t/a', 1, undefined);
    bench.books.brokerHas(anew.clientId, status, 'gateway/state', 1, true);
    bench.broker.publish('t/a', payloadOf('b.2', 0), 1, false);
    expect(bench.check).toBeUndefined();
    anew.unsubscribe('t/a');
    bench.broker.publish('t/a', payloadOf('b.3', 0), 1, false);
    expect(bench.check).toBe('subscription-differs');
  });

  it.each([
    ['while the better one is not there again', false, false, undefined],
    ['not where it is', true, false, 'foreign-delivery'],
    ['nor from the first publish of the gateway on', false, true, 'foreign-delivery'],
  ] as const)(
    'let a message come for another filter of the client, with the QoS of that: %s',
    (_what, isBack, isUsed, check) => {
      const { bench, session } = subscribed();
      bench.subscribe(session, 't/#', 0);
      bench.pass(5_000);
      bench.books.brokerForgot(session);
      const anew = bench.sharedSession();
      anew.subscribe('t/#', 0, 2);
      anew.subscribe('t/a', 1, 1);
      if (isUsed) {
        bench.books.brokerHas(anew.clientId, payloadOf('online', 0), 'gateway/state', 1, true);
      }
      if (!isBack) {
        anew.unsubscribe('t/a');
      }
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      bench.books.sent(LINK, publish('b.1', 0, 0));
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of SUBACK behind a clean CONNECT', () => {
  const topic = { topicIdType: 'normal', topicName: 't/a' } as const;
  const connect = { will: false, cleanSession: true, protocolId: 1, duration: 60, clientId: ID } as const;

  it.each([
    [true, 0, undefined],
    [false, 50, undefined],
    [false, 150, 'published-too-early'],
  ] as const)(
    'take it for one that has waited for the disk, in trouble (%s), for %s ms: %s',
    (isFull, later, check) => {
      const bench = shared();
      const ends = isFull ? bench.calm.begins(FULL_DISK) : (): void => {};
      bench.pass(5_000);
      bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 1, msgId: 1, topic });
      bench.books.subscribes(ID, 't/a', 1);
      bench.books.granted('(shared)', 't/a', 1);
      bench.books.handled(LINK, { type: 'CONNECT', ...connect });
      bench.pass(later);
      ends();
      bench.books.sent(LINK, { type: 'SUBACK', qos: 1, topicId: 1, msgId: 1, returnCode: 0 });
      bench.books.brokerHas('(shared)', payloadOf('c0.1', 0), 't/b', 1, true);
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a refused topic', () => {
  const topic = { topicIdType: 'normal', topicName: 't/a' } as const;
  const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;

  it.each([
    [1, undefined],
    [0, 'refused-by-silence'],
  ] as const)('take it for wanted again with SUBACK (0x0%s), not with SUBSCRIBE: %s', (returnCode, check) => {
    const bench = shared();
    bench.books.sent(LINK, { type: 'REGISTER', topicId: 3, msgId: 1, topicName: 't/a' });
    bench.books.handled(LINK, { type: 'REGACK', topicId: 3, msgId: 1, returnCode: 3 });
    bench.books.subscribes(ID, 't/a', 1);
    bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 1, msgId: 1, topic });
    bench.books.granted('(shared)', 't/a', 1);
    bench.broker.sessions.get('(shared)')?.subscribe('t/a', 1, undefined);
    bench.books.sent(LINK, { type: 'SUBACK', qos: 1, topicId: 1, msgId: 1, returnCode });
    bench.pass(1_000);
    bench.books.noted({ ...drop, reason: 'the client refused its topic' });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a QoS 2 publish on the shared connection', () => {
  const copy = { ...publish(`${ID}.1`, 2, 1), dup: false };

  it.each([
    [true, undefined],
    [false, 'twice-at-broker'],
  ] as const)(
    'take a late copy for a new one where the client has said PUBREL (%s), and the broker PUBCOMP: %s',
    (isReleased, check) => {
      const bench = shared();
      bench.publish(`${ID}.1`, 2, 1);
      const rest = { topic: 't/a', qos: 2, retain: false, dup: false } as const;
      const payload = payloadOf(`${ID}.1`, 0);
      const connection = SHARED_CONNECTION;
      bench.books.emitted({ type: 'upstream-publish', connection, packetId: 9, payload, ...rest });
      bench.books.brokerHas('(shared)', payload, 't/a', 2, false);
      bench.books.sent(LINK, { type: 'PUBREC', msgId: 1 });
      bench.books.taken(ID, `${ID}.1`);
      bench.books.brokerHas('(shared)', payload, 't/a', 2, true);
      const answer = { type: 'upstream-acknowledged', connection, packetId: 9, reasonCode: 0 } as const;
      bench.books.fromBroker({ ...answer, packet: 'PUBCOMP' });
      if (isReleased) {
        bench.books.handled(LINK, { type: 'PUBREL', msgId: 1 });
      }
      bench.books.handled(LINK, copy);
      bench.books.brokerHas('(shared)', payload, 't/a', 2, true);
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of filters that nobody has at the end', () => {
  it.each([
    [50, undefined],
    [500, 'place-not-freed'],
  ] as const)('excuse one that was asked for %s ms before the process ended: %s', (before, check) => {
    const bench = shared();
    const subscribe = { type: 'upstream-subscribe', connection: SHARED_CONNECTION, packetId: 1 } as const;
    bench.books.emitted({ ...subscribe, filter: 't/a', qos: 1 });
    bench.broker.sessions.get('(shared)')?.subscribe('t/a', 1, undefined);
    bench.pass(before);
    bench.books.gatewayEnded();
    ended(bench);
    expect(bench.check).toBe(check);
  });
});

describe('the books of SUBACK that has waited for the disk', () => {
  const topic = { topicIdType: 'normal', topicName: 't/a' } as const;

  it.each([
    [2, undefined],
    [1, 'suback-not-granted'],
  ] as const)('do not object where the broker had granted QoS %s, and lower it since: %s', (granted, check) => {
    const bench = shared();
    const session = bench.broker.sessions.get('(shared)');
    bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 2, msgId: 1, topic });
    bench.books.subscribes(ID, 't/a', 1);
    for (const qos of [granted, 1] as const) {
      bench.books.granted('(shared)', 't/a', qos);
      session?.subscribe('t/a', qos, undefined);
    }
    bench.books.sent(LINK, { type: 'SUBACK', qos: 2, topicId: 1, msgId: 1, returnCode: 0 });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a message that is retained as well', () => {
  it('do not take the acknowledgement of the copy for newcomers for that of the others', () => {
    const bench = new Bench({ clean: false }, [], 'aggregating');
    const session = bench.sharedSession();
    bench.connected();
    bench.subscribe(session, 't/a', 1);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, true);
    const wire = session.wire as Wire;
    wire.stands = true;
    bench.broker.receive(wire, {
      ...{ type: 'upstream-subscribe', connection: SHARED_CONNECTION, packetId: 1, filter: 't/a', qos: 1 },
    });
    const [of, copy] = session.inflight.values();
    expect([of?.retain, copy?.retain]).toEqual([false, true]);
    bench.acknowledge('PUBACK', copy?.packetId ?? 0);
    bench.pass(1_000);
    expect(bench.check).toBeUndefined();
    bench.acknowledge('PUBACK', of?.packetId ?? 0);
    bench.pass(1_000);
    expect(bench.check).toBe('acknowledged-not-delivered');
  });
});

describe('the books of a client that is lost while the disk is full', () => {
  it.each([
    ['a QoS 2 publish has to be let go first', 2, undefined],
    ['nothing has', 1, 'lost-too-early'],
  ] as const)('allow for what waits where %s (I-62)', (_what, qos, check) => {
    const bench = shared();
    bench.publish('c0.1', qos, 1);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', qos, true);
    bench.pass(50_000);
    bench.calm.begins(FULL_DISK);
    bench.pass(41_000); // 91 s: it is lost, and that waits
    for (let times = 0; times < 3; times++) {
      bench.books.arrived(LINK, { type: 'PINGREQ', clientId: undefined });
      bench.pass(10_000);
    }
    bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason: 'nothing heard for 91 s', will: false });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a client that leaves a message unanswered while the disk is full', () => {
  it.each([
    ['it had been silent for so long', 60_000, true, undefined],
    ['it had not', 30_000, true, 'lost-too-early'],
    ['the disk was well', 60_000, false, 'lost-too-early'],
  ] as const)(
    'allow for what is told later, for another one has to be told in the same moment, where %s',
    (_what, silence, isFull, check) => {
      const bench = shared();
      if (isFull) {
        bench.calm.begins(FULL_DISK);
      }
      bench.pass(silence);
      for (let times = 0; times < 4; times++) {
        bench.books.arrived(LINK, {
          type: 'CONNECT',
          clientId: ID,
          duration: 60,
          will: false,
          cleanSession: false,
          protocolId: 1,
        });
        bench.pass(8_000);
      }
      bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason: 'no answer to PUBLISH', will: false });
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a client that is lost, and its will goes out while that waits for the disk', () => {
  it.each([
    ['its will shows when', 1, 0, false, undefined],
    ['not where the will went out behind its next message', 1, 1, false, 'lost-too-early'],
    ['nor where that was a repetition of an earlier one', 1, 0, true, 'lost-too-early'],
    ['nor where the disk was well', 0, 0, false, 'lost-too-early'],
  ] as const)('know that it had been silent for long enough: %s', (_what, isFull, heardBefore, dup, check) => {
    const bench = shared();
    const hears = (): void => bench.books.arrived(LINK, { type: 'PINGREQ', clientId: undefined });
    const will = { topic: `wills/${ID}`, payload: payloadOf(`w.${ID}.1`, 0), packetId: 1, retain: false } as const;
    bench.pass(50_000);
    if (isFull > 0) {
      bench.calm.begins(FULL_DISK);
    }
    bench.pass(41_000);
    if (heardBefore > 0) {
      hears();
    }
    bench.books.emitted({ type: 'upstream-publish', connection: SHARED_CONNECTION, qos: 1, dup, ...will });
    hears();
    bench.pass(10_000);
    bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason: 'nothing heard for 91 s', will: true });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a silent client while the disk is full', () => {
  it.each([
    ['a QoS 2 publish has to be let go', 2, undefined],
    ['nothing has', 1, 'never-lost'],
  ] as const)('allow for what waits where %s (I-64)', (_what, qos, check) => {
    const bench = shared();
    bench.publish('c0.1', qos, 1);
    const sent = { connection: SHARED_CONNECTION, packetId: 1, topic: 't/a', payload: payloadOf('c0.1', 0) } as const;
    bench.books.emitted({ type: 'upstream-publish', ...sent, qos, retain: false, dup: false });
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', qos, true);
    const over = bench.calm.begins(FULL_DISK);
    bench.pass(120_000);
    over();
    bench.pass(80_000);
    bench.books.look();
    expect(bench.check).toBe(check);
  });
});

describe('the books of the order of messages', () => {
  it.each([
    ['t/#', ['t/#'], 'order-to-client'],
    ['t/#', ['t/+', 't/#'], undefined],
    ['$share/g/t/#', ['$share/g/t/#'], undefined],
  ] as const)('hold it for %s, where the second one has copies for %s: %s', (filter, kept, check) => {
    const bench = shared();
    const session = bench.sharedSession();
    bench.subscribe(session, filter, 1);
    const message = { topic: 't/a', qos: 1, matching: [filter] };
    bench.books.routed({ ...message, name: 'b.1', kept: [filter] });
    bench.books.routed({ ...message, name: 'b.2', kept });
    bench.deliver('b.2', 1, 1);
    bench.deliver('b.1', 1, 2);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['of a filter that the broker has been asked for with QoS 0 since: that overtakes what waits', 0, undefined],
    ['not of one with a lower QoS', 1, 'order-to-client'],
  ] as const)('do not %s', (_what, qos, check) => {
    const bench = shared();
    const session = bench.sharedSession();
    bench.subscribe(session, 't/a', 0);
    session.subscribe('t/a', 2, undefined); // another client has it
    const message = { topic: 't/a', qos: 2, matching: ['t/a'], kept: ['t/a'] };
    bench.books.routed({ ...message, name: 'b.1' });
    session.subscribe('t/a', qos, undefined);
    bench.books.routed({ ...message, name: 'b.2' });
    bench.deliver('b.2', 0, 0);
    bench.deliver('b.1', 0, 0);
    expect(bench.check).toBe(check);
  });
});

describe('the books of what is retained, with QoS 0', () => {
  it.each([
    ['as for a client whose repeated SUBSCRIBE is worked on behind SUBACK for the first copy', true, undefined],
    ['for nobody who has not asked', false, 'qos0-twice'],
  ] as const)('take it %s', (_what, isRepeated, check) => {
    const { bench, session } = subscribed();
    const asks = { type: 'upstream-subscribe', connection: SHARED_CONNECTION, filter: 't/a', qos: 1 } as const;
    bench.books.emitted({ ...asks, packetId: 1 });
    bench.broker.publish('t/a', payloadOf('b.1', 0), 0, true);
    bench.deliver('b.1', 0, 0);
    bench.pass(10);
    if (isRepeated) {
      bench.subscribe(session, 't/a', 1);
    }
    bench.pass(10);
    bench.books.emitted({ ...asks, packetId: 2 });
    bench.books.routedRetained({ name: 'b.1', topic: 't/a', qos: 0, filter: 't/a' });
    bench.books.sent(LINK, { ...publish('b.1', 0, 0), retain: true });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a queue that is full', () => {
  const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;
  const message = { type: 'upstream-message', connection: SHARED_CONNECTION, topic: 't/a', retain: false } as const;

  it.each([
    [false, false, undefined],
    [true, false, 'dropped-without-reason'],
    [true, true, undefined],
  ] as const)(
    'count what the client has and the broker repeats; not where it was told to forget it (%s), and has not (%s): %s',
    (isTold, isRepeated, check) => {
      const { bench } = subscribed();
      const most = bench.plan.gateway.queueMessages;
      for (let number = 1; number <= most; number++) {
        bench.broker.publish('t/a', payloadOf(`b.${number}`, 0), 1, false);
      }
      bench.deliver('b.1', 1, 1);
      if (isTold) {
        bench.acknowledge('PUBACK', 1);
      }
      if (isRepeated) {
        bench.books.fromBroker({ ...message, payload: payloadOf('b.1', 0), qos: 1, packetId: 1, dup: true });
      }
      bench.books.noted({ ...drop, reason: 'too many messages wait for the client' });
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a queue that is full of messages that came twice', () => {
  it.each([
    ['as many as fit', 1, undefined],
    ['not even as many as fit', 2, 'dropped-without-reason'],
  ] as const)('count each copy: with it there are %s', (_what, fewer, check) => {
    const { bench } = subscribed();
    const most = bench.plan.gateway.queueMessages;
    for (let number = 0; number <= most - fewer; number++) {
      bench.broker.publish('t/a', payloadOf(`b.${Math.max(number, 1)}`, 0), 1, false);
    }
    const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;
    bench.books.noted({ ...drop, reason: 'too many messages wait for the client' });
    expect(bench.check).toBe(check);
  });
});

describe('the books of what the broker has lost with its session', () => {
  it.each([
    [false, undefined],
    [true, 'stuck-to-client'],
  ] as const)(
    'excuse it also where another SUBSCRIBE was under way; not where PUBREC was said (%s): %s',
    (isSaid, check) => {
      const { bench, session } = subscribed();
      const topic = { topicIdType: 'normal', topicName: 't/#' } as const;
      bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 1, msgId: 2, topic });
      session.subscribe('t/a', 2, undefined);
      bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false);
      for (const message of session.inflight.values()) {
        message.released = isSaid;
      }
      bench.books.brokerForgot(session);
      ended(bench);
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a clean session with a will that has ended', () => {
  it.each([
    [50, undefined],
    [500, 'foreign-delivery'],
  ] as const)(
    'let it live again where the process ended %s ms later, for the disk may not have known: %s',
    (later, check) => {
      const { bench } = subscribed();
      const lost = { type: 'client-lost', clientId: ID, link: LINK, reason: 'said so', will: true } as const;
      bench.books.noted(lost);
      bench.pass(later);
      bench.books.gatewayEnded();
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      bench.books.sent(LINK, publish('b.1', 1, 1));
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of what waits for one of a group (I-139)', () => {
  it('comes to another one with the QoS that the group had when it came', () => {
    const bench = new Bench({ clean: false }, [], 'aggregating', ['x1']);
    const session = bench.sharedSession();
    bench.connected();
    bench.subscribe(session, '$share/g/t/#', 0);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    const topic = { topicIdType: 'normal', topicName: '$share/g/t/#' } as const;
    bench.books.handled('udp:x1', { type: 'SUBSCRIBE', dup: false, qos: 1, msgId: 1, topic });
    bench.books.sent('udp:x1', publish('b.1', 0, 0));
    expect(bench.check).toBe(undefined);
  });

  it.each([
    ['is for nobody else where that one has it', 2, true, 'foreign-delivery'],
    ['QoS 1: may come to another one all the same, for its PUBACK has not', 1, true, undefined],
    ['may come to one that joins the group', 2, false, undefined],
  ] as const)('%s', (_what, qos, isThere, check) => {
    const bench = new Bench({ clean: false }, [], 'aggregating', ['x1']);
    const session = bench.sharedSession();
    bench.connected();
    bench.subscribe(session, '$share/g/t/#', qos);
    bench.broker.publish('t/a', payloadOf('b.1', 0), qos, false);
    if (isThere) {
      bench.deliver('b.1', qos, 1);
    }
    bench.acknowledge(qos === 1 ? 'PUBACK' : 'PUBREC', 1);
    session.inflight.clear();
    const topic = { topicIdType: 'normal', topicName: '$share/g/t/#' } as const;
    bench.books.handled('udp:x1', { type: 'SUBSCRIBE', dup: false, qos, msgId: 1, topic });
    bench.books.sent('udp:x1', publish('b.1', qos, 1));
    expect(bench.check).toBe(check);
  });
});

describe('the books of a kind of publishes that is refused (I-111)', () => {
  it.each([
    [
      'also those on which two connections broke, and whose client was never told, for it has begun anew',
      2,
      't/a',
      'none',
      undefined,
    ],
    ['those on which one broke where another one had fallen with them by chance', 1, 't/a', 'theirs', undefined],
    ['not those on which one broke', 1, 't/a', 'none', 'refused-without-reason'],
    ['nor where one fell by chance on which they were not', 1, 't/a', 'another', 'refused-without-reason'],
    ['nor those that one fell with by chance alone', 0, 't/a', 'theirs', 'refused-without-reason'],
    ['nor others', 2, 't/b', 'none', 'refused-without-reason'],
  ] as const)('count %s', (_what, times, topic, fallen, check) => {
    const bench = shared();
    if (fallen !== 'none') {
      bench.books.felled(fallen === 'theirs' ? SHARED_CONNECTION : 9, 'alone');
    }
    for (const [number, name] of [`${ID}.1`, `${ID}.2`].entries()) {
      bench.publish(name, 1, number + 1, topic);
      const packet = { topic, qos: 1, retain: false, dup: false, packetId: number + 1 } as const;
      const publish = { type: 'upstream-publish', connection: SHARED_CONNECTION } as const;
      bench.books.emitted({ ...publish, ...packet, payload: payloadOf(name, 0) });
      for (let time = 0; time < times; time++) {
        bench.books.poisoned('(shared)', name, 10 + 2 * number + time);
      }
    }
    bench.books.handled(LINK, {
      type: 'CONNECT',
      will: false,
      cleanSession: true,
      protocolId: 1,
      duration: 60,
      clientId: ID,
    });
    bench.connected();
    bench.publish(`${ID}.3`, 1, 3);
    bench.books.sent(LINK, { type: 'PUBACK', topicId: 1, msgId: 3, returnCode: 3 });
    expect(bench.check).toBe(check);
  });
});
