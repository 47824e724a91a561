import type { Distribution, Site } from '../../../src/ports/site.ts';

/** Of nothing so far, in steps of 1 and 2.5 ms. */
export const NO_TIMES: Distribution = { bounds: [1, 2.5], counts: [0, 0, 0], sum: 0 };

/** A gateway on which nothing has happened yet, but for what is given. */
export function siteAtRest(more: Partial<Site> = {}): Site {
  return {
    version: '1.2.3',
    gwId: 7,
    startedAt: 1_700_000_000_000,
    broker: () => ({
      url: 'mqtt://broker:1883',
      embedded: false,
      mode: 'transparent',
      state: 'reachable',
      since: 1_700_000_001_500,
      reason: undefined,
    }),
    transports: () => [
      {
        name: 'udp',
        type: 'udp',
        address: '0.0.0.0:1884',
        state: 'up',
        since: 1_700_000_000_000,
        reason: undefined,
        problems: 0,
        traffic: { framesReceived: 0, octetsReceived: 0, framesSent: 0, octetsSent: 0 },
      },
    ],
    predefinedTopics: () => [],
    shortTopics: () => [],
    counts: () => ({}),
    publishLatency: () => ({ 1: NO_TIMES, 2: NO_TIMES }),
    deliveryLatency: () => ({ 0: NO_TIMES, 1: NO_TIMES, 2: NO_TIMES }),
    storeWrites: () => NO_TIMES,
    queues: () => ({ messages: 0, octets: 0 }),
    drops: () => [],
    waitingQos0: () => 0,
    connections: () => 0,
    storeStalledFor: () => undefined,
    ...more,
  };
}
