import type { Note } from '../ports/observer.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { UpstreamEffect } from '../ports/upstream.ts';
import type { GatewayTellerParts } from './gateway-teller.ts';
import type { StatusOperator } from './request-desk.ts';
import type { StatusSettings } from './status-settings.ts';

/** What the status of a gateway is made of, and where it goes. */
export interface StatusTellerParts extends Pick<GatewayTellerParts, 'site' | 'shownSettings' | 'restartNeededFor'> {
  readonly settings: StatusSettings;
  readonly sessions: Sessions;
  readonly operator: StatusOperator;
  readonly perform: (effect: UpstreamEffect) => void;
  readonly tell: (note: Note) => void;
  /** There is something to say that was not there when the last call returned: `tick` is to be called. */
  readonly wake: () => void;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
}
