/**
 * 3.7 items 1 and 8: the disk hangs while the filters of a client change, and the gateway is killed before that is written. Of several copies of a message none
 * is acknowledged by then that would be for the client after the restart, and the broker is not told to send less (I-168).
 */
import { describe, expect, it } from '@jest/globals';
import { Lanes } from '../../../src/app/lanes.ts';
import type { UpstreamEffect } from '../../../src/core/contract/effect.ts';
import type { Disk } from '../../support/core-bench-restart.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const WIDE = 65;
const NARROW = 129;

/** What reaches the broker of the turns from one on, where nothing is written that they store. */
function performed(bench: HubBench, from: number): string[] {
  const lines: string[] = [];
  const lanes = new Lanes({ perform: (effect) => lines.push(...lineOf(effect as UpstreamEffect)), hold: () => {} });
  for (const effect of bench.turns.slice(from).flat()) {
    if (effect.type === 'store') {
      lanes.block(effect.durable ? effect.owners : []);
    } else if (effect.type !== 'load') {
      lanes.add(effect);
    }
  }
  return lines;
}

function lineOf(effect: UpstreamEffect): string[] {
  switch (effect.type) {
    case 'upstream-acknowledge':
      return [`${effect.packet} ${effect.packetId}`];
    case 'upstream-subscribe':
      return [`SUBSCRIBE ${effect.filter} ${effect.qos}`];
    case 'upstream-unsubscribe':
      return [`UNSUBSCRIBE ${effect.filter}`];
    default:
      return [];
  }
}

interface Hanging {
  readonly bench: HubBench;
  /** What is on the disk. */
  readonly disk: Disk;
  /** What has reached the broker since. */
  readonly told: () => string[];
}

/** The disk hangs from here on. */
function hangs(bench: HubBench): Hanging {
  const { length } = bench.turns;
  return { bench, disk: new Map(bench.disk), told: () => performed(bench, length) };
}

/** `a` has `x/#` with QoS 1, and where it says so `x/+` with QoS 2; nothing is left at the broker of before. */
function having(filters: readonly ('x/#' | 'x/+')[], clean = false): HubBench {
  const bench = new HubBench({ answersPings: false });
  bench.client('a', { clean });
  for (const filter of filters) {
    bench.subscribe('a', filter, filter === 'x/+' ? 2 : 1);
  }
  bench.pongs();
  bench.pongs();
  bench.got('a');
  return bench;
}

/** A copy with QoS 1 for one of them. */
function copy(bench: HubBench, identifier: number, dup = false): void {
  bench.comes('x/y', 'm', { qos: 1, packetId: identifier, identifiers: [identifier], dup });
}

const messages = (bench: HubBench): string[] => bench.got('a').filter((line) => line.startsWith('qos'));

/** The gateway is killed, started again, and sent what the broker has no acknowledgement for. */
function killed({ bench, disk, told }: Hanging, copies: readonly number[]): HubBench {
  const acknowledged = told();
  const next = hubRestarted(bench, { connack: { sessionPresent: true } }, disk);
  next.client('a', { clean: false });
  next.got('a');
  for (const identifier of copies.filter((one) => !acknowledged.includes(`PUBACK ${one}`))) {
    copy(next, identifier, true);
  }
  next.wait(5_000);
  return next;
}

describe('a better filter is granted', () => {
  it.each([
    ['first', [WIDE, NARROW]],
    ['last', [NARROW, WIDE]],
  ])('the copy that is passed over comes %s: it is there still after a kill', (_when, copies) => {
    const one = hangs(having(['x/#']));
    one.bench.subscribe('a', 'x/+', 2);
    for (const identifier of copies) {
      copy(one.bench, identifier);
    }
    expect(messages(one.bench)).toEqual(['qos1 x/y "m"']);
    expect(one.told()).toEqual(['SUBSCRIBE x/+ 2', `PUBACK ${NARROW}`]);
    expect(messages(killed(one, copies))).toEqual(['qos1 x/y "m"']);
  });

  it('to a clean client, or to one that has no other: nobody waits', () => {
    for (const one of [hangs(having(['x/#'], true)), hangs(having([]))]) {
      one.bench.subscribe('a', 'x/+', 2);
      copy(one.bench, WIDE);
      copy(one.bench, NARROW);
      expect(one.told()).toEqual(['SUBSCRIBE x/+ 2', `PUBACK ${WIDE}`, `PUBACK ${NARROW}`]);
    }
  });
});

describe('the better filter is given up', () => {
  it('and nobody else has it: the broker goes on sending copies for it, and one of these is there after a kill', () => {
    const one = hangs(having(['x/#', 'x/+']));
    one.bench.unsubscribe('a', 'x/+');
    copy(one.bench, NARROW);
    copy(one.bench, WIDE);
    expect(messages(one.bench)).toEqual(['qos1 x/y "m"']);
    expect(one.told()).toEqual([`PUBACK ${WIDE}`]);
    expect(messages(killed(one, [NARROW, WIDE]))).toEqual(['qos1 x/y "m"']);
  });

  it('and another client has it: what that one has got is there for this one', () => {
    const bench = having(['x/#', 'x/+']);
    bench.client('b', { clean: false });
    bench.subscribe('b', 'x/+', 2);
    const one = hangs(bench);
    bench.unsubscribe('a', 'x/+');
    bench.of('a').isMute = true;
    copy(bench, NARROW);
    copy(bench, WIDE);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
    expect(one.told()).toEqual([]);
    expect(messages(killed(one, [NARROW, WIDE]))).toEqual(['qos1 x/y "m"']);
  });

  it('SUBSCRIBE of another client for it does not overtake UNSUBSCRIBE', () => {
    const one = hangs(having(['x/#', 'x/+']));
    one.bench.client('b');
    one.bench.unsubscribe('a', 'x/+');
    one.bench.subscribe('b', 'x/+', 1);
    one.bench.subscribe('b', 'y', 1);
    expect(one.told()).toEqual(['SUBSCRIBE y 1']);
  });

  it('by a clean client: nobody waits', () => {
    const one = hangs(having(['x/#', 'x/+'], true));
    one.bench.client('b');
    one.bench.unsubscribe('a', 'x/+');
    one.bench.subscribe('b', 'x/+', 1);
    expect(one.told()).toEqual(['UNSUBSCRIBE x/+', 'SUBSCRIBE x/+ 1']);
  });

  it('is waited for on the next connection as well', () => {
    const one = hangs(having(['x/#', 'x/+']));
    one.bench.unsubscribe('a', 'x/+');
    one.bench.breaks();
    one.bench.wait(5_000);
    one.bench.stands({ sessionPresent: true });
    one.bench.wait(5_000);
    expect(one.told().filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([]);
  });
});

describe('the better filter is lowered', () => {
  it('the broker sends copies for it as before, and one of these is there after a kill', () => {
    const one = hangs(having(['x/#', 'x/+']));
    one.bench.subscribe('a', 'x/+', 0);
    copy(one.bench, NARROW);
    copy(one.bench, WIDE);
    expect(messages(one.bench)).toEqual(['qos1 x/y "m"']);
    expect(one.told()).toEqual(['SUBSCRIBE x/+ 2', `PUBACK ${WIDE}`]);
    expect(messages(killed(one, [NARROW, WIDE]))).toEqual(['qos1 x/y "m"']);
  });
});
