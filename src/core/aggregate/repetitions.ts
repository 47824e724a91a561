/**
 * QoS 1 messages that the broker sends again though they wait for clients here: PUBACK may not have reached it, before a crash or where the connection broke
 * (I-161). Whether such a message is the one that waits, or another one that says the same under a packet id that was free again, nobody can tell. So it
 * waits beside that one where there is room; and where there is not, it goes before anything else, and the one that came first stands for it.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import { samePayload } from '../state/payload-digest.ts';
import { SourceTable } from '../state/source-table.ts';
import { type Member, type Parcel, type SharedMessage, weightOf } from './member.ts';

export class Repetitions {
  /** By packet id the last QoS 1 message that came with it and waits for clients, though PUBACK was said, or may have been before a restart. */
  readonly #former = new Map<number, SharedMessage>();
  /** What waits for a client for which the message may be waiting already, by client. */
  readonly #parcels = new SourceTable<Parcel>(weightOf);

  /** PUBACK goes out; or the message is of an earlier process, and it may have gone out. */
  acknowledged(message: SharedMessage): void {
    const { cameAs, parcels, repeats, number } = message;
    const isLast = number > (this.#former.get(cameAs)?.number ?? 0);
    if (message.qos === 1 && cameAs !== 0 && parcels.size > 0 && repeats === undefined && isLast) {
      this.#former.set(cameAs, message);
    }
  }

  /** Nobody waits for it any more. */
  over(message: SharedMessage): void {
    if (this.#former.get(message.cameAs) === message) {
      this.#former.delete(message.cameAs);
    }
  }

  /** The broker has lost its session: it sends nothing again. */
  clear(): void {
    this.#former.clear();
  }

  /** A message comes that is not known by its packet id: the one that it may be once more. If there is none, the packet id means another one from now on. */
  of(input: UpstreamMessage): SharedMessage | undefined {
    const former = input.packetId === 0 ? undefined : this.#former.get(input.packetId);
    if (former && !isSame(former, input)) {
      this.#former.delete(input.packetId);
      return undefined;
    }
    return former;
  }

  /** It begins to wait for its client, or does not wait any more. */
  count(parcel: Parcel, change: 1 | -1): void {
    if (change < 0) {
      this.#parcels.remove(parcel);
    } else if (parcel.repeats) {
      this.#parcels.add(parcel, parcel.member.clientId);
      this.#parcels.offer(parcel);
    }
  }

  /** What has to go first where too much waits for a client, or for all: another one stands for it, of which the client has no answer yet. */
  first(clientId?: string): Parcel | undefined {
    for (;;) {
      const next = clientId === undefined ? this.#parcels.first : this.#parcels.firstOf(clientId);
      if (next === undefined || isStoodFor(next.entry)) {
        return next?.entry;
      }
      this.#parcels.remove(next.entry); // it is a message like any other from now on
    }
  }
}

/** What is for which client of a message. */
export function parcelsByMember(message: SharedMessage | undefined): ReadonlyMap<Member, Parcel> | undefined {
  return message && new Map([...message.parcels].map((parcel) => [parcel.member, parcel]));
}

/** Whether the client has not acknowledged the one that came first. */
export function isStoodFor({ repeats }: Parcel): boolean {
  return repeats?.message.parcels.has(repeats) ?? false;
}

/** A payload that is on the disk alone is as long. */
function isSame(former: SharedMessage, { dup, topic, qos, retain, payload }: UpstreamMessage): boolean {
  const { payload: known } = former;
  const saysSame = known === undefined ? former.octets === payload.length : samePayload(known, payload);
  return dup && qos === former.qos && topic === former.topic && retain === former.retain && saysSame;
}
