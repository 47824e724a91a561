/**
 * The protocol state of one ClientId. This file only composes the states of the procedures; what happens to them is in the
 * procedures themselves, and which message reaches which procedure in receive.ts. Here is what a session is found and counted by; the rest of it can be
 * folded up (foldable-session.ts).
 */

import type { ClientState } from '../contract/client-state.ts';
import type { Millis } from '../contract/link.ts';
import type { StateCounts } from './census.ts';
import type { ClientAccess, SessionQuota } from './client-access.ts';
import { nextState, type StateEvent } from './client-state.ts';
import { type DeadlineOwner, NO_WAITS, type SessionTimer, type Waits } from './deadlines.ts';
import { type Dialect, V1_2 } from './dialect.ts';
import { FoldableSession } from './foldable-session.ts';
import type { Unfolded } from './folded-session.ts';
import type { Path } from './path.ts';
import { newSessionParts } from './session-parts.ts';
import { NO_WILL, type WillState } from './will.ts';

export class Session extends FoldableSession implements DeadlineOwner<SessionTimer> {
  readonly clientId: string;
  waits: Waits<SessionTimer> = NO_WAITS;

  /** The version of the protocol that the client speaks. */
  readonly dialect: Dialect;
  /** Since when it is in its state. */
  since: Millis = 0;
  /** Where it is counted; undefined: it is in no directory. */
  countedIn: StateCounts | undefined;
  /** The identity to which the session belongs (I-117); undefined: it is nobody's. The path of a client has it too. */
  owner: string | undefined;
  /** What its client may do (access rules); undefined: everything. */
  access: ClientAccess | undefined;
  /** Where it is counted as one of so many that there may be; undefined: nowhere. */
  quota: SessionQuota | undefined;
  /** Messages from `path` are this client's, and messages for it go there. */
  bound = false;
  /** The will that the last CONNECT to the broker had in it: what the broker publishes where that connection breaks. */
  toldWill: WillState = NO_WILL;
  #state: ClientState = 'disconnected';
  #path: Path;
  #will: WillState = NO_WILL;

  /** `dialect`: the one that its CONNECT was in. `above`: see {@link TopicRegistry}. */
  constructor(clientId: string, path: Path, maxTopics: number, above: number, dialect: Dialect = V1_2) {
    super(newSessionParts(maxTopics, above));
    this.dialect = dialect;
    this.clientId = clientId;
    this.owner = path.identity;
    this.#path = path;
  }

  /** Tells it from others that wait for a deadline. */
  get kind(): 'session' {
    return 'session';
  }

  /** 6.14, SL-1; changed by `become`. */
  get state(): ClientState {
    return this.#state;
  }

  /** Where the client is, or was last; see `bound`. */
  get path(): Path {
    return this.#path;
  }

  set path(path: Path) {
    this.unfold();
    this.#path = path;
  }

  get will(): WillState {
    return this.#will;
  }

  set will(will: WillState) {
    this.unfold();
    this.#will = will;
  }

  protected override get unfolded(): Unfolded {
    return this;
  }

  /**
   * CleanSession of the next CONNECT to the broker: a session that was opened clean is opened clean again (3.5 item 6), and a sleeper that comes back goes on
   * as it began, whatever flag it says now (T-04).
   */
  get connectsClean(): boolean {
    const { attempt } = this;
    return attempt === undefined || attempt.resumes ? this.cleanSession : attempt.cleanSession;
  }

  /** Something happens that may change the state (client-state.ts). */
  become(event: StateEvent, now: Millis): void {
    this.enter(nextState(this.state, event), now);
  }

  /** The client is in this state, whatever it was in before: only where it is restored. */
  enter(state: ClientState, now: Millis): void {
    this.unfold();
    if (state !== this.state || this.since === 0) {
      this.since = now;
    }
    if (this.countedIn !== undefined) {
      this.countedIn[this.state]--;
      this.countedIn[state]++;
    }
    this.#state = state;
    this.lookAgain();
  }

  /** Its client is not there. */
  get isAbsent(): boolean {
    return this.#state !== 'active' && this.#state !== 'awake';
  }

  /** Its client has left, or is lost, and does not connect just now. */
  get isGone(): boolean {
    return (this.#state === 'disconnected' || this.#state === 'lost') && this.attempt === undefined;
  }

  /** What has happened may have been the last thing that was under way: it is looked at for folding at the end of the turn. */
  lookAgain(): void {
    if (!this.isFolded && this.isAbsent) {
      this.foldables?.add(this);
    }
  }

  /** Not while its client is there. */
  override fold(now: Millis): void {
    if (this.isAbsent) {
      super.fold(now);
    }
  }
}

/** Client id and address, for notes. */
export function where(session: Session): { readonly clientId: string; readonly link: string } {
  return { clientId: session.clientId, link: session.path.key };
}
