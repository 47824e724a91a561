/** The books of answers: what CONNACK, REGACK, SUBACK and the answer to DISCONNECT promise is so, at the broker and on the disk. */

import { decode } from '../../../src/codec/decode.ts';
import { encode } from '../../../src/codec/encode.ts';
import type { Message, MessageOf } from '../../../src/codec/message.ts';
import type { Effect, Restored } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import { nameOf } from '../payload.ts';
import type { Account } from './account.ts';
import type { Findings } from './findings.ts';

export interface PromiseParts {
  readonly findings: Findings;
  readonly broker: () => Broker;
  /** A gateway as it would be after a loss of power now. */
  readonly restored: () => Restored;
  /** Whether it is worth while to ask: it costs time. */
  readonly isDue: () => boolean;
  readonly now: () => number;
  readonly later: (delay: number, run: () => void) => void;
}

export class Promises {
  readonly #parts: PromiseParts;

  constructor(parts: PromiseParts) {
    this.#parts = parts;
  }

  /**
   * CONNACK(accepted), or the answer to DISCONNECT with a Duration. Where the gateway sends the client away in the same moment, for both waited for
   * the same write, the client is told so, and the disk has the last word already: CONNACK promises nothing then.
   */
  session(account: Account, message: Message['type']): void {
    if (account.clean || !this.#parts.isDue()) {
      return;
    }
    const { id } = account.plan;
    const isUnknown = (link: string): boolean => {
      const answer = this.#parts.restored().frame(link, encode({ type: 'PINGREQ', clientId: id }));
      return answersOf(answer).some(({ type }) => type === 'DISCONNECT');
    };
    // The disk may know already that the client has gone on, and connects anew at another address
    if (isUnknown(account.link) && (account.asksFrom === account.link || isUnknown(account.asksFrom))) {
      const at = this.#parts.now();
      this.#parts.later(0, () => {
        const isSentAway = message === 'CONNACK' ? account.sentAwayAt === at : account.state === 'gone'; // by a take-over
        if (!isSentAway) {
          this.#broken(account, message, 'nothing of the session');
        }
      });
    }
  }

  registered(account: Account, { topicId, msgId }: MessageOf<'REGACK'>): void {
    const topic = account.registering.get(msgId);
    if (account.clean || topic === undefined || !this.#parts.isDue()) {
      return;
    }
    const data = Buffer.from('?');
    const publish = {
      type: 'PUBLISH',
      dup: false,
      qos: 0,
      retain: false,
      topicIdType: 'normal',
      msgId: 0,
      data,
    } as const;
    // The disk may know already that the client has gone on, and connects anew at another address
    const links = new Set([account.link, account.asksFrom]);
    this.#kept(account, 'REGACK', `nothing of topic id ${topicId} for ${topic}`, (comesBack) => {
      const restored = this.#parts.restored();
      connected(restored, account, true, comesBack);
      const effects = [...links].flatMap((link) => restored.frame(link, encode({ ...publish, topicId })));
      return effects.some((effect) => effect.type === 'upstream-publish' && effect.topic === topic);
    });
  }

  subscribed(account: Account, { msgId, qos }: MessageOf<'SUBACK'>): void {
    const asked = account.asked.get(msgId);
    if (asked === undefined) {
      return;
    }
    const { filter, at } = asked;
    const grant = account.grants.get(filter);
    const isNew = grant !== undefined && grant.qos === qos && grant.at >= at;
    const isTrue = this.#parts.broker().sessions.get(account.plan.id)?.subscriptions.get(filter) === qos;
    if (!isNew && !isTrue) {
      this.#parts.findings.object('suback-not-granted', `${account.plan.id} gets SUBACK for ${filter} with QoS ${qos}`);
    }
    if (account.clean || !this.#parts.isDue()) {
      return;
    }
    this.#kept(account, 'SUBACK', `nothing of ${filter}`, (comesBack) => {
      const effects = connected(this.#parts.restored(), account, false, comesBack);
      return effects.some((effect) => effect.type === 'upstream-subscribe' && effect.filter === filter);
    });
  }

  /**
   * What a restart has to know. Where the gateway sends the client away in the same moment, for both waited for the same write, it has to know it
   * when the client comes back.
   */
  #kept(account: Account, message: Message['type'], what: string, isKept: (comesBack: boolean) => boolean): void {
    if (isKept(false)) {
      return;
    }
    const at = this.#parts.now();
    this.#parts.later(0, () => {
      if (account.sentAwayAt !== at || !isKept(true)) {
        this.#broken(account, message, what);
      }
    });
  }

  /** PUBREC for a QoS 2 publish that the broker has not passed on: a restart brings it to its end. */
  received(account: Account, name: string): void {
    this.#kept(account, 'PUBREC', `neither a publish nor a release of ${name}`, (comesBack) => {
      const effects = connected(this.#parts.restored(), account, true, comesBack);
      return effects.some((effect) => isPublishOf(name, effect) || effect.type === 'upstream-release');
    });
  }

  /** The publishes of a client that a restart would send to the broker. */
  storedPublishes(account: Account): string[] {
    const effects = connected(this.#parts.restored(), account, false, false);
    return effects.flatMap((effect) => (effect.type === 'upstream-publish' ? [nameOf(effect.payload)] : []));
  }

  /** Whether a restart would bring a QoS 2 publish to its end. */
  isStored(account: Account, name: string): boolean {
    const effects = connected(this.#parts.restored(), account, true, false);
    return effects.some((effect) => isPublishOf(name, effect) || effect.type === 'upstream-release');
  }

  /** Whether a restart would only release a QoS 2 publish, also where the broker has lost the session (I-6). */
  isStoredAsReleased(account: Account, name: string): boolean {
    const effects = connected(this.#parts.restored(), account, false, true);
    const isPublished = effects.some((effect) => isPublishOf(name, effect));
    return !isPublished && effects.some(({ type }) => type === 'upstream-release');
  }

  #broken(account: Account, message: Message['type'], what: string): void {
    this.#parts.findings.object(
      'promise-not-stored',
      `${account.plan.id} gets ${message}, and after a restart there would be ${what}`,
    );
  }
}

