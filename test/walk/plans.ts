/** In which gateway a history takes place: tiny limits, so that everything is full soon. */
import type { AccessRule } from '../../src/core/contract/access-settings.ts';
import type { Random } from '../crash/random.ts';
import { type PartialSettings, settingsWith } from '../support/settings-with.ts';

export const CLIENTS = ['a', 'b', 'c', 'own-d', 'e', 'f'];
export const LINKS = ['udp:h1:1', 'udp:h1:2', 'udp:h2:1', 'udp:h3:1', 'radio:n1', 'dtls:h4:1@a', 'dtls:h4:2@b'];
export const TOPICS = ['t/a', 't/b', 't/c/d', 'w/a'];
export const FILTERS = [...TOPICS, 't/+', 't/#', '#', '$share/g/t/a', '$share/g/t/#'];

const PREDEFINED = [
  new Map([
    [
      '*',
      new Map([
        [1, 't/p'],
        [2, 't/q'],
      ]),
    ],
  ]),
  new Map([
    ['*', new Map([[1, 't/q']])],
    [
      'a',
      new Map([
        [2, 't/a'],
        [9, 't/r'],
      ]),
    ],
  ]),
];

type Settings = ReturnType<typeof settingsWith>;

/** Settings that are there from the start. */
export function firstSettings(random: Random): Settings {
  const mode = random.chance(0.5) ? 'aggregating' : 'transparent';
  const upstream = {
    mode,
    ownConnection: ['own-*'],
    sharedProtocol: random.chance(0.4) ? 4 : undefined,
    topicPrefix: random.chance(0.2) ? 'site/%c/' : '',
  } as const;
  return changedSettings(random, upstream);
}

/** Other ones, with what an operator cannot change while the gateway runs. */
export function changedSettings(random: Random, upstream: PartialSettings['upstream']): Settings {
  const of = <Value>(...values: readonly Value[]): Value => values[random.between(0, values.length - 1)] as Value;
  const some: PartialSettings = {
    upstream: {
      ...upstream,
      receiveMaximum: of(2, 4, 20),
      grace: of(1_000, 10_000, 60_000),
      maxConnecting: of(1, 2, 20),
      willDelay: of(0, 5_000, 60_000),
      offlineQueue: { messages: of(2, 5), octets: of(10, 100), drop: of('oldest', 'newest') },
    },
    timing: { retryInterval: of(1_000, 10_000), retryCount: of(0, 1, 3), idleProbeAfter: 20_000 },
    sessions: {
      limit: of(1, 3, 3, 5, 100),
      maxHalfOpen: of(1, 2, 2, 100),
      expiry: of(2_000, 60_000, 3_600_000),
      cleanConnectWhileAsleep: of('clean', 'resume'),
      sleepBufferMessages: of(1, 2, 100),
      sleepBufferOctets: of(5, 1_000),
      sleepBufferOctetsInAll: of(8, 1_000),
      maxAwakeTime: of(1_000, 60_000),
      maxAwakeMessages: of(0, 1, 2),
      queue: {
        messages: of(2, 3, 100),
        octets: of(15, 1_000),
        octetsInAll: of(25, 1_000),
        octetsInMemory: of(0, 5, 1_000),
        age: of(5_000, 3_600_000),
      },
    },
    clients: {
      emptyClientId: of('reject', 'generate'),
      addressBinding: of('any', 'any', 'sameHost', 'fixed'),
      willUpdate: of('local', 'reconnect', 'reject'),
      maxTopics: of(2, 5, 100),
      maxSubscriptions: of(2, 100),
      maxNameOctets: of(10, 1_000),
      maxInflight: of(1, 2, 10),
      qosMinus1: true,
      qosMinus1PerSecond: of(0, 2),
    },
    access: random.chance(0.4) ? accessOf(random) : undefined,
  };
  return settingsWith(some);
}

function accessOf(random: Random): Settings['access'] {
  const rule = (name: string, more: Partial<AccessRule>): AccessRule => ({
    ...{ name, connect: true, publish: ['#'], subscribe: ['#'], deny: [], qosMinus1: true, retain: true, maxQos: 2 },
    ...more,
  });
  const rules = [
    rule('few', { clientId: ['a', 'b'], sessions: random.between(1, 2), deny: random.chance(0.5) ? ['t/a'] : [] }),
    rule('named', { identified: true, sessions: 1 }),
    rule('none', { clientId: ['f'], connect: random.chance(0.5), maxQos: 1 }),
    rule('rest', { sessions: random.between(1, 3), publish: random.chance(0.5) ? ['t/#'] : ['#'] }),
  ].filter(() => random.chance(0.7));
  return { rules, default: random.chance(0.8) ? 'allow' : 'deny', clientIdFromIdentity: 'off', clientIdPattern: '%i' };
}

export function predefinedOf(random: Random): ReadonlyMap<string, ReadonlyMap<number, string>> {
  return PREDEFINED[random.between(0, 1)] ?? new Map();
}
