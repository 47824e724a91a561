import { describe, expect, it } from '@jest/globals';
import { Operations } from '../../../src/app/operations.ts';
import type { Input } from '../../../src/core/contract/input.ts';
import { CoreBench } from '../../support/core-bench.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** The operator of a core with the session `there`, whose client is there, and `gone`, whose client is not. */
function operated() {
  const bench = new CoreBench();
  bench.connect('t', 'there', { clean: false });
  bench.connect('g', 'gone', { clean: false });
  bench.from('g', '02 18');
  const fed: Input[] = [];
  const clock = new ManualClock();
  const operations = new Operations({
    core: bench.core,
    driver: { feed: (input) => fed.push(input) },
    clock,
    forgetDeparted: (clientId) => clientId === 'departed',
  });
  /** The gateway tells what has become of it. */
  const told = (token: number, problem?: string): void => operations.told({ type: 'tell-operator', token, problem });
  return { operations, fed, clock, told };
}

const message = { topic: 'a', payload: new Uint8Array(1), qos: 1, retain: false } as const;

describe('what the operator does', () => {
  it('disconnects whom there is to send away, and says so when that is on the disk', async () => {
    const { operations, fed, told } = operated();
    const there = operations.disconnect('there');
    expect(await Promise.all(['gone', 'nobody'].map((clientId) => operations.disconnect(clientId)))).toEqual([
      false,
      false,
    ]);
    expect(fed).toEqual([{ type: 'operator-disconnected', clientId: 'there', token: 1 }]);
    expect(await Promise.race([there, 'not yet'])).toBe('not yet');
    told(1);
    expect(await there).toBe(true);
  });

  it('forgets the sessions that there are, and what is said of clients that have none', async () => {
    const { operations, fed, told } = operated();
    const known = ['there', 'gone'].map((clientId) => operations.forget(clientId));
    expect(await Promise.all(['nobody', 'departed'].map((clientId) => operations.forget(clientId)))).toEqual([
      false,
      true,
    ]);
    expect(fed).toEqual([
      { type: 'operator-forgot', clientId: 'there', token: 1 },
      { type: 'operator-forgot', clientId: 'gone', token: 2 },
    ]);
    expect(await Promise.race([...known, 'not yet'])).toBe('not yet');
    told(2);
    told(1);
    expect(await Promise.all(known)).toEqual([true, true]);
  });

  it('waits for a disk that hangs for 20 s, and says then what is not known', async () => {
    const { operations, clock, told } = operated();
    const forgotten = operations.forget('there');
    clock.advance(19_999);
    expect(await Promise.race([forgotten, 'not yet'])).toBe('not yet');
    clock.advance(1);
    await expect(forgotten).rejects.toThrow('whether it outlives a crash is not known');
    told(1); // late
  });

  it('does no more than 1,000 things that the disk has not taken', async () => {
    const { operations, fed, told } = operated();
    const done = Array.from({ length: 1_000 }, () => operations.forget('there'));
    await expect(operations.forget('there')).rejects.toThrow('try again');
    expect(fed).toHaveLength(1_000);
    for (let token = 1; token <= 1_000; token++) {
      told(token);
    }
    expect(new Set(await Promise.all(done))).toEqual(new Set([true]));
    const one = operations.forget('there');
    told(1_001);
    expect(await one).toBe(true);
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
