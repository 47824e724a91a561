import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Qos } from '../../../src/codec/message.ts';
import { receiveCopy } from '../../../src/core/aggregate/copies.ts';
import { Hub } from '../../../src/core/aggregate/hub.ts';
import type { Member } from '../../../src/core/aggregate/member.ts';
import { forgetMember } from '../../../src/core/aggregate/members.ts';
import type { UpstreamMessage } from '../../../src/core/contract/input.ts';
import { settingsWith } from '../../support/settings-with.ts';

/** The two filters of `a`: the second one has the higher QoS. */
const FILTERS = ['x/#', 'x/+'] as const;

describe('a client that is forgotten while copies of a message come for it', () => {
  let hub: Hub;
  let member: Member;

  beforeEach(() => {
    hub = newHub();
    member = hub.member('a');
    member.isKnown = true;
    subscribe('x/#', 1);
    subscribe('x/+', 2);
  });

  it.each([0, 1] as const)('is not remembered with the last one, which came with QoS %d', (qos) => {
    comes(qos);
    const copies = qos === 0 ? hub.copiesQos0 : hub.copies;
    copies?.skipped.set(member, 2);
    expect(copies?.decided.has(member)).toBe(true);
    forgetMember('a', hub);
    expect(hub.members.size).toBe(0);
    expect(copies?.decided.size).toBe(0);
    expect(copies?.skipped.size).toBe(0);
  });

  it('is not remembered with the copy that is owed to it', () => {
    const message = comes(0);
    const better = member.grants.get(FILTERS[1]);
    if (better === undefined) {
      throw new Error('it has no better filter');
    }
    const take = () => hub.owed.take(message, { slot: better.slot, generation: 0 }, Number.POSITIVE_INFINITY);
    const [owed] = take();
    if (owed === undefined) {
      throw new Error('nothing is owed to it');
    }
    hub.owed.owe(message, better, owed);
    hub.owed.owe(message, better, { ...owed, member: hub.member('b') });
    forgetMember('a', hub);
    expect(take().map((one) => one.member.clientId)).toEqual(['b']);
  });

  function subscribe(name: string, qos: Qos): void {
    const filter = hub.addFilter(name);
    if (filter) {
      filter.atBroker = true;
      filter.granted = qos;
      filter.grantedAs = 0;
      filter.join(member, qos);
      const grant = { asked: qos, qos, slot: filter.slot, since: Number.NEGATIVE_INFINITY, countedIn: 1, grantedAs: 0 };
      member.grants.set(name, grant);
    }
  }

  /** A copy for the filter with the lower QoS. */
  function comes(qos: Qos): UpstreamMessage {
    const message: UpstreamMessage = {
      ...{ type: 'upstream-message', connection: 1, packetId: qos, topic: 'x/y', payload: new Uint8Array(1) },
      ...{ qos, retain: false, dup: false, identifiers: [hub.filter(FILTERS[0])?.identifier ?? 0] },
    };
    receiveCopy(message, hub);
    return message;
  }
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
  const hub = new Hub({ settings: settingsWith(), sessions, random: () => 0, nextConnection: () => 1 });
  Object.assign(hub.link, { phase: 'up', connection: 1, identifies: true });
  return hub;
}
