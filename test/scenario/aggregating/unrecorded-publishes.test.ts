import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** A clean client that has connected. */
function clean(): HubBench {
  const bench = new HubBench();
  bench.client('a');
  bench.got('a');
  return bench;
}

function whole(bench: HubBench, msgId: number): void {
  bench.publishes('a', 2, msgId, 'x');
  bench.acks('PUBREC', msgId);
  bench.acks('PUBCOMP', msgId);
  bench.says('a', `04 10 ${msgId.toString(16).padStart(4, '0')}`);
}

function restarted(bench: HubBench, more = {}): { readonly next: HubBench; readonly told: string[] } {
  const next = hubRestarted(bench, { isAway: true });
  next.up(next.own);
  return { next, told: next.stands({ sessionPresent: true, ...more }) };
}

/** Packet ids of the PUBRELs in these lines. */
function released(told: readonly string[]): number[] {
  return told.flatMap((line) => {
    const [, id] = /PUBREL id(\d+)/.exec(line) ?? [];
    return id === undefined ? [] : [Number(id)];
  });
}

const changes = (bench: HubBench): number => bench.lastTurn.filter((type) => /durable|store/.test(type)).length;

describe('QoS 2 publishes of clients whose sessions end with the process', () => {
  it('are not written down, but for some hundred packet ids at a time', () => {
    const bench = clean();
    let written = 0;
    for (let msgId = 1; msgId <= 600; msgId++) {
      bench.publishes('a', 2, msgId, 'x');
      written += changes(bench);
      bench.acks('PUBREC', msgId);
      written += changes(bench);
      bench.acks('PUBCOMP', msgId);
      written += changes(bench);
      bench.says('a', `04 10 ${msgId.toString(16).padStart(4, '0')}`);
      written += changes(bench);
    }
    expect(written).toBe(3);
    expect([...bench.disk.keys()].filter((key) => /^(?:relay|exchange)/.test(key))).toEqual([]);
  });

  it('after a crash all of them are let go at the broker, once, and new ones have other packet ids', () => {
    const bench = clean();
    bench.publishes('a', 2, 1, 'left');
    for (let msgId = 2; msgId <= 300; msgId++) {
      whole(bench, msgId);
    }
    const { next, told } = restarted(bench);
    const ids = released(told);
    expect(ids).toEqual(Array.from(ids, (_, at) => at + 1));
    expect(ids).toContain(300);
    expect(ids.length).toBeLessThan(1_024);
    next.client('a');
    expect(next.publishes('a', 2, 1, 'new')).toEqual([`#${next.shared} PUBLISH qos2 id${ids.length + 1} tp "new"`]);
    for (const id of ids) {
      expect(next.acks('PUBCOMP', id, 0x92)).toEqual([]);
    }
    expect(restarted(next).told).toContainEqual(expect.stringContaining(`PUBREL id${ids.length + 1}`));
  });

  it('nothing is let go where the broker has lost its session', () => {
    const bench = clean();
    whole(bench, 1);
    expect(released(restarted(bench, { sessionPresent: false }).told)).toEqual([]);
  });

  it('a broker that closes the connection on that is not asked again', () => {
    const bench = clean();
    whole(bench, 1);
    const { next, told } = restarted(bench);
    expect(released(told)).not.toEqual([]);
    next.breaks();
    next.wait(2_000);
    expect(released(next.stands({ sessionPresent: true }))).toEqual([]);
  });

  it('goes on from 65,535 to 1', () => {
    const bench = new HubBench();
    bench.client('a');
    for (let at = 0; at < 65_400; at++) {
      const msgId = (at % 65_535) + 1;
      bench.publishes('a', 1, msgId, 'x');
      bench.acks('PUBACK', msgId);
    }
    bench.publishes('a', 2, 7, 'x');
    const ids = released(restarted(bench).told);
    expect(ids.slice(0, 2)).toEqual([65_401, 65_402]);
    expect(ids.slice(134, 137)).toEqual([65_535, 1, 2]);
  });
});

describe('a clean client that falls asleep with a QoS 2 publish under way', () => {
  it.each([
    ['before PUBREC', [], 'PUBLISH qos2 id1 tp "x" dup'],
    ['after PUBREC', ['PUBREC'], 'PUBREL id1'],
  ] as const)('the broker has it once, over a crash as well: %s', (_, answers, expected) => {
    const bench = clean();
    bench.publishes('a', 2, 7, 'x');
    for (const answer of answers) {
      bench.acks(answer, 1);
    }
    expect([...bench.disk.keys()].filter((key) => key.startsWith('relay'))).toEqual([]);
    bench.says('a', '04 18 0e10');
    expect([...bench.disk.keys()].filter((key) => key.startsWith('relay'))).toEqual(['relay/a/1']);
    const { next, told } = restarted(bench);
    expect(told.filter((line) => / id1\b/.test(line))).toEqual([`#${next.shared} ${expected}`]);
    if (answers.length === 0) {
      next.acks('PUBREC', 1);
    }
    next.acks('PUBCOMP', 1);
    expect(next.says('a', frame('0c c2 7470 0007', 'x'))).toEqual([]);
    expect(next.got('a')).toEqual(['040f0007']);
    next.says('a', '04 10 0007');
    expect(next.got('a')).toEqual(['040e0007']);
    expect([...next.disk.keys()].filter((key) => key.startsWith('relay'))).toEqual([]);
  });
});
