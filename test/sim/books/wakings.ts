/** Who may have been woken: a sleeper whose awake period ends while the broker is away has the own connection try once (I-41). Times in milliseconds. */
import type { Message } from '../../../src/codec/message.ts';

/** SL-15, and the second between two attempts. */
const LONGEST_AWAKE = 61_000;

export class Wakings {
  readonly #asleep = new Set<string>();
  /** When those that sleep have woken last, by client id. */
  readonly #wokenAt = new Map<string, number>();

  /** The gateway handles a frame of a link; `clientId`: that of the last CONNECT from there. A PINGREQ without one wakes who is known to sleep (T-08). */
  handled(message: Message | undefined, clientId: string | undefined, now: number): void {
    if (message?.type === 'DISCONNECT' && clientId !== undefined) {
      (message.duration ?? 0) > 0 ? this.#asleep.add(clientId) : this.#asleep.delete(clientId);
    }
    if (message?.type !== 'PINGREQ') {
      return;
    }
    if (message.clientId !== undefined) {
      this.#wokenAt.set(String(message.clientId), now);
    } else if (clientId !== undefined && this.#asleep.has(clientId)) {
      this.#wokenAt.set(clientId, now);
    }
  }

  /** The connection that a client asked for by CONNECT stands. */
  isBack(clientId: string): void {
    this.#asleep.delete(clientId);
  }

  /** Whether an awake period may have ended with the broker away: the oldest one counts, once. */
  takeOne(now: number): boolean {
    for (const [clientId, at] of this.#wokenAt) {
      this.#wokenAt.delete(clientId);
      if (now - at <= LONGEST_AWAKE) {
        return true;
      }
    }
    return false;
  }
}
