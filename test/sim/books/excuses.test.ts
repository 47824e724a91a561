import { describe, expect, it } from '@jest/globals';
import { type MessageOf, RETURN_CODE } from '../../../src/codec/message.ts';
import type { StoredRecord } from '../../../src/ports/store.ts';
import type { Outgoing } from '../broker-session.ts';
import { payloadOf } from '../payload.ts';
import { action, Bench, ID, LINK, publish } from './bench.ts';
import { FULL_DISK } from './calm.ts';

const connect = (cleanSession: boolean): MessageOf<'CONNECT'> => ({
  type: 'CONNECT',
  will: false,
  cleanSession,
  protocolId: 1,
  duration: 60,
  clientId: ID,
});

const NOBODY: ReadonlyMap<string, string> = new Map([[ID, '']]);

/** A persistent session with a QoS 2 publish for which PUBREL is on the disk. */
function stored(kind: 'session' | 'exchange'): StoredRecord {
  if (kind === 'exchange') {
    const ids = { number: 1, msgId: 1, packetId: 7, role: 'current', topicId: 1, topic: 't/a' } as const;
    return { kind, clientId: ID, ...ids, payload: payloadOf('c0.1', 0), retain: false, released: true };
  }
  const where = { link: LINK, transport: 'udp', host: 'c0', nodeId: undefined } as const;
  const times = { keepAlive: 60_000, sleepDuration: undefined, lastHeard: 0, nextTopicId: 1, epoch: 1 } as const;
  return { kind, clientId: ID, protocolVersion: '1.2', ...where, state: 'active', cleanSession: false, ...times };
}

function outgoing(name: string): Outgoing {
  const rest = { qos: 1, retain: false, since: 0, packetId: 0, sent: false, released: false } as const;
  return { topic: 't/a', payload: payloadOf(name, 0), ...rest };
}

/** A client gets one message after the other, and one more waits for it at the end. */
function lagging(pause: number, count: number): Bench {
  const bench = new Bench();
  const session = bench.session();
  for (let nth = 1; nth <= count; nth++) {
    bench.books.enqueued(ID, `b.${nth}`, 't/a', 1, false);
    bench.deliver(`b.${nth}`, 1, nth);
    bench.pass(pause);
  }
  bench.books.enqueued(ID, 'b.999', 't/a', 1, false);
  session.waiting.push(outgoing('b.999'));
  return bench;
}

