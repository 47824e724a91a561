/** The books of what the broker sends to clients: what it is told to forget has arrived, or was dropped by a rule; QoS 2 once; in order. */
import type { MessageOf } from '../../../src/codec/message.ts';
import type { Note, UpstreamEffect } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import { nameOf } from '../payload.ts';
import { filterMatches } from '../topic-match.ts';
import type { Account, DeliveryEntry, Source } from './account.ts';
import type { Findings } from './findings.ts';

/** So long a client may take for one message, QoS 2 with PUBREL; and so long it has been busy that lags behind because it is slow. */
const ONE_MESSAGE = 15_000;
const BUSY = 300_000;

export interface ToClientParts {
  readonly findings: Findings;
  readonly broker: () => Broker;
  /** What is left for a client whose connection to the broker stands. */
  readonly waiting: (account: Account) => readonly string[];
  readonly now: () => number;
  /** Whether so many messages that a client has not got are as many as wait for it at most. */
  readonly isFull: (account: Account, waiting: number) => boolean;
  /** Whether what is told now may have been decided at that time, and have waited for the disk since. */
  readonly mayBeOf: (at: number) => boolean;
  /** Whether somebody else uses its client id, or has until a moment ago. */
  readonly wasTakenOver: (clientId: string) => boolean;
  /** Whether a client with a connection of its own has, or will have, a message by the shared one (I-159). */
  readonly comesByShared: (account: Account, name: string, topic: string) => boolean;
}

export class ToClient {
  readonly #findings: Findings;
  readonly #broker: () => Broker;
  readonly #waiting: ToClientParts['waiting'];
  readonly #now: () => number;
  readonly #isFull: ToClientParts['isFull'];
  readonly #mayBeOf: (at: number) => boolean;
  readonly #wasTakenOver: (clientId: string) => boolean;
  readonly #comesByShared: ToClientParts['comesByShared'];

  constructor({ findings, broker, waiting, now, isFull, mayBeOf, wasTakenOver, comesByShared }: ToClientParts) {
    this.#comesByShared = comesByShared;
    this.#isFull = isFull;
    this.#waiting = waiting;
    this.#now = now;
    this.#findings = findings;
    this.#broker = broker;
    this.#mayBeOf = mayBeOf;
    this.#wasTakenOver = wasTakenOver;
  }

  /** The broker has taken a message for a client. `more`: where it is not one of its own session. */
  enqueued(
    account: Account,
    name: string,
    topic: string,
    qos: number,
    retain: boolean,
    more: Pick<DeliveryEntry, 'qoses' | 'line'> = { qoses: new Set([qos]), line: `${topic} ${qos}` },
    source: Source = account.isShared ? 'shared' : 'own',
  ): void {
    const known = account.deliveries.get(name);
    if (known !== undefined && !retain && !known.sources.has(source)) {
      known.sources.add(source);
      known.copies++;
      for (const one of more.qoses) {
        known.qoses.add(one);
      }
      return;
    }
    if (known !== undefined) {
      known.retain = true; // a retained one, or a will: not one of its kind any more
      known.copies++;
      return;
    }
    const index = account.nextIndex++;
    const entry = {
      topic,
      qos,
      retain,
      index,
      ...more,
      got: 0,
      msgId: 0,
      releasedAt: Number.POSITIVE_INFINITY,
      sent: false,
      comesAgain: false,
      copies: 1,
      sources: new Set([source]),
      dropped: false,
    };
    account.deliveries.set(name, entry);
  }

  /** It has come by another session, and nobody can know any more that it is the same. */
  comesTwice(account: Account, name: string): void {
    const entry = account.deliveries.get(name);
    if (entry !== undefined && isByBoth(entry)) {
      entry.retain = true;
    }
  }

  /** A message that has not come yet may come with another QoS as well. */
  comesAlsoAs(account: Account, name: string, qos: number): void {
    account.deliveries.get(name)?.qoses.add(qos);
  }

  /** What the client may have had with QoS 0 may come once more. */
  mayComeAgain(account: Account, name: string): void {
    const entry = account.deliveries.get(name);
    if (entry?.sent) {
      entry.comesAgain = true;
    }
  }

