/** The gateway's own connection to the broker (Q-3, D-2): one, opened on first use and kept from then on. */

import { BrokerConnection } from './broker-connection.ts';
import type { Deadline, DeadlineOwner } from './deadlines.ts';

export class GatewayLink implements DeadlineOwner<'reconnect'> {
  readonly kind = 'gateway-link';
  readonly timers = new Map<'reconnect', Deadline>();
  readonly upstream = new BrokerConnection();
}
