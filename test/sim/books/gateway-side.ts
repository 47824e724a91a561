/** What the books hear of the gateway itself: its lives, its pauses, what its operator wants, what it tells. */
import type { StoredRecord } from '../../../src/ports/store.ts';
import type { DroppedNote, Note } from '../adapter.ts';
import type { ConnectionPlan } from '../plan.ts';
import { SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { FrameSide } from './frame-side.ts';

export class GatewaySide extends FrameSide {
  /** `records`: what it begins with. */
  gatewayStarted(records: readonly StoredRecord[] = []): void {
    for (const record of records) {
      if (record.kind === 'session') {
        this.ledgers.of(record.clientId, (account) => {
          account.link = record.link; // it may have moved since, and the disk does not know
          this.ledgers.presence.restored(account, record);
        });
      }
    }
    this.ledgers.parts.calm.runs(true);
    this.ledgers.presence.gatewayStarted(this.ledgers.accounts.values());
    for (const account of this.ledgers.accounts.values()) {
      account.isConnecting = false;
      if (account.joined !== undefined) {
        account.joined.session = this.ledgers.parts.broker().sessions.get(SHARED);
      }
    }
    this.ledgers.toBroker.gatewayStarted(this.ledgers.accounts.values());
    this.ledgers.poison.gatewayStarted();
    this.ledgers.pauses.gatewayStarted();
    this.ledgers.releases.gatewayStarted();
    this.ledgers.window.gatewayStarted();
    this.ledgers.outage.gatewayStarted();
    this.ledgers.shared?.subscriptions.fetches.gatewayStarted(records);
  }

  /** It has begun with another mode, or other clients that have a connection of their own. */
  modeChanged(setup: ConnectionPlan, records: readonly StoredRecord[] = []): void {
    this.ledgers.modeChanged(setup, records);
  }

  /** `untold`: what it had decided to drop, and not told yet; the disk may know. */
  gatewayEnded(untold: readonly DroppedNote[] = []): void {
    for (const note of untold) {
      this.#droppedUntold(note);
    }
    const { now, calm } = this.ledgers.parts;
    for (const account of this.ledgers.accounts.values()) {
      account.forgottenSession = account.isForgetting ? undefined : account.forgottenSession;
      account.isForgetting = false; // the disk may not know of it
      account.mayLive ||= account.state === 'gone' && now() - account.goneAt <= calm.heldByDisk();
    }
    this.ledgers.connections.toForgotten.clear();
    this.ledgers.releases.gatewayEnded();
    this.ledgers.doubts.gatewayEnded();
    this.ledgers.shared?.gatewayEnded();
    this.ledgers.sharedWills.broken(true);
    this.ledgers.toBroker.gatewayEnded(this.ledgers.accounts.values());
    this.ledgers.parts.calm.runs(false);
    for (const connection of this.ledgers.connections.alive) {
      this.ledgers.presence.broken(connection);
    }
    this.ledgers.connections.alive.clear();
  }

  /** The gateway begins with what the operator wants. */
  operated(does: 'operator-disconnected' | 'operator-forgot', clientId: string): void {
    this.ledgers.pauses.asks(clientId);
    this.ledgers.of(clientId, (account) => {
      const now = this.ledgers.parts.now();
      account.sentAwayAt = now;
      account.isLeaving = true;
      this.ledgers.subscriptionsOf(account)?.operated(account);
      if (does === 'operator-forgot') {
        account.forgottenAt = now;
        account.asksSinceForgotten = false;
        account.isForgetting = true;
        account.forgottenSession = this.ledgers.parts.broker().sessions.get(clientId);
        account.wipedAt = now;
        account.subscriptions.clear();
        this.ledgers.toBroker.forgotten(account);
        this.ledgers.toClient.forgets(account);
      }
      if (does === 'operator-forgot' || account.clean) {
        this.ledgers.subscriptionsOf(account)?.mayBeGone(account); // that it is gone may wait for the disk
      }
    });
  }

  paused(): void {
    this.ledgers.presence.silence.paused();
    this.ledgers.parts.calm.runs(false);
  }

  resumed(): void {
    this.ledgers.parts.calm.runs(true);
  }

  noted(note: Note): void {
    if (note.type === 'session-failed') {
      this.ledgers.object('invariant', `session of ${note.clientId ?? 'nobody'} failed: ${note.reason}`);
    }
    if (!('clientId' in note) || note.clientId === undefined) {
      return;
    }
    const account = this.ledgers.accounts.get(note.clientId);
    if (account === undefined) {
      return;
    }
    if (note.type === 'client-connected') {
      account.clean = note.cleanSession;
      account.mayLive = false;
      account.lostAt = -1;
    } else if (note.type === 'poison-given-up' && note.message === 'SUBSCRIBE') {
      this.#subscriptionGivenUp(account, note.topic);
    } else if (note.type === 'delivery-dropped') {
      this.#dropped(account, note);
    }
    if (note.type === 'session-forgotten') {
      account.isForgetting = false;
      if (!account.asksSinceForgotten) {
        account.wipedAt = this.ledgers.parts.now(); // SUBACK of before may have waited for the disk
      }
      this.ledgers.promises.forgotten(account);
    }
    if (note.type === 'client-lost' && note.will && account.isShared) {
      this.ledgers.sharedWills.lost(account);
    }
    this.ledgers.presence.noted(account, note);
  }

  #dropped(account: Account, note: DroppedNote): void {
    const topic = this.ledgers.bare(note.topic);
    this.ledgers.toClient.dropped(account, { ...note, topic });
    this.ledgers.ofEither(account)?.dropped(account, note);
  }

  /**
   * On the shared connection it may be over, on the disk, for this client alone: nobody repeats it then, or its repetition is known. A connection of
   * the client's own brings it again, and it is dropped, and told, once more.
   */
  #droppedUntold(note: DroppedNote): void {
    this.ledgers.of(note.clientId, (account) => {
      if (account.isShared) {
        this.#dropped(account, note);
      }
    });
  }

  /** The gateway ends a subscription, for the broker closes connections on it: where they fell by chance, that is not its fault. */
  #subscriptionGivenUp(account: Account, filter: string): void {
    if (account.lostConnections.some((connection) => this.ledgers.poison.fellByChance(connection))) {
      account.unsubscribing.add(filter);
      account.subscriptions.delete(filter);
    }
  }
}
