/** What is counted of the notes: which metric each type of note goes to, and how what it is told apart by becomes labels. */
import type { Note } from '../../ports/observer.ts';
import { COUNTED_METRICS, type MetricName } from './counted-metrics.ts';
import type { Family, Labels, Sample } from './family.ts';

const METRIC_NAMES = Object.keys(COUNTED_METRICS) as MetricName[];
type Counts = Readonly<Record<string, number>>;

/** One label for all that the counter tells apart. */
const as =
  (metric: MetricName, label: string) =>
  (value: string): Target => ({ metric, labels: { [label]: value } });
const plain = (metric: MetricName) => (): Target => ({ metric, labels: {} });
/** Whose connection to the broker it is. */
const connection = (metric: MetricName, whose: 'own' | 'shared') => (): Target => ({
  metric,
  labels: { connection: whose },
});
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
  'client-asleep-again': event('asleep_again'),
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
  'upstream-up': connection('mqttsn_upstream_connects_total', 'own'),
  'upstream-down': connection('mqttsn_upstream_failures_total', 'own'),
  'upstream-problem': incident('upstream-problem'),
  'poison-given-up': as('mqttsn_poison_total', 'message'),
  'qos0-unconfirmed': plain('mqttsn_qos0_unconfirmed_total'),
  'own-connection-contested': incident('own-connection-contested'),
  'shared-connection-contested': incident('shared-connection-contested'),
  'broker-answer-ignored': incident('broker-answer-ignored'),
  'broker-without-qos2': incident('broker-without-qos2'),
  'shared-connection-up': connection('mqttsn_upstream_connects_total', 'shared'),
  'shared-connection-down': connection('mqttsn_upstream_failures_total', 'shared'),
  'shared-protocol-changed': untold,
  'shared-session-ended': untold,
  'shared-session-unknown': untold,
  'message-for-nobody': incident('message-for-nobody'),
  'subscription-unknown': untold,
  'status-refused': incident('status-refused'),
  'mode-changed': untold,
  'mode-change-waits': untold,
  'topic-prefix-changed': untold,
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
  'secrets-exposed': incident('secrets-exposed'),
  'reload-refused': incident('reload-refused'),
  'settings-problem': untold,
  'log-level-changed': untold,
  'transport-up': untold,
  'transport-problem': incident('transport-problem'),
  'transport-down': incident('transport-down'),
  'octets-discarded': as('mqttsn_line_discards_total', 'reason'),
  'association-opened': plain('mqttsn_dtls_associations_opened_total'),
  'associations-resumed': untold,
  'associations-refused': untold,
  'association-moved': untold,
  'association-closed': as('mqttsn_dtls_associations_closed_total', 'reason'),
  'handshake-failed': as('mqttsn_dtls_handshakes_failed_total', 'reason'),
  'record-dropped': as('mqttsn_dtls_records_dropped_total', 'reason'),
  'radio-signal': untold,
  'radio-node': untold,
  'radio-status': untold,
  'store-problem': incident('store-problem'),
  'store-chosen': untold,
  'store-stalled': incident('store-stalled'),
  'store-recovered': untold,
  'message-not-taken': as('mqttsn_not_taken_total', 'message'),
  'http-up': untold,
  'capture-on': untold,
  'capture-problem': incident('capture-problem'),
  'http-problem': incident('http-problem'),
  'http-login-blocked': incident('http-login-blocked'),
  'operator-acted': untold,
  'status-up': untold,
  'status-down': untold,
  'status-off': untold,
  'status-problem': untold,
  'process-paused': incident('process-paused'),
  'running-as-root': untold,
  'service-manager-problem': untold,
  'sessions-restored': untold,
  'session-expired': event('session_expired'),
  'session-forgotten': event('session_forgotten'),
  'broker-session-ended': untold,
  'broker-session-left': incident('broker-session-left'),
  'session-failed': incident('session-failed'),
  'observer-failed': incident('observer-failed'),
};

/** Everything that is counted of the notes of one gateway. */
export function noteFamilies(): readonly Family[] {
  const counted = new CountedSamples();
  return METRIC_NAMES.map((name) => {
    const { help, labels } = COUNTED_METRICS[name];
    return { type: 'counter', name, help, labels, samples: ({ counts }) => counted.of(name, counts) };
  });
}

interface CountedSample extends Sample {
  value: number;
}

/** What counts are told as. What has been told once is told again: somebody asks every few seconds, and nothing is made anew for that. */
class CountedSamples {
  readonly #samples = new Map<MetricName, CountedSample[]>();
  /** By metric and labels. */
  readonly #byLabels = new Map<string, CountedSample>();
  /** By the name of a count, of which there is a bounded number: where it goes. */
  readonly #targets = new Map<string, CountedSample | undefined>();
  /** Of which the values are. */
  #counts: Counts | undefined;

  constructor() {
    for (const metric of METRIC_NAMES) {
      this.#samples.set(metric, []);
      for (const labels of COUNTED_METRICS[metric].known) {
        this.#sampleOf({ metric, labels });
      }
    }
  }

  /** All metrics are made of one look at the counts. */
  of(metric: MetricName, counts: Counts): readonly Sample[] {
    if (counts !== this.#counts) {
      this.#take(counts);
      this.#counts = counts;
    }
    return this.#samples.get(metric) ?? [];
  }

  #take(counts: Counts): void {
    for (const samples of this.#samples.values()) {
      for (const sample of samples) {
        sample.value = 0;
      }
    }
    for (const counted in counts) {
      const sample = this.#targets.get(counted) ?? this.#findTarget(counted);
      if (sample !== undefined) {
        sample.value += counts[counted] ?? 0;
      }
    }
  }

  #findTarget(counted: string): CountedSample | undefined {
    if (!this.#targets.has(counted)) {
      const target = targetOf(counted);
      this.#targets.set(counted, target && this.#sampleOf(target));
    }
    return this.#targets.get(counted);
  }

  #sampleOf({ metric, labels }: Target): CountedSample {
    const key = [metric, ...Object.values(labels)].join('\n');
    let sample = this.#byLabels.get(key);
    if (sample === undefined) {
      sample = { labels, value: 0 };
      this.#byLabels.set(key, sample);
      this.#samples.get(metric)?.push(sample);
    }
    return sample;
  }
}

function targetOf(counted: string): Target | undefined {
  const dot = counted.indexOf('.');
  const type = (dot < 0 ? counted : counted.slice(0, dot)) as Note['type'];
  return TARGETS[type]?.(dot < 0 ? '' : counted.slice(dot + 1));
}
