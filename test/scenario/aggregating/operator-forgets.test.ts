import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

const forget = (bench: SharedBench, clientId: string) => bench.feed({ type: 'operator-forgot', clientId });

/** `a` and `b` with "x" (QoS 1), `a` with "y" as well; all is granted. */
function subscribed(): SharedBench {
  const bench = new SharedBench();
  bench.up();
  for (const clientId of ['a', 'b']) {
    bench.connect(clientId);
    bench.subscribe(clientId, 'x', 1);
  }
  bench.subscribe('a', 'y', 1, 2);
  for (const packetId of [1, 2, 3]) {
    bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 1 });
  }
  return bench;
}

describe('a session that the operator forgets, of a client that shares the connection (I-103)', () => {
  it('ends with its subscriptions: what nobody else has is unsubscribed at the broker', () => {
    const bench = subscribed();
    const told = forget(bench, 'a');
    expect(told[0]).toBe('a < DISCONNECT');
    expect(told.filter((line) => line.startsWith('broker <'))).toEqual([
      expect.stringMatching(/^broker < UNSUBSCRIBE .*y/),
    ]);
    expect([...bench.disk.keys()].filter((key) => key.includes('a'))).toEqual([]);
  });

  it('takes with it what waits for its client, and nothing of what waits for others', () => {
    const bench = subscribed();
    bench.sleep('a');
    bench.sleep('b');
    bench.message('x', 'm', 1, 7);
    expect(bench.session('a')).toMatchObject({ waiting: 1, waitingMessages: [{ topic: 'x', qos: 1, octets: 1 }] });
    expect([...bench.disk.keys()].filter((key) => key.startsWith('parcel/'))).toHaveLength(2);
    forget(bench, 'a');
    expect([...bench.disk.keys()].filter((key) => key.startsWith('parcel/'))).toEqual([
      expect.stringMatching(/^parcel\/b\//),
    ]);
    bench.connect('a');
    expect(bench.from('b', { type: 'PINGREQ', clientId: 'b' }).join('\n')).toContain('b < PUBLISH');
  });

  it('ends also where its client is gone, and while the broker is away', () => {
    const bench = subscribed();
    bench.from('a', { type: 'DISCONNECT', duration: undefined });
    bench.broker({ type: 'upstream-lost', reason: 'closed', takenOver: false });
    forget(bench, 'a');
    expect([...bench.disk.keys()].filter((key) => /\/a(\/|$)/.test(key))).toEqual([]);
    bench.pass(1_000);
    const told = bench.broker({ type: 'upstream-connected', sessionPresent: true });
    expect(told.join('\n')).toMatch(/UNSUBSCRIBE .*y/);
  });

  it('does not come back with a restart', () => {
    const bench = subscribed();
    bench.sleep('a');
    forget(bench, 'a');
    const next = new SharedBench(bench.disk.values());
    next.up(true);
    expect(next.from('a', { type: 'PINGREQ', clientId: 'a' })).toEqual(['? < DISCONNECT']);
  });

  it('publishes a will that waits for its client, as the end of a session does (I-101)', () => {
    const bench = new SharedBench([], { willDelay: 60_000 });
    bench.up();
    bench.from('a', {
      ...{ type: 'CONNECT', will: true, cleanSession: false, protocolId: 1, duration: 60, clientId: 'a' },
    });
    bench.from('a', { type: 'WILLTOPIC', will: { qos: 0, retain: false, willTopic: 'w' } });
    bench.from('a', { type: 'WILLMSG', willMsg: new TextEncoder().encode('off') });
    expect(bench.pass(95_000).join('\n')).not.toContain('PUBLISH');
    expect(forget(bench, 'a').join('\n')).toContain('broker < PUBLISH');
  });
});
