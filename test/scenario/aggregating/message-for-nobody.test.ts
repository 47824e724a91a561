import { describe, expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

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
