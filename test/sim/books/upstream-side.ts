/** What the books hear of the gateway's connections to the broker. */
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import { labelOf } from '../broker-side.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import { OWN, SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { GatewaySide } from './gateway-side.ts';

export class UpstreamSide extends GatewaySide {
  emitted(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.ledgers.connections.clients.set(effect.connection, labelOf(effect));
      this.ledgers.connections.alive.add(effect.connection);
    }
    const clientId = this.ledgers.connections.clients.get(effect.connection) ?? OWN;
    const account =
      effect.type === 'upstream-publish'
        ? this.ledgers.ownerOf(clientId, nameOf(effect.payload))
        : this.ledgers.accounts.get(clientId);
    this.ledgers.presence.emitted(clientId, account, effect);
    if (clientId !== SHARED) {
      this.ledgers.pauses.emitted(clientId, effect);
    }
    if (effect.type === 'upstream-close') {
      this.ledgers.poison.ended(effect.connection);
    }
    this.ledgers.toBroker.emitted(clientId, account, effect);
    this.ledgers.window.emitted(clientId, effect);
    this.ledgers.poison.emitted(effect);
    if (clientId === SHARED) {
      this.ledgers.shared?.subscriptions.fetches.emitted(effect);
    }
    if (effect.type === 'upstream-unsubscribe' && clientId === SHARED) {
      this.ledgers.shared?.subscriptions.ends(effect.filter);
    }
    if (effect.type === 'upstream-subscribe' && clientId === SHARED) {
      this.ledgers.shared?.subscriptions.asksFor(effect.filter);
    } else if (effect.type === 'upstream-subscribe' && account !== undefined) {
      this.ledgers.doubts.asksFor(account, bareTopic(this.ledgers.parts.plan.gateway.topicPrefix, effect.filter));
    }
    if (effect.type === 'upstream-acknowledge' && clientId === SHARED) {
      this.ledgers.shared?.acknowledged(effect);
    } else if (effect.type === 'upstream-acknowledge' && account?.isShared === false) {
      this.ledgers.toClient.acknowledged(account, effect);
    }
    if (effect.type === 'upstream-connect' && account !== undefined) {
      this.#comparesForgotten(account, effect.cleanSession, effect.connection);
      account.isConnecting ||= account.closedAt === this.ledgers.parts.now(); // for one more CONNECT, though CONNACK for others has just gone out
      this.ledgers.releases.connects(account);
    } else if (effect.type === 'upstream-close' && account !== undefined) {
      this.ledgers.connections.toForgotten.delete(effect.connection);
      this.ledgers.releases.closes(account, effect.connection);
      account.closedAt = this.ledgers.parts.now();
    }
  }

  /** I-103: no connection goes on with a session at the broker that was forgotten. One that was made with CleanSession ends with its connection. */
  #comparesForgotten({ plan: { id }, forgottenSession }: Account, isClean: boolean, connection: number): void {
    const session = this.ledgers.parts.broker().sessions.get(id);
    if (isClean || session === undefined || session !== forgottenSession || session.clean) {
      return;
    }
    this.ledgers.connections.toForgotten.add(connection);
    const { later, calm } = this.ledgers.parts;
    later(calm.heldByDisk(), () => {
      if (this.ledgers.connections.toForgotten.delete(connection)) {
        const text = `${id} is connected to the session that the broker had when it was forgotten`;
        this.ledgers.object('forgotten-kept', text);
      } // else it had been decided before, and was closed as soon as the disk had the rest
    });
  }

  /** A connection has ended, and the gateway has not decided it; it may hear of it later. */
  broken(connection: number): void {
    this.ledgers.presence.broken(connection);
  }

  /** The gateway hears of the broker. */
  fromBroker(input: UpstreamInput): void {
    const clientId = this.ledgers.connections.clients.get(input.connection) ?? OWN;
    const account = this.ledgers.accounts.get(clientId);
    if (clientId === SHARED) {
      this.#fromShared(input);
    }
    const isNews =
      input.type === 'upstream-connected'
        ? this.ledgers.stands(input.connection)
        : input.type === 'upstream-lost' && account?.clean;
    if (account && isNews) {
      this.ledgers.toBroker.knowsWhatIsForgotten(account);
    }
    if (account && input.type === 'upstream-message') {
      this.ledgers.heardOwn(account, input.payload);
    }
    if (account && input.type === 'upstream-subscribed') {
      this.ledgers.grantedOwn(account);
    }
    if (account && input.type === 'upstream-connected') {
      this.ledgers.releases.stands(account, input.connection);
    } else if (account && input.type === 'upstream-lost') {
      this.ledgers.releases.lost(account, input.connection);
    } else if (input.type === 'upstream-acknowledged' && input.packet === 'PUBREC' && input.reasonCode < 0x80) {
      this.ledgers.toBroker.received(input.connection, input.packetId);
    }
    if (account && input.type === 'upstream-acknowledged' && input.packet !== 'PUBREC') {
      this.ledgers.toBroker.finished(clientId, input.connection, input.packetId);
    }
    this.ledgers.poison.heard(input, this.ledgers.connections.clients.get(input.connection) === OWN);
    this.ledgers.pauses.heard(input);
    this.ledgers.window.heard(input);
    if (input.type === 'upstream-lost') {
      account?.lostConnections.splice(0, Math.max(0, account.lostConnections.length - 2));
      account?.lostConnections.push(input.connection);
      this.ledgers.presence.broken(input.connection);
      this.ledgers.connections.alive.delete(input.connection);
    }
  }

  #fromShared(input: UpstreamInput): void {
    this.ledgers.shared?.heard(input);
    this.ledgers.outage.heard(input);
    if (input.type === 'upstream-ponged') {
      this.ledgers.drained();
    }
    if (input.type === 'upstream-connected' && this.ledgers.stands(input.connection)) {
      for (const account of this.ledgers.accounts.values()) {
        if (account.isShared) {
          this.ledgers.toBroker.knowsWhatIsForgotten(account);
        }
      }
    } else if (input.type === 'upstream-lost') {
      this.ledgers.sharedWills.broken(false);
    } else if (input.type === 'upstream-acknowledged' && input.packet === 'PUBACK') {
      this.ledgers.toBroker.finished(SHARED, input.connection, input.packetId);
    } else if (input.type === 'upstream-acknowledged' && input.packet === 'PUBCOMP') {
      this.ledgers.toBroker.completed(SHARED, input.connection, input.packetId);
    }
  }
}
