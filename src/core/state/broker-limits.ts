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

export function limitsOf(connected: Omit<UpstreamConnected, 'type' | 'connection' | 'sessionPresent'>): BrokerLimits {
  const { receiveMaximum = 0xffff, maximumPacketSize = Number.POSITIVE_INFINITY, maximumQos = 2 } = connected;
  const { retainAvailable = true, wildcardAvailable = true, sharedAvailable = true } = connected;
  const restricts = maximumPacketSize !== Number.POSITIVE_INFINITY || maximumQos < 2 || !retainAvailable;
  const subscriptions = { wildcardAvailable, sharedAvailable };
  return { receiveMaximum, maximumPacketSize, maximumQos, retainAvailable, ...subscriptions, restricts };
}
