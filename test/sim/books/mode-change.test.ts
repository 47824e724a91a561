import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { bareSession } from '../../unit/store/records.ts';
import { BrokerSession } from '../broker-session.ts';
import { payloadOf } from '../payload.ts';
import { SHARED } from '../wire.ts';
import { Bench, ID, LINK } from './bench.ts';

const TRANSPARENT = { mode: 'transparent', ownConnection: [] } as const;
const AGGREGATING = { mode: 'aggregating', ownConnection: [] } as const;

/** A persistent client with `t/a`, which shares the connection first. */
function sharing(): Bench {
  const bench = new Bench({ clean: false }, [], 'aggregating', [], [TRANSPARENT, AGGREGATING]);
  const session = bench.sharedSession();
  connected(bench);
  bench.subscribe(session, 't/a', 1);
  return bench;
}

function connected({ books }: Bench): void {
  const noted = { type: 'client-connected', clientId: ID, link: 'udp:c0', cleanSession: false } as const;
  books.noted({ ...noted, keepAlive: 60, will: false });
}

/** The process ends, and the next one has another mode. */
function changed(bench: Bench, to: typeof TRANSPARENT | typeof AGGREGATING): void {
  bench.books.gatewayEnded();
  bench.books.gatewayStarted();
  bench.books.modeChanged(bench.plan.gateway.mode === to.mode ? bench.plan.gateway : { ...bench.plan.gateway, ...to });
}

/** `isGivenUp`: the session of the shared connection, by the gateway. */
function ended(bench: Bench, isGivenUp = false): void {
  if (isGivenUp) {
    bench.broker.sessions.delete(SHARED);
  }
  bench.books.atEnd(new Map([[ID, '']]));
}

describe('the books of a change of the mode', () => {
  it.each([
    ['before it, on the shared connection', true],
    ['behind it, where the broker has no session of its own for the client yet', false],
  ])('object to a message that has come to nobody: %s', (_what, isBefore) => {
    const bench = sharing();
    const comes = (): void => bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    if (isBefore) {
      comes();
    }
    changed(bench, TRANSPARENT);
    if (!isBefore) {
      comes();
    }
    expect(bench.check).toBeUndefined();
    ended(bench, true);
    expect(bench.check).toBe('stuck-to-client');
  });

  it('do not where it has come', () => {
    const bench = sharing();
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    changed(bench, TRANSPARENT);
    bench.deliver('b.1', 1, 7);
    ended(bench, true);
    expect(bench.check).toBeUndefined();
  });

  it('do not ask for what waits in the own session of a client that shares the connection now (I-158)', () => {
    const bench = sharing();
    changed(bench, TRANSPARENT);
    const own = new BrokerSession(ID, false, 20);
    own.subscribe('t/a', 1, undefined);
    bench.broker.sessions.set(ID, own);
    bench.broker.sessions.delete(SHARED);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    expect(own.waiting).toHaveLength(1);
    changed(bench, AGGREGATING);
    ended(bench);
    expect(bench.check).toBeUndefined();
  });

  it.each([
    ['again where the shared session has it for another filter', true, undefined],
    ['once else', false, 'qos0-twice'],
  ])('let what came to a client with QoS 0 before it shared the connection come %s', (_what, waits, check) => {
    const bench = sharing();
    changed(bench, TRANSPARENT);
    const shared = new BrokerSession(SHARED, false, 20);
    shared.subscribe('t/+', 1, undefined);
    bench.broker.sessions.set(SHARED, shared);
    bench.books.enqueued(ID, 'b.1', 't/a', 0, false);
    bench.deliver('b.1', 0, 0);
    if (waits) {
      bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
      expect(shared.waiting).toHaveLength(1);
    }
    changed(bench, AGGREGATING);
    bench.deliver('b.1', 0, 0);
    expect(bench.check).toBe(check);
  });

  it.each([
    ['is on the disk for it, from the shared connection', true, undefined],
    ['is nowhere', false, 'acknowledged-not-delivered'],
  ])(
    'look for what the gateway acknowledges on the own connection of a client, who has not got it, and %s',
    (_what, isStored, check) => {
      const session = { ...bareSession(ID), state: 'disconnected', link: LINK } as const;
      const rest = {
        number: 1,
        topic: 't/a',
        payload: payloadOf('b.1', 0),
        retain: false,
        at: 0,
        packetId: 9,
      } as const;
      const records: StoredRecord[] = [
        session,
        { kind: 'subscription', clientId: ID, filter: 't/a', qos: 2, short: false, predefinedId: undefined },
        { kind: 'message', qos: 2, ...rest },
        { kind: 'parcel', clientId: ID, number: 1, qos: 2, packetId: 0, retain: false },
      ];
      const own = { clean: false, id: ID };
      const bench = new Bench(own, isStored ? records : [], 'transparent', [], [AGGREGATING]);
      bench.books.enqueued(ID, 'b.1', 't/a', 2, false);
      const message = { topic: 't/a', payload: payloadOf('b.1', 0), qos: 2, retain: false } as const;
      bench.session().inflight.set(5, { ...message, packetId: 5, since: 0, sent: true, released: false });
      const packetId = 5;
      bench.connects();
      bench.books.emitted({ type: 'upstream-acknowledge', connection: 1, packetId, packet: 'PUBREC', reasonCode: 0 });
      expect(bench.check).toBe(check);
    },
  );

  it('object to a session at the broker that is left: the shared one, or that of a client that shares it and is there', () => {
    const bench = sharing();
    changed(bench, AGGREGATING);
    connected(bench);
    ended(bench);
    expect(bench.check).toBeUndefined();
    bench.broker.sessions.set(ID, new BrokerSession(ID, false, 20));
    ended(bench);
    expect(bench.check).toBe('place-not-freed');
  });
});
