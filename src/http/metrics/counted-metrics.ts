/** The metrics that are made of notes: what they say, and what they are told apart by. */
import type { Labels } from './family.ts';

interface CountedMetric {
  readonly help: string;
  readonly labels: readonly string[];
  /** Values that its labels are known to have: they are told from the start, as 0. */
  readonly known: readonly Labels[];
}

const CONNECTIONS = [{ connection: 'own' }, { connection: 'shared' }];

/** By name. */
export const COUNTED_METRICS = {
  mqttsn_client_events_total: {
    labels: ['event'],
    help: 'What clients have done, or what happened to them.',
    known: [
      'connected',
      'disconnected',
      'asleep',
      'awake',
      'lost',
      'moved',
      'connect_abandoned',
      'session_expired',
      'session_forgotten',
    ].map((event) => ({ event })),
  },
  mqttsn_messages_total: {
    labels: ['direction', 'qos'],
    help: 'Messages taken from clients (up) and delivered to them (down), repetitions not counted.',
    known: [
      ...['-1', '0', '1', '2'].map((qos) => ({ direction: 'up', qos })),
      ...['0', '1', '2'].map((qos) => ({ direction: 'down', qos })),
    ],
  },
  mqttsn_refusals_total: {
    labels: ['message', 'return_code'],
    help: 'Requests of clients that were answered with another return code than accepted.',
    known: [
      ...['congestion', 'notSupported'].map((return_code) => ({ message: 'CONNECT', return_code })),
      ...['REGISTER', 'PUBLISH', 'SUBSCRIBE'].flatMap((message) =>
        ['congestion', 'invalidTopicId', 'notSupported'].map((return_code) => ({ message, return_code })),
      ),
    ],
  },
  mqttsn_frames_dropped_total: {
    labels: ['reason'],
    help: 'Frames that are not MQTT-SN, or that may not come this way.',
    known: [
      'empty',
      'truncated',
      'badLength',
      'trailing',
      'unknownType',
      'malformed',
      'nested',
      'forwarder',
      'tooLong',
    ].map((reason) => ({ reason })),
  },
  mqttsn_frames_undelivered_total: {
    labels: [],
    help: 'Frames to clients of which a radio has said that they did not arrive.',
    known: [{}],
  },
  mqttsn_line_discards_total: {
    labels: ['reason'],
    help: 'How often octets came over a serial line that belong to no frame.',
    known: [],
  },
  mqttsn_dtls_associations_opened_total: { labels: [], help: 'DTLS associations that were made.', known: [{}] },
  mqttsn_dtls_associations_closed_total: { labels: ['reason'], help: 'DTLS associations that are over.', known: [] },
  mqttsn_dtls_handshakes_failed_total: {
    labels: ['reason'],
    help: 'DTLS handshakes that did not succeed.',
    known: ['wrong-key', 'unknown-identity', 'timeout', 'limit'].map((reason) => ({ reason })),
  },
  mqttsn_dtls_records_dropped_total: {
    labels: ['reason'],
    help: 'DTLS records that counted for nothing, and frames that were kept from an address that is not proven.',
    known: ['replayed', 'forged', 'unknown-association'].map((reason) => ({ reason })),
  },
  mqttsn_unknown_senders_total: {
    labels: ['answered'],
    help: 'Messages from senders without a session, and whether they were answered with DISCONNECT.',
    known: ['true', 'false'].map((answered) => ({ answered })),
  },
  mqttsn_messages_ignored_total: { labels: ['message'], help: 'Messages of clients that came out of step.', known: [] },
  mqttsn_duplicates_total: {
    labels: ['message'],
    help: 'Messages that clients have repeated, and that were not handled again.',
    known: [{ message: 'PUBLISH' }],
  },
  mqttsn_retransmissions_total: {
    labels: ['message'],
    help: 'Messages that the gateway has repeated, for a client did not answer.',
    known: [{ message: 'PUBLISH' }, { message: 'REGISTER' }],
  },
  mqttsn_not_taken_total: {
    labels: ['message'],
    help: 'Messages that were not taken, for as much as may wait for the disk waits for it.',
    known: [{ message: 'frame' }, { message: 'PUBLISH' }],
  },
  mqttsn_topics_registered_total: { labels: [], help: 'Topic names that were given a topic id.', known: [{}] },
  mqttsn_subscription_changes_total: {
    labels: ['change'],
    help: 'Subscriptions that clients have made and ended.',
    known: [{ change: 'subscribed' }, { change: 'unsubscribed' }],
  },
  mqttsn_upstream_connects_total: {
    labels: ['connection'],
    help: 'Connections to the broker that were made: that which clients share, and those of one client or of the gateway itself (own).',
    known: CONNECTIONS,
  },
  mqttsn_upstream_failures_total: {
    labels: ['connection'],
    help: 'Connections to the broker that broke, and attempts in vain.',
    known: CONNECTIONS,
  },
  mqttsn_upstream_outages_total: {
    labels: [],
    help: 'How often the broker could not be reached any more through any connection.',
    known: [{}],
  },
  mqttsn_poison_total: {
    labels: ['message'],
    help: 'Messages that were given up, for the broker closes the connection on them.',
    known: ['PUBLISH', 'PUBREL', 'SUBSCRIBE', 'UNSUBSCRIBE'].map((message) => ({ message })),
  },
  mqttsn_qos0_unconfirmed_total: {
    labels: [],
    help: 'Publishes with QoS 0 that went out on a connection that broke: they may be lost.',
    known: [{}],
  },
  mqttsn_incidents_total: {
    labels: ['event'],
    help: 'What somebody should look at, by the name of the event in the log.',
    known: [
      'broker-session-left',
      'session-failed',
      'observer-failed',
      'store-problem',
      'store-stalled',
      'transport-down',
      'transport-problem',
      'upstream-problem',
      'own-connection-contested',
      'shared-connection-contested',
      'process-paused',
    ].map((event) => ({ event })),
  },
} as const satisfies Readonly<Record<string, CountedMetric>>;

export type MetricName = keyof typeof COUNTED_METRICS;
