/** What goes wrong in the course of a run, what the broker has to say meanwhile, and who else talks to the gateway. */
import { encode } from '../../src/codec/encode.ts';
import type { Message } from '../../src/codec/message.ts';
import type { MediumPlan, WorldEvent } from './plan.ts';
import { pick, type Random } from './streams.ts';

export const FAULT_KINDS: readonly string[] = [
  'stall',
  'slow',
  'close-one',
  'close-all',
  'restart',
  'forgets',
  'refuse',
  'flap',
  'take-over',
  'disk-full',
  'disk-hang',
  'kill',
  'clock',
  'pause',
  'medium-closed',
  'radio-out',
  'operator-disconnect',
  'operator-forget',
  'poison',
];

export interface FaultContext {
  readonly healed: number;
  readonly without: ReadonlySet<string>;
  /** How many there are. */
  readonly clients: number;
  readonly media: readonly MediumPlan[];
}

/** Most of the kinds spare a run; so those that are there meet each other often enough. */
export function faultsOf(random: Random, { healed, without, clients, media }: FaultContext): WorldEvent[] {
  const events: WorldEvent[] = [];
  const occasions = FAULT_KINDS.filter((kind) => kind !== 'poison' && kind !== 'clock' && kind !== 'forgets');
  for (const kind of occasions) {
    const isIn = random.chance(0.25);
    const pause = random.between(40_000, 600_000);
    const own = new Occasions(random, clients, media, without);
    for (let at = random.between(10_000, pause); at < healed - 10_000; at += random.between(pause / 4, pause * 2)) {
      const isKilled = events.some((event) => event.do === 'kill');
      const event = own.event(kind, at, isKilled);
      if (isIn && !without.has(kind) && event !== undefined) {
        events.push(event);
      }
    }
  }
  return events;
}

class Occasions {
  readonly #random: Random;
  readonly #clients: number;
  readonly #media: readonly MediumPlan[];
  readonly #without: ReadonlySet<string>;

  constructor(random: Random, clients: number, media: readonly MediumPlan[], without: ReadonlySet<string>) {
    this.#random = random;
    this.#clients = clients;
    this.#media = media;
    this.#without = without;
  }

