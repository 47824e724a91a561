/** What is counted of the notes: which metric each type of note goes to, and how what it is told apart by becomes labels. */
import type { Note } from '../../ports/observer.ts';
import type { Family, Labels, Sample } from './family.ts';

interface CountedMetric {
  readonly help: string;
  readonly labels: readonly string[];
  /** Values that its labels are known to have: they are told from the start, as 0. */
  readonly known: readonly Labels[];
}

/** Metrics that are made of notes. */
const METRICS = {
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
  mqttsn_upstream_connects_total: { labels: [], help: 'Connections to the broker that were made.', known: [{}] },
  mqttsn_upstream_failures_total: {
    labels: [],
    help: 'Connections to the broker that broke, and attempts in vain.',
    known: [{}],
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
      'process-paused',
    ].map((event) => ({ event })),
  },
} as const satisfies Readonly<Record<string, CountedMetric>>;

type MetricName = keyof typeof METRICS;

/** One label for all that the counter tells apart. */
const as =
  (metric: MetricName, label: string) =>
  (value: string): Target => ({ metric, labels: { [label]: value } });
const plain = (metric: MetricName) => (): Target => ({ metric, labels: {} });
const event = (name: string) => (): Target => ({ metric: 'mqttsn_client_events_total', labels: { event: name } });
const change = (name: string) => (): Target => ({
  metric: 'mqttsn_subscription_changes_total',
  labels: { change: name },
});
const incident = (name: string) => (): Target => ({ metric: 'mqttsn_incidents_total', labels: { event: name } });
/** `qos1`, `qos-1`. */
const messages =
  (direction: string) =>
  (qos: string): Target => ({ metric: 'mqttsn_messages_total', labels: { direction, qos: qos.slice('qos'.length) } });
const refusal = (message: string, return_code: string): Target => ({
  metric: 'mqttsn_refusals_total',
  labels: { message, return_code },
});

/** Where a count goes. */
interface Target {
  readonly metric: MetricName;
  readonly labels: Labels;
}

/** What is told elsewhere, or only in the log. */
const untold = (): undefined => undefined;

/** By the type of the note: where it goes with what the counters tell it apart by. */
const TARGETS: Readonly<Record<Note['type'], (label: string) => Target | undefined>> = {
  'client-connected': event('connected'),
  'client-refused': (code) => refusal('CONNECT', code),
  'connect-abandoned': event('connect_abandoned'),
  'client-moved': event('moved'),
  'client-disconnected': event('disconnected'),
  'client-asleep': event('asleep'),
  'client-awake': event('awake'),
  'client-lost': event('lost'),
  'frame-dropped': as('mqttsn_frames_dropped_total', 'reason'),
  'frame-undelivered': plain('mqttsn_frames_undelivered_total'),
  'unknown-sender': (label) => ({
    metric: 'mqttsn_unknown_senders_total',
    labels: { answered: String(label === 'answered') },
  }),
  'message-ignored': as('mqttsn_messages_ignored_total', 'message'),
  'request-rejected': (label) => {
    const [message = '', code = ''] = label.split('.');
    return refusal(message, code);
  },
  'topic-registered': plain('mqttsn_topics_registered_total'),
  subscribed: change('subscribed'),
  unsubscribed: change('unsubscribed'),
  'subscription-refused': change('refused'),
  'subscription-moved': change('moved'),
  'client-published': messages('up'),
  'duplicate-absorbed': as('mqttsn_duplicates_total', 'message'),
  'client-publish-dropped': untold, // with their reasons: message-families.ts
  delivered: messages('down'),
  'delivery-dropped': untold,
  retransmitted: as('mqttsn_retransmissions_total', 'message'),
  'upstream-up': plain('mqttsn_upstream_connects_total'),
  'upstream-down': plain('mqttsn_upstream_failures_total'),
  'upstream-problem': incident('upstream-problem'),
  'poison-given-up': as('mqttsn_poison_total', 'message'),
  'qos0-unconfirmed': plain('mqttsn_qos0_unconfirmed_total'),
  'own-connection-contested': incident('own-connection-contested'),
  'broker-answer-ignored': incident('broker-answer-ignored'),
  'broker-without-qos2': incident('broker-without-qos2'),
  'shared-connection-up': plain('mqttsn_upstream_connects_total'),
  'shared-connection-down': plain('mqttsn_upstream_failures_total'),
  'shared-protocol-changed': untold,
  'status-refused': incident('status-refused'),
  'mode-changed': untold,
  'gateway-reachable': (label) =>
    label === 'unreachable' ? { metric: 'mqttsn_upstream_outages_total', labels: {} } : undefined,
  'outage-over': untold,
  'gateway-started': untold,
  'gateway-stopping': untold,
  'gateway-stopped': untold,
  'settings-reloaded': untold,
  'setting-changed': untold,
  'predefined-topic-changed': untold,
  'predefined-topics-changed': untold,
  'restart-needed': untold,
  'reload-refused': incident('reload-refused'),
  'settings-problem': untold,
  'log-level-changed': untold,
  'transport-up': untold,
  'transport-problem': incident('transport-problem'),
  'transport-down': incident('transport-down'),
  'octets-discarded': as('mqttsn_line_discards_total', 'reason'),
  'radio-signal': untold,
  'radio-node': untold,
  'radio-status': untold,
  'store-problem': incident('store-problem'),
  'store-chosen': untold,
  'store-stalled': incident('store-stalled'),
  'store-recovered': untold,
  'message-not-taken': as('mqttsn_not_taken_total', 'message'),
  'http-up': untold,
  'http-problem': incident('http-problem'),
  'http-login-blocked': incident('http-login-blocked'),
  'operator-acted': untold,
  'status-up': untold,
  'status-down': untold,
  'status-off': untold,
  'status-problem': untold,
  'process-paused': incident('process-paused'),
  'sessions-restored': untold,
  'session-expired': event('session_expired'),
  'session-forgotten': event('session_forgotten'),
  'broker-session-ended': untold,
  'broker-session-left': incident('broker-session-left'),
  'session-failed': incident('session-failed'),
  'observer-failed': incident('observer-failed'),
};

/** Everything that is counted of notes. */
export const NOTE_FAMILIES: readonly Family[] = (Object.keys(METRICS) as MetricName[]).map((name) => {
  const { help, labels, known } = METRICS[name];
  return {
    type: 'counter',
    name,
    help,
    labels,
    samples: ({ counts }) => samplesOf(name, known, counts),
  };
});

function samplesOf(name: MetricName, known: readonly Labels[], counts: Readonly<Record<string, number>>): Sample[] {
  const samples = known.map((labels) => ({ labels, value: 0 }) as Sample);
  for (const [counted, value] of Object.entries(counts)) {
    const dot = counted.indexOf('.');
    const type = (dot < 0 ? counted : counted.slice(0, dot)) as Note['type'];
    const target = TARGETS[type]?.(dot < 0 ? '' : counted.slice(dot + 1));
    if (target?.metric === name) {
      samples.push({ labels: target.labels, value }); // what has the same labels adds up
    }
  }
  return samples;
}
