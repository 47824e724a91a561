/** Every setting, section by section: the one description for checks, defaults, documentation, environment and command line. */
import { z } from 'zod';
import { DEFAULT_CORE_SETTINGS } from '../core/contract/timer-values.ts';
import {
  brokerUrl,
  choice,
  duration,
  file,
  flag,
  host,
  octets,
  port,
  secret,
  settingKinds,
  text,
  wholeNumber,
} from './setting-kinds.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIB = 1_024;
const MIB = 1_024 * KIB;

const core = DEFAULT_CORE_SETTINGS;

const clientIdText = (more = {}) =>
  text({ pattern: /^[^\p{Cc}]+$/u, expected: 'text without control characters' }, more);

export const gatewaySection = z.strictObject({
  id: wholeNumber(0, 255)
    .default(core.gwId)
    .meta({
      description: 'Gateway id (GwId) in ADVERTISE and GWINFO; different for each gateway in a network.',
      examples: [7],
    }),
  advertiseInterval: duration({ min: SECOND, max: 18 * HOUR, zero: 'off', wholeSeconds: true })
    .default(core.advertiseInterval)
    .meta({
      description:
        'Time between two ADVERTISE messages (T_ADV). They are sent where a UDP transport has multicast, and on serial lines and XBee networks with advertise.',
      examples: ['15m'],
    }),
  answerWithoutUpstream: flag()
    .default(core.answerWithoutUpstream)
    .meta({ description: 'Answer SEARCHGW also while the broker cannot be reached.', examples: [true] }),
});

export const upstreamSection = z.strictObject({
  url: brokerUrl()
    .optional()
    .meta({
      description:
        'Broker to which everything is forwarded. Absent: the embedded broker is used. A user name and password in the URL are taken as username and password.',
      examples: ['mqtt://localhost:1883'],
    }),
  mode: choice(['transparent'])
    .default('transparent')
    .meta({ description: 'Each client has a connection of its own to the broker.' }),
  username: text()
    .optional()
    .meta({ description: 'User name for the broker; comes before the one in the URL.', examples: ['gateway'] }),
  password: secret()
    .optional()
    .meta({
      description:
        'Password for the broker; comes before the one in the URL. Better given by its environment variable than in the file.',
      examples: ['secret'],
    }),
  clientIdPrefix: clientIdText()
    .optional()
    .meta({
      description: 'Put before each client id at the broker. Absent: the ids are the same on both sides.',
      examples: ['sensors-'],
    }),
  gatewayClientId: clientIdText({ defaultText: 'mqtt-sn-gateway-<gateway.id>' })
    .optional()
    .meta({
      description:
        "Client id of the gateway's own connection, which carries publishes with QoS −1. Absent: mqtt-sn-gateway-<gateway.id>.",
      examples: ['mqtt-sn-gateway-cellar'],
    }),
  ca: file({ mustExist: true })
    .optional()
    .meta({
      description: 'Certificates (PEM) of the authorities that are trusted for the broker. Absent: those of Node.js.',
      examples: ['ca.pem'],
    }),
  cert: file({ mustExist: true })
    .optional()
    .meta({ description: 'Client certificate (PEM) to show to the broker; needs key.', examples: ['gateway.crt'] }),
  key: file({ mustExist: true })
    .optional()
    .meta({ description: 'Private key (PEM) of the client certificate; needs cert.', examples: ['gateway.key'] }),
  rejectUnauthorized: flag()
    .default(true)
    .meta({ description: 'Refuse a broker whose certificate cannot be verified. false is for experiments only.' }),
  protocolVersion: z
    .literal([4, 5])
    .register(settingKinds, { kind: 'number', expected: '4 or 5', type: '4 or 5' })
    .default(4)
    .meta({ description: 'MQTT version towards the broker: 4 is MQTT 3.1.1, 5 is MQTT 5.' }),
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
    .default(core.upstreamGrace)
    .meta({ description: 'How long active clients are kept while the broker is away.', examples: ['30s'] }),
  reconnectMin: duration({ min: 100, max: HOUR })
    .default(core.reconnectMin)
    .meta({
      description:
        'First pause between two attempts to reach the broker; it doubles up to reconnectMax. Chance shortens each pause by up to a half.',
      examples: ['1s'],
    }),
  reconnectMax: duration({ min: 100, max: HOUR })
    .default(core.reconnectMax)
    .meta({ description: 'Longest pause between two attempts to reach the broker.', examples: ['1m'] }),
  maxConnecting: wholeNumber(1, 10_000)
    .default(core.maxConnecting)
    .meta({
      description: 'Most connections to the broker that are being made at a time; the others wait their turn.',
      examples: [20],
    }),
  willDelay: duration({ min: 0, max: DAY, wholeSeconds: true })
    .default(0)
    .meta({
      description:
        'How long the broker waits before it publishes the will of a client whose connection broke (MQTT 5 only): a restart of the gateway that takes less fires no wills.',
      examples: ['30s'],
    }),
  receiveMaximum: wholeNumber(1, 65_535)
    .default(20)
    .meta({
      description:
        'QoS 1 and 2 messages that the broker may send for one client before they are acknowledged (MQTT 5 only).',
      examples: [20],
    }),
  sessionExpiry: duration({ min: 0, max: 3_650 * DAY, wholeSeconds: true })
    .default(DAY)
    .meta({
      description:
        'How long the broker keeps the session of a client that asked for a persistent one, after its connection ended (MQTT 5 only).',
      examples: ['7d'],
    }),
  offlineQueue: z
    .strictObject({
      messages: wholeNumber(0, 1_000_000)
        .default(core.offlineQueueMessages)
        .meta({
          description: 'Most publishes with QoS 0 and −1 held while the broker cannot be reached, over all clients.',
          examples: [100],
        }),
      octets: octets(0, 256 * MIB)
        .default(core.offlineQueueOctets)
        .meta({ description: 'The same limit in octets.', examples: [65_536] }),
      drop: choice(['oldest', 'newest'])
        .default(core.offlineQueueDrop)
        .meta({ description: 'Which publish is dropped when there are too many.', examples: ['newest'] }),
    })
    .prefault({})
    .meta({ description: 'what is held while the broker cannot be reached.' }),
});

