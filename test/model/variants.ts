import { CROSSING, type Names, NESTED } from './topics.ts';

/** A gateway and what is done to it. */
export interface Variant {
  readonly name: string;
  /** `upstream` of the settings, beside what every world has. */
  readonly upstream: Readonly<Record<string, unknown>>;
  readonly names: Names;
  /** `upstream.topicPrefix`. */
  readonly prefix?: string;
  /** What breaks now and then: the gateway is killed, its line to the broker cut, the broker stopped and started. */
  readonly breaks: readonly Break[];
  /** Each client has the QoS of its twin; else the highest one that was granted to it, where filters overlap. */
  readonly sameQos: boolean;
  /** The broker sends a copy for each filter: one that goes or comes between two copies of a message may double it. */
  readonly copies: boolean;
}

export type Break = 'gateway' | 'line' | 'broker';

const PREFIX = 'site/';

/** By their names. */
export const VARIANTS: readonly Variant[] = [
  { name: 'transparent', upstream: { mode: 'transparent' }, names: CROSSING, breaks: [], sameQos: true, copies: false },
  { name: 'aggregating', upstream: { mode: 'aggregating' }, names: CROSSING, breaks: [], sameQos: false, copies: true },
  {
    name: 'aggregating-prefix',
    upstream: { mode: 'aggregating', topicPrefix: PREFIX },
    names: CROSSING,
    prefix: PREFIX,
    breaks: [],
    sameQos: false,
    copies: true,
  },
  {
    name: 'aggregating-3.1.1',
    upstream: { mode: 'aggregating', protocolVersion: 4 },
    names: NESTED,
    breaks: [],
    sameQos: false,
    copies: false,
  },
  {
    name: 'aggregating-breaks',
    upstream: { mode: 'aggregating' },
    names: CROSSING,
    breaks: ['gateway', 'line'],
    sameQos: false,
    copies: true,
  },
  {
    name: 'aggregating-3.1.1-breaks',
    upstream: { mode: 'aggregating', protocolVersion: 4 },
    names: NESTED,
    breaks: ['gateway', 'line'],
    sameQos: false,
    copies: false,
  },
];

/** Run only by name: what mosquitto 2.0.11 does wrong over its restart (README.md) is told apart, not prevented. */
const BY_NAME: readonly Variant[] = [
  {
    name: 'transparent-prefix',
    upstream: { mode: 'transparent', topicPrefix: PREFIX },
    names: CROSSING,
    prefix: PREFIX,
    breaks: [],
    sameQos: true,
    copies: false,
  },
  {
    name: 'aggregating-prefix-breaks',
    upstream: { mode: 'aggregating', topicPrefix: PREFIX },
    names: CROSSING,
    prefix: PREFIX,
    breaks: ['gateway', 'line'],
    sameQos: false,
    copies: true,
  },
  {
    name: 'aggregating-broker',
    upstream: { mode: 'aggregating' },
    names: CROSSING,
    breaks: ['gateway', 'line', 'broker'],
    sameQos: false,
    copies: true,
  },
  {
    name: 'aggregating-3.1.1-broker',
    upstream: { mode: 'aggregating', protocolVersion: 4 },
    names: NESTED,
    breaks: ['gateway', 'line', 'broker'],
    sameQos: false,
    copies: false,
  },
];

export function variantOf(name: string): Variant {
  const found = [...VARIANTS, ...BY_NAME].find((variant) => variant.name === name);
  if (found === undefined) {
    throw new Error(
      `no variant ${name}; there are ${[...VARIANTS, ...BY_NAME].map((variant) => variant.name).join(', ')}`,
    );
  }
  return found;
}
