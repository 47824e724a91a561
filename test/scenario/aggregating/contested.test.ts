import { beforeEach, describe, expect, it } from '@jest/globals';
import type { UpstreamLost } from '../../../src/core/contract/input.ts';
import { HubBench } from '../../support/hub-bench.ts';

let bench: HubBench;
let told: unknown[];

beforeEach(() => {
  bench = new HubBench();
  told = [];
});

/** The shared connection, which has stood for so long, breaks. */
function breaks(lasted: number, more: Partial<UpstreamLost> = {}): void {
  bench.wait(lasted);
  bench.breaks(more);
  told.push(...bench.notes.filter(({ type }) => type === 'shared-connection-contested'));
}

/** So many times, and it stands again each time. */
function breaksAgain(times: number, lasted = 1_000, more: Partial<UpstreamLost> = {}): void {
  for (let time = 0; time < times; time++) {
    breaks(lasted, more);
    bench.wait(60_000);
    bench.stands({ sessionPresent: true });
  }
}

describe('another client has the client id of the shared connection (I-45)', () => {
  it('the broker says so (MQTT 5): told at once', () => {
    breaks(1_000, { takenOver: true, reasonCode: 0x8e });
    expect(told).toEqual([{ type: 'shared-connection-contested', proof: 'broker' }]);
  });

  it('it ends three times in a row within a minute of CONNACK while the own connection stands', () => {
    breaksAgain(2);
    expect(told).toEqual([]);
    breaksAgain(1);
    expect(told).toEqual([{ type: 'shared-connection-contested', proof: 'own' }]);
  });

  it('it is told once more at each further end', () => {
    breaksAgain(4);
    expect(told).toHaveLength(2);
  });

  it('not told where the own connection falls too: then it is the broker', () => {
    for (let time = 0; time < 5; time++) {
      breaks(1_000);
      bench.act(bench.down(bench.own));
      bench.wait(30_000);
      bench.up(bench.own);
      bench.wait(30_000);
      bench.stands({ sessionPresent: true });
    }
    expect(told).toEqual([]);
  });

  it.each<[string, Partial<UpstreamLost>]>([
    ['the broker says why', { reasonCode: 0x89 }],
    ['it was ended on this side', { ours: true }],
  ])('nor where %s', (_why, more) => {
    breaksAgain(5, 1_000, more);
    expect(told).toEqual([]);
  });

  it('nor where one that lasted lies between', () => {
    breaksAgain(2);
    breaksAgain(1, 60_000);
    breaksAgain(2);
    expect(told).toEqual([]);
  });

  it('nor where what was out on it may be the reason', () => {
    bench.client('a');
    bench.publishes('a', 1, 7, 'poison');
    breaksAgain(4);
    expect(told).toEqual([]);
  });
});

describe('the shared connection stands again', () => {
  const up = () => bench.notes.find(({ type }) => type === 'shared-connection-up');

  it('and the broker has lost its session, in which it had subscriptions: that is told', () => {
    bench.client('a', { clean: false });
    bench.subscribe('a', 'a/b', 1);
    breaks(60_000);
    bench.wait(60_000);
    bench.stands({ sessionPresent: false });
    expect(up()).toMatchObject({ sessionPresent: false, sessionLost: true });
  });

  it('and the broker has lost one in which nothing could wait: that is not told', () => {
    breaks(60_000);
    bench.wait(60_000);
    bench.stands({ sessionPresent: false });
    expect(up()).not.toHaveProperty('sessionLost');
  });

  it('and the broker has it still', () => {
    breaks(60_000);
    bench.wait(60_000);
    bench.stands({ sessionPresent: true });
    expect(up()).not.toHaveProperty('sessionLost');
  });

  it('for the first time: nobody knows of one that is lost', () => {
    expect(up()).toMatchObject({ sessionPresent: false });
    expect(up()).not.toHaveProperty('sessionLost');
  });
});
