/** Seeds spread over processes. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome, Range } from './worker.ts';

/** Seeds that a process is given at a time. */
const SHARE = 20;

export interface PoolParts {
  readonly args: readonly string[];
  readonly first: number;
  readonly count: number;
  readonly workers: number;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Resolves when every seed has been run; rejects where a process ends before. */
export async function runSeeds({ args, first, count, workers, onOutcome }: PoolParts): Promise<void> {
  let next = first;
  const end = first + count;
  const take = (): Range | undefined => {
    if (next >= end) {
      return undefined;
    }
    const range = { first: next, count: Math.min(SHARE, end - next) };
    next += range.count;
    return range;
  };
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const execArgv = ['--no-warnings', '--import', path('typescript.mjs')];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(path('worker.ts'), [...args], { execArgv });
      const go = (): void => {
        const range = take();
        if (range === undefined) {
          child.removeAllListeners('exit');
          child.disconnect();
          resolve();
        } else {
          child.send(range);
        }
      };
      child.on('message', (outcome: Outcome) => {
        onOutcome(outcome);
        go();
      });
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`a process ended with ${code}`)));
      go();
    });
  await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
}
