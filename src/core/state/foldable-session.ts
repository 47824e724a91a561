/**
 * All of a session that can be folded up (folded-session.ts), as its fields: whatever is asked of it unfolds it. Nobody sees that but the memory.
 */

import type { Millis } from '../contract/link.ts';
import type { SessionCounters } from '../contract/session-view.ts';
import type { Folded } from '../topics/fold.ts';
import type { TopicRegistry } from '../topics/topic-registry.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { ClientPublishState } from './client-publish-state.ts';
import type { AcceptedConnect, ConnectAttempt } from './connect-attempt.ts';
import { type Foldables, fold, NOT_FOLDED, type Pause, pauseBehind, type Unfolded, unfold } from './folded-session.ts';
import type { Delivery, GatewayPublishState } from './gateway-publish-state.ts';
import type { ReservedIds } from './msg-id.ts';
import type { SessionParts } from './session-parts.ts';
import type { SleepState } from './sleep-state.ts';
import type { StoredState } from './stored-state.ts';
import type { SubscribeState } from './subscribe-state.ts';
import type { Farewell, PendingWillUpdate } from './will.ts';

export abstract class FoldableSession {
  /** Those that are looked at for folding at the end of the turn; undefined: it is in no directory. */
  foldables: Foldables | undefined;
  /** Undefined: they are folded. */
  #parts: SessionParts | undefined;
  /** All of them as they were folded (fold.ts), in two fields, for an object takes room; empty: they are not. */
  #shape = '';
  #values = '';
  /** It was unfolded from long strings: for how long it stays so, and until when, since somebody has looked. */
  #pause: Pause | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** What stays as it is while the parts are folded. It changes after `unfold` alone. */
  protected abstract get unfolded(): Unfolded;

  /** It is strings now. */
  get isFolded(): boolean {
    return this.#parts === undefined;
  }

