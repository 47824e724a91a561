import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK, publish } from './bench.ts';
import { DISK } from './calm.ts';

const puback = (msgId: number, returnCode = 0): MessageOf<'PUBACK'> => ({
  type: 'PUBACK',
  topicId: 1,
  msgId,
  returnCode,
});

describe('books of what clients publish', () => {
  it('are content with an exchange by the rules', () => {
    const bench = new Bench();
    bench.publish('c0.1', 1, 1);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 1, true);
    bench.books.sent(LINK, puback(1));
    expect(bench.check).toBeUndefined();
  });

  it('object to an answer for what the broker has not got', () => {
    const bench = new Bench();
    bench.publish('c0.1', 1, 1);
    bench.books.sent(LINK, puback(1));
    expect(bench.check).toBe('lost-to-broker');
  });

  it('object to the answer of a former message under the same MsgId', () => {
    const bench = new Bench();
    bench.publish('c0.1', 1, 1);
    bench.publish('c0.2', 1, 1);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 1, true);
    bench.books.sent(LINK, puback(1));
    expect(bench.check).toBe('lost-to-broker');
  });

  it('object to a QoS 2 message that is passed on twice, or on another topic', () => {
    const twice = new Bench();
    twice.publish('c0.1', 2, 1);
    twice.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
    twice.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
    expect(twice.check).toBe('twice-at-broker');
    const elsewhere = new Bench();
    elsewhere.publish('c0.1', 2, 1);
    elsewhere.books.brokerHas(ID, payloadOf('c0.1', 0), 't/b', 2, true);
    expect(elsewhere.check).toBe('wrong-topic');
  });

  it('object to another order', () => {
    const bench = new Bench();
    bench.publish('c0.1', 0, 0);
    bench.publish('c0.2', 0, 0);
    bench.connects();
    bench.emitPublish('c0.2', 0, 0);
    bench.emitPublish('c0.1', 0, 0);
    expect(bench.check).toBe('order-to-broker');
  });

  it.each([
    [1, 'congestion'],
    [3, 'refused-without-reason'],
  ])('object to a refusal 0x0%d without a reason', (code, check) => {
    const bench = new Bench();
    bench.publish('c0.1', 1, 1);
    bench.books.sent(LINK, puback(1, code));
    expect(bench.check).toBe(check);
  });

  it('object at the end to what the client was told to forget and nobody got', () => {
    const bench = new Bench();
    bench.publish('c0.1', 2, 1);
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, false);
    bench.books.taken(ID, 'c0.1');
    bench.books.atEnd(new Map());
    expect(bench.check).toBe('never-released');
  });
});

describe('books of what clients get', () => {
  it('object to a QoS 2 message that comes again after PUBREL', () => {
    const bench = new Bench();
    bench.books.enqueued(ID, 'b.1', 't/a', 2, false);
    bench.deliver('b.1', 2, 5);
    bench.books.clientReleased(ID, 5);
    expect(bench.check).toBeUndefined();
    bench.deliver('b.1', 2, 6);
    expect(bench.check).toBe('twice-to-client');
  });

  it('object to what is not for the client, and to QoS 0 sent twice', () => {
    const foreign = new Bench();
    foreign.deliver('b.1', 0, 0);
    expect(foreign.check).toBe('foreign-delivery');
    const twice = new Bench();
    twice.books.enqueued(ID, 'b.1', 't/a', 0, false);
    twice.deliver('b.1', 0, 0);
    twice.deliver('b.1', 0, 0);
    expect(twice.check).toBe('qos0-twice');
  });

  it('object to another order', () => {
    const bench = new Bench();
    bench.books.enqueued(ID, 'b.1', 't/a', 1, false);
    bench.books.enqueued(ID, 'b.2', 't/a', 1, false);
    bench.deliver('b.2', 1, 1);
    bench.deliver('b.1', 1, 2);
    expect(bench.check).toBe('order-to-client');
  });

  it('object where a topic counts as refused that was not', () => {
    const bench = new Bench();
    const reason = 'the client refused its topic';
    bench.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a', qos: 1, reason });
    expect(bench.check).toBe('refused-by-silence');
  });

  it('object to a PUBLISH for a client that sleeps', () => {
    const bench = new Bench();
    bench.connected();
    bench.books.enqueued(ID, 'b.1', 't/a', 0, false);
    bench.books.handled(LINK, { type: 'DISCONNECT', duration: 60 });
    bench.books.sent(LINK, { type: 'DISCONNECT', duration: undefined });
    bench.pass(30_000);
    bench.books.sent(LINK, publish('b.1', 0, 0));
    expect(bench.check).toBe('sent-to-sleeper');
  });
});

