/**
 * The independent book-keeper: hears of everything that clients, gateway and broker do, decides nothing, and objects (findings.ts).
 * It knows the rules from the protocol reference, and nothing of how the gateway keeps them.
 */
import type { Message } from '../../../src/codec/message.ts';
import type { Note, UpstreamEffect, UpstreamInput, Will } from '../adapter.ts';
import type { BrokerSession } from '../broker-session.ts';
import { labelOf } from '../broker-side.ts';
import { bareTopic } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import { OWN, SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { ClientSide } from './client-side.ts';
import type { Check } from './findings.ts';
import { type BooksParts, Ledgers } from './ledgers.ts';
import type { Routed, RoutedRetained } from './shared-side.ts';

/** What changes the session, so that its answer is behind a write. */
const CHANGES: ReadonlySet<Message['type']> = new Set([
  'REGISTER',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'WILLTOPICUPD',
  'WILLMSGUPD',
  'DISCONNECT',
]);

export class Books extends ClientSide {
  /** Client ids of the gateway's connections. */
  readonly #connections = new Map<number, string>();
  /** Connections that go on with a session that was forgotten. */
  readonly #toForgotten = new Set<number>();
  readonly #thieves = new Set<string>();
  /** What the broker has for clients that may not read it, by client id and name. */
  readonly #unreadable = new Set<string>();
  /** Connections of the present life. */
  #alive = new Set<number>();

  constructor(parts: BooksParts) {
    super(new Ledgers(parts));
  }

  // What others try

  /** A frame comes from there, of somebody who wants what is not his. */
  thiefSpeaks(link: string): void {
    this.#thieves.add(link);
  }

  /** What could be shown of a session before such a frame, and behind it. */
  touched(clientId: string, link: string, before: string | undefined, after: string | undefined): void {
    if (before !== after) {
      this.#object('foreign-identity', `${link} has changed the session of ${clientId}: ${before} became ${after}`);
    }
  }

  /** A thief is refused, and hears nothing else. */
  #toThief(link: string, message: Message): void {
    const isRefusal = message.type === 'DISCONNECT' || (message.type === 'CONNACK' && message.returnCode !== 0);
    if (!isRefusal) {
      this.#object('foreign-identity', `${link} gets ${message.type}`);
    }
  }

  #object(check: Check, text: string): void {
    this.ledgers.parts.findings.object(check, text);
  }

  // What the gateway does

  gatewayStarted(): void {
    this.ledgers.parts.calm.runs(true);
    this.ledgers.presence.gatewayStarted(this.ledgers.accounts.values());
    for (const account of this.ledgers.accounts.values()) {
      account.isConnecting = false;
    }
    this.ledgers.toBroker.gatewayStarted(this.ledgers.accounts.values());
    this.ledgers.poison.gatewayStarted();
    this.ledgers.pauses.gatewayStarted();
    this.ledgers.releases.gatewayStarted();
    this.ledgers.window.gatewayStarted();
    this.ledgers.outage.gatewayStarted();
  }

  gatewayEnded(): void {
    for (const account of this.ledgers.accounts.values()) {
      account.forgottenSession = account.isForgetting ? undefined : account.forgottenSession;
      account.isForgetting = false; // the disk may not know of it
    }
    this.#toForgotten.clear();
    this.ledgers.releases.gatewayEnded();
    this.ledgers.doubts.gatewayEnded();
    this.ledgers.shared?.gatewayEnded();
    this.ledgers.sharedWills.broken(true);
    this.ledgers.toBroker.gatewayEnded(this.ledgers.accounts.values());
    this.ledgers.parts.calm.runs(false);
    for (const connection of this.#alive) {
      this.ledgers.presence.broken(connection);
    }
    this.#alive = new Set();
  }

  /** The gateway begins with what the operator wants. */
  operated(does: 'operator-disconnected' | 'operator-forgot', clientId: string): void {
    this.ledgers.pauses.asks(clientId);
    this.ledgers.of(clientId, (account) => {
      const now = this.ledgers.parts.now();
      account.sentAwayAt = now;
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
        this.ledgers.sharedOf(account)?.subscriptions.mayBeGone(account); // that it is gone may wait for the disk
      }
    });
  }

  paused(): void {
    this.ledgers.presence.paused();
    this.ledgers.parts.calm.runs(false);
  }

  resumed(): void {
    this.ledgers.parts.calm.runs(true);
  }

  /** A frame has reached the gateway's socket; `message` undefined where it is none. */
  arrived(link: string, message: Message | undefined): void {
    const account = this.ledgers.byLink.get(link);
    if (account === undefined || message === undefined) {
      return;
    }
    const namesItself =
      message.type === 'PINGREQ' && message.clientId === account.plan.id && account.state === 'asleep';
    if (account.link === link || namesItself) {
      this.ledgers.presence.heard(account);
    }
  }

  /** The gateway begins to handle a frame. */
  handled(link: string, message: Message | undefined): void {
    const account = this.ledgers.byLink.get(link);
    this.ledgers.pauses.handled(link, message);
    if (message?.type === 'CONNECT' && message.cleanSession) {
      this.ledgers.of(String(message.clientId), (named) => {
        named.wipedAt = this.ledgers.parts.now(); // by a stranger perhaps
      });
    }
    if (account === undefined || message === undefined) {
      return;
    }
    this.ledgers.awake.heard(account, message);
    this.ledgers.sharedOf(account)?.subscriptions.handled(account, message);
    if (CHANGES.has(message.type)) {
      account.changesAt = this.ledgers.parts.now();
    }
    if (message.type === 'PUBLISH') {
      this.ledgers.toBroker.heard(account, message);
    } else if (message.type === 'PUBREL' && account.isShared) {
      this.ledgers.toBroker.clientReleases(account, message.msgId);
    } else if (message.type === 'CONNECT') {
      this.#asks(account);
      account.isConnecting = true;
      account.asksSinceForgotten = true;
      account.asksClean = message.cleanSession;
      account.asksFrom = link;
      this.ledgers.toBroker.startsAnew(account, message.cleanSession);
    } else if (message.type === 'REGISTER') {
      account.regAcks.heard(String(message.topicName), message.msgId, this.ledgers.parts.now());
      if (!account.plan.denied.publish.includes(String(message.topicName))) {
        this.#accepts(account, String(message.topicName)); // from now on, though REGACK may wait for the disk
      }
    } else if (message.type === 'REGACK' && message.returnCode > 1) {
      const topic = account.registered.get(message.msgId) ?? '';
      account.refusedTopics.add(topic);
      account.refusedSubscriptions.add(topic);
      account.subscriptions.delete(topic);
      this.ledgers.sharedOf(account)?.subscriptions.refuses(account, topic);
    }
  }

  /** CONNECT: a repetition is a new wish where the gateway has sent the client away since, or has refused it. */
  #asks(account: Account): void {
    if (Math.max(account.sentAwayAt, account.refusedAt) > (account.asksToConnect.at(-1) ?? 0)) {
      account.asksToConnect.push(this.ledgers.parts.now());
    }
  }

  #accepts(account: Account, topic: string): void {
    if (account.refusedTopics.delete(topic)) {
      account.acceptedSince.set(topic, this.ledgers.parts.now());
    }
  }

  /** The gateway sends a frame to one link. */
  sent(link: string, message: Message): void {
    const account = this.ledgers.byLink.get(link);
    if (account === undefined) {
      if (this.#thieves.has(link)) {
        this.#toThief(link, message);
      }
      return;
    }
    this.ledgers.awake.sent(account, message);
    this.ledgers.sharedOf(account)?.subscriptions.sent(account, message);
    if (message.type === 'PUBLISH' || message.type === 'REGISTER' || message.type === 'PUBREL') {
      account.link = link; // as the gateway knows it, also where a restart has undone a move
    } else {
      account.toldAt = this.ledgers.parts.now();
    }
    switch (message.type) {
      case 'PUBLISH':
        if (this.#unreadable.has(`${account.plan.id} ${nameOf(message.data)}`)) {
          this.#object('denied-done', `${nameOf(message.data)} is sent to ${account.plan.id}, which may not read it`);
        }
        this.ledgers.toClient.sent(account, message);
        return;
      case 'REGISTER':
        if (account.registered.get(message.msgId) !== String(message.topicName)) {
          account.registersAt = this.ledgers.parts.now();
        }
        account.registered.set(message.msgId, String(message.topicName));
        return;
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        this.ledgers.toBroker.answered(account, message);
        return;
      case 'CONNACK':
        account.isConnecting = false;
        if (message.returnCode === 0) {
          account.link = link;
          account.refusedTopics.clear();
          account.clean = account.asksClean;
          this.ledgers.promises.session(account, 'CONNACK');
        } else {
          account.refusedAt = this.ledgers.parts.now();
          this.ledgers.presence.attemptFailed(account);
        }
        return;
      case 'DISCONNECT':
        if (account.air === 'up') {
          account.sentAwayAt = this.ledgers.parts.now();
        }
        if (account.air === 'asleep') {
          this.ledgers.promises.session(account, 'DISCONNECT');
        }
        return;
      case 'REGACK':
        if (message.returnCode === 0) {
          account.regAcks.sent(message.msgId, this.ledgers.parts.now());
          this.ledgers.promises.registered(account, message);
        }
        return;
      case 'SUBACK':
        if (message.returnCode === 0) {
          const filter = account.asked.get(message.msgId)?.filter ?? '';
          account.subAcked.set(filter, this.ledgers.parts.now());
          this.#accepts(account, filter);
          account.refusedSubscriptions.delete(filter);
          this.ledgers.promises.subscribed(account, message);
        }
    }
  }

  emitted(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.#connections.set(effect.connection, labelOf(effect));
      this.#alive.add(effect.connection);
    }
    const clientId = this.#connections.get(effect.connection) ?? OWN;
    const account =
      effect.type === 'upstream-publish'
        ? this.#ownerOf(clientId, nameOf(effect.payload))
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
    if (effect.type === 'upstream-subscribe' && clientId === SHARED) {
      this.ledgers.shared?.subscriptions.asksFor(effect.filter);
    } else if (effect.type === 'upstream-subscribe' && account !== undefined) {
      this.ledgers.doubts.asksFor(account, bareTopic(this.ledgers.parts.plan.gateway.topicPrefix, effect.filter));
    }
    if (effect.type === 'upstream-acknowledge' && clientId === SHARED) {
      this.ledgers.shared?.acknowledged(effect);
    } else if (effect.type === 'upstream-acknowledge' && account !== undefined) {
      this.ledgers.toClient.acknowledged(account, effect);
    }
    if (effect.type === 'upstream-connect' && account !== undefined) {
      this.#comparesForgotten(account, effect.cleanSession, effect.connection);
      this.ledgers.releases.connects(account);
    } else if (effect.type === 'upstream-close' && account !== undefined) {
      this.#toForgotten.delete(effect.connection);
      this.ledgers.releases.closes(account, effect.connection);
    }
  }

  /** I-103: no connection goes on with a session at the broker that was forgotten. */
  #comparesForgotten({ plan: { id }, forgottenSession }: Account, isClean: boolean, connection: number): void {
    const session = this.ledgers.parts.broker().sessions.get(id);
    if (isClean || session === undefined || session !== forgottenSession) {
      return;
    }
    this.#toForgotten.add(connection);
    const { later, calm } = this.ledgers.parts;
    later(calm.heldByDisk(), () => {
      if (this.#toForgotten.delete(connection)) {
        const text = `${id} is connected to the session that the broker had when it was forgotten`;
        this.ledgers.parts.findings.object('forgotten-kept', text);
      } // else it had been decided before, and was closed as soon as the disk had the rest
    });
  }

  /** A connection has ended, and the gateway has not decided it; it may hear of it later. */
  broken(connection: number): void {
    this.ledgers.presence.broken(connection);
  }

  /** The gateway hears of the broker. */
  fromBroker(input: UpstreamInput): void {
    const clientId = this.#connections.get(input.connection) ?? OWN;
    const account = this.ledgers.accounts.get(clientId);
    if (clientId === SHARED) {
      this.#fromShared(input);
    }
    const isNews =
      input.type === 'upstream-connected'
        ? this.#stands(input.connection)
        : input.type === 'upstream-lost' && account?.clean;
    if (account && isNews) {
      this.ledgers.toBroker.knowsWhatIsForgotten(account);
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
    this.ledgers.poison.heard(input, this.#connections.get(input.connection) === OWN);
    this.ledgers.pauses.heard(input);
    this.ledgers.window.heard(input);
    if (input.type === 'upstream-lost') {
      account?.lostConnections.splice(0, Math.max(0, account.lostConnections.length - 2));
      account?.lostConnections.push(input.connection);
      this.ledgers.presence.broken(input.connection);
      this.#alive.delete(input.connection);
    }
  }

  #fromShared(input: UpstreamInput): void {
    this.ledgers.shared?.heard(input);
    this.ledgers.outage.heard(input);
    if (input.type === 'upstream-connected' && this.#stands(input.connection)) {
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

  /** Whose message goes up on a connection: where clients share it, its name says so. */
  #ownerOf(clientId: string, name: string): Account | undefined {
    if (this.ledgers.shared === undefined || this.ledgers.accounts.has(clientId)) {
      return this.ledgers.accounts.get(clientId);
    }
    const account = this.ledgers.accounts.get(name.replace(/^w\./, '').split('.')[0] ?? '');
    return account?.publishes.get(name)?.action.qos === -1 ? undefined : account; // it is nobody's
  }

  /** Whether a connection stands at the broker: else what the gateway hears on it was said before it broke. */
  #stands(connection: number): boolean {
    const wires = [...this.ledgers.parts.broker().wires];
    return wires.some(({ number, brokerEnded }) => number === connection && !brokerEnded);
  }

  noted(note: Note): void {
    if (note.type === 'session-failed') {
      this.ledgers.parts.findings.object('invariant', `session of ${note.clientId ?? 'nobody'} failed: ${note.reason}`);
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
      account.lostAt = -1;
    } else if (note.type === 'poison-given-up' && note.message === 'SUBSCRIBE') {
      this.#subscriptionGivenUp(account, note.topic);
    } else if (note.type === 'delivery-dropped') {
      const topic = this.#bare(note.topic);
      this.ledgers.toClient.dropped(account, { ...note, topic });
      this.ledgers.sharedOf(account)?.dropped(account, note);
    }
    if (note.type === 'session-forgotten') {
      account.isForgetting = false;
      this.ledgers.promises.forgotten(account);
    }
    if (note.type === 'client-lost' && note.will && account.isShared) {
      this.ledgers.sharedWills.lost(account);
    }
    this.ledgers.presence.noted(account, note);
  }

  /** The gateway ends a subscription, for the broker closes connections on it: where they fell by chance, that is not its fault. */
  #subscriptionGivenUp(account: Account, filter: string): void {
    if (account.lostConnections.some((connection) => this.ledgers.poison.fellByChance(connection))) {
      account.unsubscribing.add(filter);
      account.subscriptions.delete(filter);
    }
  }

  // What the broker does

  brokerHas(clientId: string, payload: Uint8Array, topic: string, qos: number, final: boolean): void {
    const sender = this.ledgers.accounts.get(nameOf(payload).replace(/^w\./, '').split('.')[0] ?? '');
    if (sender?.plan.denied.publish.includes(this.#bare(topic))) {
      this.#object('denied-done', `${nameOf(payload)} of ${sender.plan.id} reaches the broker on ${topic}`);
    }
    const account = this.#ownerOf(clientId, nameOf(payload));
    if (clientId === SHARED) {
      this.ledgers.shared?.published(nameOf(payload));
    }
    if (account === undefined) {
      return;
    }
    this.ledgers.toBroker.brokerHas(account, payload, this.#bare(topic), qos, final);
    if (clientId === SHARED && final && nameOf(payload).startsWith('w.')) {
      this.ledgers.sharedWills.came(account, qos, nameOf(payload));
    }
  }

  brokerRefused(clientId: string, name: string): void {
    const entry = this.#ownerOf(clientId, name)?.publishes.get(name);
    if (entry !== undefined) {
      entry.excused ??= 'the broker refused it';
    }
  }

  brokeLimit(clientId: string, what: string): void {
    this.ledgers.parts.findings.object('beyond-limits', `${clientId}: ${what}`);
  }

  /** A topic of the broker, as clients know it. */
  #bare(topic: string): string {
    const { shared, parts } = this.ledgers;
    return shared === undefined ? topic : bareTopic(parts.plan.gateway.topicPrefix, topic);
  }

  brokerForgot(session: BrokerSession): void {
    if (session.clientId === SHARED) {
      this.ledgers.shared?.brokerForgot(session);
      for (const account of this.ledgers.accounts.values()) {
        this.ledgers.toBroker.brokerForgot(account, session);
      }
      for (const { payload } of session.received.values()) {
        const account = nameOf(payload).startsWith('w.') ? this.#ownerOf(SHARED, nameOf(payload)) : undefined;
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
    const account = this.#ownerOf(clientId, name);
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
    }
    this.ledgers.of(clientId, ({ grants }) => grants.set(filter, { qos, at: this.ledgers.parts.now() }));
  }

  enqueued(clientId: string, name: string, topic: string, qos: number, retain: boolean): void {
    this.ledgers.of(clientId, (account) => {
      if (account.plan.denied.read.includes(topic)) {
        this.#unreadable.add(`${clientId} ${name}`);
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
    this.ledgers.presence.look(this.ledgers.accounts.values());
  }

  /** Everything must be in order now. `unfinished`: what clients still wait for, by client id. */
  atEnd(unfinished: ReadonlyMap<string, string>): void {
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
        this.ledgers.parts.findings.object('stuck-client', `${id} still waits for an answer to ${waiting}`);
      }
      this.#compareSubscriptions(account);
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
      this.ledgers.parts.findings.object('subscription-differs', `the broker has lost ${missing.join(', ')} of ${id}`);
    }
  }
}
