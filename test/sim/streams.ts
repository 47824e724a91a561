import { Random } from '../crash/random.ts';

export { Random } from '../crash/random.ts';

/** Random numbers of one part of the world, so that another part that goes away leaves them as they are. */
export function stream(seed: number, name: string): Random {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  hash ^= hash >>> 15;
  return new Random(Math.imul(hash, 0x2c1b3c6d) >>> 0);
}

/** One of them. */
export function pick<T>(random: Random, of: readonly T[]): T {
  const found = of[random.between(0, of.length - 1)];
  if (found === undefined) {
    throw new Error('there is nothing to pick from');
  }
  return found;
}
