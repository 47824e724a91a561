/**
 * The books of what is retained, for newcomers on the shared connection (I-96): who may get it once more, for a connection broke, or the process ended, before
 * the gateway knew that it had come. It knows that by PINGRESP, to a PINGREQ behind SUBACK, with nothing new before it.
 */
import type { StoredRecord } from '../../../src/ports/store.ts';
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import type { Account } from './account.ts';

/** What a client has been granted, and may not have had all of. */
interface Fetch {
  readonly account: Account;
  readonly filter: string;
  /** The connection has broken since: it comes once more. */
  broken: boolean;
  /** SUBACK has come on the connection that stands. */
  granted: boolean;
}

export class SharedFetches {
  readonly #askers: (filter: string) => readonly Account[];
  /** SUBSCRIBEs that are out, by packet id. */
  readonly #out = new Map<number, string>();
  #open: Fetch[] = [];
  /** Those that have come, as far as this life knows: a loss of power may leave the disk with what was before. */
  #done: Fetch[] = [];
  /** Those that had been granted when PINGREQ went out; undefined: none is out, or something has come since. */
  #asked: readonly Fetch[] | undefined;
  /** Packet ids that the gateway has not acknowledged: its PINGREQ may have waited for the disk, and be of before they came. */
  readonly #unacknowledged = new Set<number>();

  /** `askers`: who waits for SUBACK for a filter. */
  constructor(askers: (filter: string) => readonly Account[]) {
    this.#askers = askers;
  }

  /** The gateway says it on the shared connection. */
  emitted(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-subscribe' && !effect.withoutRetained) {
      this.#out.set(effect.packetId, effect.filter);
    } else if (effect.type === 'upstream-acknowledge' && effect.packet !== 'PUBREC') {
      this.#unacknowledged.delete(effect.packetId);
    } else if (effect.type === 'upstream-ping') {
      this.#asked = this.#unacknowledged.size > 0 ? undefined : this.#open.filter(({ granted }) => granted);
    }
  }

  /** The gateway hears it there. */
  heard(input: UpstreamInput): void {
    if (input.type === 'upstream-subscribed') {
      const filter = this.#out.get(input.packetId) ?? '';
      this.#out.delete(input.packetId);
      for (const fetch of this.#open) {
        fetch.granted ||= fetch.filter === filter;
      }
      this.#open.push(...this.#askers(filter).map((account) => ({ account, filter, broken: false, granted: true })));
    } else if (input.type === 'upstream-released') {
      this.#asked = undefined;
    } else if (input.type === 'upstream-message' && input.qos > 0) {
      this.#asked = undefined;
      this.#unacknowledged.add(input.packetId);
    } else if (input.type === 'upstream-ponged') {
      const proven = new Set(this.#asked);
      this.#done.push(...proven);
      this.#open = this.#open.filter((fetch) => !proven.has(fetch));
      this.#asked = undefined;
    } else if (input.type === 'upstream-lost') {
      this.broken();
    }
  }

  /** The connection broke, or the process ended. */
  broken(): void {
    this.#out.clear();
    this.#unacknowledged.clear();
    this.#asked = undefined;
    for (const fetch of this.#open) {
      fetch.broken = true;
      fetch.granted = false;
    }
  }

  /** Another life begins, and asks once more for those that the disk still has as waiting. */
  gatewayStarted(records: readonly StoredRecord[]): void {
    const stored = records.filter((record) => record.kind === 'filter');
    const isWaiting = ({ account, filter }: Fetch): boolean =>
      stored.some(
        ({ filter: name, askers = [] }) =>
          name === filter &&
          askers.some(
            ({ clientId, generation, awaits }) => clientId === account.plan.id && (generation === undefined || awaits),
          ),
      );
    this.#open.push(...this.#done.filter(isWaiting).map((fetch) => ({ ...fetch, broken: true, granted: false })));
    this.#done = [];
  }

  /** Whether a client may still get what is retained for a filter. */
  isOpen(account: Account, isMeant: (filter: string) => boolean): boolean {
    return this.#open.some((fetch) => fetch.account === account && isMeant(fetch.filter));
  }

  /** Whether a client may get once more what is retained for a filter. */
  isAgain(account: Account, filter: string): boolean {
    return this.#open.some((fetch) => fetch.broken && fetch.account === account && fetch.filter === filter);
  }
}
