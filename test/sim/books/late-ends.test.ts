import { describe, expect, it } from '@jest/globals';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK, publish } from './bench.ts';

const topic = { topicIdType: 'normal', topicName: 't/a' } as const;
const SUBSCRIBE = { type: 'SUBSCRIBE', dup: false, qos: 1, msgId: 1, topic } as const;
const CONNECT = { type: 'CONNECT', will: false, protocolId: 1, duration: 60, clientId: ID } as const;
const leaves = { type: 'client-disconnected', clientId: ID, link: LINK } as const;

type Step =
  | 'CONNECT'
  | 'clean CONNECT'
  | 'CONNACK'
  | 'SUBSCRIBE'
  | 'forget'
  | 'DISCONNECT'
  | 'SUBACK'
  | 'left'
  | 'lost'
  | 'forgotten'
  | 'wait';

const lost = { type: 'client-lost', clientId: ID, link: LINK, reason: 'said so', will: false } as const;
const SUBACK = { type: 'SUBACK', qos: 1, topicId: 1, msgId: 1, returnCode: 0 } as const;

function steps(bench: Bench): Record<Step, () => void> {
  const { books } = bench;
  return {
    CONNECT: () => books.handled(LINK, { ...CONNECT, cleanSession: false }),
    'clean CONNECT': () => books.handled(LINK, { ...CONNECT, cleanSession: true }),
    CONNACK: () => books.sent(LINK, { type: 'CONNACK', returnCode: 0 }),
    SUBSCRIBE: () => books.handled(LINK, SUBSCRIBE),
    forget: () => books.operated('operator-forgot', ID),
    DISCONNECT: () => books.handled(LINK, { type: 'DISCONNECT', duration: undefined }),
    SUBACK: () => {
      books.granted('(shared)', 't/a', 1);
      books.subscribes(ID, 't/a', 1);
      books.sent(LINK, SUBACK);
    },
    lost: () => books.noted(lost),
    left: () => books.noted({ ...leaves, reason: 'said DISCONNECT' }),
    forgotten: () => books.noted({ type: 'session-forgotten', clientId: ID, link: LINK }),
    wait: () => bench.pass(200),
  };
}

describe('the books of a SUBSCRIBE behind the end of a session that is told later, for it waits for the disk', () => {
  it.each([
    [['forget', 'CONNECT', 'SUBSCRIBE', 'forgotten'], undefined],
    [['forget', 'SUBSCRIBE', 'forgotten'], 'foreign-delivery'],
    [['CONNECT', 'SUBSCRIBE', 'forget', 'forgotten'], 'foreign-delivery'],
    [['forget', 'CONNECT', 'SUBSCRIBE', 'wait', 'forgotten'], 'foreign-delivery'],
    [['DISCONNECT', 'CONNECT', 'SUBSCRIBE', 'left'], undefined],
    [['CONNECT', 'SUBSCRIBE', 'DISCONNECT', 'left'], 'foreign-delivery'],
    [['forget', 'CONNECT', 'SUBSCRIBE', 'SUBACK', 'forgotten'], 'foreign-delivery'],
    [['CONNECT', 'SUBSCRIBE', 'lost'], undefined],
    [['clean CONNECT', 'CONNACK', 'SUBSCRIBE', 'lost'], 'foreign-delivery'],
    [['clean CONNECT', 'SUBSCRIBE', 'CONNACK', 'SUBACK', 'lost'], 'foreign-delivery'],
    [['clean CONNECT', 'SUBSCRIBE', 'CONNACK'], undefined],
    [['SUBSCRIBE', 'clean CONNECT', 'CONNACK'], 'foreign-delivery'],
  ] as readonly (readonly [readonly Step[], string | undefined])[])(
    'let what it brings come: %s: %s',
    (said, check) => {
      const bench = new Bench({ clean: true }, [], 'aggregating');
      const session = bench.sharedSession();
      bench.connected();
      bench.pass(1_000);
      const does = steps(bench);
      for (const step of said) {
        does[step]();
      }
      session.subscribe('t/a', 1, undefined);
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      bench.books.sent(LINK, publish('b.1', 1, 1));
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a clean client that says DISCONNECT, of which the note may wait for the disk', () => {
  it.each([
    ['it has said so', true, 0, undefined],
    ['it has not', true, undefined, 'subscription-differs'],
    ['it falls asleep', true, 60, 'subscription-differs'],
    ['its session is kept', false, 0, 'subscription-differs'],
  ] as const)(
    'let the broker be told at once that nobody has its filter: %s',
    (_what, cleanSession, duration, check) => {
      const bench = new Bench({ clean: cleanSession }, [], 'aggregating');
      const session = bench.sharedSession();
      const connected = { type: 'client-connected', clientId: ID, link: LINK, keepAlive: 60, will: false } as const;
      bench.books.noted({ ...connected, cleanSession });
      bench.subscribe(session, 't/a', 1);
      bench.books.brokerHas(session.clientId, payloadOf('online', 0), 'gateway/state', 1, true);
      if (duration !== undefined) {
        bench.books.handled(LINK, { type: 'DISCONNECT', duration: duration === 0 ? undefined : duration });
      }
      session.unsubscribe('t/a');
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      expect(bench.check).toBe(check);
    },
  );
});
