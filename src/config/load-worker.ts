/** The thread in which settings are read again (load-in-thread.ts): one load, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { type LoadOptions, loadSettings } from './load.ts';
import type { LoadAnswer } from './load-in-thread.ts';
import { ConfigError, LoadError } from './problem.ts';

parentPort?.postMessage(answerTo(workerData as LoadOptions));

function answerTo(options: LoadOptions): LoadAnswer {
  try {
    return { loaded: loadSettings(options) };
  } catch (error) {
    if (error instanceof ConfigError) {
      const { problems, count } = error;
      return { problems, count, files: error instanceof LoadError ? error.files : new Map() };
    }
    throw error;
  }
}
