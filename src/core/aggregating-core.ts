/**
 * The core of a gateway that may be an aggregating one: the sessions with all their procedures, and between them and the broker the hub, which
 * is a broker to them. What a session wants of the broker is given to the hub where it shares the connection, and what the hub says to a session is an
 * input like any other.
 */

import { heardShared, nextDue, performShared, sharedDue } from './aggregate/aggregator.ts';
import { heardBeside, hearsBeside, sessionsEnded } from './aggregate/beside.ts';
import { isBridged as isBridgedIn } from './aggregate/bridges.ts';
import { endsWithShared, hasLeft } from './aggregate/ending.ts';
import { ownerHeld, ownerReleased } from './aggregate/held-owners.ts';
import { Hub, isOfHub, NOBODY } from './aggregate/hub.ts';
import { recordsLoaded } from './aggregate/parcels.ts';
import { sessionStored } from './aggregate/relay-traffic.ts';
import { restoreHub } from './aggregate/restore.ts';
import { closeShared, connectAnew, connectShared, restGoesOn } from './aggregate/shared-connection.ts';
import { knowsSession } from './aggregate/unknown-session.ts';
import { withMessages, withQueue } from './aggregate/waiting-view.ts';
import type { Core } from './contract/core.ts';
import type { Effect, UpstreamEffect, UpstreamForget } from './contract/effect.ts';
import type { FrameReceived, Input, UpstreamInput, UpstreamMessage } from './contract/input.ts';
import { InvariantError } from './contract/invariant-error.ts';
import type { Millis } from './contract/link.ts';
import type { Census, SessionSummary, SessionView } from './contract/session-view.ts';
import { GatewayCore, type GatewayCoreOptions } from './gateway-core.ts';
import { halfWayOnOwn } from './state/half-way.ts';
import { sharesConnection } from './steps/sharing.ts';

export class AggregatingCore implements Core {
  readonly #sessions: GatewayCore;
  readonly #hub: Hub;
  readonly #isMember: (clientId: string) => boolean;
  readonly #isAggregating: boolean;
  /** Clients that have connections of their own until a later start (I-158). */
  #keepOwn: ReadonlySet<string> = new Set();
  /** In the transparent mode: while something of the shared connection is left (I-133). */
  #hasHub: boolean;
  /** The first invariant that broke while the input was handled. */
  #failure: { readonly clientId: string | undefined; readonly cause: unknown } | undefined;
  /** Sessions that have ended while others are not back yet. */
  readonly #forgotten: UpstreamForget[] = [];
  /** It was in the hub, and nobody's. */
  #isHubBroken = false;

