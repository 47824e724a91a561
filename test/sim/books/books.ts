/**
 * The independent book-keeper: hears of everything that clients, gateway and broker do, decides nothing, and objects (findings.ts).
 * It knows the rules from the protocol reference, and nothing of how the gateway keeps them.
 */
import type { Will } from '../adapter.ts';
import type { BrokerSession } from '../broker-session.ts';
import { nameOf } from '../payload.ts';
import { SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { type BooksParts, Ledgers } from './ledgers.ts';
import type { Routed, RoutedRetained } from './routed.ts';
import { UpstreamSide } from './upstream-side.ts';

export class Books extends UpstreamSide {
  constructor(parts: BooksParts) {
    super(new Ledgers(parts));
  }

  // What the broker does

  brokerHas(clientId: string, payload: Uint8Array, topic: string, qos: number, final: boolean): void {
    const sender = this.ledgers.accounts.get(nameOf(payload).replace(/^w\./, '').split('.')[0] ?? '');
    if (sender?.plan.denied.publish.includes(this.ledgers.bare(topic))) {
      this.ledgers.object('denied-done', `${nameOf(payload)} of ${sender.plan.id} reaches the broker on ${topic}`);
    }
    const account = this.ledgers.ownerOf(clientId, nameOf(payload));
    if (clientId === SHARED) {
      this.ledgers.shared?.published(nameOf(payload));
    }
    if (account === undefined) {
      return;
    }
    this.ledgers.toBroker.brokerHas(account, payload, this.ledgers.bare(topic), qos, final);
    if (clientId === SHARED && final && nameOf(payload).startsWith('w.')) {
      this.ledgers.sharedWills.came(account, qos, nameOf(payload));
    }
  }

  brokerRefused(clientId: string, name: string): void {
    const entry = this.ledgers.ownerOf(clientId, name)?.publishes.get(name);
    if (entry !== undefined) {
      entry.excused ??= 'the broker refused it';
    }
  }

  brokeLimit(clientId: string, what: string): void {
    this.ledgers.object('beyond-limits', `${clientId}: ${what}`);
  }

  /** `isGivenUp`: the gateway wants it so, by CONNECT with CleanSession. */
  brokerForgot(session: BrokerSession, isGivenUp = false): void {
    if (session.clientId === SHARED && isGivenUp && this.ledgers.changes) {
      return; // nothing that anybody is owed may be left there
    }
    if (session.clientId === SHARED) {
      this.ledgers.shared?.brokerForgot(session);
      for (const account of this.ledgers.accounts.values()) {
        this.ledgers.toBroker.brokerForgot(account, session);
      }
      for (const { payload } of session.received.values()) {
        const account = nameOf(payload).startsWith('w.') ? this.ledgers.ownerOf(SHARED, nameOf(payload)) : undefined;
        if (account !== undefined) {
          this.ledgers.sharedWills.forgotten(account);
        }
      }
      return;
    }
    this.ledgers.of(session.clientId, (account) => {
      this.ledgers.toBroker.brokerForgot(account, session);
      this.ledgers.doubts.brokerForgot(account);
    });
  }

  poisoned(clientId: string, name: string, connection: number): void {
    const isItsOwn = this.ledgers.shared === undefined || this.ledgers.accounts.has(clientId);
    this.ledgers.parts.calm.begins(isItsOwn ? clientId : '')();
    const account = this.ledgers.ownerOf(clientId, name);
    if (account !== undefined) {
      this.ledgers.toBroker.poisoned(account, name, connection);
    }
  }

  /** The broker closes a connection, and no packet is the reason. */
  felled(connection: number, how: 'alone' | 'with all'): void {
    this.ledgers.poison.fells(connection, how);
  }

  granted(clientId: string, filter: string, qos: number): void {
    if (clientId === SHARED) {
      this.ledgers.promises.sharedGranted(filter, qos);
      const session = this.ledgers.parts.broker().sessions.get(SHARED);
      if (session !== undefined) {
        this.ledgers.shared?.quiet.granted(session, filter);
        this.ledgers.shared?.subscriptions.grantedByBroker(filter);
      }
    }
    this.ledgers.of(clientId, ({ grants }) => grants.set(filter, { qos, at: this.ledgers.parts.now() }));
  }

  enqueued(clientId: string, name: string, topic: string, qos: number, retain: boolean): void {
    this.ledgers.of(clientId, (account) => {
      if (account.isShared) {
        return; // its own session of before is not fetched
      }
      if (account.plan.denied.read.includes(topic)) {
        this.unreadable.add(`${clientId} ${name}`);
      } else {
        this.ledgers.toClient.enqueued(account, name, topic, qos, retain);
      }
    });
  }

  /** The broker routes a message to the shared session. */
  routed(message: Routed): void {
    this.ledgers.shared?.routed(message);
  }

  routedRetained(message: RoutedRetained): void {
    this.ledgers.shared?.routedRetained(message);
  }

  willFired(clientId: string, will: Will, by: 'gateway' | 'broker', connection: number): void {
    this.ledgers.of(clientId, (account) => this.ledgers.presence.willFired(account, will, by, connection));
  }

  // Looks

  look(): void {
    this.ledgers.presence.silence.look(this.ledgers.accounts.values());
  }

  /** Everything must be in order now. `unfinished`: what clients still wait for, by client id. */
  atEnd(unfinished: ReadonlyMap<string, string>): void {
    this.#lookAtLeftovers();
    this.ledgers.shared?.subscriptions.atEnd(this.ledgers.parts.plan.events.some((event) => event.do === 'stranger'));
    for (const account of this.ledgers.accounts.values()) {
      const { id } = account.plan;
      this.ledgers.toBroker.atEnd(account);
      this.ledgers.sharedWills.atEnd(account, account.plan.will?.qos ?? 0);
      if (unfinished.has(id)) {
        const isLimited = this.ledgers.parts.plan.gateway.maxAwakeMessages > 0 || account.awakeFull;
        this.ledgers.toClient.atEnd(account, isLimited && account.state === 'asleep');
      }
      const waiting = unfinished.get(id) ?? '';
      if (waiting !== '') {
        this.ledgers.object('stuck-client', `${id} still waits for an answer to ${waiting}`);
      }
      this.#compareSubscriptions(account);
    }
  }

  /** Sessions at the broker of before a change are ended when all is done. */
  #lookAtLeftovers(): void {
    const { broker } = this.ledgers.parts;
    const { sessions } = broker();
    const accounts = [...this.ledgers.accounts.values()];
    if (this.ledgers.isSharedLeft && sessions.has(SHARED)) {
      this.ledgers.object('place-not-freed', 'the broker has the session of the shared connection still');
    }
    for (const { isShared, state, plan, ownUntold } of accounts) {
      if (isShared && state === 'active' && sessions.has(plan.id) && !ownUntold) {
        this.ledgers.object('place-not-freed', `the broker has the session of ${plan.id} still, which shares one`);
      }
    }
  }

  /** Whether the gateway has let a client go that had come clean. */
  hasLeftClean(clientId: string): boolean {
    const account = this.ledgers.accounts.get(clientId);
    return account?.clean === true && account.state === 'gone';
  }

  #compareSubscriptions(account: Account): void {
    const { id } = account.plan;
    const session = this.ledgers.parts.broker().sessions.get(id);
    if (session?.wire === undefined) {
      return;
    }
    const isEnded = (filter: string): boolean =>
      account.refusedSubscriptions.has(filter) ||
      this.ledgers.doubts.isUnknown(account, filter) ||
      (account.subAcked.get(filter) ?? 0) < account.wipedAt; // by a late copy
    const missing = [...account.subscriptions].filter(
      (filter) => !session.subscriptions.has(filter) && !account.refusedTopics.has(filter) && !isEnded(filter),
    );
    if (missing.length > 0) {
      this.ledgers.object('subscription-differs', `the broker has lost ${missing.join(', ')} of ${id}`);
    }
  }
}
