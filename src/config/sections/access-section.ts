/** Who may connect, as what, from where, and to which topics. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { HOUR, SECOND } from '../duration.ts';
import { anyAddress } from '../forwarder-address.ts';
import {
  choice,
  duration,
  file,
  flag,
  type ListEntry,
  list,
  numberAbove,
  octets,
  oneOf,
  text,
  wholeNumber,
} from '../setting-kinds.ts';
import { filterProblem } from '../topic-filter.ts';

/** Most rules, in the settings and in the file each: every CONNECT goes through them. */
export const MAX_RULES = 10_000;

const SHARED = '$share/';

/** Of a fact that a rule asks for. */
const FITS_NOBODY = 'would fit no client: write what it fits, or leave the line out, and it fits whatever that is';

const networkProblem = (written: string): string | undefined => {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(written) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128) ? undefined : written;
};

const hostOrNetwork: ListEntry = {
  expected:
    'IP addresses, networks (10.0.0.0/8, 2001:db8::/32), 64-bit addresses of XBee modules, or `line` for serial lines',
  read: (written) => (networkProblem(written) === undefined ? written : anyAddress.read(written)),
  meant: anyAddress.meant,
  notEmpty: FITS_NOBODY,
};

const forwarderOrNot: ListEntry = {
  expected: 'addresses or networks of forwarders, or `any`, or `none`',
  read: (written) => (written === 'any' || written === 'none' ? written : hostOrNetwork.read(written)),
  meant: hostOrNetwork.meant,
  notEmpty: FITS_NOBODY,
};

const namePattern = (what: string): ListEntry => ({
  expected: `${what} (text without control characters), in which * stands for any characters and ? for one`,
  read: (written) => (/^[^\p{Cc}]+$/u.test(written) ? written : undefined),
  meant: () => undefined,
  notEmpty: FITS_NOBODY,
});

const transportName: ListEntry = {
  expected: 'names of transports (lower-case letters, digits and hyphens)',
  read: (written) => (/^[a-z0-9-]+$/.test(written) ? written : undefined),
  meant: (written) => written.toLowerCase(),
  notEmpty: FITS_NOBODY,
};

const problemOfFilter = (written: string): string | undefined =>
  written.startsWith(SHARED)
    ? 'a filter of a rule is one of topics: what lies in it may be subscribed to as $share/… as well'
    : filterProblem(written);

const grantedFilter: ListEntry = {
  expected: 'topic filters',
  read: (written) => (problemOfFilter(written) === undefined ? written : undefined),
  meant: () => undefined,
  problem: problemOfFilter,
};

const deniedFilter: ListEntry = {
  ...grantedFilter,
  notEmpty: 'would deny nothing: write filters, or leave the line out',
};

const filters = (description: string, examples: string[], entry = grantedFilter) =>
  list(entry)
    .optional()
    .meta({ description, examples: [examples] });

const grant = (description: string) =>
  flag()
    .default(false)
    .meta({ description, examples: [true] });

