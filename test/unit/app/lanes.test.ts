import { describe, expect, it } from '@jest/globals';
import type { LaneEffect } from '../../../src/app/lane-effect.ts';
import { Lanes } from '../../../src/app/lanes.ts';
import { effectLine } from '../../support/core-bench.ts';

const SHARED = 9;

function lanes() {
  const performed: string[] = [];
  const held: [clientId: string, held: boolean][] = [];
  const all = new Lanes({
    perform: (effect) => performed.push(effect.type === 'note' ? effect.note.type : effectLine(effect)),
    hold: (...change) => held.push(change),
  });
  return { lanes: all, held, news: () => performed.splice(0) };
}

function publish(payload: string, owner?: string, connection = SHARED): LaneEffect {
  const publication = { topic: 't', payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const;
  return { type: 'upstream-publish', connection, packetId: 1, ...publication, ...(owner !== undefined && { owner }) };
}

const acknowledge = (owner: string): LaneEffect => ({
  ...{ type: 'upstream-acknowledge', connection: SHARED, packetId: 7, packet: 'PUBREC', reasonCode: 0, owner },
});
const release = (owner: string): LaneEffect => ({
  ...{ type: 'upstream-release', connection: SHARED, packetId: 1, owner },
});
const connect = (connection: number, clientId: string | undefined): LaneEffect => ({
  ...{ type: 'upstream-connect', connection, clientId, cleanSession: false, will: undefined },
  ...(clientId === undefined && { shared: true }),
});

describe('what waits for the disk on the connection that clients share', () => {
  it('waits with its owner, and nobody else does', () => {
    const { lanes: all, news } = lanes();
    all.add(connect(SHARED, undefined));
    const open = all.block(['a']);
    all.add(publish('of a', 'a'));
    all.add(release('a'));
    all.add(publish('of b', 'b'));
    all.add(publish('of nobody'));
    all.add({ type: 'upstream-ping', connection: SHARED });
    expect(news()).toEqual([
      '#9 CONNECT (shared)',
      '#9 PUBLISH qos1 id1 t "of b"',
      '#9 PUBLISH qos1 id1 t "of nobody"',
      '#9 PINGREQ',
    ]);
    open();
    expect(news()).toEqual(['#9 PUBLISH qos1 id1 t "of a"', '#9 PUBREL id1']);
    expect(all.size).toBe(0);
  });

  it("of the connection itself waits in a lane of its own: that of the owner ''", () => {
    const { lanes: all, held, news } = lanes();
    const open = all.block(['']);
    all.holding = true;
    all.add(acknowledge(''));
    all.add(publish('of a', 'a'));
    all.add(acknowledge('a'));
    expect(news()).toEqual(['#9 PUBLISH qos1 id1 t "of a"', '#9 PUBREC id7']);
    open();
    expect(news()).toEqual(['#9 PUBREC id7']);
    expect(held).toEqual([
      ['', true],
      ['', false],
    ]);
  });

  it('waits with the owner that it names, also on a connection of another client', () => {
    const { lanes: all, news } = lanes();
    all.add(connect(1, 'a'));
    news();
    const open = all.block(['a', 'b']);
    all.add(publish('by its connection', undefined, 1));
    all.add(publish('by its owner', 'b', 1));
    expect(news()).toEqual([]);
    all.discard(['b']);
    open();
    expect(news()).toEqual(['#1 PUBLISH qos1 id1 t "by its connection"']);
  });

  it('that is written for several owners waits for all of them in each lane', () => {
    const { lanes: all, news } = lanes();
    const openFirst = all.block(['a', '']);
    const openSecond = all.block(['']);
    all.add(publish('of a', 'a'));
    all.add(acknowledge(''));
    openFirst();
    expect(news()).toEqual(['#9 PUBLISH qos1 id1 t "of a"']);
    openSecond();
    expect(news()).toEqual(['#9 PUBREC id7']);
  });
});

describe('what is taken back of an owner that is held', () => {
  const subscribe = (owner: string): LaneEffect => ({
    ...{ type: 'upstream-subscribe', connection: SHARED, packetId: 3, filter: 'f', qos: 0, owner },
  });
  const unsubscribe = (owner: string): LaneEffect => ({
    ...{ type: 'upstream-unsubscribe', connection: SHARED, packetId: 4, filter: 'f', owner },
  });
  const again = (owner: string): LaneEffect => ({ ...publish('again', owner), packetId: 5, dup: true }) as LaneEffect;
  const taken = (all: Lanes, clientId: string): unknown => all.told({ type: 'client-held', clientId });

  it('is what would take a place there that others need; the rest goes out when the disk has answered', () => {
    const { lanes: all, news } = lanes();
    const open = all.block(['', 'a']);
    for (const effect of [
      publish('of a', 'a'),
      again('a'),
      release('a'),
      acknowledge('a'),
      subscribe(''),
      unsubscribe(''),
    ]) {
      all.add(effect);
    }
    all.holding = true;
    expect(taken(all, 'a')).toMatchObject({ takenBack: [{ connection: SHARED, packetId: 1 }] });
    expect(taken(all, '')).toMatchObject({ takenBack: [{ packetId: 3 }, { packetId: 4 }] });
    expect(taken(all, 'b')).toMatchObject({ takenBack: [] });
    open();
    expect(news()).toEqual(['#9 PUBLISH qos1 id5 t "again" dup', '#9 PUBREL id1', '#9 PUBREC id7']);
    expect(all.told({ type: 'upstream-lost', connection: SHARED, reason: '', takenOver: false })).not.toHaveProperty(
      'kept',
    );
  });

  it('is nothing of a client that has a connection of its own, nor where nothing is held', () => {
    const { lanes: all, news } = lanes();
    all.add(connect(1, 'a'));
    news();
    const open = all.block(['a']);
    all.add(publish('of a', undefined, 1));
    all.add(publish('shared', 'a'));
    expect(taken(all, 'a')).toMatchObject({ takenBack: [] });
    open();
    expect(news()).toHaveLength(2);
  });
});

describe('what waits of the connection that clients share', () => {
  it('is bounded by the window of the broker: nothing that comes is refused for it', () => {
    const { lanes: all } = lanes();
    all.block(['', 'a']);
    for (let count = 0; count < 2_000; count++) {
      all.add(acknowledge(''));
      all.add(acknowledge('a'));
    }
    expect([all.isFull('a'), all.isFull('')]).toEqual([true, false]);
  });
});

describe('what waits for the disk', () => {
  it('is counted with the wills that are in it', () => {
    const { lanes: all } = lanes();
    const will = { topic: 'w', message: new Uint8Array(60_000), qos: 0, retain: false } as const;
    all.block(['a']);
    for (let connection = 1; !all.isFull('a'); connection += 1) {
      expect(connection).toBeLessThan(20); // 1 MiB
      all.add({ type: 'upstream-connect', connection, clientId: 'a', cleanSession: false, will });
    }
    expect(all.isFull('b')).toBe(false);
  });
});