export const brokerSection = z.strictObject({
  host: host()
    .default('127.0.0.1')
    .meta({ description: 'Address on which the embedded broker listens.', examples: ['0.0.0.0'] }),
  port: port()
    .default(1883)
    .meta({ description: 'TCP port of the embedded broker.', examples: [1883] }),
});

export const predefinedTopicsFile = file()
  .optional()
  .meta({
    description: 'File with pre-defined topic ids. Absent: there are none.',
    examples: ['predefined-topics.yaml'],
  });

export const timingSection = z.strictObject({
  retryInterval: duration({ min: 100, max: 10 * MINUTE })
    .default(core.retryInterval)
    .meta({
      description: 'How long the gateway waits for an answer before it sends again (T_retry).',
      examples: ['10s'],
    }),
  retryCount: wholeNumber(0, 20)
    .default(core.retryCount)
    .meta({
      description: 'How often the gateway sends again before it takes the client for lost (N_retry).',
      examples: [3],
    }),
  idleProbeAfter: duration({ min: SECOND, max: 30 * DAY })
    .default(core.idleProbeAfter)
    .meta({
      description: 'Silence after which a client without keep-alive (Duration 0) is probed with PINGREQ.',
      examples: ['1h'],
    }),
});

export const sessionsSection = z.strictObject({
  path: file({ keyword: 'memory' })
    .default('./sessions')
    .meta({
      description:
        'Folder in which sessions outlive the process; made where it is missing. `memory` keeps nothing. Under systemd the default is the first folder of STATE_DIRECTORY (StateDirectory= of the unit).',
      examples: ['/var/lib/mqtt-sn-gateway'],
    }),
  limit: wholeNumber(1, 1_000_000)
    .default(core.maxSessions)
    .meta({
      description:
        'Most sessions at a time, with those of persistent clients that are away; further clients are refused.',
      examples: [10_000],
    }),
  expiry: duration({ min: SECOND, max: 3_650 * DAY })
    .default(core.sessionExpiry)
    .meta({ description: 'How long the session of a persistent client that is gone is kept.', examples: ['7d'] }),
  cleanConnectWhileAsleep: choice(['clean', 'resume'])
    .default(core.cleanConnectWhileAsleep)
    .meta({
      description:
        "What a CONNECT with CleanSession does to a sleeping client's session: clean wipes it, resume keeps it.",
      examples: ['resume'],
    }),
  sleepBufferMessages: wholeNumber(0, 1_000_000)
    .default(core.maxQueuedMessages)
    .meta({
      description: 'Most QoS 0 messages that wait for one client; the oldest is dropped first.',
      examples: [100],
    }),
  sleepBufferOctets: octets(0, 256 * MIB)
    .default(core.maxQueuedOctets)
    .meta({ description: 'The same limit in octets.', examples: [65_536] }),
  sleepBufferOctetsInAll: octets(0, 16_384 * MIB)
    .default(core.maxQueuedOctetsInAll)
    .meta({ description: 'The same limit in octets, for all clients together.', examples: [67_108_864] }),
  maxAwakeTime: duration({ min: SECOND, max: DAY })
    .default(core.maxAwakeTime)
    .meta({ description: 'Longest awake period of a sleeping client.', examples: ['60s'] }),
  maxAwakeMessages: wholeNumber(0, 1_000_000, 'unlimited')
    .default(core.maxAwakeMessages)
    .meta({ description: 'Most messages delivered in one awake period; the rest waits for the next.', examples: [20] }),
});

