import { beforeEach, describe, expect, it } from '@jest/globals';
import { SharedClientIds } from '../../../src/observe/shared-client-ids.ts';

const A = 'udp:192.0.2.7:4711';
const B = 'udp:192.0.2.8:4711';
const MINUTE = 60_000;

describe('two devices with one client id', () => {
  let ids: SharedClientIds;
  let now: number;

  beforeEach(() => {
    ids = new SharedClientIds();
    now = 0;
  });

  /** Moves through these addresses, one every `pause` milliseconds; what is to be written of each move. */
  function moves(links: readonly string[], pause = 1_000, clientId = 's'): string[] {
    return links.slice(1).map((link, index) => {
      now += pause;
      return ids.moved({ clientId, link, from: links[index] as string }, now);
    });
  }

  it('are told from the third move to and fro on, once a minute', () => {
    expect(moves([A, B, A, B, A, B], 1_000)).toEqual(['move', 'move', 'shared', 'nothing', 'nothing']);
    const links = Array.from({ length: 121 }, (_, turn) => (turn % 2 === 0 ? B : A));
    const told = moves(links);
    expect(told.filter((what) => what === 'shared')).toHaveLength(2);
    expect(told).not.toContain('move');
  });

  it('are told again each time where their turns take longer than a minute', () => {
    expect(moves([A, B, A, B, A], MINUTE)).toEqual(['move', 'move', 'shared', 'shared']);
  });

  it('are known by their hosts, where they come with another port each time', () => {
    const links = [1, 2, 3, 4].flatMap((port) => [`udp:192.0.2.7:${port}`, `udp:[2001:db8::8]:${port + 50}`]);
    expect(moves(links).slice(0, 4)).toEqual(['move', 'move', 'shared', 'nothing']);
  });

  it('behind one address are known by their ports', () => {
    const [one, other] = ['udp:192.0.2.7:1', 'udp:192.0.2.7:2'];
    expect(moves([one, other, one, other])).toEqual(['move', 'move', 'shared']);
  });

  it('on radio are known by their addresses', () => {
    const [one, other] = ['xbee:0013a20040000001', 'serial:line'];
    expect(moves([one, other, one, other])).toEqual(['move', 'move', 'shared']);
  });

  it('are not a device that roams', () => {
    const roaming = [A, B, 'udp:192.0.2.9:4711', A, B, 'udp:192.0.2.9:4711', A, B];
    expect(new Set(moves(roaming))).toEqual(new Set(['move']));
  });

  it('are not a device with a new port each time', () => {
    expect(new Set(moves([1, 2, 3, 4, 5, 6].map((port) => `udp:192.0.2.7:${port}`)))).toEqual(new Set(['move']));
  });

  it('are not a device that comes back after a while', () => {
    expect(new Set(moves([A, B, A, B, A], 5 * MINUTE + 1))).toEqual(new Set(['move']));
  });

  it('are at it until a minute after the last move', () => {
    moves([A, B, A]);
    expect(ids.isShared('s', now)).toBe(false);
    moves([A, B]);
    expect(ids.isShared('s', now + MINUTE - 1)).toBe(true);
    expect(ids.isShared('s', now + MINUTE)).toBe(false);
    expect(ids.isShared('other', now)).toBe(false);
  });

  it('are watched for the client ids that moved last only', () => {
    for (let i = 0; i < 1_000; i += 1) {
      moves([A, B, A, B], 1, `s${i}`);
    }
    expect(ids.size).toBe(200);
    expect(ids.isShared('s0', now)).toBe(false);
    expect(ids.isShared('s999', now)).toBe(true);
  });
});
