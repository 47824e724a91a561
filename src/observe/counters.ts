/** Numbers for metrics and the status page, from the same notes as the log. */
import { RETURN_CODE } from '../codec/message.ts';
import type { Note, Observer } from '../ports/observer.ts';
import type { NoteOf } from './note-line.ts';

const RETURN_CODE_NAMES = Object.keys(RETURN_CODE);

const none = (): string => '';
const qos = (note: { readonly qos: number }): string => QOS_LABELS[note.qos + 1] ?? 'other';
const QOS_LABELS: readonly string[] = ['qos-1', 'qos0', 'qos1', 'qos2'];
const messageType = (note: { readonly message: string }): string => note.message;
const returnCode = (note: { readonly returnCode: number }): string => RETURN_CODE_NAMES[note.returnCode] ?? 'reserved';

/** What notes of one type are told apart by; never by client, topic or words. */
const LABELS: { readonly [T in Note['type']]: (note: NoteOf<T>) => string } = {
  'client-connected': none,
  'client-refused': returnCode,
  'connect-abandoned': none,
  'client-moved': none,
  'client-disconnected': none,
  'client-asleep': none,
  'client-awake': none,
  'client-asleep-again': none,
  'client-lost': none,
  'frame-dropped': ({ reason }) => reason,
  'frame-undelivered': none,
  'unknown-sender': ({ answered }) => (answered ? 'answered' : 'silent'),
  'message-ignored': messageType,
  'request-rejected': (note) => `${note.message}.${returnCode(note)}`,
  'topic-registered': none,
  subscribed: none,
  unsubscribed: none,
  'subscription-refused': none,
  'subscription-moved': none,
  'client-published': qos,
  'duplicate-absorbed': messageType,
  'client-publish-dropped': qos,
  delivered: qos,
  'delivery-dropped': qos,
  retransmitted: messageType,
  'upstream-up': none,
  'upstream-down': none,
  'upstream-problem': none,
  'poison-given-up': messageType,
  'qos0-unconfirmed': none,
  'own-connection-contested': none,
  'shared-connection-contested': none,
  'broker-answer-ignored': ({ packet }) => packet,
  'broker-without-qos2': none,
  'shared-connection-up': none,
  'shared-connection-down': none,
  'shared-protocol-changed': none,
  'shared-session-ended': none,
  'shared-session-unknown': none,
  'message-for-nobody': qos,
  'subscription-unknown': none,
  'status-refused': none,
  'status-up': none,
  'status-down': none,
  'status-off': none,
  'status-problem': none,
  'mode-changed': none,
  'mode-change-waits': none,
  'topic-prefix-changed': none,
  'gateway-reachable': ({ reachable }) => (reachable ? 'reachable' : 'unreachable'),
  'outage-over': none,
  'gateway-started': none,
  'gateway-stopping': none,
  'gateway-stopped': none,
  'settings-reloaded': none,
  'setting-changed': none,
  'predefined-topic-changed': none,
  'predefined-topics-changed': none,
  'restart-needed': none,
  'secrets-exposed': none,
  'reload-refused': none,
  'settings-problem': none,
  'log-level-changed': none,
  'transport-up': none,
  'transport-problem': ({ code }) => code,
  'transport-down': ({ code }) => code,
  'octets-discarded': ({ reason }) => reason,
  'radio-signal': none,
  'radio-node': none,
  'radio-status': none,
  'association-opened': none,
  'associations-resumed': none,
  'associations-refused': ({ reason }) => reason,
  'association-moved': none,
  'association-closed': ({ reason }) => reason,
  'handshake-failed': ({ reason }) => reason,
  'record-dropped': ({ reason }) => reason,
  'store-problem': none,
  'store-chosen': none,
  'store-stalled': none,
  'store-recovered': none,
  'message-not-taken': messageType,
  'http-up': none,
  'capture-on': none,
  'capture-problem': none,
  'http-problem': ({ code }) => code,
  'http-login-blocked': none,
  'operator-acted': ({ action }) => action,
  'process-paused': none,
  'running-as-root': none,
  'service-manager-problem': none,
  'sessions-restored': none,
  'session-expired': none,
  'session-forgotten': none,
  'broker-session-ended': none,
  'broker-session-left': none,
  'session-failed': none,
  'observer-failed': none,
};

/** Different labels of one note type; codes of the operating system are the only ones that are not ours. */
const MAX_LABELS = 100;

/** A note that tells of several things counts as so many. */
const weightOf = (note: Note): number => (note.type === 'qos0-unconfirmed' ? note.publishes : 1);

/** Counts every note by its type and, where that matters, by reason, message type, return code or QoS. */
export class Counters implements Observer {
  readonly #counts = new Map<Note['type'], Map<string, number>>();

  note(note: Note): void {
    let counts = this.#counts.get(note.type);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(note.type, counts);
    }
    let label = (LABELS[note.type] as (note: Note) => string)(note);
    if (counts.size >= MAX_LABELS && !counts.has(label)) {
      label = 'other';
    }
    counts.set(label, (counts.get(label) ?? 0) + weightOf(note));
  }

  /** What has been counted since the start: `client-connected`, `frame-dropped.truncated`, `request-rejected.SUBSCRIBE.notSupported`, … */
  snapshot(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const [type, counts] of this.#counts) {
      for (const [label, count] of counts) {
        all[label === '' ? type : `${type}.${label}`] = count;
      }
    }
    return all;
  }
}