export const clientsSection = z.strictObject({
  maxClientIdOctets: octets(1, 65_500)
    .default(core.maxClientIdOctets)
    .meta({ description: 'Longest client id that is accepted. The specification says 23.', examples: [23] }),
  emptyClientId: choice(['reject', 'generate'])
    .default(core.emptyClientId)
    .meta({
      description: 'What to do with an empty client id: refuse it, or generate one from the address.',
      examples: ['generate'],
    }),
  addressBinding: choice(['any', 'sameHost', 'fixed'])
    .default(core.clientAddressBinding)
    .meta({
      description:
        'From where a known client id may come back: any address, the same host with any port, or the same address only.',
      examples: ['sameHost'],
    }),
  willUpdate: choice(['local', 'reconnect', 'reject'])
    .default(core.willUpdate)
    .meta({
      description:
        'What an update of the will does: local keeps the new will in the gateway, reconnect hands it to the broker at once, reject refuses it.',
      examples: ['reconnect'],
    }),
  maxTopics: wholeNumber(1, 65_534)
    .default(core.maxTopicsPerClient)
    .meta({
      description: 'Most registered topic ids for one client; further ones are refused (congestion).',
      examples: [256],
    }),
  maxInflight: wholeNumber(1, 65_535)
    .default(core.maxInboundInflight)
    .meta({
      description:
        'Most QoS 1 and 2 publishes of one client under way at a time; further ones are refused (congestion). Not above the in-flight window of the broker: mosquitto loses QoS 2 publishes beyond its 20.',
      examples: [16],
    }),
  qosMinus1: flag()
    .default(core.qosMinus1)
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
    .default(core.qosMinus1PerSecond)
    .meta({ description: 'Most publishes with QoS −1 accepted in any second, over all senders.', examples: [100] }),
  qosMinus1LongNames: flag()
    .default(core.qosMinus1LongNames)
    .meta({
      description: 'Accept the private extension that puts a long topic name into the data of a QoS −1 publish.',
      examples: [true],
    }),
});

export const framesSection = z.strictObject({
  trailing: choice(['drop', 'ignore', 'parse'])
    .default(core.trailing)
    .meta({
      description:
        'Octets behind a message in one datagram: drop both, ignore the octets, or parse them as further messages.',
      examples: ['parse'],
    }),
  tolerateLength255: flag()
    .default(core.tolerateLength255)
    .meta({
      description: 'Accept a message of 257 octets that claims 255, a known defect of a client library.',
      examples: [false],
    }),
});

export const httpSection = z.strictObject({
  enabled: flag()
    .default(false)
    .meta({ description: 'Status page. Accepted, but not used yet by this version.', examples: [true] }),
  host: host()
    .default('127.0.0.1')
    .meta({ description: 'Address of the status page. Not used yet by this version.', examples: ['127.0.0.1'] }),
  port: port()
    .default(8080)
    .meta({ description: 'TCP port of the status page. Not used yet by this version.', examples: [8080] }),
});

export const loggingSection = z.strictObject({
  level: choice(['error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .meta({
      description: 'Least important messages that are logged; trace shows every frame, decoded.',
      examples: ['debug'],
    }),
  format: choice(['pretty', 'json'])
    .default('pretty')
    .meta({ description: 'Log lines for people, or one JSON object for each line.', examples: ['json'] }),
  payloads: flag()
    .default(false)
    .meta({ description: 'Show the payload octets of publishes too, at level trace.', examples: [true] }),
});