  /** Lets go of what holds nothing, and folds the parts up where nothing is under way; not again and again where they are many. */
  fold(now: Millis): void {
    if (this.#parts === undefined) {
      return;
    }
    this.#parts.rest(now);
    if (this.#pause) {
      this.#pause.until ??= now + this.#pause.length;
    }
    if (now >= (this.#pause?.until ?? now)) {
      this.#pause = undefined;
      const folded = fold(this.#parts, this.unfolded);
      if (folded !== undefined) {
        this.#hold(undefined, folded);
      }
    }
  }

  /** When it is to be looked at again, for something in it is over then; undefined: never. */
  restsAt(now: Millis): Millis | undefined {
    const times = [this.remembersUntil, this.#pause?.until ?? 0].filter((time) => time > now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** What somebody sees who changes nothing: one that was folded up is so again. */
  glance<Seen>(look: () => Seen): Seen {
    const folded = this.isFolded ? { shape: this.#shape, values: this.#values } : undefined;
    const seen = look();
    if (folded) {
      this.#hold(undefined, folded);
      this.#pause = undefined;
      this.foldables?.delete(this);
    }
    return seen;
  }

  /** The parts, whether they were folded or not. */
  protected unfold(): SessionParts {
    return this.#parts ?? this.#unfold();
  }

  #unfold(): SessionParts {
    const folded = { shape: this.#shape, values: this.#values };
    const parts = this.#hold(unfold(folded, this.unfolded), NOT_FOLDED);
    this.#pause = pauseBehind(folded);
    this.foldables?.add(this);
    return parts;
  }

  #hold<Parts extends SessionParts | undefined>(parts: Parts, { shape, values }: Folded): Parts {
    this.#parts = parts;
    this.#shape = shape;
    this.#values = values;
    return parts;
  }

  get stored(): StoredState {
    return this.unfold().stored;
  }

  /** Nothing is known of it but the CONNECT that is being worked on. */
  get isNew(): boolean {
    return this.unfold().isNew;
  }

  set isNew(isNew: boolean) {
    this.unfold().isNew = isNew;
  }

  /** CleanSession of the last accepted CONNECT. */
  get cleanSession(): boolean {
    return this.unfold().cleanSession;
  }

  set cleanSession(cleanSession: boolean) {
    this.unfold().cleanSession = cleanSession;
  }

  /** Keep-alive of the last accepted CONNECT; 0 = none (T-06). */
  get keepAlive(): Millis {
    return this.unfold().keepAlive;
  }

  set keepAlive(keepAlive: Millis) {
    this.unfold().keepAlive = keepAlive;
  }

  /** When the last well-formed message came from the client (K-2, T-34). */
  get lastHeard(): Millis {
    return this.unfold().lastHeard;
  }

  set lastHeard(lastHeard: Millis) {
    this.unfold().lastHeard = lastHeard;
  }

  /** Well-formed messages that have come from the client (T-r6). */
  get heard(): number {
    return this.unfold().heard;
  }

  set heard(heard: number) {
    this.unfold().heard = heard;
  }

  /** Why a frame for it did not arrive, as its medium says; undefined once it has been heard again. */
  get undelivered(): string | undefined {
    return this.unfold().undelivered;
  }

  set undelivered(undelivered: string | undefined) {
    this.unfold().undelivered = undelivered;
  }

  /** What it is to get waits for the disk (I-38). */
  get held(): boolean {
    return this.unfold().held;
  }

  set held(held: boolean) {
    this.unfold().held = held;
  }

  /** Gateway PINGREQs without an answer (T-06). */
  get probes(): number {
    return this.unfold().probes;
  }

  set probes(probes: number) {
    this.unfold().probes = probes;
  }

  /** The CONNECT under way, if any (6.2). */
  get attempt(): ConnectAttempt | undefined {
    return this.unfold().attempt;
  }

  set attempt(attempt: ConnectAttempt | undefined) {
    this.unfold().attempt = attempt;
  }

  /** The CONNECT that was accepted last, as long as nothing else has been heard since (T-03 a). */
  get accepted(): AcceptedConnect | undefined {
    return this.unfold().accepted;
  }

  set accepted(accepted: AcceptedConnect | undefined) {
    this.unfold().accepted = accepted;
  }

  get sleep(): SleepState | undefined {
    return this.unfold().sleep;
  }

  set sleep(sleep: SleepState | undefined) {
    this.unfold().sleep = sleep;
  }

  /** Will updates that are answered when the broker has the new will (T-24). */
  get willUpdate(): PendingWillUpdate | undefined {
    return this.unfold().willUpdate;
  }

  set willUpdate(willUpdate: PendingWillUpdate | undefined) {
    this.unfold().willUpdate = willUpdate;
  }

  /** A changed will on its way to the broker after the client was lost (T-24). */
  get farewell(): Farewell | undefined {
    return this.unfold().farewell;
  }

  set farewell(farewell: Farewell | undefined) {
    this.unfold().farewell = farewell;
  }

  get topics(): TopicRegistry {
    return this.unfold().topics;
  }

  get subscribing(): SubscribeState {
    return this.unfold().subscribing;
  }

  /** Of gateway publishes and REGISTERs to the client. */
  get msgIds(): ReservedIds {
    return this.unfold().msgIds;
  }

  get inbound(): ClientPublishState {
    return this.unfold().inbound;
  }

  get outbound(): GatewayPublishState {
    return this.unfold().outbound;
  }

  get upstream(): BrokerConnection {
    return this.unfold().upstream;
  }

  /** The last CONNECT to the broker has asked for a clean session. */
  get asksClean(): boolean {
    return this.unfold().asksClean;
  }

  set asksClean(asksClean: boolean) {
    this.unfold().asksClean = asksClean;
  }

  /** The topic of the client's last PUBLISH; undefined: it has published nothing since the session is known. */
  get lastTopic(): string | undefined {
    return this.unfold().lastTopic;
  }

  set lastTopic(lastTopic: string | undefined) {
    this.unfold().lastTopic = lastTopic;
  }

  /** Octets of the payload of that one. */
  get lastOctets(): number {
    return this.unfold().lastOctets;
  }

  set lastOctets(lastOctets: number) {
    this.unfold().lastOctets = lastOctets;
  }

  get counters(): SessionCounters {
    return this.unfold().counters;
  }

  /** Messages that wait for the client. */
  get waiting(): number {
    return this.unfold().waiting.length;
  }

  /** The first of these. */
  firstWaiting(most: number): readonly Delivery[] {
    return this.unfold().waiting.slice(0, most);
  }

  /** Publishes of the client that are under way. */
  get inFlight(): number {
    return this.unfold().inFlight;
  }

  /** Lets go of the parts that hold nothing; they are made anew when they are needed. Most clients say nothing for hours. */
  rest(now: Millis): void {
    this.unfold().rest(now);
  }

  /** Until when it remembers what its client may repeat, at most; the past: nothing, or nothing that ends by itself. */
  get remembersUntil(): Millis {
    return this.unfold().remembersUntil;
  }
}
