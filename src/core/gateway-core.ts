/**
 * The protocol core of the gateway: `handle(input, now)` changes the state and returns the effects, in the order in which they must
 * happen; `nextDeadline` says when it wants to be woken. No I/O, no clock, no promise in here.
 */

import { decode, frameLength } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { LONG_FORM } from '../codec/frame-length.ts';
import { MSG_TYPE } from '../codec/message.ts';
import type { Effect } from './contract/effect.ts';
import type { FrameReceived, FrameUndelivered, Input, TransportOpened, UpstreamInput } from './contract/input.ts';
import { InvariantError } from './contract/invariant-error.ts';
import type { Millis } from './contract/link.ts';
import type { CoreSettings } from './contract/timer-values.ts';
import { clientPublishAcknowledged } from './procedures/client-publish.ts';
import { connectDue } from './procedures/connect-outcome.ts';
import { expiryDue } from './procedures/disconnect.ts';
import { Discovery } from './procedures/discovery.ts';
import { GatewayConnection } from './procedures/gateway-connection.ts';
import { receiveUpstreamMessage } from './procedures/gateway-publish.ts';
import { deliveryDue, upstreamReleased } from './procedures/gateway-publish-answers.ts';
import { keepAliveDue } from './procedures/keep-alive.ts';
import { mediumGone, mediumReady, resumeDelivery } from './procedures/medium-turns.ts';
import { restoreSessions } from './procedures/restore-sessions.ts';
import { awakeDue, barrierPassed, sleepDue } from './procedures/sleep.ts';
import { upstreamSubscribed, upstreamUnsubscribed } from './procedures/subscribe.ts';
import { UnknownSenders } from './procedures/unknown-senders.ts';
import { graceOver, upstreamConnected, upstreamLost, upstreamRefused } from './procedures/upstream-changes.ts';
import { willDue } from './procedures/will-dialogue.ts';
import { receive } from './receive.ts';
import { type Deadline, Deadlines } from './state/deadlines.ts';
import { Directory } from './state/directory.ts';
import { OfflineQueue } from './state/offline-queue.ts';
import { directPath, forwardedPath } from './state/path.ts';
import { RateLimit } from './state/rate-limit.ts';
import { Session } from './state/session.ts';
import { TransportState, Transports } from './state/transports.ts';
import { UpstreamPacing } from './state/upstream-pacing.ts';
import { closeUpstream, reconnectDue } from './steps/connection.ts';
import { abandon, dismiss } from './steps/endings.ts';
import { endFarewell, farewellAcknowledged } from './steps/farewell.ts';
import { collectWrites } from './steps/persistence.ts';
import { ENCAPSULATION_HEADER, type Shared, Turn } from './steps/turn.ts';
import { PredefinedTopics, type PredefinedTopicTable } from './topics/predefined-topics.ts';

/** What a core is made with. */
export interface GatewayCoreOptions {
  readonly settings: CoreSettings;
  readonly predefinedTopics: PredefinedTopicTable;
  /** 0 ≤ random() < 1; for the jitter of reconnects. */
  readonly random: () => number;
}

export class GatewayCore {
  readonly #deadlines = new Deadlines();
  readonly #directory = new Directory();
  readonly #discovery = new Discovery();
  readonly #gatewayConnection = new GatewayConnection();
  readonly #transports = new Transports();
  readonly #turn: Turn;
  #lastConnection = 0;
  #stopped = false;

  constructor(options: GatewayCoreOptions) {
    const { settings } = options;
    const shared: Shared = {
      settings,
      predefined: new PredefinedTopics(options.predefinedTopics),
      deadlines: this.#deadlines,
      directory: this.#directory,
      unknownSenders: new UnknownSenders(),
      gatewayConnection: this.#gatewayConnection,
      discovery: this.#discovery,
      transports: this.#transports,
      offline: new OfflineQueue(settings.offlineQueueMessages, settings.offlineQueueOctets, settings.offlineQueueDrop),
      queued: { octets: 0 },
      qosMinusOneRate: new RateLimit(settings.qosMinus1PerSecond),
      pacing: new UpstreamPacing(settings.maxConnecting),
      random: options.random,
      nextConnection: () => ++this.#lastConnection,
      formerTopicIds: new Map(),
    };
    this.#turn = new Turn(shared);
  }

