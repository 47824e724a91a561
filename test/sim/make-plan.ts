/** A plan from a seed: who takes part, what each of them wants, and what goes wrong. Kinds can be left out by name. */
import { CLIENT_KINDS, clientPlan } from './client-plans.ts';
import { brokerTraffic, FAULT_KINDS, faultsOf, strangers } from './fault-plans.ts';
import { ACCESS, IDENTITY, THIEF, withIdentities } from './identity-plan.ts';
import { MODE_CHANGE, modeChangesOf } from './mode-change-plan.ts';
import { AGGREGATING, laterBrokerOf, type Mode, modeOf, OWN_CONNECTION, SHARE, withShares } from './mode-plan.ts';
import type { BrokerLimits, BrokerPlan, ClientPlan, GatewayPlan, MediumPlan, Plan, WorldEvent } from './plan.ts';
import { pick, type Random, stream } from './streams.ts';

const HOUR = 3_600_000;

/** After the last fault, for everything to come in order. */
export const RECOVERY = 12 * 60_000;

export interface PlanOptions {
  readonly seed: number;
  /** Hours of trouble. */
  readonly hours: number;
  /** Kinds of clients and of faults that do not occur. */
  readonly without: ReadonlySet<string>;
  /** Undefined: the seed decides. */
  readonly mode?: Mode | undefined;
}

/** Everything that can be left out of a plan. */
export const KINDS: readonly string[] = [
  ...CLIENT_KINDS,
  ...FAULT_KINDS,
  'stranger',
  'loss',
  'copies',
  'reorder',
  'slow-medium',
  'will',
  'liar',
  'limits',
  'reason-codes',
  'prefix',
  AGGREGATING,
  OWN_CONNECTION,
  SHARE,
  MODE_CHANGE,
  IDENTITY,
  ACCESS,
  THIEF,
];

export function makePlan({ seed, hours, without, mode }: PlanOptions): Plan {
  const random = stream(seed, 'plan');
  const healed = Math.round(hours * HOUR);
  const media = mediaOf(random, without);
  const kinds = CLIENT_KINDS.filter((kind) => !without.has(kind));
  const names = { next: 0 };
  const clients: ClientPlan[] = [];
  const count = random.between(2, 5);
  for (let index = 0; index < count && kinds.length > 0; index++) {
    const kind = pick(random, kinds);
    clients.push(
      clientPlan(kind, {
        index,
        random: stream(seed, `client plan ${index}`),
        healed,
        media,
        names,
        without,
        liars: stream(seed, `liar ${index}`),
      }),
    );
  }
  const events: WorldEvent[] = [
    ...brokerTraffic(stream(seed, 'traffic'), healed),
    ...faultsOf(stream(seed, 'faults'), { healed, without, clients: clients.length, media }),
    ...(without.has('stranger') ? [] : strangers(stream(seed, 'strangers'), healed, media)),
  ];
  const ofMode = modeOf({ seed, mode, without });
  const changes = modeChangesOf({ seed, healed, mode, without, first: ofMode.gateway });
  const isChanged = changes.length > 0;
  const later = isChanged && ofMode.gateway.mode !== AGGREGATING ? laterBrokerOf(seed) : {};
  const isSharing = !without.has(SHARE) && !isChanged;
  const sharing = isSharing ? withShares(clients, ofMode.gateway, stream(seed, SHARE)) : clients;
  const modeAtMost = isChanged ? AGGREGATING : ofMode.gateway.mode;
  const proven = withIdentities(sharing, { seed, healed, without, mode: modeAtMost, media });
  events.push(...proven.thieves);
  if (isChanged) {
    events.splice(0, events.length, ...changes, ...events.map(saidToClient));
  }
  events.sort((a, b) => a.at - b.at);
  const isBare = without.has('prefix') || isChanged || ofMode.gateway.ownConnection.length > 0; // the broker sees topics of either kind
  return {
    seed,
    healed,
    end: healed + RECOVERY,
    burst: true,
    gateway: {
      topicPrefix: isBare ? '' : pick(stream(seed, 'prefix'), PREFIXES),
      ...gatewayOf(random),
      ...ofMode.gateway,
      access: proven.access,
    },
    broker: { ...brokerOf(random), ...sayingsOf(stream(seed, 'mqtt 5'), clients, without), ...ofMode.broker, ...later },
    media,
    clients: proven.clients,
    events,
  };
}

