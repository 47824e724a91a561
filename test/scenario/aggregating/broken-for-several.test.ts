/** An invariant breaks for several clients in one input, for the hub tells each of them something: the driver hears of the first one (design 3). */
import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '../../../src/core/contract/invariant-error.ts';
import { HubBench } from '../../support/hub-bench.ts';

describe('a message for several clients that breaks an invariant for some of them', () => {
  it('ends the sessions of these, and no other one', () => {
    const bench = new HubBench();
    const names = ['a', 'b', 'c', 'd'];
    let identifier = 0;
    for (const name of names) {
      bench.client(name, { clean: false });
      identifier = Number(/ as (\d+)/.exec(bench.subscribe(name, 'x/y', name === 'c' ? 0 : 1).join())?.[1]);
      bench.pongs();
    }
    const { timing } = bench.settings;
    const { retryInterval } = timing;
    Object.defineProperty(timing, 'retryInterval', {
      configurable: true,
      get: () => {
        throw new Error('planted'); // whoever gets it with QoS 1 looks at that
      },
    });
    let broken: unknown;
    try {
      bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [identifier] });
    } catch (error) {
      broken = error;
    }
    expect(broken).toBeInstanceOf(InvariantError);
    const { clientId, effects } = broken as InvariantError;
    expect(clientId).toBe('a');
    Object.defineProperty(timing, 'retryInterval', { value: retryInterval });
    bench.feed({ type: 'session-failed', clientId });
    expect([...bench.core.clientIds()]).toEqual(['c']);
    const gone = effects.flatMap((effect) => (effect.type === 'store' ? effect.writes : []));
    expect(gone.filter(({ record }) => record === undefined).map(({ key }) => key)).toEqual(
      expect.arrayContaining(['session/b', 'session/d']),
    );
  });
});