describe('books of who is there', () => {
  it('object to a loss before the silence is long enough, and to none after it', () => {
    const lost = {
      type: 'client-lost',
      clientId: ID,
      link: LINK,
      reason: 'nothing heard for 60 s',
      will: false,
    } as const;
    const early = new Bench();
    early.connected();
    early.pass(60_000);
    early.books.noted(lost);
    expect(early.check).toBe('lost-too-early');
    const due = new Bench();
    due.connected();
    due.pass(90_000);
    due.books.noted(lost);
    expect(due.check).toBeUndefined();
  });

  it.each([
    ['goes out in the same moment', true, undefined],
    ['has nothing to do with it', false, 'lost-too-early'],
  ])('allow for a loss that waited for the disk where PUBREL %s (I-62)', (_what, releases, check) => {
    const bench = new Bench();
    bench.connected();
    bench.connects();
    bench.pass(50_000);
    bench.calm.begins(DISK);
    bench.pass(41_000); // 91 s: it is lost, and that waits
    for (let times = 0; times < 3; times++) {
      bench.books.arrived(LINK, { type: 'PINGREQ', clientId: undefined });
      bench.pass(10_000);
    }
    if (releases) {
      bench.books.emitted({ type: 'upstream-release', connection: 1, packetId: 1 });
    }
    bench.books.noted({ type: 'client-lost', clientId: ID, link: LINK, reason: 'nothing heard for 91 s', will: false });
    expect(bench.check).toBe(check);
  });

  it('do not count a pause of the process as silence', () => {
    const bench = new Bench();
    bench.connected();
    bench.pass(60_000);
    bench.books.paused();
    bench.pass(60_000);
    bench.books.resumed();
    bench.books.noted({
      type: 'client-lost',
      clientId: ID,
      link: LINK,
      reason: 'nothing heard for 120 s',
      will: false,
    });
    expect(bench.check).toBe('lost-too-early');
  });

  it.each([
    ['its client id connected to the broker elsewhere', 'no-take-over'],
    ['the broker cannot be reached', 'dismissed-though-back'],
  ])('object where a client is sent away though nothing happened: %s', (reason, check) => {
    const bench = new Bench();
    bench.connected();
    bench.pass(60_000);
    bench.books.noted({ type: 'client-disconnected', clientId: ID, link: LINK, reason });
    expect(bench.check).toBe(check);
  });

  it('object to a will without a loss', () => {
    const bench = new Bench();
    bench.connected();
    bench.books.willFired(
      ID,
      { topic: 'wills/c0', message: payloadOf('w.c0.1', 0), qos: 0, retain: false },
      'gateway',
      1,
    );
    expect(bench.check).toBe('will-not-due');
  });

  it.each([
    ['though nothing has been wrong for long', false, 'locked-out'],
    ['while the own connection has fallen on a publish', true, undefined],
  ] as const)('object to a CONNECT that is refused %s', (_what, falls, check) => {
    const bench = new Bench();
    bench.pass(60_000);
    const own = { connection: 9, clientId: undefined, cleanSession: true, will: undefined } as const;
    bench.books.emitted({ type: 'upstream-connect', ...own });
    bench.books.fromBroker({ type: 'upstream-connected', connection: 9, sessionPresent: false });
    const publish = {
      packetId: 0,
      topic: 'ab',
      payload: new Uint8Array(1),
      qos: 0,
      retain: false,
      dup: false,
    } as const;
    bench.books.emitted({ type: 'upstream-publish', connection: 9, ...publish });
    if (falls) {
      bench.books.fromBroker({ type: 'upstream-lost', connection: 9, reason: 'closed', takenOver: false });
    }
    bench.pass(5_000);
    bench.books.connectRefused(ID, 1);
    expect(bench.check).toBe(check);
  });

  it('object to a session that a restart would not know', () => {
    const bench = new Bench({ clean: false });
    const connect = { will: false, cleanSession: false, protocolId: 1, duration: 60, clientId: ID } as const;
    bench.books.handled(LINK, { type: 'CONNECT', ...connect });
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
    bench.pass(1);
    expect(bench.check).toBe('promise-not-stored');
  });

  it('not to one that is told so in the same moment', () => {
    const bench = new Bench({ clean: false });
    const connect = { cleanSession: false, will: false, protocolId: 1, duration: 60, clientId: ID } as const;
    bench.books.handled(LINK, { type: 'CONNECT', ...connect });
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
    bench.books.sent(LINK, { type: 'DISCONNECT', duration: undefined });
    bench.pass(1);
    expect(bench.check).toBeUndefined();
  });
});
