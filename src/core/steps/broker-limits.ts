/** What must not go to a broker that has said that it does not take it (MQTT 5, I-44): it would close the connection. */

import { type Qos, RETURN_CODE } from '../../codec/message.ts';
import type { BrokerConnection } from '../state/broker-connection.ts';
import { isTooLongMounted, mountedFilter, mountedTopic } from '../topics/mount-point.ts';
import { hasWildcard, SHARED } from '../topics/topic-name.ts';
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
  { limits, mount }: Pick<BrokerConnection, 'limits' | 'mount'>,
  publish: { readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean },
  qos: Qos,
): Refusal | undefined {
  if (isTooLongMounted(mount, publish.topic)) {
    return TOO_LONG;
  }
  if (!limits.restricts) {
    return undefined;
  }
  if (qos > limits.maximumQos) {
    return QOS_TOO_HIGH;
  }
  if (publish.retain && !limits.retainAvailable) {
    return NO_RETAIN;
  }
  const { payload } = publish;
  const size = publishSize({ topic: mountedTopic(mount, publish.topic), payload }, qos);
  return size > limits.maximumPacketSize ? TOO_LONG : undefined;
}

/** Why a subscription is nothing for this broker; undefined: it may be asked for. */
export function filterProblem(
  { limits, mount }: Pick<BrokerConnection, 'limits' | 'mount'>,
  filter: string,
): Refusal | undefined {
  if (!limits.sharedAvailable && filter.startsWith(SHARED)) {
    return NO_SHARED;
  }
  if (!limits.wildcardAvailable && hasWildcard(filter)) {
    return NO_WILDCARDS;
  }
  return isFilterTooLong({ limits, mount }, filter) ? TOO_LONG : undefined;
}

/** Whether it fits into no SUBSCRIBE for this broker, and so into no UNSUBSCRIBE. */
export function isFilterTooLong(
  { limits, mount }: Pick<BrokerConnection, 'limits' | 'mount'>,
  filter: string,
): boolean {
  return isTooLongMounted(mount, filter) || subscribeSize(mountedFilter(mount, filter)) > limits.maximumPacketSize;
}
