/** A connection to the broker as the core sees it (3.5), over all attempts to have one. A session owns one, and the gateway's own traffic another. */

import type { UpstreamConnected } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { BrokerAnswer } from '../contract/note.ts';
import { SmallMap } from '../topics/small-map.ts';
import { type BrokerLimits, limitsOf, NO_LIMITS } from './broker-limits.ts';
import { IdSequence, WILL_IDS } from './msg-id.ts';
import { awaitsBroker, isAny, isReleasing, type PacketUse } from './packet-use.ts';
import { type Suspect, Suspicion } from './suspicion.ts';
import { UnprovenPublishes } from './unproven-publishes.ts';

/** A connection that stands this long was worth its pause (3.5 item 1): one rule for the clients' connections and the gateway's own. */
const LASTING: Millis = 60_000;

/** Names the answer to PINGREQ, beside packet ids. */
const PING = 0;

/** Of connections on which no packet id is in use; nothing is ever put in. */
const NOT_USED = new SmallMap<number, PacketUse>();

/** `waiting`: for the end of a pause; `queued`: for its turn (upstream-pacing.ts). */
export type Phase = 'closed' | 'connecting' | 'up' | 'waiting' | 'queued';

export class BrokerConnection {
  #phase: Phase = 'closed';
  /** It is one of many on the connection that the clients of an aggregating gateway share: what is true of the broker is not told by it. */
  shared = false;
  /** Put before topics and filters on their way to the broker (`upstream.topicPrefix`). */
  mount = '';
  /** Put before its client id at the broker when it connected last (I-126); undefined: that is not known. */
  prefix: string | undefined;
  /** Number of the connection in use; 0 = none. */
  connection = 0;
  /** It stands, but the broker does not take what is written to it: publishes with QoS 0 wait. */
  blocked = false;
  /** Attempts since a connection lasted (3.5 item 1). */
  attempts = 0;
  /** When the attempt began that is under way, or was the last one. */
  begunAt: Millis = 0;
  upSince: Millis = 0;
  /** When the connection broke last, or was ended for another one that the client needs. */
  downSince: Millis = 0;
  /** Connections in a row that the broker ended right away, without a reason and while the own one stood (I-12). */
  shortLived = 0;
  /** When the first of them stood. */
  shortLivedSince: Millis = 0;
  /** The grace time is over, and an attempt that may still succeed decides (I-41). */
  graceOver = false;
  /** The broker may be sending again what it had sent before this connection: nobody has asked it yet whether it has finished (design 4). */
  redelivering = false;
  /** PINGREQs of the core without an answer. */
  pings = 0;
  /** What the broker does not take, as it said when the connection stood last. */
  limits: BrokerLimits = NO_LIMITS;
  /** The broker had a session for the connection that stands, or stood last: what it has of it may be there still. */
  sessionPresent = false;
  /** CONNECTs that have gone out since the broker was last heard of its session: each may have made a new one there (I-52). */
  asked = 0;
  /** The last one whose "session present" may be of another session than before (I-52): an earlier CONNECT had no answer, or had another client id (I-126). 0: none. */
  doubtedOn = 0;
  /** The broker had lost the session, or may have, and not all of its subscriptions are back there (3.4). */
  owesSubscriptions = false;
  /** Since when it is shared though the broker may have a session of the client's own, which collects what comes here (I-158); undefined: there is none. */
  ownSince: Millis | undefined;
  /** The client shared a connection, and has no session of its own at the broker yet, with its subscriptions (I-159). */
  owesSession = false;
  /** What comes on the shared connection is for the client still, until nothing of before is left there (I-159). */
  bridged = false;
  #unproven: UnprovenPublishes | undefined;
  #suspicion: Suspicion | undefined;
  /** Packet ids of our own PUBLISH, SUBSCRIBE and UNSUBSCRIBE; they outlive a connection that breaks. */
  #uses: SmallMap<number, PacketUse> = NOT_USED;
  readonly #packetIds = new IdSequence();

  /** QoS 0 publishes that are out, and that no later answer has vouched for. */
  get unproven(): UnprovenPublishes {
    this.#unproven ??= new UnprovenPublishes();
    return this.#unproven;
  }

  get suspicion(): Suspicion {
    this.#suspicion ??= new Suspicion();
    return this.#suspicion;
  }

  /** Lets go of what holds nothing; it is made anew when it is needed. */
  rest(): void {
    if (this.#unproven?.isEmpty) {
      this.#unproven = undefined;
    }
    if (this.#suspicion?.isOver) {
      this.#suspicion = undefined;
    }
    this.#uses = this.#uses.size === 0 ? NOT_USED : this.#uses;
  }

  /** No answer is waited for, no packet id is in use, and nothing is suspected. */
  get isIdle(): boolean {
    return this.#phase !== 'connecting' && this.#uses.size === 0 && this.#suspicion === undefined;
  }

  /** The packet id that was given last; 0: none. */
  get lastPacketId(): number {
    return this.#packetIds.last;
  }

