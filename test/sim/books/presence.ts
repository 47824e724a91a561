/** The books of who is there: lost only after silence, sent away only for a reason, wills when and only when due. */

import type { StoredSession } from '../../../src/core/contract/stored-records.ts';
import type { Note, UpstreamEffect, Will } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan } from '../plan.ts';
import { OWN, SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { type Calm, DISK, FULL_DISK, WRITE, WRITE_IN_TROUBLE } from './calm.ts';
import type { Findings } from './findings.ts';

/** K-4, as the protocol reference has it. */
function silenceAllowed(seconds: number): number {
  return seconds <= 60 ? seconds * 1500 : Math.max(seconds * 1100, 90_000);
}

/** For the gateway to find out and to act: its own retransmissions, and a connection that has to be made first. */
const SLACK = 90_000;

/** A broker that is back this long is known to be back; with the gateway's own connection as witness after less. */
const KNOWN_BACK = 12_000;
const WITNESSED = 3_000;

/** Connections in a minute that are no storm, and those that a CONNECT of the client may lead to. */
const MOST_CONNECTIONS = 16;
const FOR_EACH_CONNECT = 4;

/** Of a pause so much may be time for the gateway (I-37): up to its next look, and what it may be late by. */
const OF_A_PAUSE = 2_000;

/** Shorter ones are none; and so many of them are remembered of each client. */
const NO_SILENCE = 1_000;
const SILENCES = 32;
/** So long a will may wait for the answers to what is out before it, where the broker takes only so much at a time. */
const FAREWELL = 5_000;

export interface PresenceParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  /** How many clients there are. */
  readonly clients: number;
  readonly calm: Calm;
  readonly broker: () => Broker;
  /** Whether a connection to the broker stands for it; where clients share one: always. */
  readonly isConnected: (account: Account) => boolean;
  /** Whether something that the broker has for a client has not been sent to it. */
  readonly isUnsent: (account: Account) => boolean;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  /** Whether a client has PUBREC for a publish that the broker has not been told to release. */
  readonly isReleaseOwed: (account: Account) => boolean;
  /** Whether an attempt for a client has failed since its connection broke, and the next one is not due. */
  readonly isPausing: (clientId: string) => boolean;
  /** When the gateway's own connection fell last with publishes out. */
  readonly ownFelledAt: () => number;
  /** The session of a client, or what was under way with it, is gone by a rule. */
  readonly onGone: (account: Account, why: string, isSure?: boolean) => void;
}

export class Presence {
  readonly #parts: PresenceParts;
  /** Connections whose end was no decision of the gateway's. */
  readonly #broken = new Set<number>();
  readonly #connections = new Map<string, number[]>();
  /** Running time of the gateway at each pause. */
  readonly #pauses: number[] = [];

  constructor(parts: PresenceParts) {
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

  /** A CONNECT, or a DISCONNECT with a duration, may have got to the disk before the process ended, and nobody was told. */
  restored(account: Account, { state, keepAlive, sleepDuration }: StoredSession): void {
    if (account.state === 'gone' || !(account.isConnecting || account.air === 'going' || account.goings > 0)) {
      return;
    }
    if (state === 'active') {
      account.state = 'active';
      account.limit = silenceAllowed(keepAlive / 1_000);
    } else if (state === 'asleep' && sleepDuration !== undefined) {
      account.state = 'asleep';
      account.limit = silenceAllowed(sleepDuration / 1_000);
    }
  }

  gatewayStarted(accounts: Iterable<Account>): void {
    this.#connections.clear(); // another life has pauses of its own
    for (const account of accounts) {
      account.heard = this.#parts.calm.running; // I-21: supervision starts anew
      if (account.clean && account.state === 'active') {
        account.state = 'gone';
        this.#parts.onGone(account, 'a clean session does not outlive the process', false);
      }
    }
  }

  noted(account: Account, note: Note): void {
    switch (note.type) {
      case 'client-connected':
        account.state = 'active';
        account.limit = silenceAllowed(note.keepAlive);
        account.link = note.link;
        this.heard(account);
        return;
      case 'client-moved':
        account.link = note.link;
        this.heard(account);
        return;
      case 'client-asleep':
        account.state = 'asleep';
        account.limit = silenceAllowed(note.duration);
        this.heard(account);
        return;
      case 'client-disconnected':
        account.air = 'up';
        account.goings = 0;
        this.#sentAway(account, note.reason);
        this.#gone(account, note.reason);
        return;
      case 'client-lost':
        this.#lost(account, note.reason, note.will);
        this.#gone(account, note.reason);
        return;
      case 'delivery-dropped':
        if (account.isShared && note.qos === 2) {
          account.deliversAt = this.#parts.now(); // it was stored for the client all the same
        }
        return;
      case 'connect-abandoned':
        this.attemptFailed(account);
        return;
      case 'session-forgotten':
        this.#parts.onGone(account, 'the operator has forgotten the session');
        return;
      case 'session-expired':
        this.#expired(account);
    }
  }

  /** CONNACK with a refusal, or none: a sleeper that wanted to go on sleeps on, anybody else is away. */
  attemptFailed(account: Account): void {
    if (account.state !== 'asleep' || account.asksClean) {
      this.#gone(account, 'its CONNECT came to nothing');
    }
  }

  #gone(account: Account, why: string): void {
    account.state = 'gone';
    account.goneSince = this.#parts.calm.running;
    if (account.clean) {
      this.#parts.onGone(account, why);
    }
  }

