import type { Transport } from '../ports/transport.ts';

/**
 * Opens all of them side by side: a line over TCP takes 5 s where nobody answers. Each that is open is put into `opened`. Where some cannot be opened
 * it rejects with the error of the first of these in the order of the list, when every one is open or not.
 */
export async function openTransports(transports: readonly Transport[], opened: Transport[]): Promise<void> {
  const outcomes = await Promise.allSettled(
    transports.map(async (transport) => {
      await transport.open();
      opened.push(transport);
    }),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
  }
}
