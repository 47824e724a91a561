/** What clients may do, and how much of it. */
import { z } from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { choice, flag, octets, text, wholeNumber } from '../setting-kinds.ts';

export const clientsSection = z.strictObject({
  maxClientIdOctets: octets(1, 65_500)
    .default(core.clients.maxClientIdOctets)
    .meta({ description: 'Longest client id that is accepted. The specification says 23.', examples: [23] }),
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
  qosMinus1From: text()
    .optional()
    .meta({
      description: 'Addresses from which publishes with QoS −1 are accepted, separated by commas. Absent: any.',
      examples: ['192.168.1.20, 192.168.1.21'],
    }),
  qosMinus1Topics: text()
    .optional()
    .meta({
      description:
        'Topic filters of which one has to match the topic of a publish with QoS −1, separated by commas. Absent: any topic.',
      examples: ['sensors/#, meters/+/power'],
    }),
  qosMinus1PerSecond: wholeNumber(0, 1_000_000, 'no limit')
    .default(core.clients.qosMinus1PerSecond)
    .meta({ description: 'Most publishes with QoS −1 accepted in any second, over all senders.', examples: [100] }),
  qosMinus1LongNames: flag()
    .default(core.clients.qosMinus1LongNames)
    .meta({
      description: 'Accept the private extension that puts a long topic name into the data of a QoS −1 publish.',
      examples: [true],
    }),
});
