/** What an MQTT 5 broker does not take, as it says in CONNACK: the broker's own look at it, and what the books take for a reason to refuse. */
import type { UpstreamEffect } from './adapter.ts';
import type { Action, BrokerLimits } from './plan.ts';

type Publish = Extract<UpstreamEffect, { type: 'upstream-publish' }>;

const PACKET_TOO_LARGE = 0x95;
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

/** Octets of a PUBLISH beside topic and payload: at least, and at most. */
const LEAST_BESIDE = 5;
const MOST_BESIDE = 12;

/** The reason code with which the broker closes on a publish; undefined: it takes it. */
export function limitBroken({ topic, payload, qos, retain }: Publish, limits: BrokerLimits): number | undefined {
  const { maximumPacketSize = Number.POSITIVE_INFINITY, maximumQos = 2, retainAvailable = true } = limits;
  if (qos > maximumQos) {
    return QOS_NOT_SUPPORTED;
  }
  if (retain && !retainAvailable) {
    return RETAIN_NOT_SUPPORTED;
  }
  const size = topic.length + payload.length + LEAST_BESIDE + (qos > 0 ? 2 : 0);
  return size > maximumPacketSize ? PACKET_TOO_LARGE : undefined;
}

/** Whether the gateway may refuse what a client publishes, for this broker would not take it. `mounted`: octets that stand before the topic there. */
export function mayBeRefused(
  action: Extract<Action, { do: 'publish' }>,
  limits: BrokerLimits,
  mounted: number,
): boolean {
  const { maximumPacketSize = Number.POSITIVE_INFINITY, maximumQos = 2, retainAvailable = true } = limits;
  const size = action.topic.length + Math.max(action.size, action.name.length) + MOST_BESIDE + mounted;
  return action.qos > maximumQos || (action.retain && !retainAvailable) || size > maximumPacketSize;
}
