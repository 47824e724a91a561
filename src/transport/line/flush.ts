/** How long is waited for what is to be sent, and how often it is looked whether it has left, in milliseconds. */
const LIMIT = 1_000;
const LOOK_AGAIN = 5;

/** Resolves when a transport has nothing to send any more (`isBusy` says no), at most after a second. */
export async function flush(isBusy: () => boolean): Promise<void> {
  const limit = performance.now() + LIMIT;
  while (isBusy() && performance.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}
