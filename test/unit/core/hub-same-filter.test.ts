import { describe, expect, it } from '@jest/globals';
import type { Qos } from '../../../src/codec/message.ts';
import { Hub } from '../../../src/core/aggregate/hub.ts';
import { Member, type Newcomer } from '../../../src/core/aggregate/member.ts';
import { SharedFilter } from '../../../src/core/aggregate/shared-filter.ts';
import { saveFilter } from '../../../src/core/aggregate/stored-askers.ts';
import { SmallMap } from '../../../src/core/topics/small-map.ts';
import { settingsWith } from '../../support/settings-with.ts';

const MANY = 10_000;

function newcomer(asked: () => Qos): Newcomer {
  const member = new Member('c');
  const states = { again: false, restores: false, answered: false, gone: false };
  return {
    ...{ member, connection: 1, packetId: 1, ...states },
    get asked(): Qos {
      return asked();
    },
  };
}

describe('ten thousand clients with one filter', () => {
  it('which QoS those that wait for SUBACK want is known without a look at each of them', () => {
    const filter = new SharedFilter('a', 1);
    let looks = 0;
    for (let n = 0; n < MANY; n++) {
      filter.wait(
        newcomer(() => {
          looks++;
          return 0;
        }),
      );
    }
    looks = 0;
    expect(filter.wanted).toBe(0);
    expect(looks).toBeLessThan(10);
  });

  it('follows those that come and go', () => {
    const filter = new SharedFilter('a', 1);
    const [one, two] = [newcomer(() => 1), newcomer(() => 2)];
    filter.wait(one);
    filter.wait(two);
    filter.wait(two);
    expect(filter.wanted).toBe(2);
    filter.waitNoMore(two);
    expect(filter.wanted).toBe(1);
    filter.join(one.member, 2);
    expect(filter.wanted).toBe(2);
    filter.leave(one.member);
    expect(filter.takeNewcomers()).toEqual([one]);
    expect(filter.wanted).toBe(0);
    expect(filter.hasNews).toBe(false);
  });

  it('a further SUBSCRIBE for it looks at some of those that asked, for most may end with the process', () => {
    let looks = 0;
    const hub = new Hub({
      settings: settingsWith({ upstream: { mode: 'aggregating' } }),
      sessions: {
        isGone: () => false as const,
        isAsleep: () => false,
        sleeps: () => {
          looks++;
          return false;
        },
        mayRead: () => true,
        dropped: () => undefined,
        linkOf: () => '',
      },
      random: () => 0,
      nextConnection: () => 1,
    });
    const filter = hub.addFilter('a') ?? new SharedFilter('a', 1);
    const askers = new SmallMap<Member, Qos>();
    for (let n = 0; n < MANY; n++) {
      askers.set(new Member(`c${n}`), 1);
    }
    filter.nextGeneration(askers);
    filter.nextGeneration(new SmallMap());
    saveFilter(filter, true, hub);
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThan(2_000);
  });
});
