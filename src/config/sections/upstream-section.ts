/** The way to the broker. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../duration.ts';
import { meantPrefix } from '../meant-value.ts';
import {
  brokerUrl,
  choice,
  duration,
  file,
  flag,
  type ListEntry,
  list,
  MIB,
  octets,
  secret,
  settingKinds,
  text,
  wholeNumber,
} from '../setting-kinds.ts';
import { pskSection } from './psk-section.ts';

const clientIdText = (more = {}) =>
  text({ pattern: /^[^\p{Cc}]+$/u, expected: 'text without control characters' }, more);

/** A protocol name has 1 to 255 octets on the wire (RFC 7301, 3.1). */
const alpnProtocol: ListEntry = {
  expected: 'names of protocols (1 to 255 visible ASCII characters)',
  read: (written) => (/^[!-~]{1,255}$/.test(written) ? written : undefined),
  meant: () => undefined,
};

const clientIdPattern: ListEntry = {
  expected: 'client ids (text without control characters), in which * stands for any characters and ? for one',
  read: (written) => (/^[^\p{Cc}]+$/u.test(written) ? written : undefined),
  meant: () => undefined,
  problem: (written) => (written === '' ? 'it fits nobody: no client id is empty' : undefined),
};

export const upstreamSection = z.strictObject({
  url: brokerUrl()
    .optional()
    .meta({
      description:
        'Broker to which everything is forwarded. Absent: the embedded broker is used. A user name and password in the URL are taken as username and password.',
      examples: ['mqtt://localhost:1883'],
    }),
  mode: choice(['transparent', 'aggregating'])
    .default(core.upstream.mode)
    .meta({
      description:
        'transparent: each client has a connection of its own to the broker; aggregating: all share one, and their sessions are those of the gateway.',
      examples: ['aggregating'],
    }),
  ownConnection: list(clientIdPattern)
    .optional()
    .meta({
      description:
        'Clients that have a connection of their own all the same where the mode is aggregating: client ids, in which `*` stands for any characters and `?` for one. Absent: none.',
      examples: [['pump-7', 'meter-*']],
    }),
  username: text()
    .optional()
    .meta({ description: 'User name for the broker; comes before the one in the URL.', examples: ['gateway'] }),
  password: secret()
    .optional()
    .meta({
      description:
        'Password for the broker; comes before the one in the URL. Better given by its environment variable, or by passwordFile, than in the file.',
      examples: ['secret'],
    }),
  passwordFile: file()
    .optional()
    .meta({
      description:
        'File that has the password, in place of password, such as a secret of a container or of systemd. What changes in it counts for the next connection when settings are read again.',
      examples: ['/run/secrets/broker-password'],
    }),
  credentials: file()
    .optional()
    .meta({
      description:
        'File (YAML) with rules by which clients have user names, passwords, certificates, pre-shared keys and prefixes of their own at the broker (docs/credentials.md). Read again with the settings.',
      examples: ['credentials.yaml'],
    }),
  clientIdPrefix: clientIdText()
    .optional()
    .meta({
      description: 'Put before each client id at the broker. Absent: the ids are the same on both sides.',
      examples: ['sensors-'],
    }),
  topicPrefix: text(
    {
      pattern: /^(?!\$(?:SYS|share)\/)[^+#\p{Cc}]{0,999}\/$/u,
      expected:
        'levels of a topic without wildcards, in which %c is the client id, with a / at the end, and not $SYS/ or $share/ at the beginning',
    },
    { meant: meantPrefix },
  )
    .optional()
    .meta({
      description:
        'Put before each topic name and filter at the broker, and taken off what comes back; %c stands for the client id (with / + # and % in it as %2F, %2B, %23, %25, and with %24 for a $ with which all would begin), and for nothing in publishes with QoS −1. Absent: topics are the same on both sides.',
      examples: ['site-3/%c/'],
    }),
  gatewayClientId: clientIdText({ defaultText: 'mqtt-sn-gw-<gateway.id>-<6 digits>' })
    .optional()
    .meta({
      description:
        "Client id of the gateway's own connection, and with -s behind it of the one that the clients of an aggregating gateway share; no two gateways on one broker may have the same. Absent: made once and kept with the sessions (sessions.path memory: from the machine and its UDP port).",
      examples: ['mqtt-sn-gateway-cellar'],
    }),
  ca: file({ pem: 'certificates' })
    .optional()
    .meta({
      description:
        'Certificates (PEM) of the authorities that are trusted for the broker. Absent: those of Node.js. This file, cert and key are read again for each connection once they have changed.',
      examples: ['ca.pem'],
    }),
  cert: file({ pem: 'certificates' })
    .optional()
    .meta({ description: 'Client certificate (PEM) to show to the broker; needs key.', examples: ['gateway.crt'] }),
  key: file({ pem: 'private key' })
    .optional()
    .meta({ description: 'Private key (PEM) of the client certificate; needs cert.', examples: ['gateway.key'] }),
  psk: pskSection.optional().meta({
    description:
      'a pre-shared key that secures the connections (TLS 1.2) in place of certificates; needs mqtts:// or wss://. cert and key do not go with it.',
  }),
  alpn: list(alpnProtocol)
    .optional()
    .meta({
      description: 'Protocols that are offered in the TLS handshake (ALPN), for brokers that ask for one.',
      examples: [['mqtt']],
    }),
  rejectUnauthorized: flag()
    .default(true)
    .meta({ description: 'Refuse a broker whose certificate cannot be verified. false is for experiments only.' }),
  protocolVersion: z
    .literal([4, 5])
    .register(settingKinds, { kind: 'number', expected: '4 or 5', type: '4 or 5', defaultText: '4' })
    .optional()
    .meta({
      description:
        'MQTT version towards the broker: 4 is MQTT 3.1.1, 5 is MQTT 5. Absent with upstream.mode aggregating: the shared connection has 5, or 4 with a broker that refuses it, all others have 4.',
      examples: [5],
    }),
  keepAlive: duration({ min: SECOND, max: 18 * HOUR, zero: 'off', wholeSeconds: true })
    .default(MINUTE)
    .meta({
      description: "Keep-alive of the gateway's own towards the broker; independent of that of the clients.",
      examples: ['60s'],
    }),
  connectTimeout: duration({ min: 100, max: 10 * MINUTE })
    .default(10 * SECOND)
    .meta({ description: 'How long to wait until a connection to the broker stands.', examples: ['10s'] }),
  grace: duration({ min: 0, max: DAY })
    .default(core.upstream.grace)
    .meta({ description: 'How long active clients are kept while the broker is away.', examples: ['30s'] }),
  reconnectMin: duration({ min: 100, max: HOUR })
    .default(core.upstream.reconnectMin)
    .meta({
      description:
        'First pause between two attempts to reach the broker; it doubles up to reconnectMax. Chance shortens each pause by up to a half.',
      examples: ['1s'],
    }),
  reconnectMax: duration({ min: 100, max: HOUR })
    .default(core.upstream.reconnectMax)
    .meta({ description: 'Longest pause between two attempts to reach the broker.', examples: ['1m'] }),
  maxConnecting: wholeNumber(1, 10_000)
    .default(core.upstream.maxConnecting)
    .meta({
      description: 'Most connections to the broker that are being made at a time; the others wait their turn.',
      examples: [20],
    }),
  willDelay: duration({ min: 0, max: DAY, wholeSeconds: true })
    .default(core.upstream.willDelay)
    .meta({
      description:
        'How long the broker waits before it publishes the will of a client whose connection broke (MQTT 5 only): a restart of the gateway that takes less fires no wills. With `upstream.mode: aggregating` the gateway waits so long for a client with a persistent session, whatever the version.',
      examples: ['30s'],
    }),
  receiveMaximum: wholeNumber(1, 65_535)
    .default(20)
    .meta({
      description:
        'QoS 1 and 2 messages that the broker may send on one connection before they are acknowledged (MQTT 5 only). The connection that the clients of an aggregating gateway share has 1000, or this where it is more.',
      examples: [20],
    }),
  sessionExpiry: duration({ min: 0, max: 3_650 * DAY, wholeSeconds: true, defaultText: 'as sessions.expiry' })
    .optional()
    .meta({
      description:
        'How long the broker keeps the session of a client that asked for a persistent one, and that of the shared connection of an aggregating gateway, after its connection ended (MQTT 5 only). What is shorter than `sessions.expiry` loses what is published for clients, or while the gateway is off, beyond that time.',
      examples: ['7d'],
    }),
  maxBacklog: octets(1_024, 256 * MIB)
    .default(MIB)
    .meta({
      description:
        'Octets that may be on their way to the broker on one connection and not yet taken. While there are more, publishes with QoS 0 wait as if the broker could not be reached (offlineQueue).',
      examples: [1_048_576],
    }),
  maxBacklogInAll: octets(1_024, 16_384 * MIB)
    .default(64 * MIB)
    .meta({ description: 'The same limit over all connections.', examples: [67_108_864] }),
  offlineQueue: z
    .strictObject({
      messages: wholeNumber(0, 1_000_000)
        .default(core.upstream.offlineQueue.messages)
        .meta({
          description:
            'Most publishes with QoS 0 and −1 held while the broker cannot be reached or takes no more, over all clients.',
          examples: [100],
        }),
      octets: octets(0, 256 * MIB)
        .default(core.upstream.offlineQueue.octets)
        .meta({ description: 'The same limit in octets.', examples: [65_536] }),
      drop: choice(['oldest', 'newest'])
        .default(core.upstream.offlineQueue.drop)
        .meta({ description: 'Which publish is dropped when there are too many.', examples: ['newest'] }),
    })
    .prefault({})
    .meta({ description: 'what is held while the broker cannot be reached.' }),
});
