/** QoS 0 and −1 publishes that waited for a connection to the broker (3.5 item 3). */

import type { WaitingPublish } from '../state/offline-queue.ts';
import type { OwnPublish } from '../state/own-publish.ts';
import type { Session } from '../state/session.ts';
import { publishProblem } from './broker-limits.ts';
import { publishTo } from './broker-packets.ts';
import type { Turn } from './turn.ts';

/** Everything with QoS 0 that waited for the connection goes out. */
export function publishAllWaiting(session: Session, turn: Turn): void {
  for (const publish of turn.shared.offline.drain(session)) {
    publishWaiting(session, publish, turn);
  }
}

function publishWaiting(session: Session, publish: WaitingPublish, turn: Turn): void {
  const { upstream } = session;
  const { topic, payload, retain } = publish;
  const problem = publishProblem(upstream, publish, 0);
  if (problem) {
    noteDropped(publish, problem.reason, turn);
  } else {
    upstream.unproven.wrote({ topic, octets: payload.length });
    publishTo(upstream, { packetId: 0, topic, payload, qos: 0, retain, dup: false }, turn);
  }
}

/** Says that a waiting publish had to make room. */
export function noteOverflow(dropped: WaitingPublish, turn: Turn): void {
  noteDropped(dropped, 'too many wait for the broker', turn);
}

/** Says that a waiting publish is given up. */
export function noteDropped(dropped: OwnPublish, reason: string, turn: Turn): void {
  const { clientId, link, qos } = dropped;
  turn.note({ type: 'client-publish-dropped', clientId, link, qos, reason });
}
