/** Histories, one after the other, in a thread of its own: whoever started it sees whether it goes on. */
import { parentPort, workerData } from 'node:worker_threads';
import { History } from './history.ts';

export interface Work {
  /** The seeds: so many from the first one on. */
  readonly first: number;
  readonly count: number;
  /** Steps of each. */
  readonly steps: number;
  /** Milliseconds after which no history begins. */
  readonly time: number;
  /** Something is broken on purpose in the middle of each: whether that is found. */
  readonly isBroken: boolean;
  /** Beside each core there is one that folds nothing (twin.ts). */
  readonly hasTwin: boolean;
  /** Two numbers, the seed and the input that are under way. */
  readonly progress: SharedArrayBuffer;
}

/** What is wrong, in which history. */
export interface Finding {
  readonly seed: number;
  readonly mode: string;
  readonly problems: readonly string[];
  /** The last inputs. */
  readonly trace: readonly string[];
}

export interface Report {
  readonly histories: number;
  readonly inputs: number;
  readonly findings: readonly Finding[];
  /** What grew largest, by the path to it. */
  readonly largest: readonly (readonly [string, number])[];
}

const SHOWN = 15;

function walk({ first, count, steps, time, isBroken, hasTwin, progress }: Work): Report {
  const under = new Int32Array(progress);
  const sizes = new Map<string, number>();
  const findings: Finding[] = [];
  let [histories, inputs] = [0, 0];
  const end = performance.now() + time;
  for (let seed = first; seed < first + count && performance.now() < end; seed += 1) {
    const history = new History(seed, hasTwin);
    Atomics.store(under, 0, seed);
    for (let step = 0; step < steps && history.problems.length === 0; step += 1) {
      Atomics.store(under, 1, history.trace.length);
      history.step();
      if (isBroken && step === Math.floor(steps / 2)) {
        history.breakOne();
      }
    }
    histories += 1;
    inputs += history.trace.length;
    if (history.problems.length > 0) {
      findings.push({ seed, mode: history.mode, problems: history.problems, trace: history.trace.slice(-SHOWN) });
    }
    for (const [path, size] of history.sizes) {
      sizes.set(path, Math.max(size, sizes.get(path) ?? 0));
    }
  }
  const largest = [...sizes].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return { histories, inputs, findings, largest };
}

parentPort?.postMessage(walk(workerData as Work));
