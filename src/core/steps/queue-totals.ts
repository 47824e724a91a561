/** How much waits for all clients in the queues of their sessions, as running totals: nobody ever looks through the queues for it. */

import type { Delivery, DeliveryQueue } from '../state/gateway-publish-state.ts';
import type { Turn } from './turn.ts';

/** A message begins to wait, or waits no more. */
export function countWaiting(queue: DeliveryQueue, { message }: Delivery, change: 1 | -1, turn: Turn): void {
  const { queued } = turn.shared;
  const octets = change * message.payload.length;
  queue.octets += octets;
  queued.octets += octets;
  queued.messages += change;
}

/** The same of those with QoS 0, which have limits of their own (SL-16); nothing for another one. */
export function countQos0(queue: DeliveryQueue, { message }: Delivery, change: 1 | -1, turn: Turn): void {
  if (message.qos === 0) {
    const octets = change * message.payload.length;
    queue.qos0Octets += octets;
    turn.shared.queued.qos0Octets += octets;
    queue.qos0Messages += change;
  }
}

/** Nothing of a queue waits any more. */
export function uncountAll(queue: DeliveryQueue, turn: Turn): void {
  const { queued } = turn.shared;
  queued.messages -= queue.waiting.length;
  queued.octets -= queue.octets;
  queued.qos0Octets -= queue.qos0Octets;
  queue.octets = 0;
  queue.qos0Octets = 0;
  queue.qos0Messages = 0;
}
