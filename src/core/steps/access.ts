/** What the access rules say where something is done: who a client is, and what is refused to it. Without rules nothing of this is asked. */

import { type Qos, RETURN_CODE } from '../../codec/message.ts';
import type { Will } from '../contract/effect.ts';
import type { Note } from '../contract/note.ts';
import type { AccessFacts } from '../state/access-table.ts';
import type { ClientAccess, PublishFacts } from '../state/client-access.ts';
import { foreignClientId } from '../state/client-id-rule.ts';
import type { Path } from '../state/path.ts';
import { type Session, where } from '../state/session.ts';
import { unmountedTopic } from '../topics/mount-point.ts';
import type { Refusal } from './rejection.ts';
import type { Turn } from './turn.ts';

const { congestion, notSupported } = RETURN_CODE;

function factsOf(path: Path, clientId: string | undefined): AccessFacts {
  const { transport, host, address, identity, key, link } = path;
  return { transport, host, address, identity, clientId, isForwarded: key.length !== link.length };
}

/** What the client that comes from this path with this client id may do; undefined: everything. */
export function accessOf(path: Path, clientId: string, turn: Turn): ClientAccess | undefined {
  return turn.shared.access?.find(factsOf(path, clientId));
}

/** The same for QoS −1 from a path. `session`: the client at that path, if there is one. */
export function senderAccess(path: Path, session: Session | undefined, turn: Turn): ClientAccess | undefined {
  const { access } = turn.shared;
  return access === undefined || session ? session?.access : access.findSender(factsOf(path, undefined), path.key);
}

/** Why a client may not connect; undefined: it may. `session`: what it has already. */
export function connectRefusal(access: ClientAccess | undefined, session: Session | undefined): Refusal | undefined {
  if (access === undefined) {
    return undefined;
  }
  if (!access.mayConnect) {
    return { returnCode: notSupported, reason: access.because('connecting is not granted') };
  }
  const isCounted = session?.quota !== undefined && session.quota === access.quota;
  return access.isFull && !isCounted
    ? { returnCode: notSupported, reason: access.because('so many sessions are not granted') }
    : undefined;
}

/** Why the client of a session may not be there any more, since rules have changed (I-122); undefined: it may. */
export function dismissalReason({ access, clientId, owner }: Session, { shared }: Turn): string | undefined {
  if (access?.mayConnect === false) {
    return access.because('connecting is not granted any more');
  }
  return foreignClientId(clientId, owner, shared.access?.settings);
}

/** Why a topic gets no id for publishing; undefined: it may. */
export function registerRefusal({ access }: Session, topic: string): Refusal | undefined {
  return access === undefined || access.mayPublishTo(topic)
    ? undefined
    : refusal(access, 'publishing to this topic is not granted', topic);
}

/** Why a client may not subscribe; undefined: it may. */
export function subscribeRefusal({ access }: Session, filter: string): Refusal | undefined {
  if (access === undefined || access.maySubscribe(filter)) {
    return undefined;
  }
  return refusal(access, 'subscribing to this filter is not granted', filter);
}

function refusal(access: ClientAccess, reason: string, topic: string): Refusal {
  return { returnCode: notSupported, reason: access.because(reason), topic };
}

/** Why a publish is refused (I-119, I-120); undefined: it may go. One that may is counted. */
export function publishRefusal(access: ClientAccess, publish: PublishFacts, turn: Turn): Refusal | undefined {
  const { topic } = publish;
  const reason = access.refusalOf(publish);
  if (reason !== undefined) {
    return { returnCode: notSupported, reason, topic };
  }
  return access.admits(publish.octets, turn.now)
    ? undefined
    : { returnCode: congestion, reason: access.because('so many publishes are not granted'), topic };
}

/** Why a client may not have this will; undefined: it may, or has none. `octets`: of its message. */
export function willRefusal(
  { access }: Session,
  will: Pick<Will, 'topic' | 'qos' | 'retain'> | undefined,
  octets: number,
): Refusal | undefined {
  const reason = access && will && access.refusalOf({ ...will, octets });
  return reason === undefined || will === undefined
    ? undefined
    : { returnCode: notSupported, reason: `its will: ${reason}`, topic: will.topic };
}

/** The will that the broker may get of a session; what the rules do not grant any more is dropped, and told. */
export function grantedWill(session: Session, will: Will | undefined, turn: Turn): Will | undefined {
  const refused = will && willRefusal(session, will, will.message.length);
  if (will && refused) {
    const { qos, topic } = will;
    turn.note({ type: 'client-publish-dropped', ...where(session), qos, reason: refused.reason, topic });
    return undefined;
  }
  return will;
}

/** Whether a message may not reach a client. */
export function isUnreadable({ access }: Session, topic: string): boolean {
  return access !== undefined && !access.mayRead(topic);
}

/** Why not, for the log. */
export function unreadableReason({ access }: Session): string {
  return access?.because('reading this topic is not granted') ?? '';
}

/** The same of a topic as the broker has it. */
export function isUnreadableAtBroker(session: Session | undefined, topic: string): boolean {
  const own = session && unmountedTopic(session.upstream.mount, topic);
  return session !== undefined && own !== undefined && isUnreadable(session, own);
}

/** A message of the broker is dropped before the session gets it, for that `reason`; undefined: it is unreadable. Counted; what is to be noted. */
export function dropNote(session: Session | undefined, topic: string, qos: Qos, reason?: string): Note | undefined {
  if (session === undefined) {
    return undefined;
  }
  session.counters.dropped++;
  const own = unmountedTopic(session.upstream.mount, topic) ?? topic;
  return { type: 'delivery-dropped', ...where(session), topic: own, qos, reason: reason ?? unreadableReason(session) };
}
