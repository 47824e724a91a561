import type { Note } from '../ports/observer.ts';
import type { GatewayOperator, Operator } from '../ports/operator.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { UpstreamEffect } from '../ports/upstream.ts';
import type { GatewayTellerParts } from './gateway-teller.ts';
import type { StatusProgram } from './request-desk.ts';
import type { StatusSettings } from './status-settings.ts';

/** What the status of a gateway is made of, and where it goes. */
export interface StatusTellerParts extends Pick<GatewayTellerParts, 'site' | 'shownSettings'> {
  readonly settings: StatusSettings;
  readonly sessions: Sessions;
  readonly operator: Pick<GatewayOperator, 'disconnect' | 'forget'>;
  /** The program around the gateway; undefined: it does nothing of that. */
  readonly program: () => (StatusProgram & Pick<Operator, 'needsRestart'>) | undefined;
  readonly perform: (effect: UpstreamEffect) => void;
  readonly tell: (note: Note) => void;
  /** There is something to say that was not there when the last call returned: `tick` is to be called. */
  readonly wake: () => void;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
}