  /** `isKilled`: the gateway is, in this run. */
  event(kind: string, at: number, isKilled: boolean): WorldEvent | undefined {
    const random = this.#random;
    const short = random.between(200, 15_000);
    const long = random.chance(0.3) ? random.between(15_000, 150_000) : random.between(500, 40_000);
    const client = random.between(0, Math.max(0, this.#clients - 1));
    const isSevere = random.chance(0.3);
    const medium = pick(random, this.#media).name;
    switch (kind) {
      case 'stall':
        return { at, do: kind, for: long };
      case 'slow':
        return { at, do: kind, for: long, delay: random.between(300, 5_000) };
      case 'close-one':
        return { at, do: kind, client };
      case 'close-all':
        return { at, do: kind };
      case 'restart':
        return { at, do: kind, for: long, forgets: isSevere && !this.#without.has('forgets') };
      case 'refuse':
      case 'flap':
      case 'disk-full':
        return { at, do: kind, for: long };
      case 'disk-hang':
        return { at, do: kind, for: short };
      case 'take-over':
        return { at, do: kind, client, for: long };
      case 'kill':
        return { at, do: kind, off: short, power: random.chance(0.5), skew: isSevere ? this.#skew() : 0 };
      case 'pause':
        return { at, do: kind, for: random.between(500, 120_000) };
      case 'medium-closed':
      case 'radio-out':
        return { at, do: kind, medium, for: short };
      case 'operator-disconnect':
        return { at, do: kind, client };
      case 'operator-forget':
        return { at, do: kind, client, off: isKilled || isSevere ? short : undefined }; // I-105
      default:
        return undefined;
    }
  }

  #skew(): number {
    const days = this.#random.chance(0.5) ? 14 : -14;
    return this.#without.has('clock') ? 0 : days * 86_400_000;
  }
}

/** What others publish on the topics that clients listen to. */
export function brokerTraffic(random: Random, healed: number): WorldEvent[] {
  const events: WorldEvent[] = [];
  const pause = pick(random, [8_000, 20_000, 60_000]);
  let nth = 0;
  for (let at = random.between(5_000, 40_000); at < healed; at += random.between(200, 2 * pause)) {
    const count = random.chance(0.15) ? random.between(2, 6) : 1;
    for (let one = 0; one < count; one++) {
      nth++;
      events.push({
        at: at + one * 3,
        do: 'broker-publish',
        name: `b.${nth}`,
        topic: pick(random, ['t/a', 't/b', 't/c', 't/c/d', 'ab', 'p/one', 'p/two']),
        qos: pick(random, [0, 1, 1, 2, 2]),
        retain: random.chance(0.05),
        size: random.chance(0.05) ? random.between(40, 90) : 0,
      });
    }
  }
  return events;
}

/** Frames of nobody: noise, what other clients say, and openings of dialogues that are never finished. */
export function strangers(random: Random, healed: number, media: readonly MediumPlan[]): WorldEvent[] {
  const events: WorldEvent[] = [];
  if (random.chance(0.6)) {
    return events;
  }
  const pause = random.between(2_000, 60_000);
  for (let at = random.between(1_000, pause); at < healed; at += random.between(pause / 4, pause * 2)) {
    const frames = Array.from({ length: random.between(1, 4) }, () => hostileFrame(random));
    events.push({ at, do: 'stranger', frames, medium: pick(random, media).name, link: `x${random.between(0, 5)}` });
  }
  return events;
}

const CLIENT_ID = /c\d/;

function hostileFrame(random: Random): string {
  if (random.chance(0.3)) {
    return Array.from({ length: random.between(1, 30) }, () =>
      random.between(0, 255).toString(16).padStart(2, '0'),
    ).join('');
  }
  const frame = encode(pick(random, sayings(random)));
  const other = Buffer.from(frame);
  if (random.chance(0.4)) {
    other[random.between(0, other.length - 1)] = random.between(0, 255);
  }
  // Who takes the name of a client takes its session: that is no fault of the gateway
  return (CLIENT_ID.test(other.toString('latin1')) ? Buffer.from(frame) : other).toString('hex');
}

function sayings(random: Random): readonly Message[] {
  const id = random.between(0, 3);
  const msgId = random.between(0, 4);
  return [
    {
      type: 'CONNECT',
      will: random.chance(0.5),
      cleanSession: random.chance(0.5),
      protocolId: 1,
      duration: 10,
      clientId: `x${id}`,
    },
    { type: 'PINGREQ', clientId: `x${id}` },
    { type: 'PINGREQ', clientId: undefined },
    { type: 'DISCONNECT', duration: random.chance(0.5) ? 60 : undefined },
    { type: 'PUBACK', topicId: id, msgId, returnCode: 0 },
    { type: 'PUBREC', msgId },
    { type: 'PUBREL', msgId },
    { type: 'PUBCOMP', msgId },
    { type: 'REGACK', topicId: id, msgId, returnCode: 0 },
    { type: 'SUBSCRIBE', dup: false, qos: 1, msgId, topic: { topicIdType: 'normal', topicName: 't/#' } },
    { type: 'UNSUBSCRIBE', msgId, topic: { topicIdType: 'normal', topicName: 't/#' } },
    {
      type: 'PUBLISH',
      dup: false,
      qos: pick(random, [-1, 0, 1, 2]),
      retain: false,
      topicIdType: pick(random, ['short', 'predefined', 'normal']),
      topicId: 1,
      msgId,
      data: Buffer.from(`x${id}`),
    },
    { type: 'WILLTOPIC', will: { qos: 1, retain: false, willTopic: 'wills/x' } },
    { type: 'SEARCHGW', radius: 1 },
  ];
}