describe('books of what is excused', () => {
  it.each([
    ['was on its way when the broker lost the session', true, undefined],
    ['had not gone out', false, 'promise-not-stored'],
  ])('PUBREC for what a restart would not bring to an end, where PUBREL %s (I-6)', (_what, releases, check) => {
    const bench = new Bench({ clean: false });
    bench.publish('c0.1', 2, 1);
    bench.connects();
    bench.emitPublish('c0.1', 2, 7);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, false);
    const session = bench.session();
    session.received.set(7, { topic: 't/a', payload: payloadOf('c0.1', 0), retain: false });
    bench.books.brokerForgot(session);
    if (releases) {
      bench.books.emitted({ type: 'upstream-release', connection: 1, packetId: 7 });
    }
    bench.books.sent(LINK, { type: 'PUBREC', msgId: 1 });
    bench.pass(1);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['a new life', true, undefined],
    ['the same life', false, 'order-to-broker'],
  ])('another order of what %s hears again, and nothing has sent', (_what, restarts, check) => {
    const bench = new Bench();
    bench.publish('c0.2', 1, 2);
    bench.publish('c0.1', 1, 1);
    if (restarts) {
      bench.books.gatewayEnded();
      bench.books.gatewayStarted();
    }
    bench.publish('c0.1', 1, 1);
    bench.publish('c0.2', 1, 2);
    bench.connects();
    bench.emitPublish('c0.1', 1, 1);
    bench.emitPublish('c0.2', 1, 2);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['may have been taken though CONNECT was under way', true, undefined],
    ['came in another order', false, 'order-to-broker'],
  ])('another order of publishes that come again, where what came first %s', (_what, isConnecting, check) => {
    const bench = new Bench({ clean: false });
    bench.connects();
    if (isConnecting) {
      bench.books.handled(LINK, connect(false));
      bench.publish('c0.2', 1, 2);
    }
    bench.publish('c0.1', 1, 1);
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: RETURN_CODE.accepted });
    bench.books.handled(LINK, publish('c0.1', 1, 1));
    bench.publish('c0.2', 1, 2);
    bench.emitPublish('c0.2', 1, 2);
    bench.emitPublish('c0.1', 1, 1);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['may have got to the disk', true, undefined],
    ['did not come', false, 'lost-too-early'],
  ])('that a sleeper is lost by its keep-alive behind a restart, where a CONNECT of before %s', (_, asks, check) => {
    const bench = new Bench({ clean: false });
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 600 });
    if (asks) {
      bench.books.handled(LINK, connect(false));
    }
    bench.books.gatewayEnded();
    bench.books.gatewayStarted([stored('session')]);
    bench.pass(90_000);
    bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason: 'nothing heard for 90 s', will: false });
    expect(bench.check).toBe(check);
  });

  it.each([
    ['is on the disk', true, undefined],
    ['never came', false, 'lost-too-early'],
  ])('that a client is lost by a shorter sleep behind a restart, where its DISCONNECT %s', (_, goes, check) => {
    const bench = new Bench({ clean: false });
    const accepted = { clientId: ID, link: LINK, cleanSession: false, keepAlive: 60, will: false };
    bench.books.noted({ type: 'client-connected', ...accepted });
    if (goes) {
      bench.books.handled(LINK, { type: 'DISCONNECT', duration: 10 });
    }
    bench.books.gatewayEnded();
    bench.books.gatewayStarted([{ ...stored('session'), state: 'asleep', sleepDuration: 10_000 } as StoredRecord]);
    bench.pass(15_000);
    const reason = 'did not wake up within 15 s (it had said 10 s)';
    bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason, will: false });
    expect(bench.check).toBe(check);
  });

  it.each([
    ['had gone back to its former address', true, undefined],
    ['knows where it is', false, 'lost-too-early'],
  ])(
    'that a client is lost which spoke from where it has moved to, where the gateway %s by a restart',
    (_what, isBack, check) => {
      const elsewhere = `${LINK}-1`;
      const bench = new Bench({ clean: false });
      bench.books.noted({
        ...{ type: 'client-connected', clientId: ID, link: LINK, cleanSession: false, keepAlive: 60, will: false },
      });
      bench.books.linkOf(elsewhere, ID);
      bench.books.noted({ type: 'client-moved', clientId: ID, link: elsewhere, from: LINK });
      bench.books.gatewayEnded();
      bench.books.gatewayStarted(isBack ? [stored('session')] : []);
      bench.pass(60_000);
      bench.books.arrived(elsewhere, { type: 'PINGREQ', clientId: '' });
      bench.pass(40_000);
      bench.books.noted({
        type: 'client-lost',
        clientId: ID,
        link: LINK,
        reason: 'nothing heard for 90 s',
        will: false,
      });
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['began one more attempt', true, undefined],
    ['goes on with its connection', false, 'order-to-broker'],
  ])('another order of what came when CONNACK had gone out, and the gateway %s', (_what, begins, check) => {
    const bench = new Bench();
    bench.connects();
    bench.books.handled(LINK, connect(true));
    bench.books.handled(LINK, connect(true));
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
    if (begins) {
      bench.books.emitted({ type: 'upstream-close', connection: 1, disconnect: true });
      bench.connects(2);
    }
    bench.publish('c0.1', 1, 1);
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
    bench.publish('c0.2', 1, 2);
    bench.emitPublish('c0.2', 1, 2);
    bench.publish('c0.1', 1, 1);
    bench.emitPublish('c0.1', 1, 1);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['before CONNACK', true, undefined],
    ['after it', false, 'order-to-broker'],
  ])(
    'another order of a publish that came first %s: what is said before is not heard (C-11)',
    (_what, isBefore, check) => {
      const bench = new Bench();
      const connack = (): void => bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
      bench.books.handled(LINK, connect(true));
      if (!isBefore) {
        connack();
      }
      bench.publish('c0.1', 1, 1);
      if (isBefore) {
        connack();
      }
      bench.publish('c0.2', 1, 2);
      bench.connects();
      bench.emitPublish('c0.2', 1, 2);
      bench.publish('c0.1', 1, 1);
      bench.emitPublish('c0.1', 1, 1);
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['c0.2', 'c0.1', undefined],
    ['c0.1', 'c0.2', undefined],
  ])(
    'either order where the client names them in another one after CONNECT: the gateway may have kept them',
    (one, other, check) => {
      const bench = new Bench();
      bench.publish('c0.2', 1, 2);
      bench.publish('c0.1', 1, 1);
      bench.books.handled(LINK, connect(false));
      bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
      bench.publish('c0.1', 1, 1);
      bench.publish('c0.2', 1, 2);
      bench.connects();
      bench.emitPublish(one, 1, 1);
      bench.emitPublish(other, 1, 2);
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['before', true, undefined],
    ['after', false, 'lost-to-broker'],
  ])(
    'PUBCOMP for what the gateway has never heard, where PUBREC of another one went out %s CONNECT',
    (_what, isBefore, check) => {
      const bench = new Bench();
      bench.publish('c0.1', 2, 1);
      bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
      const answer = (): void => bench.books.sent(LINK, { type: 'PUBREC', msgId: 1 });
      if (isBefore) {
        answer();
      }
      bench.books.handled(LINK, connect(false));
      bench.books.starts(ID, action('c0.2', 2, 't/a'), 1);
      if (!isBefore) {
        answer();
      }
      bench.books.taken(ID, 'c0.2');
      bench.books.sent(LINK, { type: 'PUBCOMP', msgId: 1 });
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['is full', true, undefined],
    ['is not', false, 'foreign-delivery'],
  ])(
    'a message that was not for a client that was lost, where the process ended after that, and the disk %s',
    (_what, isFull, check) => {
      const bench = new Bench();
      bench.connected();
      const over = isFull ? bench.calm.begins(FULL_DISK) : undefined;
      bench.pass(130_000);
      bench.books.noted({
        type: 'client-lost',
        clientId: ID,
        link: LINK,
        reason: 'nothing heard for 120 s',
        will: false,
      });
      bench.pass(10_000);
      bench.books.gatewayEnded();
      bench.books.gatewayStarted();
      over?.();
      bench.deliver('b.1', 1, 1);
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['a clean CONNECT came', true, true, undefined],
    ['a clean CONNECT came, and PUBREL has not gone out', true, false, 'lost-to-broker'],
    ['no CONNECT came', false, true, 'lost-to-broker'],
  ])('PUBCOMP before the broker has PUBREL, where %s', (_what, isAnew, isReleased, check) => {
    const bench = new Bench();
    bench.publish('c0.1', 2, 1);
    bench.connects();
    bench.emitPublish('c0.1', 2, 7);
    const answer = { connection: 1, packetId: 7, packet: 'PUBREC', reasonCode: 0 } as const;
    bench.books.fromBroker({ type: 'upstream-acknowledged', ...answer });
    if (isReleased) {
      bench.books.emitted({ type: 'upstream-release', connection: 1, packetId: 7 });
    }
    bench.books.taken(ID, 'c0.1');
    if (isAnew) {
      bench.books.handled(LINK, connect(true));
    }
    bench.books.sent(LINK, { type: 'PUBCOMP', msgId: 1 });
    expect(bench.check).toBe(check);
  });

  it.each([
    ['fell by chance', true, undefined],
    ['did not', false, 'refused-without-reason'],
  ])('a refusal where the connection on which it was out %s', (_what, fell, check) => {
    const bench = new Bench();
    bench.publish('c0.1', 1, 1);
    bench.connects();
    bench.emitPublish('c0.1', 1, 1);
    bench.books.felled(fell ? 1 : 2, 'alone');
    bench.books.sent(LINK, { type: 'PUBACK', topicId: 1, msgId: 1, returnCode: 3 });
    expect(bench.check).toBe(check);
  });

  it.each([
    ['after PUBCOMP of the broker', true, undefined],
    ['before it', false, 'twice-at-broker'],
  ])('a second message where a copy without DUP comes %s, and the client has not been told', (_what, isOver, check) => {
    const bench = new Bench();
    bench.publish('c0.1', 2, 1);
    bench.connects();
    bench.emitPublish('c0.1', 2, 7);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
    if (isOver) {
      const answer = { connection: 1, packetId: 7, packet: 'PUBCOMP', reasonCode: 0 } as const;
      bench.books.fromBroker({ type: 'upstream-acknowledged', ...answer });
    }
    bench.books.handled(LINK, publish('c0.1', 2, 1));
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['waits for the disk', 10, undefined],
    ['has waited for longer', 5_000, 'twice-at-broker'],
  ])(
    'a second message where a clean CONNECT comes between two copies, and the first %s (I-176)',
    (_what, since, check) => {
      const bench = new Bench();
      bench.connects();
      bench.publish('c0.1', 2, 1);
      bench.pass(since);
      bench.books.handled(LINK, connect(true));
      bench.connected();
      bench.books.handled(LINK, publish('c0.1', 2, 1));
      for (const packetId of [7, 8]) {
        bench.emitPublish('c0.1', 2, packetId);
        bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
      }
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['after SUBACK', true, undefined],
    ['before it', false, 'subscription-differs'],
  ])('a subscription that is gone where a copy of a clean CONNECT comes %s', (_what, isLate, check) => {
    const bench = new Bench();
    bench.session();
    const suback = { type: 'SUBACK', qos: 1, topicId: 0, msgId: 1, returnCode: 0 } as const;
    bench.books.handled(LINK, connect(true));
    bench.books.subscribes(ID, 't/+', 1);
    bench.pass(10);
    bench.books.granted(ID, 't/+', 1);
    bench.books.sent(LINK, suback);
    bench.pass(10);
    if (isLate) {
      bench.books.handled(LINK, connect(true));
    }
    bench.books.subscribed(ID, 't/+');
    bench.books.atEnd(new Map());
    expect(bench.check).toBe(check);
  });

  it.each([
    ['after SUBACK, which the client gets later', true, undefined],
    ['before it', false, 'subscription-differs'],
  ])('a subscription that is gone where the client refuses its topic %s (R-8)', (_what, isLate, check) => {
    const bench = new Bench();
    bench.session();
    const suback = { type: 'SUBACK', qos: 1, topicId: 3, msgId: 1, returnCode: 0 } as const;
    const refusal = { type: 'REGACK', topicId: 3, msgId: 2, returnCode: 3 } as const;
    bench.books.sent(LINK, { type: 'REGISTER', topicId: 3, msgId: 2, topicName: 't/a' });
    bench.books.subscribes(ID, 't/a', 1);
    bench.books.granted(ID, 't/a', 1);
    for (const step of isLate ? [suback, refusal] : [refusal, suback]) {
      if (step.type === 'SUBACK') {
        bench.books.sent(LINK, step);
      } else {
        bench.books.handled(LINK, step);
      }
    }
    bench.books.subscribed(ID, 't/a');
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
    bench.books.atEnd(new Map());
    expect(bench.check).toBe(check);
  });

  it.each([
    ['is on the disk', [stored('session'), stored('exchange')], undefined],
    ['is not on the disk', [], 'never-released'],
  ])(
    'a publish that nobody gets, where PUBREL has not gone out and %s, and the broker lost the session (I-6)',
    (_what, disk, check) => {
      const bench = new Bench({ clean: false }, disk);
      bench.publish('c0.1', 2, 1);
      bench.connects();
      bench.emitPublish('c0.1', 2, 7);
      bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, false);
      bench.books.taken(ID, 'c0.1');
      const session = bench.session();
      session.received.set(7, { topic: 't/a', payload: payloadOf('c0.1', 0), retain: false });
      bench.books.brokerForgot(session);
      bench.books.gatewayEnded();
      bench.books.gatewayStarted();
      bench.books.atEnd(new Map());
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['could not be stored, for the disk was full', true, false, undefined],
    ['could be stored', false, false, 'subscription-differs'],
    ['could not be stored, and the next process has asked for the filter', true, true, 'subscription-differs'],
  ])('a lost subscription after a restart, where the doubt %s (I-52)', (_what, isFull, asks, check) => {
    const bench = new Bench();
    const session = bench.session();
    bench.books.handled(LINK, connect(true));
    bench.books.subscribes(ID, 't/+', 1);
    bench.books.granted(ID, 't/+', 1);
    bench.books.sent(LINK, { type: 'SUBACK', qos: 1, topicId: 0, msgId: 1, returnCode: 0 });
    bench.books.subscribed(ID, 't/+');
    bench.books.brokerForgot(session);
    const over = isFull ? bench.calm.begins(FULL_DISK) : undefined;
    bench.pass(1_000);
    bench.books.gatewayEnded();
    over?.();
    bench.books.gatewayStarted();
    bench.connects();
    if (asks) {
      bench.books.emitted({ type: 'upstream-subscribe', connection: 1, packetId: 1, filter: 't/+', qos: 1 });
    }
    bench.books.atEnd(new Map());
    expect(bench.check).toBe(check);
  });

  it('two dropped messages of one topic, one of them retained, which may have any QoS: each drop counts for the one that it fits', () => {
    const bench = new Bench();
    const session = bench.session();
    bench.connects();
    bench.books.enqueued(ID, 'b.1', 't/a', 1, true);
    bench.books.enqueued(ID, 'b.2', 't/a', 2, false);
    session.inflight.set(1, outgoing('b.1'));
    session.inflight.set(2, { ...outgoing('b.2'), qos: 2 });
    for (const qos of [2, 1] as const) {
      const reason = 'no answer to REGISTER';
      bench.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a', qos, reason });
    }
    const told = { type: 'upstream-acknowledge', connection: 1, reasonCode: 0 } as const;
    bench.books.emitted({ ...told, packetId: 1, packet: 'PUBACK' });
    bench.books.emitted({ ...told, packetId: 2, packet: 'PUBREC' });
    expect(bench.check).toBeUndefined();
  });

  it('two dropped messages of one topic, one of which came once more with another QoS: each drop counts for the one that it fits', () => {
    const bench = new Bench();
    const session = bench.session();
    bench.connects();
    bench.books.enqueued(ID, 'b.1', 't/a', 2, false);
    bench.books.enqueued(ID, 'b.1', 't/a', 1, false); // after a further SUBSCRIBE
    bench.books.enqueued(ID, 'b.2', 't/a', 2, false);
    session.inflight.set(1, outgoing('b.1'));
    session.inflight.set(2, { ...outgoing('b.2'), qos: 2 });
    for (const qos of [2, 1] as const) {
      const reason = 'no answer to REGISTER';
      bench.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a', qos, reason });
    }
    const told = { type: 'upstream-acknowledge', connection: 1, reasonCode: 0 } as const;
    bench.books.emitted({ ...told, packetId: 1, packet: 'PUBACK' });
    bench.books.emitted({ ...told, packetId: 2, packet: 'PUBREC' });
    expect(bench.check).toBeUndefined();
  });

  it.each([
    ['was dropped', 1, undefined],
    ['was dropped when no connection stood', undefined, undefined],
    ['was dropped when the connection had broken', 2, undefined],
    ['was not', 0, 'order-to-client'],
  ])('a message behind a later one, where it %s (I-91)', (_what, connection, check) => {
    const bench = new Bench();
    const session = bench.session();
    bench.connects();
    bench.books.enqueued(ID, 'b.1', 't/a', 2, false);
    bench.books.enqueued(ID, 'b.2', 't/a', 2, false);
    session.inflight.set(1, { ...outgoing('b.1'), qos: 2 });
    if (connection !== 0) {
      const reason = 'no answer to REGISTER';
      bench.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a', qos: 2, reason });
    }
    if (connection) {
      bench.connects(connection);
      const answer = { packetId: 1, packet: 'PUBREC', reasonCode: 0 } as const;
      bench.books.emitted({ type: 'upstream-acknowledge', connection, ...answer });
    }
    bench.deliver('b.2', 2, 5);
    bench.deliver('b.1', 2, 6);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['has been busy for minutes', 10_000, 40, undefined],
    ['has not been busy for long', 10_000, 20, 'stuck-to-client'],
    ['has rested', 20_000, 40, 'stuck-to-client'],
  ])('what waits at the end for a client that %s', (_what, pause, count, check) => {
    const bench = lagging(pause, count);
    bench.books.atEnd(NOBODY);
    expect(bench.check).toBe(check);
  });

  it('what waits at the end behind an answer that is on its way to the broker', () => {
    const bench = lagging(10_000, 40);
    bench.session().waiting.push(outgoing('b.40'), outgoing('b.999'));
    bench.books.sent(LINK, publish('b.999', 1, 41));
    bench.books.atEnd(NOBODY);
    expect(bench.check).toBeUndefined();
  });

  it('not two answers that are on their way to the broker for ten seconds', () => {
    const bench = lagging(10_000, 40);
    bench.session().waiting.push(outgoing('b.39'), outgoing('b.40'), outgoing('b.999'));
    bench.books.atEnd(NOBODY);
    expect(bench.check).toBe('stuck-to-client');
  });

  it('not what waits for a busy client and was overtaken', () => {
    const bench = new Bench();
    const session = bench.session();
    bench.books.enqueued(ID, 'b.0', 't/a', 1, false);
    session.waiting.push(outgoing('b.0'));
    for (let nth = 1; nth <= 40; nth++) {
      bench.books.enqueued(ID, `b.${nth}`, 't/a', 1, false);
      bench.deliver(`b.${nth}`, 1, nth);
      bench.pass(10_000);
    }
    bench.books.atEnd(NOBODY);
    expect(bench.check).toBe('stuck-to-client');
  });

  it.each([
    ['waits', true, undefined],
    ['does not hang', false, 'never-lost'],
  ])('silence of a client that the operator has sent away, where the disk %s', (_what, isFull, check) => {
    const bench = new Bench();
    bench.session();
    bench.connected();
    bench.pass(60_000);
    if (isFull) {
      bench.calm.begins(FULL_DISK);
    }
    bench.books.operated('operator-disconnected', ID);
    bench.pass(150_000);
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it.each([
    ['the operator had sent it away', 'operator', 'disconnected', undefined],
    ['it had said DISCONNECT', 'client', 'disconnected', undefined],
    ['the operator had sent it away, which never got to the disk', 'operator', 'active', 'never-lost'],
    ['nobody had', 'nobody', 'disconnected', 'never-lost'],
    ['the operator had sent it away, and it has connected since', 'before', 'disconnected', 'never-lost'],
  ] as const)('silence of a client behind a restart, where %s before the process ended', (_what, who, state, check) => {
    const bench = new Bench({ clean: false });
    bench.session();
    const accepted = { clientId: ID, link: LINK, cleanSession: false, keepAlive: 60, will: false };
    bench.books.noted({ type: 'client-connected', ...accepted });
    if (who === 'operator' || who === 'before') {
      bench.books.operated('operator-disconnected', ID);
    } else if (who === 'client') {
      bench.books.handled(LINK, { type: 'DISCONNECT', duration: undefined });
    }
    if (who === 'before') {
      bench.books.noted({ type: 'client-disconnected', clientId: ID, link: LINK, reason: 'the operator wants it' });
      bench.books.noted({ type: 'client-connected', ...accepted });
    }
    bench.books.gatewayEnded();
    bench.books.gatewayStarted([{ ...stored('session'), state } as StoredRecord]);
    bench.pass(240_000);
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it.each([
    ['a message needs a topic id', { type: 'REGISTER', topicId: 3, msgId: 1, topicName: 't/b' }, undefined],
    ['an answer has waited', { type: 'REGACK', topicId: 3, msgId: 1, returnCode: 1 }, undefined],
    ['nothing has waited', undefined, 'never-lost'],
  ] as const)('silence behind a full disk, where %s (I-64)', (_what, told, check) => {
    const bench = new Bench();
    bench.session();
    bench.connected();
    const over = bench.calm.begins(FULL_DISK);
    bench.pass(120_000);
    over();
    if (told !== undefined) {
      bench.books.sent(LINK, told);
    }
    bench.pass(120_000);
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it.each([
    ['2', 2, undefined],
    ['1, which no disk keeps', 1, 'never-lost'],
  ] as const)('silence behind a full disk, where a message for it has QoS %s (I-64)', (_what, qos, check) => {
    const bench = new Bench();
    bench.session();
    bench.connected();
    bench.books.enqueued(ID, 'b.1', 't/a', qos, false);
    const over = bench.calm.begins(FULL_DISK);
    bench.pass(120_000);
    over();
    bench.books.sent(LINK, publish('b.1', qos, 1));
    bench.pass(120_000);
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it.each([
    ['2 on the shared connection', 2, 'aggregating', undefined],
    ['1 there, which no disk keeps', 1, 'aggregating', 'never-lost'],
    ['2 on its own connection, where none is written', 2, 'transparent', 'never-lost'],
  ] as const)(
    'silence behind a full disk, where a message is dropped that has QoS %s (I-64)',
    (_what, qos, mode, check) => {
      const bench = new Bench({}, [], mode);
      bench.session();
      bench.connected();
      const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, reason: 'it does not fit' } as const;
      const over = bench.calm.begins(FULL_DISK);
      bench.pass(120_000);
      over();
      bench.books.noted({ ...drop, topic: 't/a', qos });
      bench.pass(120_000);
      bench.books.look();
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['2', 2, undefined],
    ['1, which no disk keeps', 1, 'never-lost'],
  ] as const)('silence behind a full disk, where a publish has QoS %s (I-64)', (_what, qos, check) => {
    const bench = new Bench();
    bench.session();
    bench.connected();
    const over = bench.calm.begins(FULL_DISK);
    bench.publish('c0.1', qos, 1);
    bench.pass(240_000);
    over();
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it.each([
    ['REGISTER, never answered', [], undefined],
    ['REGISTER, answered at once', [{ type: 'REGACK', topicId: 3, msgId: 1, returnCode: 0 }], 'never-lost'],
  ] as const)('silence behind a full disk, after %s (I-63, I-64)', (_what, answers, check) => {
    const bench = new Bench();
    bench.session();
    bench.connected();
    const over = bench.calm.begins(FULL_DISK);
    bench.books.handled(LINK, { type: 'REGISTER', topicId: 0, msgId: 1, topicName: 't/b' });
    for (const answer of answers) {
      bench.books.sent(LINK, answer);
    }
    bench.pass(240_000);
    over();
    bench.books.look();
    expect(bench.check).toBe(check);
  });

  it('DISCONNECT with a Duration of a client that is gone has no answer, so that the next DISCONNECT is none (T-31 d)', () => {
    const bench = new Bench({ clean: false });
    bench.books.handled(LINK, { type: 'DISCONNECT', duration: 60 });
    bench.books.sent(LINK, { type: 'DISCONNECT', duration: undefined });
    bench.pass(1);
    expect(bench.check).toBeUndefined();
  });

  it.each([
    ['has been sent away', { type: 'DISCONNECT', duration: undefined } as const, undefined],
    ['has been refused', { type: 'CONNACK', returnCode: RETURN_CODE.congestion } as const, undefined],
    ['has had no answer', undefined, 'connection-storm'],
  ])('connections for a CONNECT that is repeated by a client that %s', (_what, answer, check) => {
    const bench = new Bench();
    bench.books.connects(ID, true);
    for (let time = 0; time < 8; time++) {
      bench.pass(1_000);
      if (answer) {
        bench.books.sent(LINK, answer);
        bench.pass(1_000);
      }
      bench.books.handled(LINK, connect(true));
      for (let nth = 0; nth < 3; nth++) {
        bench.connects();
      }
    }
    expect(bench.check).toBe(check);
  });

  it.each([
    ['follow those of the own connection', true, undefined],
    ['do not', false, 'connection-storm'],
  ])('connections that clients share, where twenty in a minute %s', (_what, areLed, check) => {
    const bench = new Bench({}, [], 'aggregating');
    const connect = { type: 'upstream-connect', cleanSession: false, will: undefined } as const;
    for (let nth = 1; nth <= 20; nth++) {
      bench.pass(2_000);
      if (areLed && nth <= 12) {
        bench.books.emitted({ ...connect, connection: 100 + nth, clientId: undefined });
        bench.pass(500);
      }
      bench.books.emitted({ ...connect, connection: 200 + nth, clientId: undefined, shared: true });
    }
    expect(bench.check).toBe(check);
  });
});
