/** The books of who is there: lost only after silence (silence.ts), sent away only for a reason, wills when and only when due. */

import type { StoredSession } from '../../../src/core/contract/stored-records.ts';
import type { Note, UpstreamEffect, Will } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import { nameOf } from '../payload.ts';
import { OWN, SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { type ConnectionStormParts, ConnectionStorms } from './connection-storms.ts';
import { Silence, type SilenceParts, silenceAllowed } from './silence.ts';

/** A broker that is back this long is known to be back; with the gateway's own connection as witness after less. */
const KNOWN_BACK = 12_000;
const WITNESSED = 3_000;

/** So long a will may wait for the answers to what is out before it, where the broker takes only so much at a time. */
const FAREWELL = 5_000;

export interface PresenceParts extends SilenceParts, ConnectionStormParts {
  readonly broker: () => Broker;
  readonly later: (delay: number, run: () => void) => void;
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
  readonly silence: Silence;
  readonly #storms: ConnectionStorms;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.silence = new Silence(parts);
    this.#storms = new ConnectionStorms(parts);
  }

  /** A CONNECT, a DISCONNECT, or that the operator has sent it away, may have got to the disk before the process ended, and nobody was told. */
  restored(account: Account, { state, keepAlive, sleepDuration }: StoredSession): void {
    if (account.state !== 'gone' && state === 'disconnected' && account.isLeaving && !account.clean) {
      account.state = 'gone';
      account.goneSince = this.#parts.calm.running;
      account.air = 'up';
      account.goings = 0;
    }
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
    this.#storms.gatewayStarted();
    for (const account of accounts) {
      account.heard = this.#parts.calm.running; // I-21: supervision starts anew
      account.isLeaving = false;
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
        account.isLeaving = false;
        account.limit = silenceAllowed(note.keepAlive);
        account.link = note.link;
        this.silence.heard(account);
        return;
      case 'client-moved':
        account.link = note.link;
        this.silence.heard(account);
        return;
      case 'client-asleep':
        account.state = 'asleep';
        account.limit = silenceAllowed(note.duration);
        this.silence.heard(account);
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
    account.isLeaving = false;
    account.goneSince = this.#parts.calm.running;
    account.goneAt = this.#parts.now();
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
    const { findings, calm, broker, now, later } = this.#parts;
    const { id } = account.plan;
    this.silence.lost(account, reason);
    account.willOut = undefined;
    account.lostAt = now();
    account.lastLostAt = now();
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
    if (isWill && account !== undefined && clientId !== SHARED) {
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
    this.#storms.connects(clientId, account);
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
