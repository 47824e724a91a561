import { describe, expect, it } from '@jest/globals';
import type { TransportOpened } from '../../../src/core/contract/input.ts';
import { Deadlines } from '../../../src/core/state/deadlines.ts';
import { TransportState, Transports } from '../../../src/core/state/transports.ts';
import { peerOf } from '../../support/peer-of.ts';

const opened = (transport: string, more: Partial<TransportOpened> = {}): TransportOpened => ({
  ...{ type: 'transport-opened', transport, maxFrame: 100, broadcast: false },
  ...more,
});
const speed = { octetsPerSecond: 100, overhead: 2 };

describe('what a medium carries', () => {
  it('octets and overhead take their time, one frame after the other', () => {
    const medium = new TransportState(opened('xbee', { speed }));
    medium.carry(8, 1_000);
    expect(medium.busyUntil).toBe(1_100);
    medium.carry(3, 1_050);
    expect(medium.busyUntil).toBe(1_150);
    medium.carry(8, 5_000);
    expect(medium.busyUntil).toBe(5_100);
  });

  it('there is room while less than 250 ms are outstanding, and `roomAt` says when that will be', () => {
    const medium = new TransportState(opened('xbee', { speed }));
    expect(medium.hasRoom(0)).toBe(true);
    medium.carry(23, 0);
    expect(medium.busyUntil).toBe(250);
    expect([medium.hasRoom(0), medium.hasRoom(0.5), medium.roomAt]).toEqual([false, true, 1]);
  });

  it.each([9_600, 1_200, 11.37, 0.3])(
    'at %d octets in a second there is room at `roomAt`, and a millisecond before there is none',
    (octetsPerSecond) => {
      const medium = new TransportState(opened('xbee', { speed: { octetsPerSecond, overhead: 7 } }));
      for (let frames = 0; frames < 1_000 && medium.hasRoom(12_345.678); frames++) {
        medium.carry(60, 12_345.678);
      }
      const { roomAt } = medium;
      expect(medium.hasRoom(12_345.678)).toBe(false);
      expect(medium.hasRoom(roomAt ?? 0)).toBe(true);
      expect(medium.hasRoom((roomAt ?? 0) - 1.001)).toBe(false);
    },
  );

  it('without a speed there is always room', () => {
    const medium = new TransportState(opened('udp'));
    for (let frames = 0; frames < 1_000; frames++) {
      medium.carry(1_472, 0);
    }
    expect(medium.hasRoom(0)).toBe(true);
  });

  it('on a closed one there is none, and no time is known when there will be', () => {
    const medium = new TransportState(opened('udp'));
    medium.closed = true;
    expect([medium.hasRoom(0), medium.roomAt]).toEqual([false, undefined]);
  });
});

describe('transports by name', () => {
  it('only slow and closed ones are asked', () => {
    const transports = new Transports();
    const udp = transports.open(opened('udp'));
    expect(transports.limited('udp')).toBeUndefined();
    expect(transports.of('udp')).toBe(udp);
    const xbee = transports.open(opened('xbee', { speed }));
    expect(transports.limited('xbee')).toBe(xbee);
    expect(transports.limited('udp')).toBeUndefined();
    transports.close('udp', new Deadlines());
    expect(transports.limited('udp')).toBe(udp);
    expect(transports.open(opened('udp'))).toBe(udp);
    expect(transports.limited('udp')).toBeUndefined();
    expect(transports.limited('nobody')).toBeUndefined();
    transports.open(opened('xbee'));
    expect(transports.limited('xbee')).toBeUndefined();
  });

  it('one that is closed before it was ever open is closed', () => {
    const transports = new Transports();
    transports.close('xbee', new Deadlines());
    expect(transports.limited('xbee')?.hasRoom(0)).toBe(false);
    transports.open(opened('xbee'));
    expect(transports.limited('xbee')).toBeUndefined();
  });

  it('what was outstanding is forgotten when it is opened again, and its deadline when it is closed', () => {
    const transports = new Transports();
    const deadlines = new Deadlines();
    const xbee = transports.open(opened('xbee', { speed }));
    xbee.carry(1_000, 0);
    deadlines.set(xbee, 'line', 9_000);
    transports.close('xbee', deadlines);
    expect(deadlines.next).toBeUndefined();
    transports.open(opened('xbee', { speed }));
    expect(xbee.hasRoom(0)).toBe(true);
  });

  it('those that broadcast are the open ones that can, in the order in which they came', () => {
    const transports = new Transports();
    for (const name of ['b', 'a', 'd']) {
      transports.open(opened(name, { broadcast: true }));
    }
    transports.open(opened('c'));
    transports.close('d', new Deadlines());
    transports.close('e', new Deadlines());
    expect([...transports.broadcasting()].map(({ transport }) => transport)).toEqual(['b', 'a']);
  });
});

describe('who may forward (F-8)', () => {
  it.each([
    [undefined, 'udp:192.0.2.7:4711', true],
    [[], 'udp:192.0.2.7:4711', false],
    [['192.0.2.7'], 'udp:192.0.2.7:4711', true],
    [['192.0.2.7:4711'], 'udp:192.0.2.7:4711', true],
    [['192.0.2.7:4712'], 'udp:192.0.2.7:4711', false],
    [['udp'], 'udp:192.0.2.7:4711', false],
    [['2001:db8::7'], 'udp:[2001:db8::7]:4711', true],
    [['line'], 'udp:line', true],
  ] as const)('listed %j, from %s: %s', (forwarders, link, expected) => {
    const transports = new Transports();
    transports.open(opened('udp', forwarders && { forwarders }));
    expect(transports.mayForward(peerOf(link))).toBe(expected);
    expect(transports.mayForward(peerOf('other:line'))).toBe(true);
  });
});
