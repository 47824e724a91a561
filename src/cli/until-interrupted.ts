/** Ctrl-C, and a polite end by others. */

/** Does `work` with a signal that is aborted on SIGINT or SIGTERM. Settles as the work does. */
export async function untilInterrupted<R>(work: (signal: AbortSignal, stop: () => void) => Promise<R>): Promise<R> {
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(stopper.signal, stop);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
