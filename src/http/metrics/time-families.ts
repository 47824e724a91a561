/** How long things take, and what is dropped by why. */
import { performance } from 'node:perf_hooks';
import type { Distribution } from '../../ports/site.ts';
import { alone, type DistributionSample, type Family } from './family.ts';

export const TIME_FAMILIES: readonly Family[] = [
  {
    type: 'histogram',
    name: 'mqttsn_publish_duration_seconds',
    help: "From a client's PUBLISH to the PUBACK or PUBCOMP that ends its waiting.",
    labels: ['qos'],
    samples: ({ site }) => byQos(site.publishLatency()),
  },
  {
    type: 'histogram',
    name: 'mqttsn_delivery_duration_seconds',
    help: "From the broker's PUBLISH to its delivery to a client that is there: sent with QoS 0, acknowledged with QoS 1 and 2.",
    labels: ['qos'],
    samples: ({ site }) => byQos(site.deliveryLatency()),
  },
  {
    type: 'histogram',
    name: 'mqttsn_store_write_duration_seconds',
    help: 'Writes of the session store: how long each took.',
    labels: [],
    samples: ({ site }) => [{ labels: {}, distribution: site.storeWrites() }],
  },
  {
    type: 'gauge',
    name: 'mqttsn_store_stalled_seconds',
    help: 'For how long a write of the session store has been under way; 0: none is, or sessions are kept in memory.',
    labels: [],
    samples: ({ site }) => alone((site.storeStalledFor() ?? 0) / 1000),
  },
  {
    type: 'histogram',
    name: 'mqttsn_event_loop_delay_seconds',
    help: 'How late the event loop is, looked at five times in a second: whatever comes in waits as long.',
    labels: [],
    samples: ({ loopDelay }) => [{ labels: {}, distribution: loopDelay }],
  },
  {
    type: 'counter',
    name: 'mqttsn_event_loop_busy_seconds_total',
    help: 'Time in which the event loop did something: a second for each second is as much as it can.',
    labels: [],
    samples: () => alone(performance.eventLoopUtilization().active / 1000),
  },
  {
    type: 'counter',
    name: 'mqttsn_messages_dropped_total',
    help: 'Messages from clients (up) and to clients (down) that were dropped, by why, in the words of the log.',
    labels: ['direction', 'qos', 'reason'],
    samples: ({ drops }) =>
      drops.map(({ direction, qos, reason, count }) => ({
        labels: { direction, qos: String(qos), reason },
        value: count,
      })),
  },
  {
    type: 'counter',
    name: 'mqttsn_refusal_reasons_total',
    help: 'Requests of clients that were refused, by why, in the words of the log without the rule and numbers.',
    labels: ['message', 'reason'],
    samples: ({ refusals }) =>
      refusals.map(({ message, reason, count }) => ({ labels: { message, reason }, value: count })),
  },
];

function byQos(times: Readonly<Record<string, Distribution>>): DistributionSample[] {
  return Object.entries(times).map(([qos, distribution]) => ({ labels: { qos }, distribution }));
}
