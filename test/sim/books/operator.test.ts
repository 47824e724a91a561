import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK } from './bench.ts';
import { WRITE } from './calm.ts';

const connect = { type: 'upstream-connect', clientId: ID, will: undefined } as const;

const STORED: StoredRecord = {
  kind: 'session',
  clientId: ID,
  protocolVersion: '1.2',
  link: LINK,
  transport: 'udp',
  host: 'c0',
  nodeId: undefined,
  state: 'disconnected',
  cleanSession: false,
  keepAlive: 60_000,
  sleepDuration: undefined,
  lastHeard: 0,
  nextTopicId: 2,
  epoch: 1,
};

const asks: MessageOf<'CONNECT'> = {
  type: 'CONNECT',
  will: false,
  cleanSession: false,
  protocolId: 1,
  duration: 60,
  clientId: ID,
};

const pubrec: MessageOf<'PUBREC'> = { type: 'PUBREC', msgId: 1 };

describe('books of what the operator has made the gateway forget (I-103)', () => {
  it('object to a connection that goes on with the session that the broker had then', () => {
    const bench = new Bench({ clean: false });
    bench.session();
    bench.books.operated('operator-forgot', ID);
    bench.books.emitted({ ...connect, connection: 2, cleanSession: true });
    expect(bench.check).toBeUndefined();
    bench.books.emitted({ ...connect, connection: 3, cleanSession: false });
    bench.pass(WRITE);
    expect(bench.check).toBe('forgotten-kept');
  });

  it('are content with one that was made with CleanSession, to end the one before it: it ends with its own connection', () => {
    const bench = new Bench({ clean: false });
    bench.session(true);
    bench.books.operated('operator-forgot', ID);
    bench.books.emitted({ ...connect, connection: 3, cleanSession: false });
    bench.pass(WRITE);
    expect(bench.check).toBeUndefined();
  });

  it('are content where the broker has made another one since, and with a client that was only sent away', () => {
    const forgotten = new Bench({ clean: false });
    forgotten.session();
    forgotten.books.operated('operator-forgot', ID);
    forgotten.session();
    forgotten.books.emitted({ ...connect, connection: 3, cleanSession: false });
    forgotten.pass(WRITE);
    expect(forgotten.check).toBeUndefined();
    const sentAway = new Bench({ clean: false });
    sentAway.session();
    sentAway.books.operated('operator-disconnected', ID);
    sentAway.books.emitted({ ...connect, connection: 3, cleanSession: false });
    sentAway.pass(WRITE);
    expect(sentAway.check).toBeUndefined();
  });

  it('are content where the process ended before it was told: the disk may not know of it', () => {
    const bench = new Bench({ clean: false });
    bench.session();
    bench.books.operated('operator-forgot', ID);
    bench.books.gatewayEnded();
    bench.books.gatewayStarted();
    bench.books.emitted({ ...connect, connection: 1, cleanSession: false });
    bench.pass(WRITE);
    expect(bench.check).toBeUndefined();
  });

  it('are content with one that was decided before, waited for the disk, and is closed at once', () => {
    const bench = new Bench({ clean: false });
    bench.session();
    bench.books.operated('operator-forgot', ID);
    bench.books.emitted({ ...connect, connection: 2, cleanSession: false });
    bench.books.emitted({ type: 'upstream-close', connection: 2, disconnect: true });
    bench.pass(WRITE);
    expect(bench.check).toBeUndefined();
  });

  it('object where a restart would bring the session back', () => {
    const kept = new Bench({ clean: false }, [STORED]);
    kept.books.operated('operator-forgot', ID);
    kept.books.noted({ type: 'session-forgotten', clientId: ID, link: LINK });
    expect(kept.check).toBe('forgotten-kept');
    const gone = new Bench({ clean: false });
    gone.books.operated('operator-forgot', ID);
    gone.books.noted({ type: 'session-forgotten', clientId: ID, link: LINK });
    expect(gone.check).toBeUndefined();
  });

  it('excuse what was under way, and nothing of a client that was only sent away', () => {
    const told = (does: 'operator-disconnected' | 'operator-forgot'): Bench => {
      const bench = new Bench({ clean: false });
      bench.publish('c0.1', 2, 1);
      bench.books.operated(does, ID);
      bench.books.sent(LINK, pubrec);
      return bench;
    };
    expect(told('operator-forgot').check).toBeUndefined();
    expect(told('operator-disconnected').check).toBe('lost-to-broker');
  });

  it.each([
    ['forgotten', 'operator-forgot', undefined],
    ['sent away', 'operator-disconnected', 'twice-at-broker'],
  ] as const)(
    'are content with a second message of a client that was %s behind a CONNECT, while the first waited for the disk',
    (_what, does, check) => {
      const bench = new Bench({ clean: false });
      bench.publish('c0.1', 2, 1);
      bench.books.handled(LINK, asks);
      bench.connects();
      bench.books.operated(does, ID);
      for (const packetId of [7, 8]) {
        bench.emitPublish('c0.1', 2, packetId);
        bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/a', 2, true);
      }
      expect(bench.check).toBe(check);
    },
  );

  it.each([
    ['and is told of before', false, undefined],
    ['by a client that connects since', true, 'subscription-differs'],
  ] as const)(
    'are content with a subscription that is gone whose SUBACK waited for the disk, %s',
    (_what, isBack, check) => {
      const bench = new Bench({ clean: false });
      bench.session();
      bench.books.subscribes(ID, 't/+', 1);
      bench.books.granted(ID, 't/+', 1);
      bench.books.operated('operator-forgot', ID);
      if (isBack) {
        bench.books.handled(LINK, asks);
      }
      bench.pass(10);
      bench.books.sent(LINK, { type: 'SUBACK', qos: 1, topicId: 0, msgId: 1, returnCode: 0 });
      bench.books.subscribed(ID, 't/+');
      bench.pass(1);
      bench.books.noted({ type: 'session-forgotten', clientId: ID, link: LINK });
      bench.books.atEnd(new Map());
      expect(bench.check).toBe(check);
    },
  );

  it('are content with a session that a later CONNECT has made, though CONNACK of an earlier one comes first', () => {
    const bench = new Bench({ clean: false }, [STORED]);
    bench.books.operated('operator-forgot', ID);
    bench.books.handled(LINK, asks);
    bench.books.sent(LINK, { type: 'CONNACK', returnCode: 1 });
    bench.books.noted({ type: 'session-forgotten', clientId: ID, link: LINK });
    expect(bench.check).toBeUndefined();
    const kept = new Bench({ clean: false }, [STORED]);
    kept.books.handled(LINK, asks);
    kept.books.sent(LINK, { type: 'CONNACK', returnCode: 1 });
    kept.books.operated('operator-forgot', ID);
    kept.books.noted({ type: 'session-forgotten', clientId: ID, link: LINK });
    expect(kept.check).toBe('forgotten-kept');
  });
});
