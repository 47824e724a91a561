import type fs from 'node:fs';
import { join } from 'node:path';
import { WITNESS } from './store-witness.ts';

/** Milliseconds between two attempts. */
const AGAIN = 1_000;

/**
 * Sees to it that nobody loads a file of associations any more: it is removed, or emptied, or what says that it is the last one is removed. One of these is
 * enough. `done` is called when it is certain, which may be never.
 */
export function throwAway(
  stored: {
    readonly disk: Pick<typeof fs, 'rm' | 'ftruncate'>;
    readonly folder: string;
    readonly file: string;
    readonly descriptor: number;
  },
  done: () => void,
): void {
  const { disk, folder, file, descriptor } = stored;
  const attempts: ((then: (error: Error | null) => void) => void)[] = [
    (then) => disk.rm(file, { force: true }, then),
    (then) => disk.ftruncate(descriptor, 0, then),
    (then) => disk.rm(join(folder, WITNESS), { force: true }, then),
  ];
  const next = (): void => {
    const attempt = attempts.shift();
    if (attempt === undefined) {
      setTimeout(() => throwAway(stored, done), AGAIN).unref();
    } else {
      attempt((error) => (error ? next() : done()));
    }
  };
  next();
}
