import { describe, expect, it } from '@jest/globals';
import type { StoreEffect } from '../../src/core/contract/effect.ts';
import { storeKey } from '../../src/core/contract/stored-records.ts';
import { frame } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench } from '../support/core-bench-restart.ts';
import { mainKeys, sessionOnDisk } from '../support/disk-session.ts';

/** `s1` with a persistent session on #1, "a/b" as id 1 and "c/d" subscribed as id 2. */
function kept(): DiskBench {
  const bench = new DiskBench();
  keepSession(bench);
  return bench;
}

function asleep(clean = false): DiskBench {
  const bench = new DiskBench();
  bench.connect('s', 's1', { clean });
  bench.from('s', S1.subscribe);
  bench.suback(1, 1, 1);
  bench.from('s', S1.sleep300);
  return bench;
}

/** The session of `s1`, as it is on the disk. */
const session = (bench: DiskBench) => sessionOnDisk(bench.disk, 's1');

const stores = (bench: DiskBench): StoreEffect[] => bench.turns.flat().filter((effect) => effect.type === 'store');

describe('what a reply promises is on disk before the reply (S-1, 3.3)', () => {
  it('CONNACK: the session with its address, keep-alive and will', () => {
    const bench = new DiskBench();
    exchangeWill(bench, S1.connectKeepWill);
    expect(bench.up(1)).toEqual(['s < 030500']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench)).toMatchObject({
      clientId: 's1',
      link: 'udp:s',
      state: 'active',
      cleanSession: false,
      keepAlive: 60_000,
    });
    expect(session(bench).willTopic).toEqual({ topic: 'w/s1', qos: 1, retain: true });
    expect(Buffer.from(session(bench).willMessage ?? []).toString()).toBe('off');
  });

  it('REGACK with a new id', () => {
    const bench = kept();
    expect(bench.from('s', '09 0A 00 00 00 07 65 2F 66')).toEqual(['s < 070b0003000700']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench).topics).toContainEqual({ topicId: 3, topicName: 'e/f', known: true });
  });

  it('SUBACK', () => {
    const bench = kept();
    bench.from('s', S1.subscribeWildcard);
    expect(bench.suback(1, 2, 1)).toEqual(['s < 0813200000000600']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench).subscriptions).toContainEqual({
      filter: 'g/#',
      qos: 1,
      predefinedId: undefined,
      short: false,
    });
  });

  it('UNSUBACK', () => {
    const bench = kept();
    bench.from('s', S1.unsubscribe);
    expect(bench.unsuback(1, 2)).toEqual(['s < 04150005']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench).subscriptions).toEqual([]);
  });

  it('WILLTOPICRESP and WILLMSGRESP', () => {
    const bench = new DiskBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['s < 031b00']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench).willTopic).toEqual({ topic: 'w/n', qos: 0, retain: false });
    expect(bench.from('s', S1.willMsgUpd)).toEqual(['s < 031d00']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(Buffer.from(session(bench).willMessage ?? []).toString()).toBe('new');
    expect(bench.from('s', S1.emptyWillTopicUpd)).toEqual(['s < 031b00']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench)).toMatchObject({ willTopic: undefined, willMessage: undefined });
  });

  it('DISCONNECT that promises a sleep', () => {
    const bench = kept();
    bench.pass(7_000);
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench)).toMatchObject({ state: 'asleep', sleepDuration: 300_000, lastHeard: bench.now });
    bench.pass(7_000);
    expect(bench.from('s', '04 18 02 58')).toEqual(['s < 0218']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench)).toMatchObject({ state: 'asleep', sleepDuration: 600_000, lastHeard: bench.now });
  });

  it('REGISTER with an id that the gateway gives', () => {
    const bench = kept();
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 2, 1);
    expect(bench.message(1, 'g/h', 'w')).toEqual(['s < 090a00030001672f68']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench).topics).toContainEqual({ topicId: 3, topicName: 'g/h', known: false });
    bench.from('s', '07 0B 00 03 00 01 00');
    bench.from('s', S1.sleep300);
    expect(session(bench).topics).toContainEqual({ topicId: 3, topicName: 'g/h', known: true });
  });

  it('the publish to the broker, for a QoS 2 PUBLISH of the client', () => {
    const bench = kept();
    expect(bench.from('s', S1.publishQos2)).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
    expect(bench.lastTurn).toEqual(['durable', 'upstream-publish']);
    expect(bench.disk.get('exchange/s1/1')).toMatchObject({
      kind: 'exchange',
      clientId: 's1',
      number: 1,
      msgId: 3,
      packetId: 2,
      role: 'current',
      topicId: 1,
      topic: 'a/b',
      retain: false,
      released: false,
    });
  });

  it('PUBREL to the broker', () => {
    const bench = kept();
    bench.from('s', S1.publishQos2);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id2']);
    expect(bench.lastTurn).toEqual(['durable', 'upstream-release']);
    expect(bench.disk.get('exchange/s1/1')).toMatchObject({ packetId: 2, released: true });
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('the first PUBLISH of a QoS 2 message to the client; its repetition writes nothing', () => {
    const bench = kept();
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 })).toEqual(['s < 080c400002000132']);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(bench.disk.get('delivery/s1/9')).toEqual({
      kind: 'delivery',
      clientId: 's1',
      packetId: 9,
      msgId: 1,
      topic: 'c/d',
      octets: 1,
      hash: expect.any(Number),
      check: expect.any(Number),
    });
    expect(bench.pass(10_000)).toEqual(['s < 080cc00002000132']);
    expect(
      stores(bench)
        .at(-1)
        ?.writes.map(({ key }) => key),
    ).toEqual(['delivery/s1/9', 'session/s1']); // with the block of MsgIds (I-55)
    bench.from('s', '04 0F 00 01');
    expect(bench.disk.has('delivery/s1/9')).toBe(true);
    bench.released(1, 9);
    bench.from('s', '04 0E 00 01');
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });
});

