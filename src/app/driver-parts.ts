import type { Core } from '../core/contract/core.ts';
import type { TellOperator } from '../core/contract/effect.ts';
import type { Clock } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';

/** What a driver connects with each other. Transports and upstream may be set later, for they are made with `feed`. */
export interface DriverParts {
  readonly core: Core;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Is told what has become of a publish of the operator. */
  readonly told?: (effect: TellOperator) => void;
}
