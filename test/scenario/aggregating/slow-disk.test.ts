/**
 * 3.7 items 1 and 8, I-168: filters of a client change, messages come, the disk lags behind by any number of writes, connections break and the gateway is killed.
 * What comes for a filter that the client has had all the time comes to it, and once where all is QoS 2.
 */
import { describe, expect, it } from '@jest/globals';
import { numbers } from '../../support/numbers.ts';
import { rounds } from '../../support/rounds.ts';
import { type Qos, SlowDiskWorld } from '../../support/slow-disk-world.ts';

const OTHERS = ['x/+', '+/y'];

/** What may happen, each as often as it stands here. `any`: a number below. */
function steps(world: SlowDiskWorld, any: (below: number) => number, only: Qos | undefined): (() => void)[] {
  const who = (): string => (any(3) === 0 ? 'b' : 'a');
  const filter = (): string => OTHERS[any(OTHERS.length)] ?? '';
  const subscribe = (): void => world.subscribe(who(), filter(), only ?? (any(3) as Qos));
  const unsubscribe = (): void => world.unsubscribe(who(), filter());
  const publish = (): void => world.publish(only ?? ((1 + any(2)) as Qos));
  return [
    ...[subscribe, subscribe, subscribe, unsubscribe, unsubscribe, publish, publish, publish, publish],
    () => world.writes(1 + any(3)),
    () => world.answers(1 + any(4)),
    () => world.pass(any(2) === 0 ? 200 : 1_200),
    () => world.deaf(any(2) === 0),
    () => world.hangs(),
    () => world.breaks(),
    () => world.leaves(),
    () => world.sleeps(),
    () => world.wakes(),
    () => world.comes(),
  ];
}

/** `a` has `x/#` all the time. Returns what is wrong with what it has got, and what has happened; undefined: nothing. */
function run(seed: number, only: Qos | undefined): string | undefined {
  const any = numbers(seed);
  const world = new SlowDiskWorld(any(2) === 0 ? 1 + any(3) : 1_000);
  world.subscribe('a', 'x/#', only ?? ((1 + any(2)) as Qos));
  world.catchUp();
  const all = steps(world, any, only);
  for (let lives = 2 + any(2); lives > 0; lives--) {
    for (let count = 2 + any(8); count > 0; count--) {
      all[any(all.length)]?.();
      if (any(2) === 0) {
        world.answers();
      }
    }
    if (lives > 1) {
      world.kill();
    }
  }
  world.settle();
  const times = (text: string): number => world.got.filter((line) => line.includes(`"${text}"`)).length;
  const wrong = world.published.filter((text) => times(text) === 0 || (only === 2 && times(text) > 1));
  const what = wrong.map((text) => `${text} came ${times(text)} times`);
  return wrong.length === 0 ? undefined : [`seed ${seed}: ${what}`, ...world.log].join('\n');
}

describe.each([
  ['of all kinds', undefined],
  ['1', 1],
  ['2', 2],
] as const)('QoS %s of filters and messages', (_what, only) => {
  it('whatever changes, breaks and is killed behind a slow disk: nothing is lost, and with QoS 2 alone nothing comes twice', () => {
    for (let seed = 1; seed <= rounds(150); seed++) {
      expect(run(seed, only)).toBeUndefined();
    }
  });
});
