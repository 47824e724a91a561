import type { TransportEffect, TransportListener } from '../../ports/transport.ts';

/**
 * Tells the core that a frame did not arrive, or will not be sent; never from inside `perform`, as the port demands. Of a broadcast nothing is
 * told: nobody waits for it. `reason`: for people.
 */
export function undelivered(listener: TransportListener, effect: TransportEffect, reason: string): void {
  if (effect.type !== 'send') {
    return;
  }
  const { link, frame } = effect;
  queueMicrotask(() => listener({ type: 'frame-undelivered', link, frame, reason }));
}
