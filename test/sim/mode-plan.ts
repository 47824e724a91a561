/** Who has the connection to the broker, and what of a run differs where the clients share one. From random numbers of its own. */
import type { BrokerPlan, GatewayPlan } from './plan.ts';
import { pick, type Random, stream } from './streams.ts';

export type Mode = GatewayPlan['mode'];

/** The name under which it can be left out. */
export const AGGREGATING: Mode = 'aggregating';

/** Of the runs in which the seed decides. */
const PART = 0.25;

export interface ModeChoice {
  readonly seed: number;
  /** As it is asked for; undefined: the seed decides. */
  readonly mode: Mode | undefined;
  readonly without: ReadonlySet<string>;
}

type GatewayPart = Pick<GatewayPlan, 'mode' | 'sharedProtocol' | 'queueMessages' | 'queueMemory'>;
type BrokerPart = Pick<BrokerPlan, 'identifiers' | 'joinsCopies' | 'namesVersion'>;

export function modeOf({ seed, mode, without }: ModeChoice): { gateway: GatewayPart; broker: BrokerPart } {
  const random = stream(seed, 'mode');
  const chosen = random.chance(PART) && !without.has(AGGREGATING) ? AGGREGATING : 'transparent';
  return {
    gateway: {
      mode: mode ?? chosen,
      sharedProtocol: random.chance(0.2) ? 4 : undefined,
      queueMessages: pick(random, [1_000, 1_000, 8]),
      queueMemory: pick(random, [16_777_216, 0, 20]),
    },
    broker:
      (mode ?? chosen) === AGGREGATING
        ? brokerOf(random)
        : { identifiers: true, joinsCopies: false, namesVersion: true },
  };
}

function brokerOf(random: Random): BrokerPart {
  return { identifiers: !random.chance(0.2), joinsCopies: random.chance(0.3), namesVersion: random.chance(0.7) };
}