  /** It is as it was when it was written (folded-connection.ts). */
  goesOn(phase: Phase, lastPacketId: number): void {
    this.#phase = phase;
    this.#packetIds.startBehind(lastPacketId);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** An attempt is under way, under a number that was never used before. */
  begins(connection: number, now: Millis): void {
    this.#phase = 'connecting';
    this.begunAt = now;
    this.connection = connection;
    this.blocked = false;
    this.asked++;
  }

  /** The attempt came to nothing, and the broker has not heard of it, or refused it: that made no session. */
  madeNoSession(): void {
    this.asked--;
  }

  /** The broker has accepted it. */
  stands(connected: UpstreamConnected, now: Millis): void {
    this.#phase = 'up';
    this.graceOver = false;
    this.upSince = now;
    this.sessionPresent = connected.sessionPresent;
    const { clientIdPrefix = '' } = connected;
    const isOther = this.asked > 1 || (this.prefix ?? clientIdPrefix) !== clientIdPrefix;
    this.doubtedOn = connected.sessionPresent && isOther ? this.connection : this.doubtedOn;
    this.prefix = clientIdPrefix;
    this.pings = 0;
    this.limits = limitsOf(connected);
    this.#unproven = undefined;
  }

  /** What the broker says of its session is acted upon; an answer to a connection that is given up at once is not (T-24). */
  heard(): void {
    this.asked = 0;
  }

  /** Whether it takes packets that are not suspected: it stands, and nothing suspected goes first (I-42). */
  get takes(): boolean {
    return this.phase === 'up' && this.#suspicion?.active !== true;
  }

  /** A packet goes out that will be answered. */
  packetSent(packetId: number): void {
    this.unproven.asked(packetId);
  }

  /** PUBREL goes out, whose answer is PUBCOMP. */
  releaseSent(packetId: number): void {
    this.unproven.asked(-packetId);
  }

  /** The broker answered a packet: it has dealt with what went out before. */
  packetAnswered(packetId: number, packet: BrokerAnswer): void {
    this.unproven.answered(packet === 'PUBCOMP' ? -packetId : packetId);
  }

  /** PINGREQ goes out. */
  pingSent(): void {
    this.pings++;
    this.unproven.asked(PING);
  }

  /** The broker answered PINGREQ. */
  pingAnswered(): void {
    this.pings--;
    this.unproven.answered(PING);
  }

  /** It broke, or could not be made. Pauses begin anew only after a connection that lasted, so that a broker that accepts and closes at once is left alone. */
  fell(now: Millis): void {
    if (this.phase !== 'up') {
      return;
    }
    this.downSince = now;
    if (this.lasted(now)) {
      this.attempts = 0;
    }
  }

  /** Whether the connection, which stands, has stood for a while. */
  lasted(now: Millis): boolean {
    return now - this.upSince >= LASTING;
  }

  /** Whether a publish with QoS 0 goes out at once. */
  get takesQos0(): boolean {
    return this.takes && !this.blocked;
  }

  /** No connection is in use any more. */
  ended(): void {
    this.#phase = 'closed';
    this.connection = 0;
  }

  /** None is in use, and none is tried before a pause is over, or a changed will has gone out. */
  waits(): void {
    this.#phase = 'waiting';
  }

  /** None is in use, and others are being made first. */
  queues(): void {
    this.#phase = 'queued';
  }

  /** Whether a packet id is not to be given to anything new. */
  has(packetId: number): boolean {
    return packetId >= WILL_IDS || this.#uses.has(packetId);
  }

  /** A packet id that nothing else on this connection has. There are more of them than an owner may have packets under way. */
  takePacketId(use: PacketUse): number {
    const packetId = this.#packetIds.next(this);
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    this.keepPacketId(packetId, use);
    return packetId;
  }

  /** A packet id that was given before the process ended (3.3). */
  keepPacketId(packetId: number, use: PacketUse): void {
    this.#uses = this.#uses === NOT_USED ? new SmallMap() : this.#uses;
    this.#uses.set(packetId, use);
  }

  /** What a packet id is for; undefined: nothing waits for an acknowledgement with it. */
  useOf(packetId: number): PacketUse | undefined {
    return this.#uses.get(packetId);
  }

  /** What is out on the connection and has no answer, in the order in which it got its packet id: what the broker may have closed on. `kept` is not out. */
  unanswered(kept?: ReadonlySet<number>): Suspect[] {
    const out: Suspect[] = [];
    for (const packetId of this.#uses.keys()) {
      const use = this.#uses.get(packetId);
      if (use && use.purpose !== 'farewell' && this.#isOut(use) && !kept?.has(packetId)) {
        out.push(use);
      }
    }
    return out;
  }

  #isOut(use: PacketUse): boolean {
    return use.purpose === 'exchange'
      ? use.sentOn === this.connection && awaitsBroker(use)
      : use.purpose !== 'request' || use.sentOn === this.connection;
  }

  /** Whether a PUBREL that went out on an earlier connection has no PUBCOMP, and has not been repeated on this one. */
  get owesRelease(): boolean {
    const { connection } = this;
    return isAny(this.#uses.values(), (u) => u.purpose === 'exchange' && isReleasing(u) && u.sentOn !== connection);
  }

  /** Whether an answer is still to come for this: a QoS 2 publish is past suspicion with PUBREC, until its PUBREL goes out. */
  awaits(suspect: Suspect): boolean {
    return isAny(this.#uses.values(), (use) => use === suspect && (use.purpose !== 'exchange' || awaitsBroker(use)));
  }

  freePacketId(packetId: number): void {
    this.#uses.delete(packetId);
  }

  /** Frees every packet id that is for one of these. */
  freeAll(...purposes: readonly PacketUse['purpose'][]): void {
    for (const packetId of this.#uses.keys()) {
      const use = this.#uses.get(packetId);
      if (use && purposes.includes(use.purpose)) {
        this.#uses.delete(packetId);
      }
    }
  }

  /** Whether any packet id is for this. */
  isAnyFor(purpose: PacketUse['purpose']): boolean {
    return isAny(this.#uses.values(), (use) => use.purpose === purpose);
  }

  /** How many packet ids are for these. */
  countFor(...purposes: readonly PacketUse['purpose'][]): number {
    return [...this.#uses.values()].filter((use) => purposes.includes(use.purpose)).length;
  }
}
