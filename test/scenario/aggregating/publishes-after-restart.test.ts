import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

describe('a QoS 2 publish that was half-way when the gateway was restarted with another upstream.topicPrefix', () => {
  it('is made once, under the prefix that it had', () => {
    const bench = new HubBench({ settings: { upstream: { topicPrefix: 'old/' } } });
    bench.client('a', { clean: false });
    expect(bench.publishes('a', 2, 9, 'x')).toEqual(['#2 PUBLISH qos2 id1 old/tp "x"']);
    const settings = { upstream: { topicPrefix: 'new/' } };
    const next = hubRestarted(bench, { settings, connack: { sessionPresent: true } });
    const published = next.turns.flat().filter(({ type }) => type === 'upstream-publish');
    expect(published).toMatchObject([{ topic: 'old/tp', packetId: 1, dup: true }]);
    next.got('a');
    expect(next.publishes('a', 2, 9, 'x')).toEqual([]);
    expect(next.acks('PUBREC', 1)).toEqual([`#${next.shared} PUBREL id1`]);
    expect(next.got('a')).toEqual(['040f0009']);
    expect(next.publishes('a', 2, 10, 'x')).toEqual([`#${next.shared} PUBLISH qos2 id2 new/tp "x"`]);
  });
});

/** The broker closes nothing; the client has left, and is there again with a publish of its own, under the packet id of the first one. */
function leftAndBack(): HubBench {
  const bench = new HubBench();
  bench.client('a', { will: 'gone' });
  expect(bench.publishes('a', 2, 1, 'first')).toEqual(['#2 PUBLISH qos2 id1 tp "first"']);
  bench.says('a', '02 18');
  bench.client('a', { will: 'gone' });
  expect(bench.publishes('a', 2, 1, 'second')).toEqual(['#2 PUBLISH qos2 id2 tp "second"']);
  return bench;
}

/** What the broker hears of both at a start. */
function toldOf(next: HubBench): string[] {
  return next.turns.flat().flatMap((effect) => {
    if (effect.type === 'upstream-publish') {
      return [`PUBLISH id${effect.packetId}${effect.dup ? ' dup' : ''}`];
    }
    return effect.type === 'upstream-release' ? [`PUBREL id${effect.packetId}`] : [];
  });
}

describe('a QoS 2 publish of a client that has left, and the next one of that client', () => {
  it('a restart lets go of the first one, and goes on with the second one', () => {
    const next = hubRestarted(leftAndBack(), { connack: { sessionPresent: true } });
    expect(toldOf(next).sort()).toEqual(['PUBLISH id2 dup', 'PUBREL id1']);
  });

  it('PUBREC of the first one is none for the second one', () => {
    const bench = leftAndBack();
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(toldOf(next).sort()).toEqual(['PUBLISH id2 dup', 'PUBREL id1']);
  });

  it('the end of the first one is none of the second one', () => {
    const bench = leftAndBack();
    bench.acks('PUBREC', 1);
    bench.acks('PUBCOMP', 1);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(toldOf(next)).toEqual(['PUBLISH id2 dup']);
    next.acks('PUBREC', 2);
    next.acks('PUBCOMP', 2);
    next.says('a', '04 10 0001');
    expect([...next.disk.keys()].filter((key) => /^(?:relay|exchange)/.test(key))).toEqual([]);
  });
});

