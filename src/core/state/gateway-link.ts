/** The gateway's own connection to the broker (Q-3, D-2): one, opened at the start and kept from then on, the witness of the others (I-13, I-40). */

import { BrokerConnection } from './broker-connection.ts';
import { type DeadlineOwner, NO_WAITS, type Waits } from './deadlines.ts';
import { OperatorPublishes } from './operator-publishes.ts';
import { PublishTrials } from './publish-trials.ts';

/** What it may wait for. */
export type GatewayTimer = 'reconnect' | 'trial' | 'operator';

export class GatewayLink implements DeadlineOwner<GatewayTimer> {
  readonly kind = 'gateway-link';
  waits: Waits<GatewayTimer> = NO_WAITS;
  readonly upstream = new BrokerConnection();
  readonly trials = new PublishTrials();
  readonly operator = new OperatorPublishes();
  /** How many connections of sessions had broken when this one broke last. */
  fallsSeen = 0;
}
