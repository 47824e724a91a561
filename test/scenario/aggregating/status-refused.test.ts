import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../../src/core/contract/effect.ts';
import { HubBench } from '../../support/hub-bench.ts';

/** The wills with which the shared connection was asked for, so far. */
function wills(bench: HubBench): (string | undefined)[] {
  const asked = bench.turns.flat().filter((effect): effect is Effect & { type: 'upstream-connect' } => {
    return effect.type === 'upstream-connect' && effect.shared === true;
  });
  return asked.map(({ will }) => will?.topic);
}

const STATE = 'mqtt-sn-gateway/1/state';

function away(protocolVersion?: 4 | 5): HubBench {
  const upstream = protocolVersion === undefined ? {} : { sharedProtocol: protocolVersion };
  const bench = new HubBench({ isAway: true, settings: { upstream, status: { topicPrefix: 'mqtt-sn-gateway/1' } } });
  bench.up(bench.own);
  return bench;
}

function refuses(bench: HubBench, protocolVersion: 4 | 5, reasonCode: number): void {
  bench.act(bench.feed({ type: 'upstream-refused', connection: bench.shared, protocolVersion, reasonCode }));
}

describe('a broker that does not take the status of an aggregating gateway, the will of its connection (I-110)', () => {
  it.each([
    [5, 0x87],
    [5, 0x90],
    [5, 0x9a],
    [5, 0x9b],
    [4, 5],
  ] as const)(
    'says so (MQTT %s, code %s): the connection is made without it at once, and it is told',
    (version, code) => {
      const bench = away(version);
      bench.client('a');
      refuses(bench, version, code);
      bench.wait(1);
      expect(wills(bench)).toEqual([STATE, undefined]);
      expect(bench.got('a')).toEqual([]);
      expect(bench.stands()).toEqual([]);
      expect(bench.got('a')).toEqual(['030500']);
      expect(bench.notes).toContainEqual({ type: 'status-refused', topic: STATE });
    },
  );

  it('closes without CONNACK (MQTT 3.1.1), twice beside an own connection that stands', () => {
    const bench = away(4);
    bench.breaks();
    bench.wait(2_000);
    bench.breaks();
    bench.wait(1);
    expect(wills(bench)).toEqual([STATE, STATE, undefined]);
  });

  it('where that does not help the will is tried again, with pauses that grow', () => {
    const bench = away(4);
    for (let attempt = 0; attempt < 5; attempt++) {
      bench.breaks();
      bench.wait(60_000);
    }
    expect(wills(bench)).toEqual([STATE, STATE, undefined, undefined, STATE, STATE]);
  });

  it('a broker that is away, or busy, refuses nothing', () => {
    const bench = away(5);
    for (let attempt = 0; attempt < 5; attempt++) {
      bench.breaks({ unsent: true });
      bench.wait(60_000);
      refuses(bench, 5, 0x89);
      bench.wait(60_000);
    }
    expect(wills(bench)).not.toContain(undefined);
  });

  it('the next connection after one that lasted tries it again', () => {
    const bench = away(5);
    refuses(bench, 5, 0x9a);
    bench.wait(1);
    bench.stands();
    bench.wait(61_000);
    bench.breaks();
    bench.wait(2_000);
    expect(wills(bench)).toEqual([STATE, undefined, STATE]);
  });
});

describe('the broker refuses the connection that the clients share (I-98)', () => {
  it('no client is the reason: CONNECT gets 0x01, not 0x03', () => {
    const bench = away(4);
    bench.client('a');
    for (let attempt = 0; attempt < 20; attempt++) {
      refuses(bench, 4, 4);
      bench.wait(1_000);
    }
    expect(bench.got('a')).toEqual(['030501']);
  });
});