describe('QoS 2 publishes of clean clients, of which the store knows the packet ids alone', () => {
  const written = (bench: HubBench): unknown => bench.disk.get('packet-ids');
  const connack = { sessionPresent: true };

  it('the first one waits until its packet id is written down; a later process writes its own down before it connects', () => {
    const bench = new HubBench();
    bench.client('clean');
    const before = bench.turns.length;
    expect(bench.publishes('clean', 2, 1, 'first')).toEqual(['#2 PUBLISH qos2 id1 tp "first"']);
    const writes = bench.turns
      .slice(before)
      .flat()
      .filter(({ type }) => type === 'store');
    expect(writes).toMatchObject([{ durable: true, owners: new Set(['\u0000packet-ids-even']) }]);
    expect(written(bench)).toEqual({ kind: 'packet-ids', first: 1, last: 513 });

    const next = hubRestarted(bench, { connack, isAway: true });
    expect(written(next)).toEqual({ kind: 'packet-ids', first: 1, last: 1_025 });
  });

  it('each goes out when its packet id is on the disk, whoever publishes it, and waits for nothing else', () => {
    const bench = new HubBench();
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      bench.client(name);
    }
    const before = bench.turns.length;
    for (let at = 0; at < 3_000; at++) {
      const name = names[at % 3] ?? '';
      const msgId = at + 1;
      const qos = at > 1_000 && at < 2_000 ? 1 : 2; // packet ids that need none
      const [line = ''] = bench.publishes(name, qos, msgId, 'x');
      const packetId = Number(/ id(\d+) /.exec(line)?.[1]);
      bench.acks(qos === 1 ? 'PUBACK' : 'PUBREC', packetId);
      if (qos === 2) {
        bench.acks('PUBCOMP', packetId);
        bench.says(name, `04 10 ${msgId.toString(16).padStart(4, '0')}`);
      }
    }
    /** By packet id: who waits for the writing that brought it. */
    const covered = new Map<number, string>();
    let writings = 0;
    for (const effect of bench.turns.slice(before).flat()) {
      if (effect.type === 'store') {
        for (const { record } of effect.writes) {
          if (record?.kind === 'packet-ids') {
            writings++;
            const [owner = '', ...others] = effect.owners;
            expect([effect.durable, others]).toEqual([true, []]);
            for (let id = record.first; id <= record.last; id++) {
              covered.set(id, covered.get(id) ?? owner);
            }
          }
        }
      } else if (effect.type === 'upstream-publish' && effect.qos === 2) {
        expect([effect.packetId, effect.owner]).toEqual([effect.packetId, covered.get(effect.packetId)]);
      }
    }
    expect([covered.size > 2_000, writings > 6, writings < 12, new Set(covered.values()).size]).toEqual([
      true,
      true,
      true,
      2,
    ]);
  });

  it('a loss of power before any of them was written again: nothing is left at the broker, and no packet id means two', () => {
    const first = new HubBench();
    first.client('clean');
    first.publishes('clean', 2, 1, 'first');
    const second = hubRestarted(first, { connack });
    const disk = structuredClone(second.disk);
    second.client('clean');
    expect(second.publishes('clean', 2, 1, 'second')).toEqual([`#${second.shared} PUBLISH qos2 id514 tp "second"`]);

    const third = hubRestarted(second, { connack }, disk);
    expect(toldOf(third)).toContain('PUBREL id514');
    third.client('kept', { clean: false });
    expect(third.publishes('kept', 2, 1, 'third')).toEqual([`#${third.shared} PUBLISH qos2 id1026 tp "third"`]);
  });

  it('what the broker has let go is not let go by each further process', () => {
    const first = new HubBench();
    first.client('clean');
    first.publishes('clean', 2, 1, 'first');
    const second = hubRestarted(first, { connack });
    for (let packetId = 1; packetId <= 513; packetId++) {
      second.acks('PUBCOMP', packetId);
    }
    expect(written(second)).toEqual({ kind: 'packet-ids', first: 514, last: 1_025 });
    expect(toldOf(hubRestarted(second, { connack }))).toHaveLength(512);
  });

  it('nor what the broker has lost with its session', () => {
    const first = new HubBench();
    first.client('clean');
    first.publishes('clean', 2, 1, 'first');
    const second = hubRestarted(first, { connack: { sessionPresent: false } });
    expect(toldOf(second)).toEqual([]);
    expect(written(second)).toEqual({ kind: 'packet-ids', first: 514, last: 1_025 });
  });
});
