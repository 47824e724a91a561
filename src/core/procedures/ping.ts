/** PINGREQ: keep-alive of an active client (6.11), or a sleeper that wakes (6.14). */

import type { MessageOf } from '../../codec/message.ts';
import { namedClientId } from '../state/client-id-rule.ts';
import type { Path } from '../state/path.ts';
import { type Session, where } from '../state/session.ts';
import { accessOf, connectRefusal } from '../steps/access.ts';
import { grantAnew } from '../steps/groups.ts';
import { saveLater } from '../steps/persistence.ts';
import { heardOf } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';
import { mayComeFrom } from './connect-admission.ts';
import { pingWhileAwake, wake } from './sleep.ts';
import { answerUnknown } from './unknown-senders.ts';

/** PINGREQ: keep-alive of an active client (K-1), or a sleeper that wakes, from wherever it is now (SL-4, T-08, T-09). */
export function receivePingReq(
  path: Path,
  message: MessageOf<'PINGREQ'>,
  bound: Session | undefined,
  turn: Turn,
): void {
  const clientId = namedClientId(message, path.identity, turn.shared.access?.settings);
  if (bound?.attempt) {
    turn.note({ type: 'message-ignored', ...where(bound), message: 'PINGREQ', reason: 'its CONNECT is not finished' }); // C-11
    return;
  }
  if (bound && (clientId === undefined || clientId === bound.clientId)) {
    if (path === bound.path || stays(bound, path, turn)) {
      answerPing(bound, turn);
    } else {
      answerUnknown(path, 'PINGREQ', turn); // I-118
    }
    return;
  }
  const sleeper = typeof clientId === 'string' ? turn.directory.byClientId(clientId) : undefined;
  const sleeps = sleeper !== undefined && (sleeper.state === 'asleep' || sleeper.state === 'awake');
  const isOwn = sleeper?.owner === path.identity;
  const access = sleeps && isOwn ? accessOf(path, sleeper.clientId, turn) : undefined;
  const isDenied = sleeps && connectRefusal(access, sleeper) !== undefined; // I-118
  if (
    !sleeps ||
    !isOwn ||
    isDenied ||
    bound?.state === 'active' ||
    sleeper.attempt ||
    !mayComeFrom(sleeper, path, turn)
  ) {
    answerUnknown(path, 'PINGREQ', turn); // T-09, I-117: never PINGRESP
    return;
  }
  if (bound) {
    turn.directory.unbind(bound); // another sleeper's former address; it may come back from anywhere itself
  }
  turn.note({ type: 'client-moved', clientId: sleeper.clientId, link: path.key, from: sleeper.path.key });
  turn.directory.bind(sleeper, path);
  grantAnew(sleeper, access, turn);
  saveLater(sleeper, turn);
  heardOf(sleeper, turn);
  answerPing(sleeper, turn);
}

/** A DTLS association has another address than before: its client is judged by that (I-124). False: it may not be there. */
function stays(session: Session, path: Path, turn: Turn): boolean {
  const access = accessOf(path, session.clientId, turn);
  if (connectRefusal(access, session) !== undefined) {
    return false;
  }
  turn.directory.bind(session, path);
  grantAnew(session, access, turn);
  saveLater(session, turn);
  return true;
}

function answerPing(session: Session, turn: Turn): void {
  if (session.state === 'asleep') {
    wake(session, turn);
  } else if (session.state === 'awake') {
    pingWhileAwake(session, turn);
  } else {
    turn.send(session, { type: 'PINGRESP' }); // K-8: never forwarded to the broker
  }
}
