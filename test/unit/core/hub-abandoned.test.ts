import { describe, expect, it } from '@jest/globals';
import { Hub } from '../../../src/core/aggregate/hub.ts';
import { abandon, receiveRelay } from '../../../src/core/aggregate/relays.ts';
import { settingsWith } from '../../support/settings-with.ts';

describe('a publish of a client that begins anew before it has gone out', () => {
  it('leaves no client behind that waits for its turn: the broker may take nothing for hours', () => {
    const hub = newHub();
    const member = hub.member('a');
    for (const packetId of [1, 2]) {
      const publish = { packetId, topic: 't', payload: new Uint8Array(1), qos: 1, retain: false, dup: false } as const;
      receiveRelay(member, { type: 'upstream-publish', connection: 1, ...publish }, hub);
    }
    for (const waiting of [1, 0]) {
      const [relay] = member.relays.values();
      if (relay) {
        abandon(relay, hub);
      }
      expect(hub.link.ready.size).toBe(waiting);
    }
  });
});

function newHub(): Hub {
  const sessions = {
    isGone: () => false,
    isAsleep: () => false,
    sleeps: () => false,
    mayRead: () => true,
    dropped: () => undefined,
    linkOf: () => '',
  };
  return new Hub({ settings: settingsWith(), sessions, random: () => 1, nextConnection: () => 1 });
}
