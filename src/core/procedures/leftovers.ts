/** What becomes of a connection by which a session ends at the broker (I-103, I-158); its client waits for that where it has a connection of its own. */

import type { UpstreamInput, UpstreamRefused } from '../contract/input.ts';
import type { Leftover } from '../state/leftovers.ts';
import { connectionSettled, openUpstream } from '../steps/connection.ts';
import { attemptLater, forgetLeftover } from '../steps/leftovers.ts';
import { connectReturnCode, refusalOf } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { attemptRefused } from './connect-outcome.ts';
import { brokerMissed, brokerReached } from './discovery.ts';

/** What the adapter tells of that connection. */
export function leftoverEvent(leftover: Leftover, input: UpstreamInput, turn: Turn): void {
  const { clientId } = leftover;
  const { connection } = input;
  if (input.type === 'upstream-connected') {
    try {
      brokerReached(connection, turn);
      connectionSettled(connection, turn); // as long as it counts among those that are being made
    } finally {
      forgetLeftover(leftover, turn); // whatever breaks: nobody hears of this connection again
    }
    turn.note({ type: 'broker-session-ended', clientId });
    goOn(clientId, turn);
    return;
  }
  if (input.type !== 'upstream-lost' && input.type !== 'upstream-refused') {
    return;
  }
  turn.shared.leftovers.ended(leftover);
  try {
    attemptLater(leftover, turn);
    if (input.type === 'upstream-lost') {
      brokerMissed(connection, false, input.reason, turn);
    }
  } finally {
    connectionSettled(connection, turn); // whatever breaks: nobody hears of this connection again
  }
  if (input.type === 'upstream-refused') {
    refuseWaiting(clientId, input, turn);
  }
}

/** The client wants a connection of its own meanwhile: it is its turn now. */
function goOn(clientId: string, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  if (session && !session.upstream.shared && session.upstream.phase === 'waiting') {
    turn.current = session;
    openUpstream(session, turn);
  }
}

/** The broker does not let this client in: a CONNECT of it would hear the same. */
function refuseWaiting(clientId: string, input: UpstreamRefused, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  if (session?.attempt && !session.upstream.shared && session.upstream.phase === 'waiting') {
    turn.current = session;
    const returnCode = connectReturnCode(input.protocolVersion, input.reasonCode);
    attemptRefused(session, session.attempt, { returnCode, reason: refusalOf(input) }, turn);
  }
}
