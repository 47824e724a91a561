/** The books of what clients publish: what was answered is done, once, in order, as it was given. */
import type { MessageOf } from '../../../src/codec/message.ts';
import type { UpstreamEffect } from '../adapter.ts';
import type { BrokerSession } from '../broker-session.ts';
import { nameOf } from '../payload.ts';
import type { Action } from '../plan.ts';
import { SHARED } from '../wire.ts';
import { type Account, newPublish, publishOf } from './account.ts';
import { PLACES, PublishAnswers, type ToBrokerParts } from './publish-answers.ts';
import { PublishPackets } from './publish-packets.ts';
import { RefusedKinds } from './refused-kinds.ts';

type PublishAction = Extract<Action, { do: 'publish' }>;

/** A message on which so many connections broke is given up (I-42). */
const PROVEN = 2;

export class ToBroker {
  readonly #parts: ToBrokerParts;
  readonly #packets = new PublishPackets();
  readonly #kinds = new RefusedKinds();
  readonly #answers: PublishAnswers;
  #order = 0;

  constructor(parts: ToBrokerParts) {
    this.#parts = parts;
    this.#answers = new PublishAnswers(parts, this.#kinds);
  }

  starts(account: Account, action: PublishAction, msgId: number): void {
    const known = account.publishes.get(action.name);
    if (known !== undefined) {
      known.msgId = msgId;
      this.#parts.poison.forgets(known);
      return;
    }
    account.publishes.set(action.name, newPublish(action, msgId));
  }

