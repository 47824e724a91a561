/** From a session to what can be shown of it. */

import { MOST_WAITING_SHOWN, type SessionSummary, type SessionView } from '../contract/session-view.ts';
import type { Session } from './session.ts';

/** A plain, frozen copy: it does not change with the session. */
export function viewOf(session: Session, isAggregating: boolean): SessionView {
  const summary = summaryOf(session, isAggregating);
  return Object.freeze<SessionView>({
    ...summary,
    accessRule: session.access?.rule,
    topicIds: Object.freeze(session.topics.entries().map((entry) => Object.freeze(entry))),
    subscriptions: Object.freeze(
      [...session.subscribing.subscriptions.values()].map(({ filter, qos }) => Object.freeze({ filter, qos })),
    ),
    waitingMessages: Object.freeze(
      session.firstWaiting(MOST_WAITING_SHOWN).map(({ message: { topic, qos, payload }, at }) =>
        // −∞: it came before the start.
        Object.freeze({ topic, qos, octets: payload.length, since: Number.isFinite(at) ? at : undefined }),
      ),
    ),
    counters: Object.freeze(summary.counters),
  });
}

/** A plain copy without lists, made in a fraction of the time. */
export function summaryOf(session: Session, isAggregating: boolean): SessionSummary {
  const { clientId, state, since, path, owner, cleanSession, keepAlive, lastHeard, sleep, will, counters } = session;
  return {
    clientId,
    state,
    since,
    link: path.key,
    address: path.key.length === path.link.length ? path.address : path.address + path.key.slice(path.link.length),
    transport: path.transport,
    identity: owner,
    connection: isAggregating ? (session.upstream.shared ? 'shared' : 'own') : undefined,
    cleanSession,
    keepAlive,
    lastHeard,
    sleepDuration: state === 'asleep' || state === 'awake' ? sleep?.duration : undefined,
    sleepUntil: state === 'asleep' ? sleep?.until : undefined,
    waiting: session.waiting,
    inFlight: session.inFlight,
    willTopic: will.topic?.topic,
    lastTopic: session.lastTopic,
    lastOctets: session.lastTopic === undefined ? undefined : session.lastOctets,
    counters: { published: counters.published, delivered: counters.delivered, dropped: counters.dropped },
  };
}
