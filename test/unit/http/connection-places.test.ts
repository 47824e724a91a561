import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionPlaces } from '../../../src/http/connection-places.ts';

/** As much of a connection as counts. */
class Connection extends EventEmitter {
  isOpen = true;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    if (this.isOpen) {
      this.isOpen = false;
      this.emit('close');
    }
  }
}

let places: ConnectionPlaces;

beforeEach(() => {
  places = new ConnectionPlaces();
});

function come(count: number, from: (number: number) => string): Connection[] {
  return Array.from({ length: count }, (_, number) => {
    const connection = new Connection(from(number));
    places.take(connection as unknown as Socket);
    return connection;
  });
}

const open = (connections: readonly Connection[]): number => connections.filter(({ isOpen }) => isOpen).length;

describe('places for connections', () => {
  it('are a hundred for an address, and again as many when those have gone', () => {
    const first = come(120, () => '192.0.2.7');
    expect([open(first), open(first.slice(0, 100))]).toEqual([100, 100]);
    for (const connection of first) {
      connection.destroy();
    }
    expect(open(come(100, () => '::ffff:192.0.2.7'))).toBe(100);
  });

  it('are one share for a network of IPv6, in which one machine has as many addresses as it likes', () => {
    expect(open(come(150, (number) => `2001:db8::${number.toString(16)}`))).toBe(100);
  });

  it('are given up by the oldest of the address that has most, for one that has fewer', () => {
    const few = come(20, () => '192.0.2.1');
    const most = come(100, () => '192.0.2.2');
    const many = [3, 4].flatMap((host) => come(90, () => `192.0.2.${host}`));
    const late = come(3, (number) => `198.51.100.${number}`);
    expect([few, most, many, late].map(open)).toEqual([20, 97, 180, 3]);
    expect(most.slice(0, 4).map(({ isOpen }) => isOpen)).toEqual([false, false, false, true]);
  });

  it('are given up to nobody who has as many himself', () => {
    const one = come(100, () => '192.0.2.1');
    const other = come(100, () => '192.0.2.2');
    const third = come(110, () => '192.0.2.3');
    expect([one, other, third].map(open)).toEqual([100, 100, 100]);
    const spread = new ConnectionPlaces();
    const all = Array.from({ length: 310 }, (_, number) => new Connection(`10.0.${number >> 8}.${number & 255}`));
    for (const connection of all) {
      spread.take(connection as unknown as Socket);
    }
    expect([open(all), open(all.slice(0, 300))]).toEqual([300, 300]);
  });
});
