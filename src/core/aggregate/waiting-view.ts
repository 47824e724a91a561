/** What waits in the hub for a client, in what is shown of its session. */

import { MOST_WAITING_SHOWN, type SessionSummary, type SessionView } from '../contract/session-view.ts';
import type { Hub } from './hub.ts';
import { ownName } from './own-name.ts';

/** With how many messages wait. */
export function withQueue<View extends SessionSummary>(view: View, { members }: Hub): View {
  const waiting = members.get(view.clientId)?.waiting ?? 0;
  return waiting === 0 ? view : { ...view, waiting: view.waiting + waiting };
}

/** With the messages, as many as are shown. */
export function withMessages(view: SessionView, hub: Hub): SessionView {
  const member = hub.members.get(view.clientId);
  const room = MOST_WAITING_SHOWN - view.waitingMessages.length;
  if (member === undefined || member.waiting === 0) {
    return view;
  }
  const more = member.queue.slice(0, room).map(({ message: { topic, octets, at }, qos }) => ({
    ...{ topic: ownName(view.clientId, topic, hub), qos, octets, since: at },
  }));
  return withQueue({ ...view, waitingMessages: [...view.waitingMessages, ...more] }, hub);
}
