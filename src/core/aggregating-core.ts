/**
 * The core of a gateway that may be an aggregating one: the sessions with all their procedures, and between them and the broker the hub, which
 * is a broker to them. What a session wants of the broker is given to the hub where it shares the connection, and what the hub says to a session is an
 * input like any other.
 */

import { heardShared, nextDue, performShared, sharedDue } from './aggregate/aggregator.ts';
import { Hub, NOBODY } from './aggregate/hub.ts';
import { recordsLoaded } from './aggregate/parcels.ts';
import { restoreHub } from './aggregate/restore.ts';
import { closeShared, connectShared } from './aggregate/shared-connection.ts';
import type { Core } from './contract/core.ts';
import type { Effect, UpstreamEffect } from './contract/effect.ts';
import type { FrameReceived, Input, UpstreamInput, UpstreamMessage } from './contract/input.ts';
import { InvariantError } from './contract/invariant-error.ts';
import type { Millis } from './contract/link.ts';
import type { SessionView } from './contract/session-view.ts';
import { GatewayCore, type GatewayCoreOptions } from './gateway-core.ts';
import { sharesConnection } from './steps/sharing.ts';

export class AggregatingCore implements Core {
  readonly #sessions: GatewayCore;
  readonly #hub: Hub;
  readonly #isMember: (clientId: string) => boolean;
  readonly #isAggregating: boolean;
  #effects: Effect[] = [];

  constructor(options: GatewayCoreOptions) {
    let lastConnection = 0;
    const nextConnection = options.nextConnection ?? (() => ++lastConnection);
    const { settings, random } = options;
    this.#isAggregating = settings.upstream.mode === 'aggregating';
    this.#sessions = new GatewayCore({ ...options, nextConnection });
    const sessions = {
      isAsleep: (clientId: string) => this.#sessions.isAsleep(clientId),
      linkOf: (clientId: string) => this.#sessions.linkOf(clientId),
    };
    this.#hub = new Hub({ settings, sessions, random, nextConnection });
    this.#isMember = (clientId) => sharesConnection(clientId, settings);
  }

  /** When `handle` wants to be called with a `tick` at the latest; undefined: not at all. */
  get nextDeadline(): Millis | undefined {
    const ofSessions = this.#sessions.nextDeadline;
    const ofHub = this.#isAggregating ? nextDue(this.#hub) : undefined;
    return ofSessions === undefined || (ofHub !== undefined && ofHub < ofSessions) ? ofHub : ofSessions;
  }

  /** Sessions known, connected or stored. */
  get sessionCount(): number {
    return this.#sessions.sessionCount;
  }

  /** What can be shown of the sessions, one made after the other as they are asked for; to be read without an input in between. */
  *sessions(): IterableIterator<SessionView> {
    for (const view of this.#sessions.sessions()) {
      yield this.#withQueue(view);
    }
  }

  /** What can be shown of one session; undefined: there is none with this client id. */
  session(clientId: string): SessionView | undefined {
    const view = this.#sessions.session(clientId);
    return view && this.#withQueue(view);
  }

  #withQueue(view: SessionView): SessionView {
    const waiting = this.#hub.members.get(view.clientId)?.queue.length ?? 0;
    return waiting === 0 ? view : { ...view, waiting: view.waiting + waiting };
  }

  /** The client that a frame or a message of the broker is of or for; empty: of the shared connection; undefined: none that has a session. */
  clientOf(input: FrameReceived | UpstreamMessage): string | undefined {
    const isShared = input.type === 'upstream-message' && input.connection === this.#hub.link.connection;
    return isShared ? NOBODY : this.#sessions.clientOf(input);
  }

  /**
   * Handles one input. `now`: milliseconds on a clock that does not go back.
   * Any input in any state yields effects; the only error is {@link InvariantError}, a bug of ours.
   */
  handle(input: Input, now: Millis): readonly Effect[] {
    if (!this.#isAggregating) {
      return this.#sessions.handle(input, now);
    }
    this.#hub.now = now;
    this.#effects = [];
    try {
      this.#first(input, now);
      for (let next = this.#hub.takeInput(); next; next = this.#hub.takeInput()) {
        this.#ask(next, now);
      }
    } catch (error) {
      this.#collect();
      if (error instanceof InvariantError) {
        throw new InvariantError(error.clientId, input.type, this.#effects, error.cause);
      }
      throw new InvariantError(undefined, input.type, this.#effects, error);
    }
    this.#collect();
    return this.#effects;
  }

  #first(input: Input, now: Millis): void {
    if (input.type === 'sessions-restored') {
      restoreHub(input.records, this.#isMember, this.#hub);
    }
    if (!(isUpstream(input) && heardShared(input, this.#hub))) {
      this.#ask(input, now);
    }
    if (input.type === 'records-loaded') {
      recordsLoaded(input, this.#hub);
    } else if (input.type === 'tick') {
      sharedDue(this.#hub);
    } else if (input.type === 'sessions-restored') {
      connectShared(this.#hub);
    } else if (input.type === 'operator-stopped') {
      closeShared(this.#hub);
    }
    this.#collect();
  }

  /** The sessions handle an input; what they want of the broker goes to the hub where it is for the shared connection. */
  #ask(input: Input, now: Millis): void {
    let effects: readonly Effect[];
    try {
      effects = this.#sessions.handle(input, now);
    } catch (error) {
      if (error instanceof InvariantError) {
        this.#perform(error.effects);
      }
      throw error;
    }
    this.#perform(effects);
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.#collect();
      if (!(isUpstreamEffect(effect) && performShared(effect, this.#isMember, this.#hub))) {
        this.#effects.push(effect);
      }
    }
    this.#collect();
  }

  #collect(): void {
    this.#hub.moveEffects(this.#effects);
  }
}

function isUpstream(input: Input): input is UpstreamInput {
  return input.type.startsWith('upstream-');
}

function isUpstreamEffect(effect: Effect): effect is UpstreamEffect {
  return effect.type.startsWith('upstream-');
}