  #sentAway(account: Account, reason: string): void {
    const { findings, calm, plan, now } = this.#parts;
    const { id } = account.plan;
    if (/elsewhere/.test(reason)) {
      if (!calm.wasTakenOver(id)) {
        findings.object('no-take-over', `${id} is sent away: ${reason}`);
      }
    } else if (/cannot be reached/.test(reason)) {
      const well = now() - calm.disturbedUntil(id);
      const away = now() - calm.disturbedSince(id);
      const isWitnessed = Math.min(well, this.#ownStands()) > WITNESSED + calm.heldByDisk();
      const { isPausing: pauses } = this.#parts;
      const isPausing = account.state === 'asleep' && (pauses(id) || (this.#ownStands() === 0 && pauses(OWN))); // I-41, I-40
      if (((well > KNOWN_BACK || isWitnessed) && !isPausing) || away < plan.grace - 100) {
        findings.object(
          'dismissed-though-back',
          `${id} is sent away: ${reason}; the trouble began ${away / 1000} s ago and ended ${well / 1000} s ago`,
        );
      }
    }
  }

  /** Milliseconds for which the gateway's own connection has stood. */
  #ownStands(): number {
    const { broker, now } = this.#parts;
    for (const { clientId, stands, gatewayEnded, since } of broker().wires) {
      if (clientId === OWN && stands && !gatewayEnded) {
        return now() - since;
      }
    }
    return 0;
  }

  #lost(account: Account, reason: string, will: boolean): void {
    const { findings, calm, plan, broker, now, later } = this.#parts;
    const { id } = account.plan;
    let silent = calm.running - account.heard;
    const inTrouble = now() - calm.disturbedUntil('') < 30_000 ? WRITE_IN_TROUBLE : WRITE;
    const isReleased = account.releasedAt === now() || isReleasedByGateway(account);
    const late = isReleased ? Math.max(inTrouble, calm.heldByDisk()) : inTrouble; // PUBREL had to be on disk first (I-62)
    for (const { until, lasted } of account.silences) {
      silent = now() - until < late ? Math.max(silent, lasted) : silent; // decided before that frame came, and told when it was on disk
    }
    const { willOut } = account;
    if (willOut !== undefined && now() - willOut.at <= calm.heldByDisk()) {
      silent = Math.max(silent, willOut.silent); // decided by then: no will waits for the disk; the note does, where others in the same moment have to
    }
    account.willOut = undefined;
    account.lostAt = now();
    account.lastLostAt = now();
    const needed = /nothing heard|did not wake|sleep ended/.test(reason)
      ? account.limit
      : /no answer to/.test(reason)
        ? plan.retryInterval * (plan.retryCount + 1)
        : 0;
    const pauses = this.#pauses.filter((at) => at >= calm.running - needed).length;
    const enough = needed - 1_100 - pauses * OF_A_PAUSE;
    if (account.state !== 'gone' && silent < enough) {
      const waited = silent + calm.lasted(DISK, now() - needed) >= enough;
      findings.object(
        waited ? 'lost-behind-disk' : 'lost-too-early',
        `${id} is lost (${reason}) after ${silent / 1000} s of silence`,
      );
    }
    const wire = broker().sessions.get(id)?.wire;
    if (will && wire?.will !== undefined && !wire.gatewayEnded && account.willByGatewayAt !== now()) {
      const fired = account.willsFired;
      later(20_000, () => {
        if (account.willsFired === fired && calm.disturbedUntil(id) < account.lostAt - 1_000) {
          findings.object('will-missing', `${id} was lost 20 s ago, and its will has not come`);
        }
      });
    }
  }

