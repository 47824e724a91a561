import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FlakyTransport } from '../../../src/cli/simulate/flaky-transport.ts';
import { MovingTransport } from '../../../src/cli/simulate/moving-transport.ts';
import { Random } from '../../../src/cli/simulate/random.ts';
import { SharedMedium } from '../../../src/cli/simulate/shared-medium.ts';
import { progressText, shortcomings, summaryText } from '../../../src/cli/simulate/simulation-text.ts';
import { Tally } from '../../../src/cli/simulate/tally.ts';
import { octetsOf } from '../../support/raw-sensor.ts';
import { ScriptedGateway } from '../client/client-bench.ts';

const PING = octetsOf('02 16');

describe('a bad radio', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const radio = (faults: Partial<ConstructorParameters<typeof FlakyTransport>[1]>) => {
    const gateway = new ScriptedGateway();
    const transport = new FlakyTransport(gateway, { loss: 0, duplicate: 0, delay: 0, ...faults }, new Random(7));
    return { gateway, transport };
  };

  it('loses its part of the frames, in both directions', () => {
    const { gateway, transport } = radio({ loss: 0.25 });
    let heard = 0;
    transport.onFrame(() => {
      heard += 1;
    });
    for (let number = 0; number < 1_000; number += 1) {
      transport.send(PING);
      gateway.say('02 17');
    }
    expect(gateway.taken().length).toBeGreaterThan(700);
    expect(heard).toBeGreaterThan(700);
    expect(heard).toBeLessThan(800);
  });

  it('carries its part of them twice', () => {
    const { gateway, transport } = radio({ duplicate: 1 });
    transport.send(PING);
    expect(gateway.taken()).toHaveLength(2);
  });

  it('is late, and what is late when it is switched off never comes', async () => {
    const { gateway, transport } = radio({ delay: 100 });
    transport.send(PING);
    expect(gateway.taken()).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(gateway.taken()).toHaveLength(1);
    transport.send(PING);
    await transport.close();
    jest.advanceTimersByTime(100);
    expect(gateway.taken()).toEqual([]);
  });
});

describe('a sensor behind a router', () => {
  it('goes on from another address, and hears nothing at the old one', async () => {
    const media: ScriptedGateway[] = [];
    const moving = new MovingTransport(() => {
      const medium = new ScriptedGateway();
      media.push(medium);
      return medium;
    });
    let heard = 0;
    moving.onFrame(() => {
      heard += 1;
    });
    await moving.move(); // not open: nothing to move
    expect(media).toHaveLength(1);
    await moving.open();
    await moving.move();
    moving.send(PING);
    media[0]?.say('02 17');
    media[1]?.say('02 17');
    expect(media.map((medium) => medium.isOpen)).toEqual([false, true]);
    expect(media.map((medium) => medium.taken().length)).toEqual([0, 1]);
    expect(heard).toBe(1);
    await moving.close();
    expect(media[1]?.isOpen).toBe(false);
  });
});

describe('a line for many', () => {
  it('is heard by all that are on it, and stays open when one leaves', async () => {
    const gateway = new ScriptedGateway();
    const line = new SharedMedium(gateway);
    const heard = [0, 0];
    const parts = heard.map((_, at) => {
      const part = line.part();
      part.onFrame(() => {
        heard[at] = (heard[at] ?? 0) + 1;
      });
      return part;
    });
    await Promise.all(parts.map((part) => part.open()));
    gateway.say('02 17');
    await parts[0]?.close();
    gateway.say('02 17');
    expect(heard).toEqual([1, 2]);
    expect(gateway.isOpen).toBe(true);
    await line.close();
    expect(gateway.isOpen).toBe(false);
  });
});

describe('the account of a simulation', () => {
  it('knows latencies to two parts in a hundred', () => {
    const tally = new Tally();
    expect(tally.latency(0.5)).toBeUndefined();
    for (let latency = 1; latency <= 100; latency += 1) {
      tally.acknowledge(latency);
    }
    expect(tally.latency(0.5)).toBeGreaterThanOrEqual(50);
    expect(tally.latency(0.5)).toBeLessThan(51.1);
    expect(tally.latency(0.99)).toBeGreaterThanOrEqual(99);
    expect(tally.latency(0.99)).toBeLessThan(101.1);
  });

  it('is told in one line while it goes on', () => {
    const tally = new Tally();
    tally.connected = 3;
    tally.sent = 2;
    expect(progressText(tally, 4)).toBe('3/4 connected · 2 sent · 0 acknowledged · 0 lost');
    tally.acknowledge(12.5);
    expect(progressText(tally, 4)).toMatch(/ · 1 acknowledged · 0 lost · p50 13 ms · p99 13 ms$/);
  });

  it('is good where all had a session and nothing was lost', () => {
    const tally = new Tally();
    tally.everConnected.add('a');
    const acceptance = { sensors: 1, maxLost: 1 };
    expect(shortcomings(tally, acceptance)).toEqual([]);
    expect(summaryText(tally, acceptance, 1.5)).toMatch(/^Time +1\.5 s\n[\s\S]*\nResult +good\n$/);
    tally.lost.rejected = 1;
    tally.commands = 1;
    expect(shortcomings(tally, acceptance)).toEqual([]);
    tally.lost.unanswered = 1;
    tally.commands = 3;
    expect(shortcomings(tally, { ...acceptance, sensors: 2 })).toEqual([
      '1 of 2 sensors never had a session: see the log of the gateway',
      '2 messages were lost (1 unanswered, 1 rejected, 0 unfinished at the end), and 1 may be',
      '3 of 3 commands did not reach their sleeper, and 1 may not',
    ]);
  });
});