describe('what is not worth a write', () => {
  it('publishes of QoS 0 and 1, in both directions, and PINGREQ of an active client, once a block of MsgIds is reserved (I-55)', () => {
    const bench = kept();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 7 });
    bench.from('s', '07 0D 00 02 00 01 00');
    const before = stores(bench).length;
    bench.from('s', S1.publishQos0);
    bench.from('s', S1.publishQos1);
    bench.acked(1, 'PUBACK', 2);
    bench.message(1, 'c/d', '0');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', '07 0D 00 02 00 02 00');
    bench.from('s', S1.pingReq);
    bench.from('s', S1.publishQosMinus1);
    expect(stores(bench)).toHaveLength(before);
  });

  it('a clean session that is active: nothing at all, not even of its QoS 2', () => {
    const bench = new DiskBench();
    exchangeWill(bench);
    bench.up(1);
    bench.from('s', S1.register);
    bench.from('s', S1.subscribe);
    bench.suback(1, 1, 1);
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 2, 1);
    bench.from('s', S1.publishQos2);
    bench.acked(1, 'PUBREC', 3);
    bench.from('s', '04 10 00 03');
    expect(bench.acked(1, 'PUBCOMP', 3)).toEqual(['s < 040e0003']);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 })).toEqual(['s < 080c400002000132']);
    bench.from('s', '04 0F 00 01');
    bench.released(1, 9);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#1 PUBCOMP id9']);
    bench.message(1, 'g/h', 'w');
    bench.from('s', '07 0B 00 03 00 02 00');
    bench.from('s', S1.willTopicUpd);
    bench.from('s', S1.unsubscribe);
    bench.unsuback(1, 4);
    bench.down(1);
    bench.pass(1_000);
    bench.from('s', S1.disconnect);
    expect(stores(bench)).toEqual([]);
  });

  it('a client that is refused', () => {
    const bench = new DiskBench();
    bench.from('s', S1.connectKeep);
    bench.refused(1, 5);
    expect(stores(bench)).toEqual([]);
  });
});

