/** What clients may do, and how much of it. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { anyAddress } from '../forwarder-address.ts';
import { choice, flag, type ListEntry, list, MIB, octets, wholeNumber } from '../setting-kinds.ts';
import { filterProblem } from '../topic-filter.ts';

const topicFilter: ListEntry = {
  expected: 'topic filters',
  read: (text) => (filterProblem(text) === undefined ? text : undefined),
  meant: () => undefined,
  problem: filterProblem,
  notEmpty: 'would accept nothing: clients.qosMinus1: false says so',
};

export const clientsSection = z.strictObject({
  maxClientIdOctets: octets(1, 65_500)
    .default(core.clients.maxClientIdOctets)
    .meta({ description: 'Longest client id that is accepted. The specification says 23.', examples: [23] }),
  names: choice(['strict', 'utf8'])
    .default(core.clients.names)
    .meta({
      description:
        'Characters in client ids, topic names, filters and will topics of clients: strict refuses control characters (U+0001–U+001F, U+007F–U+009F) and non-characters, for which many brokers close the connection; utf8 refuses U+0000 only. What the broker delivers always passes.',
      examples: ['utf8'],
    }),
  emptyClientId: choice(['reject', 'generate'])
    .default(core.clients.emptyClientId)
    .meta({
      description: 'What to do with an empty client id: refuse it, or generate one from the address.',
      examples: ['generate'],
    }),
  addressBinding: choice(['any', 'sameHost', 'fixed'])
    .default(core.clients.addressBinding)
    .meta({
      description:
        'From where a known client id may come back: any address, the same host with any port, or the same address only.',
      examples: ['sameHost'],
    }),
  willUpdate: choice(['local', 'reconnect', 'reject'])
    .default(core.clients.willUpdate)
    .meta({
      description:
        'What an update of the will does: local keeps the new will in the gateway, reconnect hands it to the broker at once, reject refuses it.',
      examples: ['reconnect'],
    }),
  maxTopics: wholeNumber(1, 65_534)
    .default(core.clients.maxTopics)
    .meta({
      description: 'Most registered topic ids for one client; further ones are refused (congestion).',
      examples: [256],
    }),
  maxSubscriptions: wholeNumber(1, 65_535)
    .default(core.clients.maxSubscriptions)
    .meta({
      description: 'Most subscriptions of one client; further ones are refused (congestion).',
      examples: [16],
    }),
  maxNameOctets: octets(256, 16 * MIB)
    .default(core.clients.maxNameOctets)
    .meta({
      description:
        'Most octets of topic names and filters that one client has registered and subscribed; further ones are refused (congestion).',
      examples: [8_192],
    }),
  maxInflight: wholeNumber(1, 65_535)
    .default(core.clients.maxInflight)
    .meta({
      description:
        'Most QoS 1 and 2 publishes of one client under way at a time; further ones are refused (congestion). Not above the in-flight window of the broker: mosquitto loses QoS 2 publishes beyond its 20.',
      examples: [16],
    }),
  qosMinus1: flag()
    .default(core.clients.qosMinus1)
    .meta({
      description: 'Accept publishes with QoS −1 (no connection) to pre-defined and short topics.',
      examples: [false],
    }),
  qosMinus1From: list(anyAddress)
    .optional()
    .meta({
      description:
        'Addresses from which publishes with QoS −1 are accepted: IP addresses (with a port or without), 64-bit addresses of XBee modules, `line` for serial lines; no networks, no host names. Absent: any.',
      examples: [['192.168.1.20', '192.168.1.21']],
    }),
  qosMinus1Topics: list(topicFilter)
    .optional()
    .meta({
      description: 'Topic filters of which one has to match the topic of a publish with QoS −1. Absent: any topic.',
      examples: [['sensors/#', 'meters/+/power']],
    }),
  qosMinus1PerSecond: wholeNumber(0, 1_000_000, 'no limit')
    .default(core.clients.qosMinus1PerSecond)
    .meta({
      description:
        'Most publishes with QoS −1 accepted in a second, shared fairly between the addresses and forwarders that send them.',
      examples: [100],
    }),
  qosMinus1LongNames: flag()
    .default(core.clients.qosMinus1LongNames)
    .meta({
      description: 'Accept the private extension that puts a long topic name into the data of a QoS −1 publish.',
      examples: [true],
    }),
});
