/** The gateway's own connection to the broker (Q-3, D-2): one, opened on first use and kept from then on. */

import type { Deadline, DeadlineOwner } from './deadlines.ts';

export class GatewayLink implements DeadlineOwner<'reconnect'> {
  readonly kind = 'gateway-link';
  readonly timers = new Map<'reconnect', Deadline>();
  phase: 'closed' | 'connecting' | 'up' | 'waiting' = 'closed';
  /** Attempts since the connection stood last. */
  attempts = 0;
  /** Octets of the largest packet that the broker takes (MQTT 5). */
  maximumPacketSize = Number.POSITIVE_INFINITY;
  /** Number of the connection in use; 0 = none. */
  connection = 0;
}