describe('a clean session that sleeps', () => {
  it('is stored with what a sleeper needs, before DISCONNECT is answered', () => {
    const bench = asleep(true);
    expect(bench.lastTurn).toEqual(['durable', 'send']);
    expect(session(bench)).toMatchObject({ state: 'asleep', cleanSession: true, sleepDuration: 300_000 });
    expect(session(bench).subscriptions).toEqual([{ filter: 'c/d', qos: 1, predefinedId: undefined, short: false }]);
    expect(session(bench).topics).toEqual([{ topicId: 1, topicName: 'c/d', known: true }]);
  });

  it.each([
    ['leaves with DISCONNECT', (bench: DiskBench) => bench.from('s', S1.disconnect)],
    ['connects clean', (bench: DiskBench) => [...bench.from('s', S1.connectClean), ...bench.up(2)]],
    ['is lost', (bench: DiskBench) => bench.pass(330_001)],
  ])('is removed when it %s', (_what, leave) => {
    const bench = asleep(true);
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    bench.from('s', S1.pingReqId);
    leave(bench);
    bench.pass(400_000);
    expect(bench.disk.size).toBe(0);
  });

  it('sleeps, wakes and sleeps again: it is there all the time', () => {
    const bench = asleep(true);
    for (let cycle = 0; cycle < 3; cycle++) {
      bench.pass(250_000);
      bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
      bench.from('s', S1.pingReqId);
      expect(bench.disk.has('session/s1')).toBe(true);
      expect(bench.from('s', `07 0D 00 01 00 0${cycle + 1} 00`)).toEqual(['#1 PUBACK id8', 's < 0217']);
      expect(session(bench)).toMatchObject({ sleepDuration: 300_000, state: 'asleep' });
    }
  });

  it('is there also when something is written while it is awake', () => {
    const bench = asleep(true);
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0002000100']);
    expect(session(bench).topics).toContainEqual({ topicId: 2, topicName: 'a/b', known: true });
  });
});

describe('a persistent session', () => {
  it('outlives DISCONNECT (S-5)', () => {
    const bench = kept();
    bench.from('s', S1.disconnect);
    expect(session(bench)).toMatchObject({ state: 'disconnected' });
    expect(session(bench).subscriptions).toHaveLength(1);
  });

  it('outlives the loss of its client, and its sleep (S-5, S-6)', () => {
    const bench = new DiskBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.pass(90_001);
    expect(session(bench)).toMatchObject({ state: 'lost', willTopic: { topic: 'w/s1' } });
    const sleeper = asleep();
    sleeper.pass(330_001);
    expect(session(sleeper)).toMatchObject({ state: 'lost' });
  });

  it('is wiped by a clean CONNECT that the broker accepts, with all that was under way (S-4)', () => {
    const bench = kept();
    bench.from('s', S1.publishQos2);
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    expect(mainKeys(bench.disk).sort()).toEqual(['delivery/s1/9', 'exchange/s1/1', 'session/s1']);
    bench.from('s', S1.connectClean);
    expect(bench.up(2)).toContain('s < 030500');
    expect([...bench.disk.keys()]).toEqual([]);
    expect(bench.lastTurn.slice(0, 1)).toEqual(['durable']);
  });

  it('a sleeper’s PINGREQ writes nothing: its supervision starts anew with the gateway (I-20)', () => {
    const bench = asleep();
    bench.pass(200_000);
    bench.from('s', S1.pingReqId);
    expect(bench.stored).toEqual([]);
    expect(session(bench)).toMatchObject({ sleepDuration: 300_000, state: 'asleep' });
  });

  it('a sleeper’s new address is stored (T-08)', () => {
    const bench = asleep();
    bench.from('t', S1.pingReqId);
    expect(session(bench).link).toBe('udp:t');
  });

  it('goes under a key that no other client id can reach', () => {
    const bench = new DiskBench();
    bench.connect('s', 'a/b%', { clean: false });
    bench.connect('t', 'a', { clean: false });
    expect([...bench.disk.keys()].sort()).toEqual([storeKey('session', 'a'), storeKey('session', 'a/b%')].sort());
    expect(storeKey('session', 'a/b%')).toBe('session/a%2Fb%25');
    bench.from('s', frame('0a 0000 0001', 'x/y'));
    bench.from('s', frame('0c 40 0001 0007', 'x'));
    expect(bench.disk.has('exchange/a%2Fb%25/1')).toBe(true);
  });
});