  /** When `handle` wants to be called with a `tick` at the latest, on the clock of `now`; undefined: not at all. */
  get nextDeadline(): Millis | undefined {
    return this.#deadlines.next;
  }

  /** Sessions known, connected or stored. */
  get sessionCount(): number {
    return this.#directory.size;
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
    } catch (error) {
      throw new InvariantError(turn.current?.clientId, input.type, turn.effects, error);
    }
    collectWrites(turn);
    if (turn.writes.length === 0) {
      return turn.effects;
    }
    return [{ type: 'store', writes: turn.writes, durable: turn.durable }, ...turn.effects];
  }

  #dispatch(input: Input, turn: Turn): void {
    switch (input.type) {
      case 'frame-received':
        this.#receiveFrame(input, turn);
        return;
      case 'tick':
        this.#tick(turn);
        return;
      case 'transport-opened':
        this.#transportOpened(input, turn);
        return;
      case 'transport-closed':
        mediumGone(this.#transports.close(input.transport, this.#deadlines), turn);
        return;
      case 'frame-undelivered':
        this.#frameUndelivered(input, turn);
        return;
      case 'operator-stopped':
        this.#stop(turn);
        return;
      case 'sessions-restored':
        restoreSessions(input.records, turn);
        return;
      case 'session-failed': {
        const session = this.#directory.byClientId(input.clientId);
        if (session) {
          abandon(session, turn);
        }
        return;
      }
      default:
        this.#upstream(input, turn);
        return;
    }
  }

  /** One frame of a transport, with the forwarder encapsulation taken off (2.16). */
  #receiveFrame(input: FrameReceived, turn: Turn): void {
    const { link } = input;
    let rest = input.frame;
    const { trailing, tolerateLength255 } = turn.settings;
    try {
      do {
        const length =
          trailing === 'parse' ? Math.min(rest.length, frameLength(rest, { tolerateLength255 })) : rest.length; // T-42
        const message = decode(rest.subarray(0, length), {
          trailing: trailing === 'ignore' ? 'ignore' : 'drop',
          tolerateLength255,
        });
        rest = rest.subarray(length);
        if (message.type !== 'ENCAPSULATED') {
          receive(directPath(link), message, turn);
        } else if (!this.#transports.mayForward(link)) {
          turn.note({ type: 'frame-dropped', link, reason: 'forwarder' }); // F-8
        } else {
          receive(forwardedPath(link, message.wirelessNodeId), decode(message.frame, { tolerateLength255 }), turn); // F-1 to F-3
        }
      } while (rest.length > 0);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
      turn.note({ type: 'frame-dropped', link, reason: error.reason }); // 1.9: no state changes, no timer restarts
    }
  }

  #transportOpened(input: TransportOpened, turn: Turn): void {
    const transport = this.#transports.open(input);
    this.#discovery.transportOpened(input, turn);
    mediumReady(transport, resumeDelivery, turn);
  }

  /** Nobody is lost by what a medium says (it may be wrong): it is noted, and told as the reason where the client never answers. */
  #frameUndelivered({ link, frame, reason }: FrameUndelivered, turn: Turn): void {
    const isCapsule = frame !== undefined && frame[0] !== LONG_FORM && frame[1] === MSG_TYPE.ENCAPSULATED;
    const { key } = isCapsule ? forwardedPath(link, frame.subarray(ENCAPSULATION_HEADER, frame[0])) : directPath(link);
    const session = this.#directory.byPath(key);
    if (session) {
      session.undelivered = reason;
    }
    turn.note({ type: 'frame-undelivered', clientId: session?.clientId, link: key, reason });
  }

  #upstream(input: UpstreamInput, turn: Turn): void {
    const { connection } = input;
    if (connection === this.#gatewayConnection.connection) {
      this.#ownUpstream(input, turn);
      return;
    }
    const session = this.#directory.byConnection(connection);
    if (!session) {
      return; // closed meanwhile
    }
    turn.current = session;
    switch (input.type) {
      case 'upstream-connected':
        this.#discovery.upstreamUp(connection, turn);
        upstreamConnected(session, input, turn);
        return;
      case 'upstream-refused':
        upstreamRefused(session, input, turn);
        return;
      case 'upstream-lost':
        this.#discovery.upstreamFailed(connection, session.upstream.phase === 'up', turn);
        upstreamLost(session, input, turn);
        return;
      case 'upstream-acknowledged':
        if (!farewellAcknowledged(session, input, turn)) {
          clientPublishAcknowledged(session, input, turn);
        }
        return;
      case 'upstream-subscribed':
        upstreamSubscribed(session, input, turn);
        return;
      case 'upstream-unsubscribed':
        upstreamUnsubscribed(session, input.packetId, turn);
        return;
      case 'upstream-message':
        receiveUpstreamMessage(session, input, turn);
        return;
      case 'upstream-released':
        upstreamReleased(session, input, turn);
        return;
      case 'upstream-ponged':
        barrierPassed(session, turn);
        return;
    }
  }

  /** The gateway's own connection only publishes with QoS 0. */
  #ownUpstream(input: UpstreamInput, turn: Turn): void {
    if (input.type === 'upstream-connected') {
      this.#discovery.upstreamUp(input.connection, turn);
      this.#gatewayConnection.connected(input, turn);
    } else if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
      const stood = this.#gatewayConnection.stands;
      this.#gatewayConnection.ended(input, turn);
      if (input.type === 'upstream-lost') {
        this.#discovery.upstreamFailed(input.connection, stood, turn);
      }
    }
  }

  #tick(turn: Turn): void {
    for (let due = this.#deadlines.takeDue(turn.now); due; due = this.#deadlines.takeDue(turn.now)) {
      this.#deadlineDue(due, turn);
    }
  }

  #deadlineDue(due: Deadline, turn: Turn): void {
    const { owner, name } = due;
    if (owner instanceof Session) {
      turn.current = owner;
      SESSION_TIMERS[name](owner, turn);
    } else if (owner instanceof TransportState) {
      mediumReady(owner, resumeDelivery, turn);
    } else if (owner === this.#gatewayConnection) {
      this.#gatewayConnection.reconnectDue(turn);
    } else {
      this.#discovery.advertiseDue(turn);
    }
  }

  /** DISCONNECT to everybody who is there, MQTT DISCONNECT for everybody; nothing is handled after that. */
  #stop(turn: Turn): void {
    this.#discovery.close(turn);
    for (const session of [...this.#directory.all()]) {
      turn.current = session;
      endFarewell(session, turn);
      if (session.state === 'asleep') {
        closeUpstream(session, true, turn); // it sleeps on, in the store
      } else if (session.bound || session.upstream.phase !== 'closed') {
        dismiss(session, 'the gateway stops', turn);
      }
    }
    this.#gatewayConnection.close(turn);
    this.#stopped = true;
  }
}

const nothing = (): void => {};

/** Every wait of a session, by its name (deadlines.ts). */
const SESSION_TIMERS: Readonly<Record<Deadline['name'], (session: Session, turn: Turn) => void>> = {
  will: willDue,
  connect: connectDue,
  'keep-alive': keepAliveDue,
  sleep: sleepDue,
  awake: awakeDue,
  delivery: deliveryDue,
  reconnect: reconnectDue,
  grace: graceOver,
  farewell: endFarewell,
  expiry: expiryDue,
  advertise: nothing,
  line: nothing,
};
