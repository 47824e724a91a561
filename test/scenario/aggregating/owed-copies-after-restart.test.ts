/** 3.7 items 1 and 8: the gateway is killed between two copies of one message: it comes, and comes once (I-168). */
import { describe, expect, it } from '@jest/globals';
import type { UpstreamMessage } from '../../../src/core/contract/input.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const WIDE = 65;
const NARROW = 129;

/** `a`, a persistent client, has `x/#` with QoS 1, and `x/+` with QoS 2; the broker has both, nothing is left of before, and it answers no PINGREQ from then on. */
function both(): HubBench {
  const bench = new HubBench({ answersPings: false });
  bench.client('a', { clean: false });
  bench.subscribe('a', 'x/#', 1);
  bench.subscribe('a', 'x/+', 2);
  bench.pongs();
  bench.pongs();
  bench.got('a');
  return bench;
}

/** The gateway is killed, and started again; `a` is back. */
function killed(bench: HubBench): HubBench {
  const next = hubRestarted(bench, { connack: { sessionPresent: true } });
  next.client('a', { clean: false });
  next.got('a');
  return next;
}

let packetId = 0;

function copy(bench: HubBench, identifier: number, qos: 0 | 1 | 2, more: Partial<UpstreamMessage> = {}): string[] {
  packetId++;
  return bench.comes('x/y', 'm', { qos, packetId: qos && packetId, identifiers: [identifier], ...more });
}

const messages = (bench: HubBench): string[] => bench.got('a').filter((line) => line.startsWith('qos'));

const owed = (bench: HubBench): number => [...bench.disk.keys()].filter((key) => key.startsWith('owed/')).length;

const CHANGES: readonly (readonly [string, (bench: HubBench) => unknown])[] = [
  ['nothing changes', () => {}],
  ['the better filter ends', (bench) => bench.unsubscribe('a', 'x/+')],
  ['the better filter is lowered', (bench) => bench.subscribe('a', 'x/+', 0)],
  ['the other one is raised', (bench) => bench.subscribe('a', 'x/#', 2)],
  ['one that is better is granted', (bench) => bench.subscribe('a', '+/y', 2)],
];

describe.each(CHANGES)('%s between two copies of a message, and the gateway is killed', (_what, change) => {
  it('the better one comes after the restart: it is the one that the client gets', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    change(bench);
    const next = killed(bench);
    copy(next, NARROW, 2);
    next.wait(5_000);
    expect(messages(next)).toEqual(['qos2 x/y "m"']);
    expect(owed(next)).toBe(0);
  });

  it('twice', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    change(bench);
    const next = killed(killed(bench));
    copy(next, NARROW, 2);
    next.wait(5_000);
    expect(messages(next)).toEqual(['qos2 x/y "m"']);
    expect(owed(next)).toBe(0);
  });
});

describe('a copy that is owed to a client, on the disk (I-168)', () => {
  it('is there from the change of its filters on, and not where nothing changes, until it has come', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    expect(owed(bench)).toBe(0);
    bench.unsubscribe('a', 'x/+');
    expect(owed(bench)).toBe(1);
    copy(bench, NARROW, 2);
    expect([messages(bench), owed(bench)]).toEqual([['qos2 x/y "m"'], 0]);
  });

  it('is none for a clean client, nor for one that has given up all filters for which the message came', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    bench.unsubscribe('a', 'x/#');
    expect(owed(bench)).toBe(0);
    bench.subscribe('a', 'x/#', 1);
    const next = killed(bench);
    copy(next, NARROW, 2);
    expect(messages(next)).toEqual([]);
  });

  it('goes when the session ends, when the broker has lost its own, and when it has nothing left', () => {
    const ends = [
      (bench: HubBench) => bench.client('a'),
      (bench: HubBench) => {
        bench.breaks();
        bench.wait(5_000);
        bench.stands();
      },
      (bench: HubBench) => {
        bench.subscribe('a', 'z', 1);
        bench.subscribe('a', 'z/z', 1);
        bench.pongs();
        bench.pongs();
        bench.pongs();
      },
    ];
    for (const end of ends) {
      const bench = both();
      copy(bench, WIDE, 1);
      bench.unsubscribe('a', 'x/+');
      const next = killed(bench);
      expect(owed(next)).toBe(1);
      for (const one of [bench, next]) {
        end(one);
      }
      expect(owed(bench)).toBe(0);
    }
  });

  it('of a client that is not there any more goes with the start', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    bench.disk.delete('session/a');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(owed(next)).toBe(0);
  });
});

describe('a better filter is granted just before the gateway is killed', () => {
  /** `a` has `x/+`, and then SUBACK for `x/#` with QoS 2. */
  function newly(): HubBench {
    const bench = new HubBench({ answersPings: false });
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 1);
    bench.subscribe('a', 'x/#', 2);
    return bench;
  }

  it('what the broker had taken before has no copy for it, and comes', () => {
    const next = killed(newly());
    copy(next, WIDE, 1);
    next.wait(5_000);
    expect(messages(next)).toEqual(['qos1 x/y "m"']);
  });

  it('what it has taken since comes once', () => {
    const next = killed(newly());
    for (const order of [
      [WIDE, NARROW],
      [NARROW, WIDE],
    ]) {
      for (const identifier of order) {
        copy(next, identifier, identifier === WIDE ? 1 : 2);
      }
      next.wait(5_000);
      expect(messages(next)).toEqual(['qos2 x/y "m"']);
    }
  });
});

describe('a message that an earlier process has kept comes again, and a copy of it for another filter behind it', () => {
  it('its client gets it once, and the next one that looks the same as well', () => {
    const bench = new HubBench({ answersPings: false });
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/#', 2);
    bench.subscribe('a', 'x/+', 2);
    bench.says('a', '02 18');
    bench.comes('x/y', 'm', { qos: 2, packetId: 1, identifiers: [WIDE] });
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.client('a', { clean: false });
    next.comes('x/y', 'm', { qos: 2, packetId: 1, identifiers: [WIDE], dup: true });
    next.comes('x/y', 'm', { qos: 2, packetId: 2, identifiers: [NARROW], dup: true });
    next.wait(5_000);
    expect(messages(next)).toHaveLength(1);
    next.comes('x/y', 'm', { qos: 2, packetId: 3, identifiers: [WIDE] });
    next.comes('x/y', 'm', { qos: 2, packetId: 4, identifiers: [NARROW] });
    next.wait(5_000);
    expect(messages(next)).toHaveLength(1);
  });
});