/** I-105: a session that is forgotten without a word to the client is not known to be so over a restart. */
function saidToClient(event: WorldEvent): WorldEvent {
  return event.do === 'operator-forget' ? { ...event, off: event.off ?? LEAST_OFF } : event;
}

const LEAST_OFF = 2_000;

type ModeParts = ReturnType<typeof modeOf>;

const PREFIXES = ['', '', 'site/', 'site/%c/'];

function gatewayOf(random: Random): Omit<GatewayPlan, 'topicPrefix' | 'access' | keyof ModeParts['gateway']> {
  return {
    grace: 30_000,
    retryInterval: 10_000,
    retryCount: 3,
    sessionExpiry: random.chance(0.5) ? 7 * 86_400_000 : 3 * HOUR,
    trailing: pick(random, ['drop', 'drop', 'ignore']),
    willUpdate: pick(random, ['local', 'local', 'reconnect']),
    maxAwakeMessages: random.chance(0.2) ? 3 : 0,
    maxSessions: 10_000,
  };
}

/** What an MQTT 5 broker says of itself. No limit makes a client's will impossible: that client would never come in. */
function sayingsOf(
  random: Random,
  clients: readonly ClientPlan[],
  without: ReadonlySet<string>,
): Pick<BrokerPlan, 'limits' | 'saysWhy'> {
  const saysWhy = random.chance(0.5) && !without.has('reason-codes');
  const highestWill = Math.max(0, ...clients.map(({ will }) => will?.qos ?? 0));
  const maximumQos = pick(random, [2, 2, 0, 1] as const);
  const limits: BrokerLimits = {
    ...pick(random, [{}, {}, { receiveMaximum: random.between(1, 5) }]),
    ...pick(random, [{}, {}, { maximumPacketSize: random.between(60, 120) }]),
    ...(maximumQos === 2 || maximumQos < highestWill ? {} : { maximumQos }),
    ...pick(random, [{}, {}, { retainAvailable: false as const }]),
  };
  return { limits: without.has('limits') ? {} : limits, saysWhy };
}

function brokerOf(random: Random): Omit<BrokerPlan, 'limits' | 'saysWhy' | keyof ModeParts['broker']> {
  const slowest = pick(random, [5, 30, 120]);
  return { protocol: pick(random, [4, 5]), window: pick(random, [1, 3, 20, 20]), delay: [1, slowest] };
}

function mediaOf(random: Random, without: ReadonlySet<string>): MediumPlan[] {
  const quality = (): Pick<MediumPlan, 'loss' | 'copies' | 'orderly'> => ({
    loss: random.chance(0.4) || without.has('loss') ? 0 : pick(random, [0.02, 0.1, 0.25]),
    copies: random.chance(0.5) || without.has('copies') ? 0 : pick(random, [0.02, 0.1]),
    orderly: random.chance(0.5) || without.has('reorder'),
  });
  const udp: MediumPlan = { name: 'udp', ...quality(), delay: [1, pick(random, [3, 40, 400])], maxFrame: 1_472 };
  if (without.has('slow-medium') || random.chance(0.5)) {
    return [udp];
  }
  const radio: MediumPlan = {
    name: 'radio',
    ...quality(),
    delay: [5, pick(random, [50, 1_500])],
    maxFrame: 60,
    speed: pick(random, [200, 1_000]),
  };
  return [udp, radio];
}
