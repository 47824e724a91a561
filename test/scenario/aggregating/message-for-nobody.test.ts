import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const MODES = [
  ['MQTT 5', {}],
  ['MQTT 3.1.1', { settings: { upstream: { sharedProtocol: 4 as const } } }],
] as const;

/** Client `a` has `x/+`, and `x/#` with a higher QoS. */
function serving(options: object): HubBench {
  const bench = new HubBench(options);
  bench.client('a');
  bench.subscribe('a', 'x/+', 1);
  const lines = bench.subscribe('a', 'x/#', 2);
  for (const [, packetId] of lines.join().matchAll(/UNSUBSCRIBE id(\d+)/g)) {
    bench.act(bench.feed({ type: 'upstream-unsubscribed', connection: bench.shared, packetId: Number(packetId) }));
  }
  bench.got('a');
  bench.turns.splice(0);
  return bench;
}

const told = (bench: HubBench) =>
  bench.turns
    .flat()
    .flatMap((effect) => (effect.type === 'note' && effect.note.type === 'message-for-nobody' ? [effect.note] : []));

describe.each(MODES)('what the broker sends though nobody has subscribed to it, in %s (I-155)', (_mode, options) => {
  it('is acknowledged, comes to nobody, and is told', () => {
    const bench = serving(options);
    expect(bench.comes('y/z', 'm', { qos: 1, packetId: 7, identifiers: [7777] })).toContain('#2 PUBACK id7');
    bench.comes('y', 'm', { qos: 0 });
    expect(bench.got('a')).toEqual([]);
    expect(told(bench)).toEqual([
      { type: 'message-for-nobody', topic: 'y/z', qos: 1 },
      { type: 'message-for-nobody', topic: 'y', qos: 0 },
    ]);
  });

  it('is none where UNSUBSCRIBE is on its way, what is retained, or a copy that a client gets by another filter', () => {
    const bench = serving(options);
    bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    bench.comes('x/y', 'm', { qos: 1, packetId: 2, identifiers: [129] });
    bench.comes('y/z', 'm', { qos: 1, packetId: 3, retain: true, identifiers: [65] });
    bench.unsubscribe('a', 'x/#');
    bench.unsubscribe('a', 'x/+');
    bench.comes('x/y', 'm', { qos: 1, packetId: 4, identifiers: [65] });
    expect(told(bench)).toEqual([]);
  });
});

const unknown = (bench: HubBench): string[] =>
  bench.turns
    .flat()
    .flatMap((effect) =>
      effect.type === 'note' && effect.note.type === 'subscription-unknown' ? [effect.note.topic] : [],
    );

describe('a subscription that the broker has and nobody knows: its record was lost, and no client has it any more (I-169)', () => {
  /** Client `a` has `x/y` and `x/+`, is gone after the restart, and so are the records of both. */
  function left(): HubBench {
    const first = new HubBench();
    first.client('a');
    first.subscribe('a', 'x/y', 1);
    first.subscribe('a', 'x/+', 1);
    first.client('other', { clean: false });
    first.subscribe('other', 'z', 1);
    const disk = structuredClone(first.disk);
    disk.delete('filter/x/y');
    disk.delete('filter/x/+');
    const bench = hubRestarted(first, { connack: { sessionPresent: true } }, disk);
    bench.wait(1_000);
    bench.turns.splice(0);
    return bench;
  }

  let packetId = 100;

  const comes = (bench: HubBench, topic: string, identifier: number, qos: 0 | 1 = 1): string[] => {
    packetId++;
    return bench.comes(topic, 'm', { qos, packetId: qos && packetId, identifiers: [identifier] });
  };

  const unsubscribes = (bench: HubBench): string[] =>
    bench.turns.flat().flatMap((one) => (one.type === 'upstream-unsubscribe' ? [one.filter] : []));

  function unsubacks(bench: HubBench): void {
    for (const effect of bench.turns.flat()) {
      if (effect.type === 'upstream-unsubscribe') {
        const { connection, packetId } = effect;
        bench.act(bench.feed({ type: 'upstream-unsubscribed', connection, packetId }));
      }
    }
  }

  it.each([0, 1] as const)('is ended where the filter is the very topic, QoS %i', (qos) => {
    const bench = left();
    comes(bench, 'x/y', 65, qos);
    expect(unsubscribes(bench)).toEqual([]); // it may have waited there since before UNSUBSCRIBE
    comes(bench, 'x/y', 65, qos);
    expect(unsubscribes(bench)).toEqual(['x/y']);
    unsubacks(bench);
    comes(bench, 'x/y', 65, qos);
    expect(unsubscribes(bench)).toEqual(['x/y']);
    expect(unknown(bench)).toEqual([]);
  });

  it('is told once where it has wildcards, also where other filters match', () => {
    const bench = left();
    bench.client('b');
    bench.subscribe('b', 'x/#', 1);
    bench.got('b');
    for (let n = 0; n < 8; n++) {
      comes(bench, `x/${n}`, 129);
      unsubacks(bench);
    }
    expect(bench.got('b')).toEqual([]);
    expect(unsubscribes(bench)).toEqual(['x/1']);
    expect(unknown(bench)).toEqual(['x/3']);
    expect(told(bench)).toEqual([]);
  });

  it('is none that somebody has: nothing is ended that is wanted', () => {
    const bench = left();
    bench.client('b');
    bench.subscribe('b', 'x/y', 1);
    for (let n = 0; n < 8; n++) {
      comes(bench, 'x/y', 129);
    }
    expect(unsubscribes(bench)).toEqual([]);
    expect(unknown(bench)).toHaveLength(1);
  });

  it('is none while the broker may have more of before', () => {
    const bench = new HubBench({ answersPings: false });
    for (let n = 0; n < 8; n++) {
      comes(bench, 'x/y', 7 * 64);
    }
    expect(unsubscribes(bench)).toEqual([]);
    expect(unknown(bench)).toEqual([]);
  });
});
