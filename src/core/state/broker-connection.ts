/**
 * A connection to the broker as the core sees it (3.5), over all attempts to have one: whether it stands, what the broker said of itself, and
 * what each packet id on it is for. A session owns one (transparent gateway, A-1), and the gateway's own traffic another.
 */

import type { UpstreamConnected } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Exchange } from './client-publish-state.ts';
import { IdSequence } from './msg-id.ts';
import type { Request, Restoring, Unsubscribing } from './subscribe-state.ts';
import type { Farewell } from './will.ts';

/** What a packet of ours was for: where its acknowledgement belongs. */
export type PacketUse = Exchange | Request | Restoring | Unsubscribing | Farewell;

export class BrokerConnection {
  /** `waiting`: for the end of a pause; `queued`: for its turn (upstream-pacing.ts). */
  phase: 'closed' | 'connecting' | 'up' | 'waiting' | 'queued' = 'closed';
  /** Number of the connection in use; 0 = none. */
  connection = 0;
  /** Attempts since the connection stood last. */
  attempts = 0;
  upSince: Millis = 0;
  /** When the connection broke last. */
  downSince: Millis = 0;
  /** Connections in a row that the broker ended right away. */
  shortLived = 0;
  /** The broker may be sending again what it had sent before this connection: nobody has asked it yet whether it has finished (design 4). */
  redelivering = false;
  /** PINGREQs of the core without an answer. */
  pings = 0;
  /** QoS 1 and 2 publishes that the broker takes at a time (MQTT 5). */
  receiveMaximum = 0xffff;
  /** Octets of the largest packet that the broker takes (MQTT 5). */
  maximumPacketSize = Number.POSITIVE_INFINITY;
  /** CONNECTs that have gone out since the broker last answered one: each may have made a new session there (I-52). */
  asked = 0;
  /** "Session present" was the answer, but an earlier CONNECT has none: the session may be another one than before (I-52). */
  doubted = false;
  /** The broker had lost the session, or may have, and not all of its subscriptions are back there (3.4). */
  owesSubscriptions = false;
  /** Packet ids of our own PUBLISH, SUBSCRIBE and UNSUBSCRIBE; they outlive a connection that breaks. */
  readonly #uses = new Map<number, PacketUse>();
  readonly #packetIds = new IdSequence();
  readonly #isUsed = (packetId: number): boolean => this.#uses.has(packetId);

  /** An attempt is under way, under a number that was never used before. */
  begins(connection: number): void {
    this.phase = 'connecting';
    this.connection = connection;
    this.asked++;
  }

  /** The attempt came to nothing, and the broker has not heard of it, or refused it: that made no session. */
  madeNoSession(): void {
    this.asked--;
  }

  /** The broker has accepted it. */
  stands(
    { sessionPresent, receiveMaximum = 0xffff, maximumPacketSize = Number.POSITIVE_INFINITY }: UpstreamConnected,
    now: Millis,
  ): void {
    this.phase = 'up';
    this.attempts = 0;
    this.upSince = now;
    this.doubted = sessionPresent && this.asked > 1;
    this.asked = 0;
    this.pings = 0;
    this.receiveMaximum = receiveMaximum;
    this.maximumPacketSize = maximumPacketSize;
  }

  /** No connection is in use any more. */
  ended(phase: 'closed' | 'waiting'): void {
    this.phase = phase;
    this.connection = 0;
  }

  /** A packet id that nothing else on this connection has. There are more of them than an owner may have packets under way. */
  takePacketId(use: PacketUse): number {
    const packetId = this.#packetIds.next(this.#isUsed);
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    this.#uses.set(packetId, use);
    return packetId;
  }

  /** A packet id that was given before the process ended (3.3). */
  keepPacketId(packetId: number, use: PacketUse): void {
    this.#uses.set(packetId, use);
  }

  /** What a packet id is for; undefined: nothing waits for an acknowledgement with it. */
  useOf(packetId: number): PacketUse | undefined {
    return this.#uses.get(packetId);
  }

  freePacketId(packetId: number): void {
    this.#uses.delete(packetId);
  }

  /** Frees every packet id that is for one of these. */
  freeAll(...purposes: readonly PacketUse['purpose'][]): void {
    for (const [packetId, { purpose }] of this.#uses) {
      if (purposes.includes(purpose)) {
        this.#uses.delete(packetId);
      }
    }
  }

  /** Whether any packet id is for this. */
  isAnyFor(purpose: PacketUse['purpose']): boolean {
    for (const use of this.#uses.values()) {
      if (use.purpose === purpose) {
        return true;
      }
    }
    return false;
  }
}
