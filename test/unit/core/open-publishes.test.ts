import { describe, expect, it } from '@jest/globals';
import { OpenPublishes } from '../../../src/core/state/open-publishes.ts';
import { directPath } from '../../../src/core/state/path.ts';
import { peerOf } from '../../support/peer-of.ts';

const MIB = 1 << 20;

function from(link: string): ReturnType<typeof directPath> {
  return directPath(link, peerOf(link));
}

/** How many of a mebibyte are taken from a link, as many as there is room for. */
function fill(publishes: OpenPublishes, link: string): number {
  let taken = 0;
  for (; publishes.admits(from(link), MIB) && taken < 1_000; taken++) {
    publishes.add(from(link), MIB);
  }
  return taken;
}

describe('the room for publishes on their way to the broker (I-50)', () => {
  it('is bounded over all clients, and one host has two thirds of it at most', () => {
    const publishes = new OpenPublishes();
    expect(fill(publishes, 'udp:h1:1') + fill(publishes, 'udp:h1:2')).toBe(44);
    expect(fill(publishes, 'udp:h2:1')).toBeGreaterThan(10);
    expect(publishes.octets).toBeLessThan(64 * MIB);
  });

  it('of one host a link leaves something to the others', () => {
    const publishes = new OpenPublishes();
    expect(fill(publishes, 'udp:h1:1')).toBeLessThan(44);
    expect(publishes.admits(from('udp:h1:2'), MIB)).toBe(true);
  });

  it('is free again when they have ended, and nothing is remembered of who they were from', () => {
    const publishes = new OpenPublishes();
    const counted: boolean[] = [];
    while (publishes.admits(from('udp:h1:1'), MIB)) {
      counted.push(publishes.add(from('udp:h1:1'), MIB));
    }
    expect(counted.slice(0, 5)).toEqual([false, false, false, true, true]); // the first four mebibytes are anybody's
    for (const isCounted of counted.toReversed()) {
      publishes.remove(from('udp:h1:1'), MIB, isCounted);
    }
    expect([publishes.size, publishes.octets]).toEqual([0, 0]);
    expect(fill(publishes, 'udp:h1:1')).toBe(counted.length);
  });

  it('what is there after a restart counts, also where it is more than there is room for', () => {
    const publishes = new OpenPublishes();
    for (let at = 0; at < 100; at++) {
      publishes.add(from('udp:h1:1'), MIB);
    }
    expect(publishes.admits(from('udp:h2:1'), 1)).toBe(false);
  });
});
