import { Random } from '../crash/random.ts';

/**
 * What can go wrong beside the medium of the clients, which is bad all the time. Three lanes, side by side: two faults of different lanes may
 * be there at the same time.
 */
export const LANES = {
  broker: ['broker-stop', 'broker-stall', 'black-hole', 'late-connack', 'cut'],
  gateway: ['kill', 'pause', 'clock-step'],
  disk: ['full-disk', 'slow-fsync'],
} as const;

type Lane = keyof typeof LANES;
export type Kind = (typeof LANES)[Lane][number];

export interface Fault {
  readonly kind: Kind;
  /** Milliseconds from the end of the fault before it in its lane. */
  readonly after: number;
  /** Milliseconds. */
  readonly lasts: number;
  /** late-connack, slow-fsync: the delay in milliseconds. clock-step: days from the right time. */
  readonly amount: number;
}

export type Plan = Readonly<Record<Lane, readonly Fault[]>>;

/** From, to, and the amount from, to. Most are short; now and then one takes as long as it may. */
const LENGTHS: Readonly<Record<Kind, readonly [number, number, number, number]>> = {
  'broker-stop': [100, 10_000, 0, 0],
  'broker-stall': [500, 10_000, 0, 0],
  // Longer than the gateway's keep-alive towards the broker, so that it has to find out.
  'black-hole': [2_000, 12_000, 0, 0],
  'late-connack': [2_000, 10_000, 300, 6_000],
  cut: [0, 0, 0, 0],
  kill: [0, 0, 0, 0],
  pause: [300, 20_000, 0, 0],
  'clock-step': [0, 0, -30, 30],
  'full-disk': [500, 6_000, 0, 0],
  'slow-fsync': [1_000, 6_000, 20, 1_500],
};

/** Part of the faults that may take their whole length; the others a fifth of it. */
const LONG = 0.2;

/** The shortest plan that has everything that needs no program beside mosquitto: some five seconds. */
export function shortPlan(seed: number): Plan {
  const random = new Random(seed);
  const fault = (kind: Kind, lasts: number, soonest: number): Fault => {
    return { kind, after: random.between(soonest, soonest + 500), lasts, amount: 0 };
  };
  const broker = [fault('broker-stop', 300, 100), fault('broker-stall', 800, 100), fault('cut', 0, 100)];
  // A full disk that a gateway feels which is killed then, or one that a gateway finds when it starts.
  const felt = [fault('full-disk', 300, 100), fault('kill', 0, 0)];
  return {
    broker: random.chance(0.5) ? broker : broker.toReversed(),
    gateway: [],
    disk: random.chance(0.5) ? felt : felt.toReversed(),
  };
}

/** Faults of all kinds for so many milliseconds. The same seed is the same plan. */
export function longPlan(seed: number, length: number): Plan {
  const random = new Random(seed);
  return {
    broker: lane(LANES.broker, random, length),
    gateway: lane(LANES.gateway, random, length),
    disk: lane(LANES.disk, random, length),
  };
}

/** One line for each lane. */
export function planText(plan: Plan): string {
  const lines = Object.entries(plan).map(([name, faults]: [string, readonly Fault[]]) => {
    const words = faults.map(
      ({ kind, after, lasts, amount }) => `+${after} ${kind} ${lasts}${amount ? `/${amount}` : ''}`,
    );
    return `  ${name}: ${words.join(', ')}`;
  });
  return lines.join('\n');
}

function lane(kinds: readonly Kind[], random: Random, length: number): Fault[] {
  const faults: Fault[] = [];
  let bag: Kind[] = [];
  for (let time = 0; time < length; ) {
    // Each kind comes before any comes again.
    bag = bag.length === 0 ? [...kinds] : bag;
    const [kind] = bag.splice(random.between(0, bag.length - 1), 1) as [Kind];
    const [shortest, longest, least, most] = LENGTHS[kind];
    const limit = random.chance(LONG) ? longest : shortest + (longest - shortest) / 5;
    const fault = {
      kind,
      after: random.between(300, random.chance(0.3) ? 12_000 : 4_000),
      lasts: random.between(shortest, Math.round(limit)),
      amount: random.between(least, most),
    };
    faults.push(fault);
    time += fault.after + fault.lasts;
  }
  return faults;
}
