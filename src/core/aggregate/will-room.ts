/**
 * How much the wills of lost clients may be that wait for the broker, or for their clients to come back (I-101): as many octets as there may be sessions
 * of one kibibyte. Else whoever connects with ever new client ids while the broker stalls could fill memory and disk with them. I-129.
 */

import { SourceTable } from '../state/source-table.ts';
import type { Relay } from './member.ts';

/** For each session that there may be. */
const OCTETS_EACH = 1024;
/** What a will takes beside its topic and its message. */
const OVERHEAD = 256;

function weightOf({ topic, payload }: Relay): number {
  return OVERHEAD + topic.length + payload.length;
}

export class WillRoom {
  readonly #byHost = new SourceTable<Relay>(weightOf);
  #octets = 0;

  /**
   * One more, of a client at this host; it gives way until it goes out. `sessions`: how many there may be. Those that have to go for it, in order: itself alone
   * where it is too large (I-171).
   */
  add(relay: Relay, host: string, sessions: number): readonly Relay[] {
    if (this.tooLarge(relay, sessions) !== undefined) {
      return [relay];
    }
    const most = Math.max(this.#octets, sessions * OCTETS_EACH); // I-112
    this.restore(relay, host);
    const gone: Relay[] = [];
    while (this.#octets > most) {
      const next = this.#byHost.first?.entry;
      if (next === undefined) {
        break;
      }
      this.remove(next);
      gone.push(next);
    }
    return gone;
  }

  /** Why it could not wait even if no other did. Undefined: it may. */
  tooLarge(relay: Relay, sessions: number): string | undefined {
    return weightOf(relay) > sessions * OCTETS_EACH
      ? `its will is larger than what may wait of all wills together (sessions.limit: ${sessions}, ${OCTETS_EACH} octets for each)`
      : undefined;
  }

  /** One of the store: it was there before. */
  restore(relay: Relay, host: string): void {
    this.#octets += weightOf(relay);
    this.#byHost.add(relay, host);
    this.#byHost.offer(relay);
  }

  /** It goes out: the broker may have it, and it does not give way any more. */
  sent(relay: Relay): void {
    this.#byHost.withdraw(relay);
  }

  /** It is over, or goes. */
  remove(relay: Relay): void {
    if (this.#byHost.has(relay)) {
      this.#octets -= weightOf(relay);
      this.#byHost.remove(relay);
    }
  }
}
