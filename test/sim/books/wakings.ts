/** Who may have been woken: a sleeper whose awake period ends while the broker is away has the own connection try once (I-41). Times in milliseconds. */
import type { Message } from '../../../src/codec/message.ts';

/** SL-15, and the second between two attempts. */
const LONGEST_AWAKE = 61_000;

export class Wakings {
  /** By client id, where they were heard last. */
  readonly #asleep = new Map<string, string>();
  /** Those that have sent CONNECT, and are not known to be back. */
  readonly #asking = new Set<string>();
  /** When those that sleep have woken last, by client id. */
  readonly #wokenAt = new Map<string, number>();

  /**
   * The gateway handles a frame of a link; `clientId`: that of the last CONNECT from there, which may have been refused, so that another one still sleeps
   * there. A PINGREQ without one wakes who is known to sleep there (T-08).
   */
  handled(message: Message | undefined, link: string, clientId: string | undefined, now: number): void {
    if (message?.type === 'CONNECT') {
      this.#asking.add(String(message.clientId));
    }
    if (message?.type === 'DISCONNECT' && clientId !== undefined) {
      this.#asking.delete(clientId);
      (message.duration ?? 0) > 0 ? this.#asleep.set(clientId, link) : this.#asleep.delete(clientId);
    }
    if (message?.type !== 'PINGREQ') {
      return;
    }
    if (message.clientId !== undefined) {
      const woken = String(message.clientId);
      this.#wokenAt.set(woken, now);
      if (this.#asleep.has(woken)) {
        this.#asleep.set(woken, link);
      }
      return;
    }
    for (const [sleeper, at] of this.#asleep) {
      if (at === link) {
        this.#wokenAt.set(sleeper, now);
      }
    }
  }

  /** The connection of a client stands: it is active where it has asked for that. */
  isBack(clientId: string): void {
    if (this.#asking.delete(clientId)) {
      this.#asleep.delete(clientId);
    }
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
