/**
 * Who has an identity, what the access rules deny to whom, and the thieves: strangers of another identity, or of none, who want the sessions of those that
 * have one (I-117, I-118). From random numbers of its own, so that without it a run is as it was.
 */
import { encode } from '../../src/codec/encode.ts';
import type { Message } from '../../src/codec/message.ts';
import type { ClientPlan, GatewayPlan, MediumPlan, Rights, WorldEvent } from './plan.ts';
import { pick, type Random, stream } from './streams.ts';

/** The names under which they can be left out. */
export const IDENTITY = 'identity';
export const ACCESS = 'access';
export const THIEF = 'thief';

export interface IdentityChoice {
  readonly seed: number;
  readonly healed: number;
  readonly without: ReadonlySet<string>;
  readonly mode: GatewayPlan['mode'];
  readonly media: readonly MediumPlan[];
}

export interface IdentityParts {
  readonly clients: readonly ClientPlan[];
  /** Undefined: there are no rules. */
  readonly access: readonly Rights[] | undefined;
  readonly thieves: readonly WorldEvent[];
}

/** Of the runs in which some clients have an identity, and of those with access rules, and with thieves. */
const PART = 0.4;
const WITH_RULES = 0.5;
const WITH_THIEVES = 0.7;

export function withIdentities(clients: readonly ClientPlan[], choice: IdentityChoice): IdentityParts {
  const { seed, healed, without, mode, media } = choice;
  const random = stream(seed, IDENTITY);
  const isIn = random.chance(PART) && !without.has(IDENTITY);
  const proven = clients.map((client) => ({
    ...client,
    identity: random.chance(0.7) && isIn ? client.id : undefined, // an identity is called as its client: `require` says so
  }));
  const hasRules = random.chance(WITH_RULES) && isIn && !without.has(ACCESS);
  const judged = proven.map((client) => ({ ...client, denied: hasRules ? deniedTo(random, mode) : NOTHING }));
  const hasThieves = random.chance(WITH_THIEVES) && !without.has(THIEF);
  const victims = judged.flatMap(({ identity }) => identity ?? []);
  return {
    clients: judged,
    access: hasRules ? judged.map(({ id, identity, denied }) => ({ id, identity, denied })) : undefined,
    thieves: hasThieves && victims.length > 0 ? thieves(stream(seed, THIEF), healed, media, victims, hasRules) : [],
  };
}

/** Of a client to which nothing is denied. */
export const NOTHING: Rights['denied'] = { publish: [], read: [] };

/** What a client of an aggregating gateway is owed is counted by its subscriptions: nothing that it may not read is among that. */
function deniedTo(random: Random, mode: GatewayPlan['mode']): Rights['denied'] {
  const publish = pick(random, [[], ['t/a'], ['ab'], ['p/one', 't/c/d']]);
  const read = pick(random, [[], ['t/b'], ['ab', 't/c'], ['p/one', 't/a']]);
  return { publish, read: mode === 'aggregating' ? [] : read };
}

function thieves(
  random: Random,
  healed: number,
  media: readonly MediumPlan[],
  victims: readonly string[],
  hasRules: boolean,
): WorldEvent[] {
  const events: WorldEvent[] = [];
  const pause = random.between(2_000, 30_000);
  for (let at = random.between(1_000, pause); at < healed; at += random.between(pause / 4, pause * 2)) {
    const victim = pick(random, victims);
    // Its own identity, that of somebody else, or none.
    const identity = pick(random, [
      '',
      '',
      '@thief',
      ...victims.filter((other) => other !== victim).map((id) => `@${id}`),
    ]);
    const frames = Array.from({ length: random.between(1, 5) }, () =>
      Buffer.from(encode(pick(random, sayings(random, victim)))).toString('hex'),
    );
    const link = `y${random.between(0, 3)}${identity}`;
    events.push({ at, do: 'thief', frames, medium: pick(random, media).name, link, victim, isAlways: hasRules });
  }
  return events;
}

function sayings(random: Random, clientId: string): readonly Message[] {
  const msgId = random.between(1, 4);
  const topic = { topicIdType: 'normal', topicName: 't/#' } as const;
  const connect: Message = {
    type: 'CONNECT',
    will: random.chance(0.3),
    cleanSession: random.chance(0.5),
    protocolId: 1,
    duration: 30,
    clientId,
  };
  return [
    connect,
    connect,
    connect,
    { type: 'PINGREQ', clientId },
    { type: 'PINGREQ', clientId },
    { type: 'DISCONNECT', duration: random.chance(0.5) ? 1 : undefined },
    { type: 'WILLTOPIC', will: { qos: 1, retain: false, willTopic: 'wills/y' } },
    { type: 'WILLMSG', willMsg: Buffer.from('y') },
    { type: 'WILLTOPICUPD', will: undefined },
    { type: 'SUBSCRIBE', dup: false, qos: 1, msgId, topic },
    { type: 'UNSUBSCRIBE', msgId, topic },
    { type: 'REGISTER', topicId: 0, msgId, topicName: 't/a' },
    { type: 'PUBACK', topicId: 1, msgId, returnCode: 0 },
    { type: 'PUBREC', msgId },
    { type: 'PUBREL', msgId },
    { type: 'PUBCOMP', msgId },
    { type: 'REGACK', topicId: 1, msgId, returnCode: 3 },
    {
      type: 'PUBLISH',
      dup: random.chance(0.5),
      qos: pick(random, [0, 1, 2]),
      retain: false,
      topicIdType: pick(random, ['short', 'predefined', 'normal']),
      topicId: 1,
      msgId,
      data: Buffer.from('y'),
    },
  ];
}
