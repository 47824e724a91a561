/**
 * The protocol core of the gateway: `handle(input, now)` changes the state and returns the effects, in the order in which they must
 * happen; `nextDeadline` says when it wants to be woken. No I/O, no clock, no promise in here.
 */

import type { Qos } from '../codec/message.ts';
import { brokerEvent } from './broker-events.ts';
import { timePassed } from './clock-events.ts';
import type { Core } from './contract/core.ts';
import type { Effect } from './contract/effect.ts';
import type { FrameReceived, Input, TransportOpened, UpstreamMessage } from './contract/input.ts';
import { InvariantError } from './contract/invariant-error.ts';
import type { Millis } from './contract/link.ts';
import type { Note } from './contract/note.ts';
import type { Census, SessionSummary, SessionView } from './contract/session-view.ts';
import { type GatewayCoreOptions, newShared } from './new-shared.ts';
import { sharedStands } from './procedures/broker-return.ts';
import { advertiseOn } from './procedures/discovery.ts';
import { closeGatewayConnection, openGatewayConnection } from './procedures/gateway-connection.ts';
import { clientHeld } from './procedures/held-clients.ts';
import { mediumGone, mediumReady } from './procedures/medium-turns.ts';
import { isThere, operatorDisconnected, operatorForgot } from './procedures/operator.ts';
import { operatorPublished } from './procedures/operator-publish.ts';
import { restoreSessions } from './procedures/restore-sessions.ts';
import { settingsChanged } from './procedures/settings-change.ts';
import { frameUndelivered, pathKeyOf, receiveFrame } from './receive.ts';
import { failedAgain, sessionFailed } from './session-failure.ts';
import type { Latencies } from './state/latencies.ts';
import { summaryOf, viewOf } from './state/session-view.ts';
import { dropNote, isUnreadableAtBroker } from './steps/access.ts';
import { stopSession } from './steps/endings.ts';
import { closeLeftovers } from './steps/leftovers.ts';
import { bridgeOver } from './steps/own-session.ts';
import { continueParts, inParts } from './steps/parts.ts';
import { collectWrites } from './steps/persistence.ts';
import { foldUp } from './steps/rest.ts';
import { type Part, type Shared, Turn } from './steps/turn.ts';
import type { PredefinedTopic } from './topics/predefined-topics.ts';
import type { ShortTopic } from './topics/short-topics.ts';

export type { GatewayCoreOptions } from './new-shared.ts';

export class GatewayCore implements Core {
  readonly #shared: Shared;
  readonly #turn: Turn;
  #stopped = false;

  constructor(options: GatewayCoreOptions) {
    this.#shared = newShared(options);
    this.#turn = new Turn(this.#shared);
  }

