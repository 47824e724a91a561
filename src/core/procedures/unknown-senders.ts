/**
 * Answers to senders without a session (T-07, T-09 to T-11): DISCONNECT, so that a client learns that it has to connect again, but
 * rarely, so that nobody can be made to flood anybody, and never in answer to a DISCONNECT that may be an answer itself.
 */

import type { Disconnect, Message } from '../../codec/message.ts';
import { hostKey, type Path } from '../state/path.ts';
import type { Turn } from '../steps/turn.ts';

/** A message that needs a session, from an address that has none: DISCONNECT, at most one for each address in T_retry (T-10). */
export function answerUnknown(path: Path, message: Message['type'], turn: Turn): void {
  const { unknownSenders } = turn.shared;
  const sender = unknownSenders.of(path.key);
  const recently = sender !== undefined && turn.now - sender.unaskedAt < turn.retryInterval(path);
  const answered = !recently && unknownSenders.rate.admits(hostKey(path), path.link, turn.now);
  if (answered) {
    unknownSenders.dismissed(path.key, turn.now);
    turn.sendTo(path, { type: 'DISCONNECT', duration: undefined });
  }
  turn.note({ type: 'unknown-sender', link: path.key, message, answered });
}

/** DISCONNECT from an address without session: answered only where it repeats one (T-11); with a Duration never (T-31 d). */
export function receiveUnknownDisconnect(path: Path, message: Disconnect, turn: Turn): void {
  const sender = turn.shared.unknownSenders.of(path.key);
  const repeated =
    sender !== undefined && turn.now <= sender.leftUntil && turn.now - sender.unaskedAt >= turn.retryInterval(path);
  const answered = repeated && (message.duration === undefined || message.duration === 0);
  if (answered) {
    turn.sendTo(path, { type: 'DISCONNECT', duration: undefined });
  }
  turn.note({ type: 'unknown-sender', link: path.key, message: 'DISCONNECT', answered });
}
