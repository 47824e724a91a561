/** From a session to what can be shown of it. */

import type { SessionView } from '../contract/session-view.ts';
import type { Session } from './session.ts';

/** A plain, frozen copy: it does not change with the session. */
export function viewOf(session: Session): SessionView {
  const { clientId, state, since, path, cleanSession, keepAlive, lastHeard, sleep, will } = session;
  return Object.freeze<SessionView>({
    clientId,
    state,
    since,
    link: path.key,
    transport: path.transport,
    cleanSession,
    keepAlive,
    lastHeard,
    sleepDuration: state === 'asleep' || state === 'awake' ? sleep?.duration : undefined,
    sleepUntil: state === 'asleep' ? sleep?.until : undefined,
    waiting: session.waiting,
    inFlight: session.inFlight,
    topicIds: Object.freeze(session.topics.entries().map((entry) => Object.freeze(entry))),
    subscriptions: Object.freeze(
      [...session.subscribing.subscriptions.values()].map(({ filter, qos }) => Object.freeze({ filter, qos })),
    ),
    willTopic: will.topic?.topic,
    lastTopic: session.lastTopic,
    lastOctets: session.lastTopic === undefined ? undefined : session.lastOctets,
    counters: Object.freeze({ ...session.counters }),
  });
}
