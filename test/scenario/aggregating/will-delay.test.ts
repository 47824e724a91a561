import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const DELAY = 60_000;
/** A client that has said ten seconds is lost after so many (K-4). */
const SILENCE = 15_000;

/** Client `a` has a will, and is lost now. */
function lost(clean = false): HubBench {
  const bench = new HubBench({ settings: { upstream: { willDelay: DELAY } } });
  connect(bench, clean);
  expect(bench.wait(SILENCE - 1)).toEqual([]);
  expect(bench.wait(1)).toEqual(clean ? [published(bench)] : []);
  expect(firedWills(bench)).toHaveLength(1);
  return bench;
}

function connect(bench: HubBench, clean = false): string[] {
  return [
    ...bench.says('a', frame(`04 ${clean ? '0c' : '08'} 01 000a`, 'a')),
    ...bench.says('a', frame('07 20', 'will')),
    ...bench.says('a', frame('09', 'off')),
  ];
}

function firedWills(bench: HubBench): string[] {
  return [...bench.disk.keys()].filter((key) => key.startsWith('fired-will'));
}

function published(bench: HubBench, packetId = 1): string {
  return `#${bench.shared} PUBLISH qos1 id${packetId} will "off"`;
}

describe('upstream.willDelay (I-101): the will of a lost client', () => {
  it('is published when the time is over', () => {
    const bench = lost();
    expect(bench.wait(DELAY - 1)).toEqual([]);
    expect(bench.wait(1)).toEqual([published(bench)]);
    bench.acks('PUBACK', 1);
    expect(firedWills(bench)).toEqual([]);
  });

  it('is none any more when the client goes on with its session', () => {
    const bench = lost();
    expect(bench.client('a', { clean: false })).toEqual([]);
    expect(firedWills(bench)).toEqual([]);
    expect(bench.wait(DELAY)).toEqual([]);
  });

  it('is published at once when the client begins anew', () => {
    const bench = lost();
    expect(bench.client('a', { clean: true })).toEqual([published(bench)]);
    expect(bench.wait(DELAY)).toEqual([]);
  });

  it('of a clean client is published at once', () => {
    lost(true);
  });

  it('is published once for each loss', () => {
    const bench = lost();
    expect(connect(bench)).toEqual([]);
    expect(bench.wait(SILENCE + DELAY - 1)).toEqual([]);
    expect(bench.wait(1)).toEqual([published(bench)]);
  });

  it('waits over a restart of the gateway, and is published when the time is over', () => {
    const next = hubRestarted(lost(), { connack: { sessionPresent: true } });
    expect(next.wait(DELAY - 1)).toEqual([]);
    expect(next.wait(1)).toEqual([published(next)]);
  });

  it('is none any more, either, when the client comes after a restart', () => {
    const next = hubRestarted(lost(), { connack: { sessionPresent: true } });
    expect(next.client('a', { clean: false })).toEqual([]);
    expect(next.wait(DELAY)).toEqual([]);
    expect(firedWills(next)).toEqual([]);
  });
});
