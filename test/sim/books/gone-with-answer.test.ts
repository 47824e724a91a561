import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { Bench, ID, LINK } from './bench.ts';

const CONNECT = {
  type: 'CONNECT',
  will: false,
  cleanSession: false,
  protocolId: 1,
  duration: 60,
  clientId: ID,
} as const;

const TOPIC: StoredRecord = { kind: 'topic', clientId: ID, topicId: 1, topicName: 't/a', knownIn: 1 };

/** On the disk the client is gone already. */
const GONE: StoredRecord = {
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

function serving(records: readonly StoredRecord[]): Bench {
  const bench = new Bench({ clean: false }, records);
  const { books } = bench;
  books.noted({ type: 'client-connected', clientId: ID, link: LINK, cleanSession: false, keepAlive: 60, will: false });
  bench.pass(1_000);
  return bench;
}

/** REGACK, which has waited for the disk. */
function registered(records: readonly StoredRecord[]): Bench {
  const bench = serving(records);
  bench.books.registers(ID, 't/a', 1);
  bench.books.handled(LINK, { type: 'REGISTER', topicId: 0, msgId: 1, topicName: 't/a' });
  bench.books.sent(LINK, { type: 'REGACK', topicId: 1, msgId: 1, returnCode: 0 });
  return bench;
}

function isRefused({ books }: Bench): void {
  books.sent(LINK, { type: 'CONNACK', returnCode: 1 });
}

function hasLeft({ books }: Bench): void {
  books.sent(LINK, { type: 'DISCONNECT', duration: undefined });
  books.noted({ type: 'client-disconnected', clientId: ID, link: LINK, reason: 'it said DISCONNECT' });
}

describe('the books of an answer whose client goes in the same moment, for both waited for one write', () => {
  it.each([
    ['its next CONNECT is refused', isRefused],
    ['it has left', hasLeft],
  ])('do not mind that the disk knows it as gone, where it has what REGACK promises: %s', (_, happens) => {
    const bench = registered([GONE, TOPIC]);
    happens(bench);
    bench.pass(1);
    expect(bench.check).toBeUndefined();
  });

  it.each([
    ['its next CONNECT is refused', isRefused],
    ['it has left', hasLeft],
  ])('object where it has not: %s', (_, happens) => {
    const bench = registered([GONE]);
    happens(bench);
    bench.pass(1);
    expect(bench.check).toBe('promise-not-stored');
  });

  it('object where the client is there', () => {
    const bench = registered([GONE, TOPIC]);
    bench.pass(1);
    expect(bench.check).toBe('promise-not-stored');
  });

  it.each([
    ['knows the session', [GONE], undefined],
    ['knows nothing of it', [], 'promise-not-stored'],
  ] as const)(
    'where a CONNECT that is accepted is followed by one that is refused, and the disk %s',
    (_, records, check) => {
      const bench = serving(records);
      bench.books.handled(LINK, CONNECT);
      bench.books.sent(LINK, { type: 'CONNACK', returnCode: 0 });
      isRefused(bench);
      bench.pass(1);
      expect(bench.check).toBe(check);
    },
  );
});