  /** The gateway handles a PUBLISH. */
  heard(account: Account, message: MessageOf<'PUBLISH'>): void {
    const name = nameOf(message.data);
    const entry = account.publishes.get(name);
    if (entry === undefined) {
      return;
    }
    if (message.qos > 0) {
      account.byMsgId.set(message.msgId, name);
    }
    if (entry.heard === 0) {
      entry.heardFirst ||= ++this.#order; // it may have been taken, though CONNECT is under way
    }
    if (entry.heard === 0 && !account.isConnecting) {
      entry.heard = ++this.#order;
      entry.heardAt = this.#parts.now();
      account.arrivals.push(this.#parts.now());
      if (account.arrivals.length > PLACES) {
        account.arrivals.shift();
      }
    }
    if (entry.finished && !message.dup) {
      entry.stale = true;
    }
  }

  /** CONNECT: what the gateway has heard and not sent counts from its next arrival, for it may have heard it without a session. */
  startsAnew(account: Account, clean: boolean): void {
    account.connectedAt = ++this.#order;
    for (const entry of account.publishes.values()) {
      if (clean && entry.sentUp) {
        entry.stale = true; // S-4: what comes again after that is new
        this.#parts.poison.forgets(entry);
      }
      entry.stale ||= clean && entry.heard > 0 && this.#parts.mayBeOf(entry.heardAt); // I-176: for the gateway it is out, and waits for the disk
      if (!entry.sentUp) {
        entry.heard = 0;
      }
    }
  }

  /** The session is forgotten: what comes again of all that the gateway has heard is new, as behind CleanSession (S-4), also where it waits for the disk. */
  forgotten(account: Account): void {
    for (const entry of account.publishes.values()) {
      entry.stale ||= entry.heardFirst > 0;
    }
    this.startsAnew(account, true);
    this.excuse(account, 'the operator has forgotten the session');
  }

  /** The disk may know of a PUBREL that has not gone out. */
  gatewayEnded(accounts: Iterable<Account>): void {
    for (const account of accounts) {
      for (const entry of account.publishes.values()) {
        const isReleased =
          (entry.received || entry.forgotten) && this.#parts.isStoredAsReleased(account, entry.action.name);
        entry.released ||= isReleased && entry.received;
        if (isReleased && entry.forgotten) {
          entry.excused ??= 'I-6'; // it was written before the gateway could know
        }
      }
    }
  }

  /** A new life: what the last one had heard, and neither sent nor written to the disk, counts from its next arrival as well. */
  gatewayStarted(accounts: Iterable<Account>): void {
    this.#kinds.clear();
    this.#packets.gatewayStarted();
    for (const account of accounts) {
      const unsent = [...account.publishes.values()].filter(({ heard, sentUp }) => heard > 0 && !sentUp);
      const stored = unsent.length > 0 ? this.#parts.storedPublishes(account) : [];
      for (const entry of unsent) {
        if (!stored.includes(entry.action.name)) {
          entry.heard = 0;
          entry.heardFirst = 0;
        }
      }
    }
  }

  /** The gateway answers. */
  answered(account: Account, message: MessageOf<'PUBACK' | 'PUBREC' | 'PUBCOMP'>): void {
    if (message.type !== 'PUBCOMP') {
      account.answeredAt.set(message.msgId, ++this.#order);
    }
    this.#answers.answered(account, message);
  }

  /** The client has PUBACK, or PUBREC. */
  taken(account: Account, name: string): void {
    const entry = account.publishes.get(name);
    if (entry !== undefined) {
      entry.taken = true;
      account.takenByMsgId.set(entry.msgId, name);
      if (entry.heard === 0 && !entry.sentUp && (account.answeredAt.get(entry.msgId) ?? 0) < account.connectedAt) {
        entry.excused ??= 'the answer was that of another one, from before CONNECT';
      }
    }
  }

  /** `clientId`: whose connection it is. */
  emitted(clientId: string, account: Account | undefined, effect: UpstreamEffect): void {
    if (effect.type === 'upstream-release') {
      const entry = this.#packets.of(clientId, effect.connection, effect.packetId);
      if (entry !== undefined) {
        entry.released = true;
        this.#parts.releases.said(entry);
        if (entry.forgotten) {
          entry.excused ??= 'I-6';
        }
      }
      return;
    }
    if (effect.type !== 'upstream-publish' || account === undefined) {
      return;
    }
    const entry = account.publishes.get(nameOf(effect.payload));
    if (entry === undefined) {
      return;
    }
    this.#parts.poison.sentUp(entry, effect.connection, clientId === SHARED ? effect.packetId : 0);
    this.#parts.releases.publishes(entry);
    entry.onShared = clientId === SHARED;
    if (effect.qos > 0) {
      this.#packets.sent(clientId, effect.connection, effect.packetId, entry);
    }
    if (entry.sentUp) {
      return;
    }
    entry.sentUp = true;
    const key = `${effect.topic} ${effect.qos}`;
    const last = account.lastHeard.get(key) ?? { heard: 0, first: 0 };
    const { heard, heardFirst: first } = entry;
    if (heard > 0 && heard < last.heard && first < last.first && entry.excused === undefined) {
      const { name } = entry.action;
      this.#parts.findings.object(
        'order-to-broker',
        `${account.plan.id}: ${name} goes to the broker after a later one`,
      );
    }
    account.lastHeard.set(key, { heard: Math.max(last.heard, heard), first: Math.max(last.first, first) });
  }

  /** The broker's last answer: the exchange is over for the gateway, though it may tell the client later. */
  finished(clientId: string, connection: number, packetId: number): void {
    const entry = this.#packets.of(clientId, connection, packetId);
    if (entry !== undefined) {
      entry.finished = true;
    }
  }

  /** PUBCOMP of the broker on the shared connection, where the client may say PUBREL later. */
  completed(clientId: string, connection: number, packetId: number): void {
    const entry = this.#packets.of(clientId, connection, packetId);
    if (entry !== undefined) {
      entry.completed = true;
      entry.finished ||= entry.clientReleased;
    }
  }

  /** The gateway handles PUBREL of a client that shares the connection. */
  clientReleases(account: Account, msgId: number): void {
    const entry = publishOf(account, account.takenByMsgId.get(msgId));
    if (entry !== undefined) {
      entry.clientReleased = true;
      entry.finished ||= entry.completed;
    }
  }

  /** PUBREC of the broker. */
  received(connection: number, packetId: number): void {
    const entry = this.#packets.on(connection, packetId);
    if (entry !== undefined) {
      this.#parts.releases.received(entry);
    }
  }

  /** The broker has a publish; `final`: and has passed it on. */
  brokerHas(account: Account, payload: Uint8Array, topic: string, qos: number, final: boolean): void {
    const entry = account.publishes.get(nameOf(payload));
    if (entry === undefined) {
      return;
    }
    const { findings } = this.#parts;
    const { action } = entry;
    const { id } = account.plan;
    const rightSize = payload.length === Math.max(action.size, action.name.length);
    const rightTopic = topic === action.topic || account.regAcks.mayMistake(action.topic, topic);
    if (!rightTopic || qos !== action.qos || (!rightSize && !action.poison)) {
      findings.object(
        'wrong-topic',
        `${id}: ${action.name} on ${action.topic} reaches the broker on ${topic}, QoS ${qos}, ${payload.length} octets`,
      );
    }
    entry.stale ||= topic !== action.topic; // on its own topic it is another message
    if (!final) {
      entry.received = true;
      return;
    }
    entry.received = false;
    entry.routed++;
    if (qos === 2 && entry.routed > 1 && !entry.stale) {
      findings.object('twice-at-broker', `${id}: the broker passes ${action.name} on a second time`);
    }
  }

  poisoned(account: Account, name: string, connection: number): void {
    const entry = account.publishes.get(name);
    if (entry !== undefined) {
      entry.poisoned++;
      if (account.isShared && entry.poisoned + this.#parts.poison.fallsByChance(entry) >= PROVEN) {
        this.#kinds.givenUp(entry); // its client may never be told, for it has begun anew
      }
      this.#parts.poison.closes(account.plan.id, entry, connection);
    }
  }

  brokerForgot(account: Account, session: BrokerSession): void {
    for (const { payload } of session.received.values()) {
      const entry = account.publishes.get(nameOf(payload));
      if (entry === undefined) {
        continue;
      }
      entry.received = false;
      entry.forgotten = true;
      this.#parts.releases.forgotten(entry);
      if (entry.released) {
        entry.excused ??= 'I-6';
      }
    }
  }

  /** The gateway has heard whether the broker has the session. */
  knowsWhatIsForgotten(account: Account): void {
    for (const entry of account.publishes.values()) {
      entry.forgotten = false;
    }
  }

  /** The session is gone by a rule, and what was under way with it. */
  excuse(account: Account, why: string): void {
    for (const entry of account.publishes.values()) {
      if (entry.routed === 0) {
        entry.excused ??= why;
        this.#parts.poison.forgets(entry);
      }
    }
  }

  atEnd(account: Account): void {
    for (const entry of account.publishes.values()) {
      const { taken, routed, excused, action, onShared } = entry;
      // where the connection is shared PUBREL goes out behind PUBREC, whatever the client does (3.7 item 6)
      const isOwed = action.qos < 2 || onShared || this.#parts.releases.wasMissed(account, entry);
      if (taken && routed === 0 && excused === undefined && isOwed) {
        this.#parts.findings.object(
          'never-released',
          `${account.plan.id} was told to forget ${action.name}, and nobody has got it`,
        );
      }
    }
  }
}
