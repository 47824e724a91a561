import { Worker } from 'node:worker_threads';
import type { LoadedSettings, LoadOptions } from './load.ts';
import { LoadError } from './problem.ts';

/** What the thread says: what was loaded, or what is wrong, as far as it is kept, and how much there is of it. */
export type LoadAnswer = { readonly loaded: LoadedSettings } | Pick<LoadError, 'problems' | 'count' | 'files'>;

/** A disk that has not given a few files by then does not answer, in milliseconds. */
const LIMIT = 60_000;

/**
 * `loadSettings` in a thread of its own, for a gateway that runs: a large file of pre-defined topics takes seconds, in which nobody would be served.
 * Rejects with `ConfigError`, or with an `Error` where the files cannot be read at all.
 */
export function loadInThread(options: LoadOptions): Promise<LoadedSettings> {
  return new Promise((resolve, reject) => {
    const workerData = { ...options, environment: { ...options.environment } };
    const worker = new Worker(new URL('./load-worker.js', import.meta.url), { workerData });
    const timer = setTimeout(() => {
      reject(new Error(`the files could not be read within ${LIMIT / 1000} s: does their disk answer?`));
      void worker.terminate();
    }, LIMIT);
    timer.unref(); // neither keeps a program from ending
    worker.unref();
    worker.once('message', (answer: LoadAnswer) => {
      if ('loaded' in answer) {
        resolve(answer.loaded);
      } else {
        reject(new LoadError(answer.problems, answer.count, answer.files));
      }
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the thread that reads the files ended with code ${code}`)); // nothing, where it has answered
    });
  });
}
