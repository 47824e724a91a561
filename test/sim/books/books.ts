/**
 * The independent book-keeper: hears of everything that clients, gateway and broker do, decides nothing, and objects (findings.ts).
 * It knows the rules from the protocol reference, and nothing of how the gateway keeps them.
 */
import type { Message, MessageOf } from '../../../src/codec/message.ts';
import type { Note, Restored, UpstreamEffect, UpstreamInput, Will } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import type { BrokerSession } from '../broker-session.ts';
import type { Action, Plan } from '../plan.ts';
import { OWN } from '../wire.ts';
import { Account } from './account.ts';
import { Awake } from './awake.ts';
import type { Calm } from './calm.ts';
import type { Findings } from './findings.ts';
import { Presence } from './presence.ts';
import { Promises } from './promises.ts';
import { ToBroker } from './to-broker.ts';
import { ToClient } from './to-client.ts';

type PublishAction = Extract<Action, { do: 'publish' }>;

export interface BooksParts {
  readonly plan: Plan;
  readonly findings: Findings;
  readonly calm: Calm;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
  readonly broker: () => Broker;
  readonly restored: () => Restored;
  readonly asksDisk: () => boolean;
}

export class Books {
  readonly #parts: BooksParts;
  readonly #accounts = new Map<string, Account>();
  readonly #byLink = new Map<string, Account>();
  /** Client ids of the gateway's connections. */
  readonly #connections = new Map<number, string>();
  readonly #toBroker: ToBroker;
  readonly #toClient: ToClient;
  readonly #presence: Presence;
  readonly #promises: Promises;
  readonly #awake: Awake;
  /** Connections of the present life. */
  #alive = new Set<number>();