/** One rule: whom it fits, and what it grants. */
export const accessRule = z.strictObject({
  name: text({ pattern: /^[^\p{Cc}"]{1,64}$/u, expected: '1 to 64 characters without control characters and quotes' })
    .optional()
    .meta({ description: 'How logs call it. Absent: by its position.', examples: ['sensors'] }),
  transport: list(transportName)
    .optional()
    .meta({ description: 'It fits clients on these transports, by their names.', examples: [['dtls']] }),
  host: list(hostOrNetwork)
    .optional()
    .meta({
      description:
        'It fits clients at these addresses: IP addresses, networks, 64-bit addresses of XBee modules, `line`. Without DTLS any address can be made up.',
      examples: [['10.0.0.0/8', '2001:db8::/32']],
    }),
  identity: list(namePattern('identities'))
    .optional()
    .meta({
      description:
        'It fits clients that have proven one of these identities; `*` stands for any characters, `?` for one.',
      examples: [['greenhouse-*']],
    }),
  identified: flag()
    .optional()
    .meta({ description: 'It fits clients with a proven identity (true), or without (false).', examples: [false] }),
  clientId: list(namePattern('client ids'))
    .optional()
    .meta({
      description: 'It fits clients with one of these ids; `*` stands for any characters, `?` for one.',
      examples: [['meter-*']],
    }),
  forwarder: list(forwarderOrNot)
    .optional()
    .meta({
      description: 'It fits clients behind a forwarder at one of these addresses, behind `any`, or behind `none`.',
      examples: [['192.168.1.20']],
    }),
  connect: grant('Grants CONNECT.'),
  publish: filters(
    'Filters of the topics to which it may publish, by wills and QoS −1 as well. In all filters %c is the client id and %i the identity.',
    ['sensors/%c/#'],
  ),
  subscribe: filters('Filters of the topics that it may read.', ['commands/%c/#', 'weather']),
  deny: filters(
    'Filters of topics that it may use in no way, whatever else the rule says.',
    ['sensors/%c/internal/#'],
    deniedFilter,
  ),
  qosMinus1: grant('Grants QoS −1, which needs no connection.'),
  retain: grant('Grants Retain.'),
  maxQos: oneOf([0, 1, 2])
    .default(2)
    .meta({ description: 'Highest QoS; a subscription with a higher one gets this one.', examples: [1] }),
  maxPayload: octets(0, 65_535)
    .optional()
    .meta({ description: 'Longest payload of a publish. Absent: any.', examples: [128] }),
  rate: z
    .strictObject({
      messages: numberAbove(0, 1_000_000)
        .optional()
        .meta({ description: 'Publishes in a second; 0.1 is one in 10 seconds.', examples: [2] }),
      octets: numberAbove(0, 1_000_000_000)
        .optional()
        .meta({ description: 'Octets of payload in a second.', examples: [1_000] }),
      burst: duration({ min: SECOND, max: HOUR })
        .default(10 * SECOND)
        .meta({
          description: 'What is not used is saved up: as much as in this time may come at once.',
          examples: ['10s'],
        }),
    })
    .refine(({ messages, octets: some }) => messages !== undefined || some !== undefined, {
      error: 'needs messages or octets: as it is it would limit nothing',
    })
    .optional()
    .meta({ description: 'how much each client may publish; more is refused (congestion). Absent: any.' }),
  sessions: wholeNumber(1, 1_000_000)
    .optional()
    .meta({
      description:
        'Sessions that each identity may have by this rule, or all clients of this rule together that have none. Absent: any.',
      examples: [1],
    }),
});

export const accessSection = z.strictObject({
  file: file()
    .optional()
    .meta({
      description:
        'File with more rules, behind those of the settings: a list of them (YAML), or an ACL file of mosquitto, told apart by content. Read again with the settings.',
      examples: ['access.yaml'],
    }),
  default: choice(['deny', 'allow'])
    .default('deny')
    .meta({ description: 'What a client may do that no rule fits: nothing, or everything.', examples: ['allow'] }),
  clientIdFromIdentity: choice(['off', 'require', 'set'])
    .default('off')
    .meta({
      description:
        'What the client id of a client with a proven identity has to do with that: nothing; it must match clientIdPattern; or it is the identity, whatever the client says.',
      examples: ['require'],
    }),
  clientIdPattern: text({ pattern: /%i/, expected: 'a pattern with %i in it' })
    .default('%i')
    .meta({
      description: 'With `require`: what the client id has to be; %i is the identity, `*` any characters, `?` one.',
      examples: ['%i-*'],
    }),
  rules: z.array(accessRule).max(MAX_RULES).default([]).meta({
    description:
      'Rules, in order. The first that fits a client (all that it asks for) is its only one: what it does not grant is denied. A rule that asks for nothing fits everybody.',
  }),
});
