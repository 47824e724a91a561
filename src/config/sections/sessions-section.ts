/** Sessions: how many, how long, and what waits in them. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { DAY, SECOND } from '../duration.ts';
import { choice, duration, file, MIB, octets, wholeNumber } from '../setting-kinds.ts';

export const sessionsSection = z.strictObject({
  path: file({ keyword: 'memory' })
    .default('./sessions')
    .meta({
      description:
        'Folder in which sessions outlive the process; made where it is missing. `memory` keeps nothing. Under systemd the default is the first folder of STATE_DIRECTORY (StateDirectory= of the unit).',
      examples: ['/var/lib/mqtt-sn-gateway'],
    }),
  limit: wholeNumber(1, 1_000_000)
    .default(core.sessions.limit)
    .meta({
      description:
        'Most sessions at a time, with those of persistent clients that are away. Beyond it one that is away without subscriptions and messages is forgotten, at the address or forwarder that has most; where there is none, further clients are refused (congestion), save where one address has more than half: then addresses that have few share an eighth more.',
      examples: [10_000],
    }),
  maxHalfOpen: wholeNumber(1, 1_000_000)
    .default(core.sessions.maxHalfOpen)
    .meta({
      description:
        'Most clients without a session that are being asked for their will; beyond it the oldest are given up, at the address or forwarder that has most. They do not count for limit.',
      examples: [1_000],
    }),
  expiry: duration({ min: SECOND, max: 3_650 * DAY })
    .default(core.sessions.expiry)
    .meta({ description: 'How long the session of a persistent client that is gone is kept.', examples: ['7d'] }),
  cleanConnectWhileAsleep: choice(['clean', 'resume'])
    .default(core.sessions.cleanConnectWhileAsleep)
    .meta({
      description:
        "What a CONNECT with CleanSession does to a sleeping client's session: clean wipes it, resume keeps it.",
      examples: ['resume'],
    }),
  sleepBufferMessages: wholeNumber(0, 1_000_000)
    .default(core.sessions.sleepBufferMessages)
    .meta({
      description: 'Most QoS 0 messages that wait for one client; the oldest is dropped first. 0: none waits.',
      examples: [100],
    }),
  sleepBufferOctets: octets(0, 256 * MIB)
    .default(core.sessions.sleepBufferOctets)
    .meta({
      description: 'The same limit in octets; a message that is larger by itself is dropped alone.',
      examples: [65_536],
    }),
  sleepBufferOctetsInAll: octets(0, 16_384 * MIB)
    .default(core.sessions.sleepBufferOctetsInAll)
    .meta({ description: 'The same limit in octets, for all clients together.', examples: [67_108_864] }),
  maxAwakeTime: duration({ min: SECOND, max: DAY })
    .default(core.sessions.maxAwakeTime)
    .meta({ description: 'Longest awake period of a sleeping client.', examples: ['60s'] }),
  maxAwakeMessages: wholeNumber(0, 1_000_000, 'unlimited')
    .default(core.sessions.maxAwakeMessages)
    .meta({ description: 'Most messages delivered in one awake period; the rest waits for the next.', examples: [20] }),
  queue: z
    .strictObject({
      messages: wholeNumber(0, 1_000_000)
        .default(core.sessions.queue.messages)
        .meta({
          description:
            'Most messages that wait for one client; beyond it the oldest with QoS 0 is dropped, be it the one that has just come, and where there is none the oldest. 0: none waits, and a client that is asleep, away or busy misses what comes. Only with upstream.mode aggregating.',
          examples: [1_000],
        }),
      octets: octets(0, 256 * MIB)
        .default(core.sessions.queue.octets)
        .meta({
          description:
            'The same limit in octets, of topic and payload; a message that is larger by itself is dropped alone. Only with upstream.mode aggregating.',
          examples: [1_048_576],
        }),
      octetsInAll: octets(0, 1_048_576 * MIB)
        .default(core.sessions.queue.octetsInAll)
        .meta({
          description:
            'The same limit in octets, for all clients together; a message counts for each client that it waits for. Beyond it the oldest of the client that has most is dropped. Only with upstream.mode aggregating.',
          examples: [1_073_741_824],
        }),
      age: duration({ min: SECOND, max: 3_650 * DAY })
        .default(core.sessions.queue.age)
        .meta({
          description:
            'How long a message waits for a client at most; then it is dropped. Only with upstream.mode aggregating.',
          examples: ['7d'],
        }),
    })
    .prefault({})
    .meta({
      description:
        'what waits in an aggregating gateway for persistent clients that are asleep, away or busy: QoS 1 and 2 on disk, QoS 0 in memory. In a transparent one it waits at the broker.',
    }),
});
