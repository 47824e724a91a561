import { describe, expect, it } from '@jest/globals';
import { BrokerConnection } from '../../../src/core/state/broker-connection.ts';
import { WILL_IDS } from '../../../src/core/state/msg-id.ts';
import type { Unsubscribing } from '../../../src/core/state/subscribe-state.ts';

describe('packet ids on a connection to the broker', () => {
  it('come round before those that are for wills alone: the broker may have one of an earlier process half-way (I-14)', () => {
    const upstream = new BrokerConnection();
    const use: Unsubscribing = { purpose: 'unsubscribing', filter: 'a' };
    const given = new Set<number>();
    for (let taken = 0; taken < WILL_IDS - 1; taken++) {
      const packetId = upstream.takePacketId(use);
      given.add(packetId);
      upstream.freePacketId(packetId);
    }
    expect([given.size, Math.min(...given), Math.max(...given)]).toEqual([WILL_IDS - 1, 1, WILL_IDS - 1]);
    expect(upstream.takePacketId(use)).toBe(1);
  });
});
