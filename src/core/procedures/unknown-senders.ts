/**
 * Answers to senders without a session (T-07, T-09 to T-11): DISCONNECT, so that a client learns that it has to connect again, but
 * rarely, so that nobody can be made to flood anybody, and never in answer to a DISCONNECT that may be an answer itself.
 */

import type { Disconnect, Message } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import type { Path } from '../state/path.ts';
import { RateLimit } from '../state/rate-limit.ts';
import type { Turn } from '../steps/turn.ts';

interface Sender {
  /** When it was sent an unasked DISCONNECT last; −∞: never. */
  unaskedAt: Millis;
  /** Until when its own DISCONNECT may be a repetition (T-11). */
  leftUntil: Millis;
}

/** Addresses that are remembered; the oldest is forgotten first. */
const REMEMBERED = 10_000;

/** Unasked DISCONNECTs in any second, over all addresses (T-10). */
const PER_SECOND = 100;

export class UnknownSenders {
  readonly #senders = new Map<string, Sender>();
  readonly #rate = new RateLimit(PER_SECOND);

  /** A client left from this address: its DISCONNECT may be repeated for a while. */
  left(path: Path, turn: Turn): void {
    this.#sender(path.key).leftUntil = turn.now + turn.retryWindow(path);
  }

  /** The gateway has sent this address an unasked DISCONNECT. */
  dismissed(key: string, turn: Turn): void {
    this.#sender(key).unaskedAt = turn.now;
  }

  /** A message that needs a session, from an address that has none: DISCONNECT, at most one for each address in T_retry (T-10). */
  answer(path: Path, message: Message['type'], turn: Turn): void {
    const sender = this.#senders.get(path.key);
    const recently = sender !== undefined && turn.now - sender.unaskedAt < turn.retryInterval(path);
    const answered = !recently && this.#rate.admits(turn.now);
    if (answered) {
      this.dismissed(path.key, turn);
      turn.sendTo(path, { type: 'DISCONNECT', duration: undefined });
    }
    turn.note({ type: 'unknown-sender', link: path.key, message, answered });
  }

  /** DISCONNECT from an address without session: answered only where it repeats one (T-11); with a Duration never (T-31 d). */
  receiveDisconnect(path: Path, message: Disconnect, turn: Turn): void {
    const sender = this.#senders.get(path.key);
    const repeated =
      sender !== undefined && turn.now <= sender.leftUntil && turn.now - sender.unaskedAt >= turn.retryInterval(path);
    const answered = repeated && (message.duration === undefined || message.duration === 0);
    if (answered) {
      turn.sendTo(path, { type: 'DISCONNECT', duration: undefined });
    }
    turn.note({ type: 'unknown-sender', link: path.key, message: 'DISCONNECT', answered });
  }

  #sender(key: string): Sender {
    const sender = this.#senders.get(key) ?? {
      unaskedAt: Number.NEGATIVE_INFINITY,
      leftUntil: Number.NEGATIVE_INFINITY,
    };
    this.#senders.delete(key); // to the end: the order is that of use
    this.#senders.set(key, sender);
    if (this.#senders.size > REMEMBERED) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    }
    return sender;
  }
}