  get #aggregates(): boolean {
    return this.#turn.settings.upstream.mode === 'aggregating';
  }

  /** When `handle` wants to be called with a `tick` at the latest, on the clock of `now`; undefined: not at all. */
  get nextDeadline(): Millis | undefined {
    return this.#shared.deadlines.next;
  }

  /** Sessions known, connected or stored. */
  get sessionCount(): number {
    return this.#shared.directory.size;
  }

  /** How many sessions are in which state, by transport: they are not looked at one by one. */
  census(): Census {
    return this.#shared.directory.census.view();
  }

  /** Client ids of all sessions; to be read without an input in between. */
  clientIds(): IterableIterator<string> {
    return this.#shared.directory.clientIds();
  }

  /** What can be shown of the sessions, one made after the other as they are asked for; to be read without an input in between. */
  *sessions(): IterableIterator<SessionView> {
    for (const session of this.#shared.directory.all()) {
      yield session.glance(() => viewOf(session, this.#aggregates));
    }
  }

  /** Whether the client of a session sleeps. */
  isAsleep(clientId: string): boolean {
    return this.#shared.directory.byClientId(clientId)?.state === 'asleep';
  }

  /** Whether a client sleeps, or is awake for a moment. */
  sleeps(clientId: string): boolean {
    const state = this.#shared.directory.byClientId(clientId)?.state;
    return state === 'asleep' || state === 'awake';
  }

  /** Whether a client is away, and has no CONNECT under way. */
  isGone(clientId: string): boolean {
    return this.#shared.directory.byClientId(clientId)?.isGone !== false;
  }

  /** Whether there is a client that the operator could send away. */
  isThere(clientId: string): boolean {
    const session = this.#shared.directory.byClientId(clientId);
    return session !== undefined && isThere(session);
  }

  /** Whether any connection to the broker stands. */
  get isBrokerReached(): boolean {
    return this.#shared.reachability.anyUp;
  }

  /** Pre-defined topic ids, and who has used them last. */
  predefinedTopics(): Iterable<Readonly<PredefinedTopic>> {
    return this.#shared.predefined.all();
  }

  /** Short topic names that are in use. */
  shortTopics(): Iterable<Readonly<ShortTopic>> {
    return this.#shared.shortTopics.all();
  }

  /** How long messages have taken. */
  get latencies(): Latencies {
    return this.#shared.latencies;
  }

  /** What waits for clients in the queues of their sessions. */
  get queued(): Readonly<Shared['queued']> {
    return this.#shared.queued;
  }

  /** Whether a message on this topic, as the broker has it, may reach a client. */
  mayRead(clientId: string, topic: string): boolean {
    return (
      this.#shared.access === undefined || !isUnreadableAtBroker(this.#shared.directory.byClientId(clientId), topic)
    );
  }

  /** A message on this topic does not reach a client, for that `reason`; undefined: it may not read it. Counted; what is to be noted. */
  dropped(clientId: string, topic: string, qos: Qos, reason?: string): Note | undefined {
    return dropNote(this.#shared.directory.byClientId(clientId), topic, qos, reason);
  }

  /** Where the client of a session is, or was last; empty: there is none. */
  linkOf(clientId: string): string {
    return this.#shared.directory.byClientId(clientId)?.path.key ?? '';
  }

  /** The client, another one than `whose`, that has a session with this client id at the broker (I-126). */
  clientAtBroker(clientId: string, whose: string): string | undefined {
    return this.#shared.directory.atBroker(clientId, whose)?.clientId;
  }

  /** What can be shown of one session; undefined: there is none with this client id. */
  session(clientId: string): SessionView | undefined {
    const session = this.#shared.directory.byClientId(clientId);
    return session?.glance(() => viewOf(session, this.#aggregates));
  }

  /** The same without its lists. */
  summary(clientId: string): SessionSummary | undefined {
    const session = this.#shared.directory.byClientId(clientId);
    return session?.glance(() => summaryOf(session, this.#aggregates));
  }

  /** Publishes of clients on their way to the broker, and the octets that they take. */
  get openPublishes(): Readonly<Pick<Shared['openPublishes'], 'size' | 'octets'>> {
    return this.#shared.openPublishes;
  }

  /** What was broken off: sessions come back after a start, and others are to with `restoring-goes-on`; or an invariant broke, and `session-failed` is to come. */
  get brokenOff(): 'paused' | 'failed' | undefined {
    const { isPaused, unfinished } = this.#shared;
    return isPaused ? 'paused' : unfinished && 'failed';
  }

  /** The client that a frame or a message of the broker is of or for; undefined: none that has a session. */
  clientOf(input: FrameReceived | UpstreamMessage): string | undefined {
    const { directory } = this.#shared;
    return input.type === 'frame-received'
      ? directory.byPath(pathKeyOf(input.link, input.frame))?.clientId
      : directory.byConnection(input.connection)?.clientId;
  }

  /**
   * Handles one input. `now`: milliseconds on a clock that does not go back.
   * Any input in any state yields effects; the only error is {@link InvariantError}, a bug of ours: the driver then says
   * `session-failed` for its session and goes on.
   */
  handle(input: Input, now: Millis): readonly Effect[] {
    const turn = this.#turn;
    turn.begin(now);
    try {
      if (!this.#stopped) {
        this.#dispatch(input, turn);
      }
      collectWrites(turn);
      if (this.#shared.directory.foldables.size > 0) {
        foldUp(turn);
      }
    } catch (error) {
      const clientId = turn.current?.clientId;
      turn.fallBack();
      if (input.type === 'session-failed') {
        failedAgain(input.clientId, clientId, turn);
      }
      throw new InvariantError(clientId, input.type, turn.result(), error);
    }
    return turn.result();
  }

  #dispatch(input: Input, turn: Turn): void {
    switch (input.type) {
      case 'frame-received':
        receiveFrame(input, turn);
        return;
      case 'tick':
        timePassed(turn);
        return;
      case 'transport-opened':
        transportOpened(input, turn);
        return;
      case 'transport-closed':
        mediumGone(turn.shared.transports.close(input.transport, turn.deadlines), turn);
        return;
      case 'frame-undelivered':
        frameUndelivered(input, turn);
        return;
      case 'operator-stopped':
        inParts(this.#stop(), turn);
        return;
      case 'settings-changed':
        inParts(settingsChanged(input, turn), turn);
        return;
      case 'operator-disconnected':
        operatorDisconnected(input, turn);
        return;
      case 'operator-forgot':
        operatorForgot(input, turn);
        return;
      case 'operator-published':
        operatorPublished(input, turn);
        openGatewayConnection(turn);
        return;
      case 'sessions-restored':
        restoreSessions(input.records, turn);
        return;
      case 'restoring-goes-on':
        continueParts(turn);
        return;
      case 'session-failed':
        sessionFailed(input.clientId, turn);
        return;
      case 'client-held':
      case 'client-released':
        clientHeld(input.clientId, input.type === 'client-held', turn);
        return;
      case 'shared-connection-stands':
        sharedStands(turn);
        return;
      case 'bridge-ended':
        bridgeEnded(input.clientId, turn);
        return;
      case 'records-loaded':
        return; // for the shared connection
      default:
        brokerEvent(input, turn);
        return;
    }
  }

  /** DISCONNECT to everybody who is there, MQTT DISCONNECT for everybody; nothing is handled after that. */
  *#stop(): Generator<Part, void> {
    const { deadlines, directory, pacing, reachability } = this.#shared;
    deadlines.clearAll(reachability);
    pacing.close();
    for (const session of [...directory.all()]) {
      yield { session, run: (turn) => stopSession(session, turn) };
    }
    yield { session: undefined, run: closeLeftovers };
    yield { session: undefined, run: closeGatewayConnection };
    deadlines.clearAll(directory.resting);
    this.#stopped = true;
  }
}

function bridgeEnded(clientId: string, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  if (session) {
    turn.current = session;
    bridgeOver(session, turn);
    session.lookAgain();
  }
}

function transportOpened(input: TransportOpened, turn: Turn): void {
  const transport = turn.shared.transports.open(input);
  advertiseOn(input, turn);
  mediumReady(transport, turn);
}