/** The restored gateway's connection for a client is accepted: one that it makes by itself, or for the CONNECT of a client that comes back. */
function connected(
  restored: Restored,
  { plan: { id }, link }: Account,
  sessionPresent: boolean,
  comesBack: boolean,
): readonly Effect[] {
  const connect = {
    type: 'CONNECT',
    will: false,
    cleanSession: false,
    protocolId: 1,
    duration: 60,
    clientId: id,
  } as const;
  if (comesBack) {
    for (const effect of restored.first) {
      if (effect.type === 'upstream-connect') {
        restored.feed({ type: 'upstream-connected', connection: effect.connection, sessionPresent: true }); // it is not in line then
      }
    }
  }
  for (const effect of comesBack ? restored.frame(link, encode(connect)) : restored.first) {
    if (effect.type === 'upstream-connect' && effect.clientId === id) {
      const effects = restored.feed({ type: 'upstream-connected', connection: effect.connection, sessionPresent });
      return comesBack ? [...effects, ...granted(restored, effects)] : effects;
    }
  }
  return [];
}

/** The broker grants what it is asked for: CONNACK may wait for it. */
function granted(restored: Restored, effects: readonly Effect[]): Effect[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'upstream-subscribe') {
      return [];
    }
    const { connection, packetId, qos: reasonCode } = effect;
    return restored.feed({ type: 'upstream-subscribed', connection, packetId, reasonCode });
  });
}

function isPublishOf(name: string, effect: Effect): boolean {
  return effect.type === 'upstream-publish' && nameOf(effect.payload) === name;
}

function answersOf(effects: readonly Effect[]): Message[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [decode(effect.frame)] : []));
}
