import { describe, expect, it } from '@jest/globals';
import { payloadOf } from '../payload.ts';
import { Bench } from './bench.ts';
import { SharedQuiet } from './shared-quiet.ts';

describe('what the gateway can know of what waits at the broker', () => {
  const message = { type: 'upstream-message', connection: 2, topic: 't/a', retain: false, dup: false } as const;
  const answer = { type: 'upstream-acknowledge', connection: 2, reasonCode: 0 } as const;

  it('is that nothing of before is left when it has acknowledged everything, and nothing has come for a while', () => {
    let now = 0;
    const quiet = new SharedQuiet(
      () => now,
      () => 100,
      () => 0,
    );
    const comes = (packetId: number, qos: 1 | 2): void =>
      quiet.heard({ ...message, packetId, qos, payload: payloadOf('b.1', 0) });
    now = 500;
    comes(1, 2);
    now = 10_000;
    expect(quiet.canKnow(0)).toBe(false);
    quiet.acknowledged({ ...answer, packetId: 1, packet: 'PUBREC' });
    now = 20_000;
    expect(quiet.canKnow(0)).toBe(false);
    quiet.acknowledged({ ...answer, packetId: 1, packet: 'PUBCOMP' });
    now = 21_000;
    expect(quiet.canKnow(0)).toBe(false);
    now = 22_000;
    expect(quiet.canKnow(0)).toBe(true);
    expect(quiet.canKnow(21_500)).toBe(false);
    comes(2, 1);
    now = 30_000;
    expect([quiet.canKnow(0), quiet.canKnow(21_500)]).toEqual([true, false]);
  });

  it('counts for a filter from when the broker has had it on its session, however long the client has been told', () => {
    let now = 10_000;
    const quiet = new SharedQuiet(
      () => now,
      () => 100,
      () => 0,
    );
    const bench = new Bench();
    const lost = bench.session();
    quiet.granted(lost, 't/a');
    now = 20_000;
    quiet.granted(lost, 't/a');
    expect(quiet.canKnow(0, lost, 't/a')).toBe(true);
    const found = new Bench().session();
    quiet.granted(found, 't/a');
    now = 21_000;
    expect([quiet.canKnow(0, found, 't/a'), quiet.canKnow(0, found, 't/b')]).toEqual([false, true]);
    now = 22_000;
    expect(quiet.canKnow(0, found, 't/a')).toBe(true);
  });

  it('is not known as long as a slow broker may have answers on their way', () => {
    let now = 10_000;
    const quiet = new SharedQuiet(
      () => now,
      () => 100,
      () => 9_000,
    );
    expect(quiet.canKnow(0)).toBe(false);
    now = 10_200;
    expect(quiet.canKnow(0)).toBe(true);
  });
});
