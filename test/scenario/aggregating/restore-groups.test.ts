/** Groups (`$share/…`) at a start with many clients: nobody is taken for a member that can have a message before it is back (I-94, I-135, I-139). */
import { describe, expect, it } from '@jest/globals';
import type { AccessRule, AccessSettings } from '../../../src/core/contract/access-settings.ts';
import type { StoredRecord } from '../../../src/core/contract/stored-records.ts';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const GROUP = '$share/g/x/+';
const SLEEPS = frame('18 2710');

const ALL: AccessRule = {
  ...{ name: 'all', connect: true, publish: ['#'], subscribe: ['#'], deny: [], qosMinus1: false, retain: true },
  maxQos: 2,
};

function rules(...some: readonly Partial<AccessRule>[]): AccessSettings {
  return {
    rules: [...some.map((rule) => ({ ...ALL, ...rule })), ALL],
    ...{ default: 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' },
  };
}

/** `a` is asleep, and a message of the group waits for it; behind it, and so many others, come `b` and `c` of the same group. */
function waits(count: number, { clean = false } = {}): HubBench {
  const bench = new HubBench({ settings: { access: rules() } });
  bench.client('a', { clean });
  const told = bench.subscribe('a', GROUP, 1);
  const identifiers = [Number(/ as (\d+)/.exec(told.join('\n'))?.[1])];
  bench.says('a', SLEEPS);
  bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers });
  for (let other = 0; other < count; other++) {
    bench.client(`other${other}`, { clean: false });
  }
  return bench;
}

const messages = (bench: HubBench, name: string): string[] => bench.got(name).filter((line) => line.startsWith('qos'));

describe.each([1, 70])('a start with %d clients between those of a group', (count) => {
  it('gives what waits for one that may not be in it any more to one that may, not to one that may not either', () => {
    const bench = waits(count);
    for (const name of ['b', 'c']) {
      bench.client(name, { clean: false });
      bench.subscribe(name, GROUP, 1);
    }
    const access = rules({ clientId: ['a', 'b'], deny: ['x/y'] });
    const next = hubRestarted(bench, { settings: { access }, connack: { sessionPresent: true } });
    next.wait(60_000);
    expect([messages(next, 'a'), messages(next, 'b'), messages(next, 'c')]).toEqual([[], [], ['qos1 x/y "m"']]);
  });

  it('gives what waits for one that may not connect any more to one that sleeps and is clean, over the next start too', () => {
    const bench = waits(count, { clean: true });
    bench.client('b');
    bench.subscribe('b', GROUP, 1);
    bench.says('b', SLEEPS);
    const access = rules({ clientId: ['a'], connect: false });
    const next = hubRestarted(bench, { settings: { access }, connack: { sessionPresent: true } });
    const last = hubRestarted(next);
    last.says('b', frame('16', 'b'));
    expect(messages(last, 'b')).toEqual(['qos1 x/y "m"']);
  });

  it.each([
    ['session', { nodeId: {} }],
    ['exchange', { kind: 'exchange', clientId: 'a', number: 1, packetId: 0 }],
  ])('gives what waits for one whose %s breaks an invariant to one that may have it', (kind, broken) => {
    const bench = waits(count);
    for (const name of ['b', 'c']) {
      bench.client(name, { clean: false });
      bench.subscribe(name, GROUP, 1);
    }
    const key = `${kind}/a`;
    const disk = new Map(bench.disk).set(key, { ...bench.disk.get(key), ...broken } as StoredRecord);
    const access = rules({ clientId: ['b'], deny: ['x/y'] });
    const more = { settings: { access }, connack: { sessionPresent: true }, survives: true } as const;
    const next = hubRestarted(bench, more, disk);
    expect([...next.core.clientIds()]).not.toContain('a');
    next.wait(60_000);
    expect([messages(next, 'b'), messages(next, 'c')]).toEqual([[], ['qos1 x/y "m"']]);
  });
});