  #expired(account: Account): void {
    const { findings, calm, plan } = this.#parts;
    const gone = calm.running - account.goneSince;
    if (gone < plan.sessionExpiry - 120_000) {
      findings.object(
        'expired-too-early',
        `the session of ${account.plan.id} is dropped ${gone / 1000} s after it left`,
      );
    }
    this.#parts.onGone(account, 'the session has expired');
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

  connectRefused(account: Account, returnCode: number): void {
    const { calm, findings, now, plan, ownFelledAt } = this.#parts;
    const well = now() - calm.disturbedUntil(account.plan.id);
    const isWitnessed = now() - ownFelledAt() > plan.retryInterval + 6_000; // else the broker seemed to be away
    if (well > plan.retryInterval + 6_000 && isWitnessed) {
      findings.object(
        'locked-out',
        `${account.plan.id} gets CONNACK 0x0${returnCode} though nothing has been wrong for ${well / 1000} s`,
      );
    }
  }

  emitted(clientId: string, account: Account | undefined, effect: UpstreamEffect): void {
    const isWill = effect.type === 'upstream-publish' && nameOf(effect.payload).startsWith('w.');
    if (isWill && account?.isShared === false) {
      this.#willByGateway(account, effect.topic); // T-24
    } else if (isWill && account !== undefined && !effect.dup) {
      account.willOut = { at: this.#parts.now(), silent: this.#parts.calm.running - account.heard };
    }
    if (effect.type === 'upstream-release' && account !== undefined) {
      account.releasedAt = this.#parts.now();
    }
    if (effect.type !== 'upstream-connect') {
      return;
    }
    const now = this.#parts.now();
    const recent = (this.#connections.get(clientId) ?? []).filter((at) => now - at < 60_000);
    recent.push(now);
    this.#connections.set(clientId, recent);
    const asked = account?.asksToConnect.filter((at) => now - at < 60_000) ?? [];
    if (account !== undefined) {
      account.asksToConnect = asked;
    }
    const atGraceEnds = clientId === OWN ? this.#parts.clients : 0; // I-41: one for each client, a second apart; Pauses looks which
    const ofWitness =
      clientId === SHARED ? (this.#connections.get(OWN) ?? []).filter((at) => now - at < 60_000).length : 0; // it follows that one
    if (recent.length - FOR_EACH_CONNECT * asked.length - atGraceEnds - ofWitness > MOST_CONNECTIONS) {
      this.#parts.findings.object('connection-storm', `${clientId} was connected ${recent.length} times in a minute`);
    }
  }

  #willByGateway(account: Account, topic: string): void {
    const { now, later, findings, broker } = this.#parts;
    const at = now();
    account.willsFired++;
    account.willByGatewayAt = at;
    later(0, () => {
      const waits = broker().takesFew ? FAREWELL : 0;
      if (account.lastLostAt < 0 || at - account.lastLostAt > waits) {
        findings.object('will-not-due', `the gateway publishes the will of ${account.plan.id} on ${topic}`);
      }
    });
  }

  /** The process has ended, or a time-out of the adapter: nobody decided about the will. */
  broken(connection: number): void {
    this.#broken.add(connection);
  }

  willFired(account: Account, will: Will, by: 'gateway' | 'broker', connection: number): void {
    const { findings } = this.#parts;
    const { id } = account.plan;
    account.willsFired++;
    if (by === 'gateway' && !this.#broken.has(connection) && account.lostAt < 0) {
      findings.object('will-not-due', `the will of ${id} on ${will.topic} is published, and it was not lost`);
    }
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
