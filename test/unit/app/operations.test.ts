import { describe, expect, it } from '@jest/globals';
import { Operations } from '../../../src/app/operations.ts';
import type { Input } from '../../../src/core/contract/input.ts';
import { CoreBench } from '../../support/core-bench.ts';

/** The operator of a core with the session `there`, whose client is there, and `gone`, whose client is not. */
function operated(): { readonly operations: Operations; readonly fed: Input[] } {
  const bench = new CoreBench();
  bench.connect('t', 'there', { clean: false });
  bench.connect('g', 'gone', { clean: false });
  bench.from('g', '02 18');
  const fed: Input[] = [];
  return { operations: new Operations(bench.core, { feed: (input) => fed.push(input) }), fed };
}

const message = { topic: 'a', payload: new Uint8Array(1), qos: 1, retain: false } as const;

describe('what the operator does', () => {
  it('disconnects whom there is to send away, and says whether there is', () => {
    const { operations, fed } = operated();
    expect(['there', 'gone', 'nobody'].map((clientId) => operations.disconnect(clientId))).toEqual([
      true,
      false,
      false,
    ]);
    expect(fed).toEqual([{ type: 'operator-disconnected', clientId: 'there' }]);
  });

  it('forgets the sessions that there are', () => {
    const { operations, fed } = operated();
    expect(['there', 'gone', 'nobody'].map((clientId) => operations.forget(clientId))).toEqual([true, true, false]);
    expect(fed.map((input) => ('clientId' in input ? input.clientId : ''))).toEqual(['there', 'gone']);
  });

  it('publishes, and is told by the token of each publish, whatever the order', async () => {
    const { operations, fed } = operated();
    const first = operations.publish(message);
    const second = operations.publish({ ...message, topic: 'b', clientId: 'there' });
    expect(fed).toEqual([
      { type: 'operator-published', token: 1, ...message, clientId: undefined },
      { type: 'operator-published', token: 2, ...message, topic: 'b', clientId: 'there' },
    ]);
    operations.told({ type: 'tell-operator', token: 2, problem: 'the broker refuses it' });
    operations.told({ type: 'tell-operator', token: 1, problem: undefined });
    operations.told({ type: 'tell-operator', token: 1, problem: 'once more' });
    operations.told({ type: 'tell-operator', token: 99, problem: undefined });
    await expect(first).resolves.toBeUndefined();
    await expect(second).rejects.toThrow(new Error('the broker refuses it'));
  });

  it('publishes nothing when the gateway has stopped, and leaves nobody waiting', async () => {
    const { operations, fed } = operated();
    const waiting = operations.publish(message);
    operations.end();
    await expect(waiting).rejects.toThrow('the gateway has stopped');
    await expect(operations.publish(message)).rejects.toThrow('the gateway has stopped');
    expect(fed).toHaveLength(1);
  });
});
