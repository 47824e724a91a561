import { describe, expect, it } from '@jest/globals';
import type { Send } from '../../../../src/ports/transport.ts';
import { InFlight } from '../../../../src/transport/xbee/in-flight.ts';

const to = (node: number): Send => ({
  type: 'send',
  transport: 'xbee',
  link: `xbee:${node}`,
  frame: Uint8Array.of(2, 0x17),
});

/** Hands a frame for the node over to the module; returns its id. */
function hand(flights: InFlight, node: number, now: number): number {
  const frameId = flights.freeId();
  flights.begin(frameId, to(node), 0, now);
  return frameId;
}

/** Hands frames for many nodes over, no faster than the window allows. */
function handMany(flights: InFlight, nodes: number): number[] {
  return Array.from({ length: nodes }, (_, node) => hand(flights, node, Math.floor(node / 4) * 400));
}

describe('frames in flight', () => {
  it('are four at a time, until the module reports on one', () => {
    const flights = new InFlight();
    const [first = 0] = [1, 2, 3].map((node) => hand(flights, node, 0));
    expect(flights.isOpen(0)).toBe(true);
    hand(flights, 4, 0);
    expect(flights.isOpen(0)).toBe(false);
    flights.end(first);
    expect(flights.isOpen(0)).toBe(true);
    expect(flights.size).toBe(3);
  });

  it('do not count any more when they take longer than 400 ms, so that dead nodes hold up nobody', () => {
    const flights = new InFlight();
    hand(flights, 1, 0);
    for (const node of [2, 3, 4]) {
      hand(flights, node, 100);
    }
    expect(flights.isOpen(399)).toBe(false);
    expect(flights.opensAt(200)).toBe(400);
    expect(flights.isOpen(400)).toBe(true);
    hand(flights, 5, 400);
    expect(flights.isOpen(499)).toBe(false);
    expect(flights.opensAt(400)).toBe(500);
    expect(flights.isOpen(500)).toBe(true);
    expect(flights.size).toBe(5);
  });

  it('tell when the window opens, or the way to a node', () => {
    const flights = new InFlight();
    expect(flights.opensAt(0)).toBeUndefined();
    for (const node of [1, 2, 3]) {
      hand(flights, node, 0);
    }
    expect(flights.opensAt(0)).toBe(1_000);
    hand(flights, 4, 200);
    expect(flights.opensAt(200)).toBe(400);
    expect(flights.opensAt(400)).toBe(1_000);
    expect(flights.opensAt(1_000)).toBe(1_200);
    expect(flights.opensAt(1_200)).toBeUndefined();
  });

  it('are one for each node, and one for broadcasts', () => {
    const flights = new InFlight();
    const frameId = hand(flights, 1, 0);
    flights.begin(
      flights.freeId(),
      { type: 'broadcast', transport: 'xbee', frame: Uint8Array.of(3, 1, 1), radius: 0 },
      0,
      0,
    );
    expect(['xbee:1', 'xbee:2', ''].map((lane) => flights.has(lane, 0))).toEqual([true, false, true]);
    flights.end(frameId);
    expect(['xbee:1', 'xbee:2', ''].map((lane) => flights.has(lane, 0))).toEqual([false, false, true]);
  });

  it('hold up the next one to their node for a second at most, for a report may get lost', () => {
    const flights = new InFlight();
    const lost = hand(flights, 1, 0);
    expect([flights.has('xbee:1', 999), flights.has('xbee:1', 1_000)]).toEqual([true, false]);
    const next = hand(flights, 1, 1_000);
    flights.end(lost); // it was only late
    expect(flights.has('xbee:1', 1_001)).toBe(true);
    flights.end(next);
    expect(flights.has('xbee:1', 1_001)).toBe(false);
  });

  it('are given back with what was sent, once', () => {
    const flights = new InFlight();
    flights.begin(7, to(1), 3, 50);
    expect(flights.end(8)).toBeUndefined();
    expect(flights.end(7)).toEqual({ frameId: 7, effect: to(1), since: 50, refusals: 3 });
    expect(flights.end(7)).toBeUndefined();
    expect(flights.size).toBe(0);
  });

  it('have ids from 1 to 255, and one comes back as late as it can', () => {
    const flights = new InFlight();
    const ids = Array.from({ length: 256 }, () => {
      const frameId = hand(flights, 1, 0);
      flights.end(frameId);
      return frameId;
    });
    expect(new Set(ids.slice(0, 255))).toEqual(new Set(Array.from({ length: 255 }, (_, i) => i + 1)));
    expect(ids[255]).toBe(ids[0]);
  });

  it('never share an id', () => {
    const flights = new InFlight();
    const stays = hand(flights, 0, 0);
    for (let i = 0; i < 600; i++) {
      const frameId = hand(flights, 1, 0);
      expect(frameId).not.toBe(stays);
      flights.end(frameId);
    }
  });

  it('are never so many that no id is left', () => {
    const flights = new InFlight();
    let now = 0;
    let node = 0;
    for (; node < 1_000 && flights.isOpen(now); now += 100) {
      hand(flights, node++, now);
    }
    expect(node).toBeGreaterThan(250);
    expect(node).toBeLessThan(256);
    expect(flights.isOpen(now + 1_000_000)).toBe(false);
    expect(flights.freeId()).toBeGreaterThan(0); // it ends: an id is left for a question
  });

  it('are overdue when the module has not reported in time, and make room', () => {
    const flights = new InFlight();
    expect(flights.overdueAt(1_000)).toBeUndefined();
    hand(flights, 1, 0);
    hand(flights, 2, 300);
    const third = hand(flights, 3, 600);
    expect(flights.overdueAt(1_000)).toBe(1_000);
    expect(flights.overdue(999, 1_000)).toEqual([]);
    expect(flights.overdue(1_300, 1_000).map(({ effect }) => effect)).toEqual([to(1), to(2)]);
    expect(['xbee:1', 'xbee:2', 'xbee:3'].map((lane) => flights.has(lane, 1_300))).toEqual([false, false, true]);
    expect(flights.overdueAt(1_000)).toBe(1_600);
    flights.end(third);
    expect(flights.overdueAt(1_000)).toBeUndefined();
  });

  it('are overdue in their order, whichever ids they have', () => {
    const flights = new InFlight();
    const ids = handMany(flights, 254);
    for (const frameId of ids.slice(0, 250)) {
      flights.end(frameId);
    }
    hand(flights, 0, 60_000); // 255
    hand(flights, 1, 70_000); // 1 again
    const [oldest] = flights.overdue(60_000, 1_000);
    expect(oldest?.effect).toEqual(to(250));
    expect(flights.overdueAt(1_000)).toBe(61_000);
  });

  it('are all given back when the module has forgotten them', () => {
    const flights = new InFlight();
    for (const node of [1, 2, 3, 4]) {
      hand(flights, node, 0);
    }
    expect(flights.clear().map(({ effect }) => effect)).toEqual([to(1), to(2), to(3), to(4)]);
    expect([flights.size, flights.isOpen(0), flights.has('xbee:1', 0), flights.overdueAt(1)]).toEqual([
      0,
      true,
      false,
      undefined,
    ]);
    expect(flights.clear()).toEqual([]);
  });
});
