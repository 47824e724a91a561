/** What a broker says that it does not take (MQTT 5 CONNACK); a 3.1.1 broker says nothing. */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamConnected } from '../contract/input.ts';

export interface BrokerLimits {
  /** QoS 1 and 2 publishes that it takes at a time. */
  readonly receiveMaximum: number;
  /** Octets of the largest packet that it takes. */
  readonly maximumPacketSize: number;
  readonly maximumQos: Qos;
  readonly retainAvailable: boolean;
  readonly wildcardAvailable: boolean;
  readonly sharedAvailable: boolean;
  /** Whether any publish may be nothing for it. */
  readonly restricts: boolean;
}

/** Most brokers take everything: one object for all of them. */
export const NO_LIMITS: BrokerLimits = {
  receiveMaximum: 0xffff,
  maximumPacketSize: Number.POSITIVE_INFINITY,
  maximumQos: 2,
  retainAvailable: true,
  wildcardAvailable: true,
  sharedAvailable: true,
  restricts: false,
};

export function limitsOf(connected: Omit<UpstreamConnected, 'type' | 'connection' | 'sessionPresent'>): BrokerLimits {
  const { receiveMaximum = 0xffff, maximumPacketSize = Number.POSITIVE_INFINITY, maximumQos = 2 } = connected;
  const { retainAvailable = true, wildcardAvailable = true, sharedAvailable = true } = connected;
  const restricts = maximumPacketSize !== Number.POSITIVE_INFINITY || maximumQos < 2 || !retainAvailable;
  const subscriptions = { wildcardAvailable, sharedAvailable };
  if (!restricts && receiveMaximum === 0xffff && wildcardAvailable && sharedAvailable) {
    return NO_LIMITS;
  }
  return { receiveMaximum, maximumPacketSize, maximumQos, retainAvailable, ...subscriptions, restricts };
}
