/** Who has the connection to the broker, and what of a run differs where the clients share one. From random numbers of its own. */
import type { Action, BrokerPlan, ClientPlan, GatewayPlan } from './plan.ts';
import { pick, type Random, stream } from './streams.ts';

export type Mode = GatewayPlan['mode'];

/** The name under which it can be left out. */
export const AGGREGATING: Mode = 'aggregating';

/** The same for clients that have a connection of their own beside the shared one. */
export const OWN_CONNECTION = 'own-connection';

/** The same for clients that share subscriptions (`$share/…`). */
export const SHARE = 'share';

/** Of the runs in which the seed decides. */
const PART = 0.25;

export interface ModeChoice {
  readonly seed: number;
  /** As it is asked for; undefined: the seed decides. */
  readonly mode: Mode | undefined;
  readonly without: ReadonlySet<string>;
}

type GatewayPart = Pick<GatewayPlan, 'mode' | 'sharedProtocol' | 'ownConnection' | 'queueMessages' | 'queueMemory'>;
type BrokerPart = Pick<BrokerPlan, 'identifiers' | 'joinsCopies' | 'namesVersion' | 'subscribing'>;

export function modeOf({ seed, mode, without }: ModeChoice): { gateway: GatewayPart; broker: BrokerPart } {
  const random = stream(seed, 'mode');
  const owners = stream(seed, OWN_CONNECTION);
  const chosen = random.chance(PART) && !without.has(AGGREGATING) ? AGGREGATING : 'transparent';
  return {
    gateway: {
      mode: mode ?? chosen,
      sharedProtocol: random.chance(0.2) ? 4 : undefined,
      ownConnection: (mode ?? chosen) === AGGREGATING && !without.has(OWN_CONNECTION) ? ownersOf(owners) : [],
      queueMessages: pick(random, [1_000, 1_000, 8]),
      queueMemory: pick(random, [16_777_216, 0, 20]),
    },
    broker:
      (mode ?? chosen) === AGGREGATING
        ? sharedBrokerOf(seed, random)
        : { identifiers: true, joinsCopies: false, namesVersion: true, subscribing: 0 },
  };
}

/** What differs of a broker where clients share a connection later in the run. */
export function laterBrokerOf(seed: number): BrokerPart {
  return sharedBrokerOf(seed, stream(seed, 'later broker'));
}

function sharedBrokerOf(seed: number, random: Random): BrokerPart {
  return { ...brokerOf(random), subscribing: subscribingOf(stream(seed, 'subscribing')) };
}

/** Some clients take what they want of `t/…` as one of a group; where all are members on one connection at the broker. */
export function withShares(
  clients: readonly ClientPlan[],
  { mode, ownConnection }: Pick<GatewayPlan, 'mode' | 'ownConnection'>,
  random: Random,
): readonly ClientPlan[] {
  if (mode !== AGGREGATING || ownConnection.length > 0 || !random.chance(0.2)) {
    return clients;
  }
  return clients.map((client) => {
    const isMember = random.chance(0.6);
    return isMember ? { ...client, actions: client.actions.map(shared) } : client;
  });
}

function shared(action: Action): Action {
  const isMeant = (action.do === 'subscribe' || action.do === 'unsubscribe') && action.filter.startsWith('t/');
  return isMeant ? { ...action, filter: GROUP } : action;
}

const GROUP = '$share/g/t/#';

function ownersOf(random: Random): string[] {
  return random.chance(0.7) ? [] : ['c0', 'c1', 'c2', 'c3', 'c4'].filter(() => random.chance(0.4));
}

function brokerOf(random: Random): Omit<BrokerPart, 'subscribing'> {
  return { identifiers: !random.chance(0.2), joinsCopies: random.chance(0.3), namesVersion: random.chance(0.7) };
}

/** Some brokers take their time between two SUBSCRIBEs, up to three seconds. */
function subscribingOf(random: Random): number {
  return random.chance(1 / 3) ? random.between(1, 3_000) : 0;
}