  /** The gateway sends a PUBLISH. */
  sent(account: Account, message: MessageOf<'PUBLISH'>): void {
    const name = nameOf(message.data);
    const entry = account.deliveries.get(name);
    const { id } = account.plan;
    if (entry === undefined) {
      if (!account.mayLive) {
        this.#findings.object('foreign-delivery', `${name} is sent to ${id}, for which it is not`);
      }
      return;
    }
    if (!entry.qoses.has(message.qos) && !entry.retain) {
      this.#findings.object(
        'foreign-delivery',
        `${name} is sent to ${id} with QoS ${message.qos} instead of ${entry.qos}`,
      );
    }
    if (entry.sent) {
      if (message.qos === 0 && !entry.retain && !entry.comesAgain && !isByBoth(entry)) {
        this.#findings.object('qos0-twice', `${name} (QoS 0) is sent to ${id} twice`);
      }
      return;
    }
    entry.sent = true;
    if (entry.retain || isByBoth(entry)) {
      return;
    }
    const key = entry.line;
    const last = account.lastIndex.get(key) ?? 0;
    if (entry.index < last && !entry.dropped && !this.#wasDropped(account, entry)) {
      this.#findings.object('order-to-client', `${name} on ${entry.topic} is sent to ${id} after a later one`);
    }
    account.lastIndex.set(key, Math.max(last, entry.index));
  }

  /** The client takes a message for new. */
  got(account: Account, message: MessageOf<'PUBLISH'>, topic: string, sentAt: number): void {
    const name = nameOf(message.data);
    const entry = account.deliveries.get(name);
    const { id } = account.plan;
    if (entry === undefined && account.mayLive) {
      return;
    }
    if (entry === undefined || entry.topic !== topic) {
      this.#findings.object('foreign-delivery', `${id} gets ${name} on ${topic}, sent on ${entry?.topic ?? 'none'}`);
      return;
    }
    const again = entry.got > 0 && entry.msgId > 0;
    if (message.qos === 2 && again && !entry.retain && sentAt >= entry.releasedAt) {
      this.#findings.object('twice-to-client', `${id} gets ${name} (QoS 2) a second time`);
    }
    entry.got++;
    const now = this.#now();
    account.busySince = now - account.tookAt > ONE_MESSAGE ? now : account.busySince;
    account.tookAt = now;
    if (message.qos === 2) {
      entry.msgId = message.msgId;
      account.byGatewayMsgId.set(message.msgId, name);
    }
  }

  /** The client takes a message for a repetition of one that it has. */
  hasAgain(account: Account, name: string, msgId: number): void {
    const entry = account.deliveries.get(name);
    if (entry !== undefined && entry.got === 0) {
      const other = account.byGatewayMsgId.get(msgId);
      this.#findings.object(
        'msgid-reused',
        `${account.plan.id} takes ${name} for ${other ?? 'another'}: MsgId ${msgId}`,
      );
      entry.got++;
    }
  }

  /** PUBREL has reached the client. */
  released(account: Account, msgId: number, now: number): void {
    const entry = account.deliveries.get(account.byGatewayMsgId.get(msgId) ?? '');
    if (entry !== undefined && entry.releasedAt === Number.POSITIVE_INFINITY) {
      entry.releasedAt = now;
    }
  }

  /** The memory of the client, or its session, is gone: it cannot tell a repetition any more. */
  forgets(account: Account): void {
    for (const entry of account.deliveries.values()) {
      entry.msgId = 0;
      entry.releasedAt = Number.POSITIVE_INFINITY;
    }
    account.byGatewayMsgId.clear();
  }

  /** PUBACK or PUBREC of the gateway to the broker. */
  acknowledged(account: Account, effect: Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>): void {
    const session = this.#broker().sessions.get(account.plan.id);
    const message = session?.inflight.get(effect.packetId);
    if (effect.packet === 'PUBCOMP' || message === undefined || message.released) {
      return;
    }
    const name = nameOf(message.payload);
    const entry = account.deliveries.get(name);
    if (entry === undefined || entry.got > 0) {
      return;
    }
    if (this.#wasDropped(account, entry, effect.packet === 'PUBACK' ? 1 : 2)) {
      entry.dropped = true;
      return;
    }
    if (session?.wire?.number !== effect.connection) {
      return; // it does not reach the broker
    }
    if (this.#comesByShared(account, name, entry.topic)) {
      return;
    }
    this.#findings.object(
      'acknowledged-not-delivered',
      `the broker gets ${effect.packet} for ${name} on ${message.topic}, which ${account.plan.id} has not got`,
    );
  }

  /** `cameAs`: with which QoS this copy of it came. */
  #wasDropped({ drops }: Account, { topic, qoses, retain }: DeliveryEntry, cameAs?: number): boolean {
    const fits = [(qos: number) => qos === cameAs, (qos: number) => qoses.has(qos), () => retain];
    for (const isMeant of fits) {
      const place = drops.findIndex((drop) => drop.topic === topic && isMeant(drop.qos));
      if (place >= 0) {
        drops.splice(place, 1);
        return true;
      }
    }
    return false;
  }

  /** The gateway says that it drops a message. */
  dropped(account: Account, { topic, qos, reason }: Extract<Note, { type: 'delivery-dropped' }>): void {
    if (qos <= 0) {
      return;
    }
    account.drops.push({ topic, qos });
    const { id } = account.plan;
    const since = account.acceptedSince.get(topic);
    const isRefused = account.refusedTopics.has(topic) || (since !== undefined && this.#mayBeOf(since));
    if (/refused its topic/.test(reason)) {
      if (!isRefused) {
        this.#findings.object('refused-by-silence', `${topic} counts as refused by ${id}, which has never refused it`);
      }
      return;
    }
    const unsubscribed = (): boolean =>
      isRefused || [...account.unsubscribing].some((filter) => filterMatches(filter, topic));
    const unheard = (): number =>
      [...account.deliveries.values()].reduce(
        (sum, { got, dropped, copies }) => sum + (got === 0 && !dropped ? copies : 0),
        0,
      );
    const isRule =
      (/reading this topic is not granted/.test(reason) && account.plan.denied.read.includes(topic)) ||
      (/too many messages wait/.test(reason) && this.#isFull(account, unheard())) ||
      /no answer to|does not fit/.test(reason) ||
      (/refused it/.test(reason) && account.unknownTopics > 0) ||
      (/unsubscribed/.test(reason) && (unsubscribed() || this.#wasTakenOver(id)));
    if (!isRule) {
      this.#findings.object('dropped-without-reason', `a message on ${topic} for ${id} is dropped: ${reason}`);
    }
  }

  /** One message has followed the other for minutes, to the end, and what waits comes behind those that the client has, or is given now. */
  #isBusy(account: Account, waiting: readonly string[]): boolean {
    const now = this.#now();
    const left = waiting.flatMap((name) => account.deliveries.get(name) ?? []);
    const isBehind = ({ line, index }: DeliveryEntry): boolean => index > (account.lastIndex.get(line) ?? 0);
    return (
      now - account.tookAt <= ONE_MESSAGE &&
      now - account.busySince >= BUSY &&
      left.filter((entry) => entry.sent && entry.got === 0 && !entry.retain).length <= 1 &&
      left.filter((entry) => entry.got > 0 && !entry.retain).length <= 1 && // its answer is on the way to the broker
      left.every((entry) => entry.sent || entry.retain || isBehind(entry))
    );
  }

  /** `isSlow`: more waits than fits into an awake period. */
  atEnd(account: Account, isSlow: boolean): void {
    const waiting = this.#waiting(account);
    if (isSlow) {
      return;
    }
    if (waiting.length > 0 && !this.#isBusy(account, waiting)) {
      this.#findings.object('stuck-to-client', `${account.plan.id} has not got ${waiting.join(', ')} to the end`);
    }
  }
}

/** It comes by two sessions: in which place among others depends on which copy it is. */
function isByBoth({ sources }: DeliveryEntry): boolean {
  return sources.size > 1;
}
