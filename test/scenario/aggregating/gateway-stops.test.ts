/** X-7 where clients share the connection: a gateway that stops in order loses no more than one that is killed. */
import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** `a` has `x/+` with QoS 1, and sleeps; one message waits for it. */
function asleep(clean: boolean): HubBench {
  const bench = new HubBench();
  bench.client('a', { clean });
  bench.subscribe('a', 'x/+', 1);
  bench.says('a', frame('18 0e10'));
  bench.got('a');
  bench.comes('x/y', 'before', { qos: 1, packetId: 5, identifiers: [65] });
  return bench;
}

function wakes(bench: HubBench): string[] {
  bench.says('a', frame('16', 'a'));
  return bench.got('a');
}

describe.each([true, false])('a client that sleeps when the gateway stops (clean: %s)', (clean) => {
  it('gets what had waited for it, and what comes meanwhile, when the gateway is back', () => {
    const bench = asleep(clean);
    const told = bench.act(bench.feed({ type: 'operator-stopped' }));
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([]);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.comes('x/y', 'meanwhile', { qos: 1, packetId: 6, identifiers: [65] });
    expect(wakes(next)).toEqual(['qos1 x/y "before"', 'qos1 x/y "meanwhile"', '0217']);
  });
});

describe('a message with QoS 0 that waits for a sleeper when the gateway stops', () => {
  it('is lost with the memory that it was in, and the note says so: the client has not left', () => {
    const bench = asleep(false);
    bench.comes('x/y', 'memory', { qos: 0, identifiers: [65] });
    bench.feed({ type: 'operator-stopped' });
    const reasons = bench.turns
      .flat()
      .flatMap((effect) =>
        effect.type === 'note' && effect.note.type === 'delivery-dropped' ? [effect.note.reason] : [],
      );
    expect(reasons).toEqual(['the gateway stops']);
  });
});

describe('a clean client that is awake when the gateway stops', () => {
  it('has nothing any more: its filter ends', () => {
    const bench = asleep(true);
    bench.client('a', { clean: false }); // it goes on with its session (T-04)
    bench.got('a');
    const told = bench.act(bench.feed({ type: 'operator-stopped' }));
    expect(told).toContainEqual(expect.stringMatching(/ UNSUBSCRIBE id\d+ x\/\+$/));
    expect([...bench.disk.keys()].filter((key) => /^(?:session|message|parcel)/.test(key))).toEqual([]);
  });
});
