/** What must not go to a broker that has said that it does not take it (MQTT 5, I-44): it would close the connection. */

import { type Qos, RETURN_CODE } from '../../codec/message.ts';
import type { BrokerLimits } from '../state/broker-limits.ts';
import { hasWildcard } from '../topics/topic-name.ts';
import { publishSize, subscribeSize } from './packet-size.ts';
import type { Refusal } from './rejection.ts';

const { notSupported } = RETURN_CODE;

const TOO_LONG: Refusal = { returnCode: notSupported, reason: 'it is too long for the broker' };
const QOS_TOO_HIGH: Refusal = { returnCode: notSupported, reason: 'its QoS is higher than the broker takes' };
const NO_RETAIN: Refusal = { returnCode: notSupported, reason: 'the broker keeps no retained messages' };
const NO_WILDCARDS: Refusal = { returnCode: notSupported, reason: 'the broker takes no wildcards' };
const NO_SHARED: Refusal = { returnCode: notSupported, reason: 'the broker takes no shared subscriptions' };

/** Why a publish, or a will, is nothing for this broker; undefined: it may go. */
export function publishProblem(
  { restricts, maximumQos, retainAvailable, maximumPacketSize }: BrokerLimits,
  publish: { readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean },
  qos: Qos,
): Refusal | undefined {
  if (!restricts) {
    return undefined;
  }
  if (qos > maximumQos) {
    return QOS_TOO_HIGH;
  }
  if (publish.retain && !retainAvailable) {
    return NO_RETAIN;
  }
  return publishSize(publish, qos) > maximumPacketSize ? TOO_LONG : undefined;
}

const SHARED = '$share/';

/** Why a subscription is nothing for this broker; undefined: it may be asked for. */
export function filterProblem(limits: BrokerLimits, filter: string): Refusal | undefined {
  if (!limits.sharedAvailable && filter.startsWith(SHARED)) {
    return NO_SHARED;
  }
  if (!limits.wildcardAvailable && hasWildcard(filter)) {
    return NO_WILDCARDS;
  }
  return subscribeSize(filter) > limits.maximumPacketSize ? TOO_LONG : undefined;
}