  constructor(parts: BooksParts) {
    this.#parts = parts;
    const { plan, findings, calm, now, later, broker, restored, asksDisk } = parts;
    this.#promises = new Promises({ findings, broker, restored, isDue: asksDisk });
    this.#toBroker = new ToBroker({
      findings,
      now,
      isStored: (account, name) => this.#promises.isStored(account, name),
    });
    this.#toClient = new ToClient(findings, broker);
    this.#awake = new Awake(findings, broker, plan.gateway, calm, now);
    const onGone = (account: Account, why: string): void => this.#toBroker.excuse(account, why);
    this.#presence = new Presence({ findings, plan: plan.gateway, calm, broker, now, later, onGone });
    for (const client of plan.clients) {
      this.#accounts.set(client.id, new Account(client));
    }
  }

  // What clients do

  linkOf(link: string, clientId: string): void {
    this.#of(clientId, (account) => this.#byLink.set(link, account));
  }

  starts(clientId: string, action: PublishAction, msgId: number): void {
    this.#of(clientId, (account) => this.#toBroker.starts(account, action, msgId));
  }

  taken(clientId: string, name: string): void {
    this.#of(clientId, (account) => this.#toBroker.taken(account, name));
  }

  abandoned(clientId: string, name: string): void {
    this.#of(clientId, (account) => {
      const entry = account.publishes.get(name);
      if (entry !== undefined) {
        entry.abandoned = true;
      }
    });
  }

  registers(clientId: string, topic: string, msgId: number): void {
    this.#of(clientId, ({ registering }) => registering.set(msgId, topic));
  }

  subscribes(clientId: string, filter: string, msgId: number): void {
    this.#of(clientId, ({ asked }) => asked.set(msgId, { filter, at: this.#parts.now() }));
  }

  subscribed(clientId: string, filter: string): void {
    this.#of(clientId, (account) => {
      account.subscriptions.add(filter);
      account.unsubscribing.delete(filter);
    });
  }

  unsubscribes(clientId: string, filter: string): void {
    this.#of(clientId, ({ unsubscribing, subscriptions }) => {
      unsubscribing.add(filter);
      subscriptions.delete(filter);
    });
  }

  connects(clientId: string, clean: boolean): void {
    this.#of(clientId, (account) => {
      account.asksToConnect.push(this.#parts.now());
      if (clean) {
        account.subscriptions.clear();
        this.#toBroker.excuse(account, 'CONNECT with CleanSession');
        this.#toClient.forgets(account);
      }
    });
  }

  connectRefused(clientId: string, returnCode: number): void {
    this.#of(clientId, (account) => this.#presence.connectRefused(account, returnCode));
  }

  rebooted(clientId: string): void {
    this.#of(clientId, (account) => this.#toClient.forgets(account));
  }

  unknownTopic(clientId: string): void {
    this.#of(clientId, (account) => {
      account.unknownTopics++;
    });
  }

  clientGot(clientId: string, message: MessageOf<'PUBLISH'>, topic: string, sentAt: number): void {
    this.#of(clientId, (account) => this.#toClient.got(account, message, topic, sentAt));
  }

  clientHasAgain(clientId: string, name: string, msgId: number): void {
    this.#of(clientId, (account) => this.#toClient.hasAgain(account, name, msgId));
  }

  clientReleased(clientId: string, msgId: number): void {
    this.#of(clientId, (account) => this.#toClient.released(account, msgId, this.#parts.now()));
  }

  // What the gateway does

  gatewayStarted(): void {
    this.#parts.calm.runs(true);
    this.#presence.gatewayStarted(this.#accounts.values());
  }

  gatewayEnded(): void {
    this.#parts.calm.runs(false);
    for (const connection of this.#alive) {
      this.#presence.broken(connection);
    }
    this.#alive = new Set();
  }

  paused(): void {
    this.#parts.calm.runs(false);
  }

  resumed(): void {
    this.#parts.calm.runs(true);
  }

  /** A frame has reached the gateway's socket; `message` undefined where it is none. */
  arrived(link: string, message: Message | undefined): void {
    const account = this.#byLink.get(link);
    if (account === undefined || message === undefined) {
      return;
    }
    const namesItself =
      message.type === 'PINGREQ' && message.clientId === account.plan.id && account.state === 'asleep';
    if (account.link === link || namesItself) {
      this.#presence.heard(account);
    }
  }

  /** The gateway begins to handle a frame. */
  handled(link: string, message: Message | undefined): void {
    const account = this.#byLink.get(link);
    if (account === undefined || message === undefined) {
      return;
    }
    this.#awake.heard(account, message);
    if (message.type === 'PUBLISH') {
      this.#toBroker.heard(account, message);
    } else if (message.type === 'CONNECT') {
      account.asksClean = message.cleanSession;
      this.#toBroker.startsAnew(account);
    } else if (message.type === 'REGACK' && message.returnCode > 1) {
      const topic = account.registered.get(message.msgId) ?? '';
      account.refusedTopics.add(topic);
      account.subscriptions.delete(topic);
    }
  }

  /** The gateway sends a frame to one link. */
  sent(link: string, message: Message): void {
    const account = this.#byLink.get(link);
    if (account === undefined) {
      return;
    }
    this.#awake.sent(account, message);
    switch (message.type) {
      case 'PUBLISH':
        this.#toClient.sent(account, message);
        return;
      case 'REGISTER':
        account.registered.set(message.msgId, String(message.topicName));
        return;
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        this.#toBroker.answered(account, message);
        return;
      case 'CONNACK':
        if (message.returnCode === 0) {
          account.link = link;
          account.refusedTopics.clear();
          account.clean = account.asksClean;
          this.#promises.session(account, 'CONNACK');
        } else {
          this.#presence.attemptFailed(account);
        }
        return;
      case 'DISCONNECT':
        if (account.air === 'asleep') {
          this.#promises.session(account, 'DISCONNECT');
        }
        return;
      case 'REGACK':
        if (message.returnCode === 0) {
          this.#promises.registered(account, message);
        }
        return;
      case 'SUBACK':
        if (message.returnCode === 0) {
          this.#promises.subscribed(account, message);
        }
    }
  }

  emitted(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.#connections.set(effect.connection, effect.clientId ?? OWN);
      this.#alive.add(effect.connection);
    }
    const clientId = this.#connections.get(effect.connection) ?? OWN;
    const account = this.#accounts.get(clientId);
    this.#presence.emitted(clientId, account, effect);
    this.#toBroker.emitted(account, effect);
    if (effect.type === 'upstream-acknowledge' && account !== undefined) {
      this.#toClient.acknowledged(account, effect);
    }
  }

  /** The gateway hears of the broker. */
  fromBroker(input: UpstreamInput): void {
    if (input.type === 'upstream-lost') {
      this.#presence.broken(input.connection);
      this.#alive.delete(input.connection);
    }
  }

  noted(note: Note): void {
    if (note.type === 'session-failed') {
      this.#parts.findings.object('invariant', `session of ${note.clientId ?? 'nobody'} failed: ${note.reason}`);
    }
    if (!('clientId' in note) || note.clientId === undefined) {
      return;
    }
    const account = this.#accounts.get(note.clientId);
    if (account === undefined) {
      return;
    }
    if (note.type === 'client-connected') {
      account.clean = note.cleanSession;
      account.lostAt = -1;
    } else if (note.type === 'delivery-dropped') {
      this.#toClient.dropped(account, note);
    }
    this.#presence.noted(account, note);
  }

  // What the broker does

  brokerHas(clientId: string, payload: Uint8Array, topic: string, qos: number, final: boolean): void {
    this.#of(clientId, (account) => this.#toBroker.brokerHas(account, payload, topic, qos, final));
  }

  brokerRefused(clientId: string, name: string): void {
    this.#of(clientId, ({ publishes }) => {
      const entry = publishes.get(name);
      if (entry !== undefined) {
        entry.excused ??= 'the broker refused it';
      }
    });
  }

  brokerForgot(session: BrokerSession): void {
    this.#of(session.clientId, (account) => this.#toBroker.brokerForgot(account, session));
  }

  poisoned(clientId: string, name: string): void {
    this.#parts.calm.begins(clientId)();
    this.#of(clientId, (account) => this.#toBroker.poisoned(account, name));
  }

  granted(clientId: string, filter: string, qos: number): void {
    this.#of(clientId, ({ grants }) => grants.set(filter, { qos, at: this.#parts.now() }));
  }

  enqueued(clientId: string, name: string, topic: string, qos: number, retain: boolean): void {
    this.#of(clientId, (account) => this.#toClient.enqueued(account, name, topic, qos, retain));
  }

  willFired(clientId: string, will: Will, by: 'gateway' | 'broker', connection: number): void {
    this.#of(clientId, (account) => this.#presence.willFired(account, will, by, connection));
  }

  // Looks

  look(): void {
    this.#presence.look(this.#accounts.values());
  }

  /** Everything must be in order now. `unfinished`: what clients still wait for, by client id. */
  atEnd(unfinished: ReadonlyMap<string, string>): void {
    for (const account of this.#accounts.values()) {
      const { id } = account.plan;
      this.#toBroker.atEnd(account);
      if (unfinished.has(id)) {
        this.#toClient.atEnd(account, this.#parts.plan.gateway.maxAwakeMessages > 0 && account.state === 'asleep');
      }
      const waiting = unfinished.get(id) ?? '';
      if (waiting !== '') {
        this.#parts.findings.object('stuck-client', `${id} still waits for an answer to ${waiting}`);
      }
      this.#compareSubscriptions(account);
    }
  }

  /** Whether the gateway has let a client go that had come clean. */
  hasLeftClean(clientId: string): boolean {
    const account = this.#accounts.get(clientId);
    return account?.clean === true && account.state === 'gone';
  }

  #compareSubscriptions(account: Account): void {
    const { id } = account.plan;
    const session = this.#parts.broker().sessions.get(id);
    if (session?.wire === undefined) {
      return;
    }
    const missing = [...account.subscriptions].filter(
      (filter) => !session.subscriptions.has(filter) && !account.refusedTopics.has(filter),
    );
    if (missing.length > 0) {
      this.#parts.findings.object('subscription-differs', `the broker has lost ${missing.join(', ')} of ${id}`);
    }
  }

  #of(clientId: string, then: (account: Account) => void): void {
    const account = this.#accounts.get(clientId);
    if (account !== undefined) {
      then(account);
    }
  }
}
