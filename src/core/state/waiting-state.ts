/** Everybody who may wait for a deadline, told apart by `kind`. */

import type { GatewayLink } from './gateway-link.ts';
import type { Leftover } from './leftovers.ts';
import type { Reachability } from './reachability.ts';
import type { Resting } from './resting.ts';
import type { Session } from './session.ts';
import type { TransportState } from './transports.ts';

export type WaitingState = Session | TransportState | GatewayLink | Reachability | Leftover | Resting;