  constructor(options: GatewayCoreOptions) {
    let lastConnection = 0;
    const nextConnection = options.nextConnection ?? (() => ++lastConnection);
    const { settings, random } = options;
    this.#isAggregating = settings.upstream.mode === 'aggregating';
    this.#hasHub = this.#isAggregating;
    const sharedStands = () => this.#hub.link.phase === 'up';
    const isBridged = (clientId: string) => isBridgedIn(this.#hub, clientId);
    const keepsOwn = (clientId: string) => this.#keepOwn.has(clientId);
    this.#sessions = new GatewayCore({ ...options, nextConnection, sharedStands, isBridged, keepsOwn, pauses: true });
    this.#hub = new Hub({ settings, sessions: this.#sessions, random, nextConnection });
    this.#isMember = (clientId) => sharesConnection(clientId, { settings, shared: { keepsOwn } });
  }

  /** When `handle` wants to be called with a `tick` at the latest; undefined: not at all. */
  get nextDeadline(): Millis | undefined {
    const ofSessions = this.#sessions.nextDeadline;
    const ofHub = this.#hasHub ? nextDue(this.#hub) : undefined;
    return ofSessions === undefined || (ofHub !== undefined && ofHub < ofSessions) ? ofHub : ofSessions;
  }

  /** Sessions known, connected or stored. */
  get sessionCount(): number {
    return this.#sessions.sessionCount;
  }

  /** How many sessions are in which state, by transport: they are not looked at one by one. */
  census(): Census {
    return this.#sessions.census();
  }

  /** Client ids of all sessions; to be read without an input in between. */
  clientIds(): IterableIterator<string> {
    return this.#sessions.clientIds();
  }

  /** What can be shown of the sessions, one made after the other as they are asked for; to be read without an input in between. */
  *sessions(): IterableIterator<SessionView> {
    for (const view of this.#sessions.sessions()) {
      yield withMessages(view, this.#hub);
    }
  }

  /** The client, another one than `whose`, that has a session with this client id at the broker (I-126). */
  clientAtBroker(clientId: string, whose: string): string | undefined {
    return this.#sessions.clientAtBroker(clientId, whose);
  }

  /** What can be shown of one session; undefined: there is none with this client id. */
  session(clientId: string): SessionView | undefined {
    const view = this.#sessions.session(clientId);
    return view && withMessages(view, this.#hub);
  }

  /** The same without its lists. */
  summary(clientId: string): SessionSummary | undefined {
    const view = this.#sessions.summary(clientId);
    return view && withQueue(view, this.#hub);
  }

  /** Whether there is a client that the operator could send away. */
  isThere(clientId: string): boolean {
    return this.#sessions.isThere(clientId);
  }

  /** Whether the connection to the broker stands that the clients share; where they share none, any. */
  get isBrokerReached(): boolean {
    return this.#isAggregating ? this.#hub.link.phase === 'up' : this.#sessions.isBrokerReached;
  }

  /** Pre-defined topic ids, and who has used them last. */
  predefinedTopics(): ReturnType<GatewayCore['predefinedTopics']> {
    return this.#sessions.predefinedTopics();
  }

  /** Short topic names that are in use. */
  shortTopics(): ReturnType<GatewayCore['shortTopics']> {
    return this.#sessions.shortTopics();
  }

  /** How long messages have taken. */
  get latencies(): GatewayCore['latencies'] {
    return this.#sessions.latencies;
  }

  /** Publishes of clients on their way to the broker, and the octets that they take. */
  get openPublishes(): GatewayCore['openPublishes'] {
    return this.#sessions.openPublishes;
  }

  /** What waits for clients, in the queues of their sessions and, where they share a connection, before those. */
  queued(): GatewayCore['queued'] {
    const { messages, octets, qos0Octets } = this.#sessions.queued;
    return {
      messages: messages + this.#hub.waiting.size,
      octets: octets + this.#hub.queuedOctets,
      qos0Octets: qos0Octets + this.#hub.qos0Octets,
    };
  }

  /** The client that a frame or a message of the broker is of or for; empty: of the shared connection; undefined: none that has a session. */
  clientOf(input: FrameReceived | UpstreamMessage): string | undefined {
    const isShared = input.type === 'upstream-message' && input.connection === this.#hub.link.connection;
    return isShared ? NOBODY : this.#sessions.clientOf(input);
  }

  /**
   * Handles one input. `now`: milliseconds on a clock that does not go back.
   * Any input in any state yields effects; the only error is {@link InvariantError}, a bug of ours: the session whose wish broke the invariant ends,
   * or the shared connection is made anew where it was nobody's.
   */
  handle(input: Input, now: Millis): readonly Effect[] {
    this.#hasHub ||= input.type === 'sessions-restored';
    if (!this.#hasHub) {
      return this.#sessions.handle(input, now);
    }
    this.#hub.begin(now);
    this.#failure = undefined;
    this.#inHub(() => this.#first(input, now));
    this.#hearHub(now);
    if (!this.#isAggregating) {
      restGoesOn(this.#hub);
      this.#hasHub = hasLeft(this.#hub) || this.#failure !== undefined; // else nobody would restore the others
    }
    const effects = this.#hub.result();
    if (this.#failure) {
      const { clientId, cause } = this.#failure;
      throw new InvariantError(clientId, input.type, effects, cause);
    }
    return effects;
  }

  #first(input: Input, now: Millis): void {
    if (input.type === 'settings-changed') {
      this.#hub.settings = input.settings;
    } else if (input.type === 'sessions-restored') {
      this.#keepOwn = this.#isAggregating ? halfWayOnOwn(input.records) : this.#keepOwn;
      restoreHub(input.records, this.#isMember, this.#hub);
      this.#hub.said.holdBack();
      this.#hub.link.unknown = this.#isAggregating && !knowsSession(input.records) ? 'perhaps' : undefined;
    } else if (input.type === 'session-failed' && (isOfHub(input.clientId) || this.#isHubBroken)) {
      this.#isHubBroken = false;
      connectAnew(this.#hub);
    }
    this.#hub.isStopping ||= input.type === 'operator-stopped';
    if (!(isUpstream(input) && heardShared(input, this.#hub))) {
      this.#ask(input, now);
      this.#restoreOthers(now);
    }
    if (input.type === 'records-loaded') {
      recordsLoaded(input, this.#hub);
    } else if (input.type === 'client-held') {
      ownerHeld(input, this.#hub);
    } else if (input.type === 'client-released') {
      ownerReleased(input.clientId, this.#hub);
    } else if (input.type === 'tick') {
      sharedDue(this.#hub);
    } else if (
      input.type === 'sessions-restored' &&
      (this.#isAggregating || endsWithShared(input.records, this.#hub))
    ) {
      connectShared(this.#hub);
    } else if (input.type === 'operator-stopped') {
      closeShared(this.#hub);
    }
  }

  /** What the hub has to say to sessions. */
  #hearHub(now: Millis): void {
    const { said } = this.#hub;
    for (let next = said.take(); next; next = said.take()) {
      this.#ask(next, now);
    }
  }

  /** After a start sessions come back some at a time, and what they want of the hub is done before others come: few of them are unfolded at once. */
  #restoreOthers(now: Millis): void {
    while (this.#sessions.brokenOff === 'paused') {
      this.#hearHub(now);
      this.#ask({ type: 'restoring-goes-on' }, now);
    }
    if (this.#sessions.brokenOff === undefined && this.#hub.said.isHeldBack) {
      this.#hub.said.letGo();
      for (const forgotten of this.#forgotten.splice(0)) {
        this.#perform(forgotten);
      }
    }
  }

  /** The sessions handle an input; what they want of the broker goes to the hub where it is for the shared connection. */
  #ask(input: Input, now: Millis): void {
    let effects: readonly Effect[];
    let again: InvariantError | undefined;
    if (isUpstream(input) && this.#inHub(() => hearsBeside(input, this.#hub))) {
      return;
    }
    try {
      effects = this.#sessions.handle(input, now);
    } catch (error) {
      if (!(error instanceof InvariantError)) {
        throw error;
      }
      again = this.#failure && error;
      this.#failure ??= { clientId: error.clientId, cause: error.cause };
      effects = error.effects;
    }
    for (const effect of effects) {
      if (isUpstream(effect)) {
        this.#perform(effect);
        continue;
      }
      this.#hub.emit(effect);
      if (effect.type === 'store') {
        this.#inHub(() => sessionStored(effect.writes, this.#hub));
        this.#inHub(() => sessionsEnded(effect.writes, this.#hub));
      }
    }
    if (isUpstream(input)) {
      this.#inHub(() => heardBeside(input, this.#hub));
    }
    if (again && input.type !== 'session-failed') {
      this.#ask({ type: 'session-failed', clientId: again.clientId }, now); // the driver hears of the first one alone
    }
  }

  #perform(effect: UpstreamEffect): void {
    const { byConnection, said } = this.#hub;
    if (effect.type === 'upstream-forget' && said.isHeldBack) {
      this.#forgotten.push(effect); // what waits for it is for others of its group (I-139)
      return;
    }
    const { clientId } = effect.type === 'upstream-connect' ? effect : (byConnection.get(effect.connection) ?? {});
    this.#inHub(() => performShared(effect, this.#isMember, this.#hub) || this.#hub.emit(effect), clientId);
  }

  /** What breaks an invariant in the hub keeps nothing else from being done. */
  #inHub<Result>(run: () => Result, clientId?: string): Result | undefined {
    try {
      return run();
    } catch (cause) {
      this.#broke(clientId, cause);
      return undefined;
    }
  }

  #broke(clientId: string | undefined, cause: unknown): void {
    this.#failure ??= { clientId, cause };
    this.#isHubBroken ||= clientId === undefined;
  }
}

function isUpstream(one: Input): one is UpstreamInput;
function isUpstream(one: Effect): one is UpstreamEffect;
function isUpstream({ type }: Input | Effect): boolean {
  return type.startsWith('upstream-');
}
