import { expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

it('a view says whether its client shares the connection (A-2), connected or not', () => {
  const bench = new HubBench({ settings: { upstream: { ownConnection: ['meter-*'] } } });
  bench.client('meter-1', { clean: false });
  bench.client('room-1', { clean: false });
  bench.says('room-1', '02 18');
  for (const [clientId, connection] of [
    ['meter-1', 'own'],
    ['room-1', 'shared'],
  ] as const) {
    expect(bench.core.session(clientId)?.connection).toBe(connection);
    expect(bench.core.summary(clientId)?.connection).toBe(connection);
  }
});
