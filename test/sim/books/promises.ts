/** The books of answers: what CONNACK, REGACK, SUBACK and the answer to DISCONNECT promise is so, at the broker and on the disk. */

import { encode } from '../../../src/codec/encode.ts';
import type { Message, MessageOf } from '../../../src/codec/message.ts';
import type { Restored } from '../adapter.ts';
import type { Broker } from '../broker.ts';
import { bareTopic, mountedFilter, mountOf } from '../mounted.ts';
import { nameOf } from '../payload.ts';
import type { GatewayPlan } from '../plan.ts';
import { filterCovers } from '../topic-match.ts';
import { SHARED } from '../wire.ts';
import type { Account } from './account.ts';
import { answersOf, connected, deliveredTo, isPublishOf } from './after-restart.ts';
import type { Findings } from './findings.ts';

/** SUBACKs of the broker that are remembered for each filter. */
const GRANTS = 16;

export interface PromiseParts {
  readonly findings: Findings;
  readonly plan: GatewayPlan;
  readonly broker: () => Broker;
  /** A gateway as it would be after a loss of power now. */
  readonly restored: () => Restored;
  /** Whether it is worth while to ask: it costs time. */
  readonly isDue: () => boolean;
  readonly now: () => number;
  /** What is told now may have been decided so many milliseconds ago. */
  readonly heldByDisk: () => number;
  readonly later: (delay: number, run: () => void) => void;
}

export class Promises {
  readonly #parts: PromiseParts;
  /** The last ones of each filter. */
  readonly #sharedGrants = new Map<string, readonly { readonly qos: number; readonly at: number }[]>();

  constructor(parts: PromiseParts) {
    this.#parts = parts;
  }

  /**
   * CONNACK(accepted), or the answer to DISCONNECT with a Duration. Where the gateway sends the client away in the same moment, for both waited for
   * the same write, the client is told so, and the disk has the last word already: CONNACK promises nothing then. Where it refuses its next CONNECT
   * the session is there, and the client is not.
   */
  session(account: Account, message: Message['type']): void {
    if (account.clean || this.#mayBeForgotten(account) || !this.#parts.isDue()) {
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
        const isRefused = account.refusedAt === at && this.#parts.restored().knows(id);
        if (!isSentAway && !isRefused) {
          this.#broken(account, message, 'nothing of the session');
        }
      });
    }
  }

  registered(account: Account, { topicId, msgId }: MessageOf<'REGACK'>): void {
    const topics = account.regAcks.askedFor(msgId, this.#parts.now() - this.#parts.heldByDisk());
    if (account.clean || topics.length === 0 || !this.#parts.isDue()) {
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
    const prefix = this.#seenPrefix;
    this.#kept(account, 'REGACK', `nothing of topic id ${topicId} for ${topics.join(' or ')}`, (comesBack) => {
      const restored = this.#parts.restored();
      connected(restored, account, true, comesBack);
      const effects = [...links].flatMap((link) => restored.frame(link, encode({ ...publish, topicId })));
      return effects.some(
        (effect) => effect.type === 'upstream-publish' && topics.includes(bareTopic(prefix, effect.topic)),
      );
    });
  }

  subscribed(account: Account, { msgId, qos }: MessageOf<'SUBACK'>): void {
    const asked = account.asked.get(msgId);
    if (asked === undefined) {
      return;
    }
    const { filter, at } = asked;
    if (!this.#isGranted(account, { filter, qos, at })) {
      this.#parts.findings.object('suback-not-granted', `${account.plan.id} gets SUBACK for ${filter} with QoS ${qos}`);
    }
    if (account.clean || !this.#parts.isDue()) {
      return;
    }
    const mounted = mountedFilter(this.#mount(account.plan.id), filter);
    this.#kept(account, 'SUBACK', `nothing of ${filter}`, (comesBack) => {
      const effects = connected(this.#parts.restored(), account, false, comesBack);
      return effects.some((effect) => effect.type === 'upstream-subscribe' && filterCovers(effect.filter, mounted));
    });
  }

  #isGranted(account: Account, { filter, qos, at }: { filter: string; qos: number; at: number }): boolean {
    const { id } = account.plan;
    const sessions = this.#parts.broker().sessions;
    if (!account.isShared) {
      const grant = account.grants.get(filter);
      const isNew = grant !== undefined && grant.qos === qos && grant.at >= at;
      return isNew || sessions.get(id)?.subscriptions.get(filter) === qos;
    }
    const mounted = mountedFilter(this.#mount(id), filter);
    const isEnough = (granted: number, of: string): boolean => granted >= qos && filterCovers(of, mounted);
    const subscriptions = [...(sessions.get(SHARED)?.subscriptions ?? [])];
    const grants = [...this.#sharedGrants]; // one may have been lowered since, where SUBACK has waited for the disk
    return (
      subscriptions.some(([of, granted]) => isEnough(granted, of)) ||
      grants.some(([of, all]) => all.some((grant) => grant.at >= at && isEnough(grant.qos, of)))
    );
  }

  /** The broker grants a filter on the shared session. */
  sharedGranted(filter: string, qos: number): void {
    const before = this.#sharedGrants.get(filter)?.slice(1 - GRANTS) ?? [];
    this.#sharedGrants.set(filter, [...before, { qos, at: this.#parts.now() }]);
  }

  /** What stands before the topics of a client where the broker sees it. */
  #mount(clientId: string): string {
    return mountOf(this.#seenPrefix, clientId);
  }

  get #seenPrefix(): string {
    const { mode, topicPrefix } = this.#parts.plan;
    return mode === 'transparent' ? '' : topicPrefix;
  }

  /** Whether a restart now would deliver a message to a client. */
  isKeptFor(account: Account, name: string, topic: string): boolean {
    const { names, dropped } = deliveredTo(this.#parts.restored(), account);
    return names.has(name) || dropped.has(topic);
  }

  /**
   * What a restart has to know. Where the client goes in the same moment, is sent away, or its next CONNECT is refused, for both answers waited for the
   * same write, it has to know it when the client comes back.
   */
  #kept(account: Account, message: Message['type'], what: string, isKept: (comesBack: boolean) => boolean): void {
    if (isKept(false) || this.#mayBeForgotten(account)) {
      return;
    }
    const at = this.#parts.now();
    this.#parts.later(0, () => {
      const isGone = account.sentAwayAt === at || account.refusedAt === at;
      if (!isGone || !isKept(true)) {
        this.#broken(account, message, what);
      }
    });
  }

  /** The gateway says that the session is forgotten: a restart does not bring it back. */
  forgotten(account: Account): void {
    const { id } = account.plan;
    const isBack = account.state !== 'gone' || account.isConnecting || account.asksSinceForgotten;
    if (!isBack && this.#parts.isDue() && this.#parts.restored().knows(id)) {
      this.#parts.findings.object('forgotten-kept', `after a restart there would be the session of ${id}`);
    }
  }

  /** The operator has forgotten the session, and what is told now was decided before that. */
  #mayBeForgotten({ forgottenAt }: Account): boolean {
    return this.#parts.now() - forgottenAt <= this.#parts.heldByDisk();
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
