/** The books of silence: a client is lost after so much of it as it may keep, and not before. Times in milliseconds of virtual time. */

import type { GatewayPlan } from '../plan.ts';
import type { Account } from './account.ts';
import { type Calm, DISK, FULL_DISK, WRITE, WRITE_IN_TROUBLE } from './calm.ts';
import type { Findings } from './findings.ts';

/** K-4, as the protocol reference has it. */
export function silenceAllowed(seconds: number): number {
  return seconds <= 60 ? seconds * 1500 : Math.max(seconds * 1100, 90_000);
}

/** For the gateway to find out and to act: its own retransmissions, and a connection that has to be made first. */
const SLACK = 90_000;

/** Of a pause so much may be time for the gateway (I-37): up to its next look, and what it may be late by. */
const OF_A_PAUSE = 2_000;

/** Shorter ones are none; and so many of them are remembered of each client. */
const NO_SILENCE = 1_000;
const SILENCES = 32;

export interface SilenceParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly calm: Calm;
  /** Whether a connection to the broker stands for it; where clients share one: always. */
  readonly isConnected: (account: Account) => boolean;
  /** Whether something that the broker has for a client has not been sent to it. */
  readonly isUnsent: (account: Account) => boolean;
  readonly now: () => number;
  /** Whether a client has PUBREC for a publish that the broker has not been told to release. */
  readonly isReleaseOwed: (account: Account) => boolean;
}

export class Silence {
  readonly #parts: SilenceParts;
  /** Running time of the gateway at each pause. */
  readonly #pauses: number[] = [];

  constructor(parts: SilenceParts) {
    this.#parts = parts;
  }

  heard(account: Account): void {
    const { running } = this.#parts.calm;
    const lasted = running - account.heard;
    if (lasted > NO_SILENCE) {
      account.silences = [...account.silences.slice(1 - SILENCES), { until: this.#parts.now(), lasted }];
    }
    account.heard = running;
  }

  paused(): void {
    this.#pauses.push(this.#parts.calm.running);
  }

  /** The gateway says that a client is lost. */
  lost(account: Account, reason: string): void {
    const { findings, calm, plan, now } = this.#parts;
    let silent = calm.running - account.heard;
    const inTrouble = now() - calm.disturbedUntil('') < 30_000 ? WRITE_IN_TROUBLE : WRITE;
    const isReleased = account.releasedAt === now() || isReleasedByGateway(account); // PUBREL had to be on disk first (I-62)
    const isUnanswered = /no answer to/.test(reason); // of several in one moment each waits for what is dropped of any
    const late = isReleased || isUnanswered ? Math.max(inTrouble, calm.heldByDisk()) : inTrouble;
    for (const { until, lasted } of account.silences) {
      silent = now() - until < late ? Math.max(silent, lasted) : silent; // decided before that frame came, and told when it was on disk
    }
    const { willOut } = account;
    if (willOut !== undefined && now() - willOut.at <= calm.heldByDisk()) {
      silent = Math.max(silent, willOut.silent); // decided by then: no will waits for the disk; the note does, where others in the same moment have to
    }
    const needed = /nothing heard|did not wake|sleep ended/.test(reason)
      ? account.limit
      : isUnanswered
        ? plan.retryInterval * (plan.retryCount + 1)
        : 0;
    const pauses = this.#pauses.filter((at) => at >= calm.running - needed).length;
    const enough = needed - 1_100 - pauses * OF_A_PAUSE;
    if (account.state !== 'gone' && silent < enough) {
      const waited = silent + calm.lasted(DISK, now() - needed) >= enough;
      findings.object(
        waited ? 'lost-behind-disk' : 'lost-too-early',
        `${account.plan.id} is lost (${reason}) after ${silent / 1000} s of silence`,
      );
    }
  }

  /** Once a minute. */
  look(accounts: Iterable<Account>): void {
    const { findings, calm, isConnected } = this.#parts;
    for (const account of accounts) {
      const silent = calm.running - account.heard;
      const behindDisk = this.#behindDisk(account, this.#parts.now() - silent);
      const allowed = account.limit + SLACK + (behindDisk > 0 ? behindDisk + account.limit : 0); // I-64
      const isDismissed = this.#parts.now() - account.sentAwayAt <= calm.heldByDisk(); // that waits for the disk
      const isThere = account.state !== 'gone' && isConnected(account) && !isDismissed;
      if (isThere && account.limit > 0 && silent > allowed) {
        findings.object('never-lost', `${account.plan.id} is silent for ${silent / 1000} s and not lost`);
      }
    }
  }

  /**
   * How long a silent client may have waited for the disk: one that hangs, or one that is full where PUBREL has to be said for the client (I-62, I-65),
   * a message needs a topic id that has to be stored, or has QoS 2 itself, a QoS 2 publish or another wish of the client has to be, or an answer has come long after its last message.
   */
  #behindDisk(account: Account, from: number): number {
    const { calm, isUnsent, isReleaseOwed } = this.#parts;
    const { releasedAt, registersAt, deliversAt, toldAt } = account;
    const isLate = Math.max(releasedAt, registersAt, deliversAt, toldAt - WRITE) > from;
    const isKept = [...account.publishes.values()].some(
      ({ action, heard, sentUp, taken }) => action.qos === 2 && heard > 0 && !sentUp && !taken,
    );
    const isAsking = account.changesAt > account.toldAt; // what waited for too long gets no answer at all (I-63)
    const isReleasing = isReleaseOwed(account) || isReleasedByGateway(account);
    const waits = isUnsent(account) || isReleasing || isLate || isKept || isAsking;
    return calm.lasted(DISK, from) + (waits ? calm.lasted(FULL_DISK, from) : 0);
  }
}

/** Where clients share a connection the broker has PUBREL long before: that the gateway says it for the client shows in nothing. */
function isReleasedByGateway({ isShared, publishes }: Account): boolean {
  return (
    isShared &&
    [...publishes.values()].some(
      ({ action, received, routed, clientReleased }) => action.qos === 2 && (received || routed > 0) && !clientReleased,
    )
  );
}
