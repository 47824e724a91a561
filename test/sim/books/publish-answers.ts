/** The books of what clients are told of their publishes: what was answered is done, and what was refused had a reason. */
import type { MessageOf } from '../../../src/codec/message.ts';
import { mayBeRefused } from '../limits.ts';
import type { BrokerPlan } from '../plan.ts';
import { type Account, type PublishEntry, publishOf } from './account.ts';
import type { Findings } from './findings.ts';
import type { PoisonBook } from './poison.ts';
import type { RefusedKinds } from './refused-kinds.ts';
import type { Releases } from './releases.ts';

/** Publishes that a client may have under way (T-36), and the time for which one of them may be. */
export const PLACES = 16;
const PLACE_TIME = 300_000;

export interface ToBrokerParts {
  readonly broker: BrokerPlan;
  /** Octets that stand before the topics of a client at the broker. */
  readonly mounted: (clientId: string) => number;
  readonly findings: Findings;
  /** Whether the shared connection is away for so long that publishes are refused for now. */
  readonly isGraceOver: () => boolean;
  readonly now: () => number;
  /** Whether what goes out now may have been decided at that time, and have waited for the disk since. */
  readonly mayBeOf: (at: number) => boolean;
  readonly poison: PoisonBook;
  readonly releases: Releases;
  /** Whether a restart now would only release it: PUBREL is on the disk, though it may not have gone out. */
  readonly isStoredAsReleased: (account: Account, name: string) => boolean;
  /** Whether a restart now would publish or release it. */
  readonly isStored: (account: Account, name: string) => boolean;
  /** A client has PUBREC for it. */
  readonly promised: (account: Account, name: string) => void;
  /** What a restart now would publish for a client. */
  readonly storedPublishes: (account: Account) => readonly string[];
}

export class PublishAnswers {
  readonly #parts: ToBrokerParts;
  readonly #kinds: RefusedKinds;

  constructor(parts: ToBrokerParts, kinds: RefusedKinds) {
    this.#parts = parts;
    this.#kinds = kinds;
  }

  /** The gateway answers. */
  answered(account: Account, message: MessageOf<'PUBACK' | 'PUBREC' | 'PUBCOMP'>): void {
    if (message.type === 'PUBCOMP') {
      const entry = publishOf(account, account.takenByMsgId.get(message.msgId));
      if (entry === undefined) {
        return;
      }
      entry.finished = true;
      const isOnItsWay = entry.stale && entry.released; // S-4: PUBREL of a MsgId that is not known any more is answered at once
      if (entry.routed === 0 && entry.excused === undefined && !isOnItsWay) {
        this.#parts.findings.object(
          'lost-to-broker',
          `${account.plan.id} gets PUBCOMP for ${entry.action.name}, which the broker has not passed on`,
        );
      }
      return;
    }
    const entry = publishOf(account, account.byMsgId.get(message.msgId));
    if (entry === undefined) {
      return;
    }
    if (message.type === 'PUBACK' && message.returnCode !== 0) {
      this.#refused(account, entry, message.returnCode);
      return;
    }
    if (message.type === 'PUBACK') {
      entry.finished = true;
    }
    if (message.type === 'PUBREC') {
      this.#parts.releases.told(entry);
    }
    const { name } = entry.action;
    const isThere = entry.routed > 0 || (message.type === 'PUBREC' && (entry.received || entry.forgotten));
    if (
      !isThere &&
      entry.excused === undefined &&
      !(message.type === 'PUBREC' && this.#parts.isStored(account, name))
    ) {
      this.#parts.findings.object(
        'lost-to-broker',
        `${account.plan.id} gets ${message.type} for ${name}, which the broker has not got`,
      );
    }
    const isOwed = !account.clean && entry.routed === 0 && entry.excused !== 'I-6';
    if (message.type === 'PUBREC' && isOwed) {
      this.#parts.promised(account, name);
    }
  }

  #refused(account: Account, entry: PublishEntry, code: number): void {
    const { findings, now } = this.#parts;
    const { name } = entry.action;
    const { id } = account.plan;
    entry.finished = true;
    entry.heard = 0; // should it come again, it is new
    entry.heardFirst = 0;
    if (code === 1) {
      const oldest = account.arrivals.length < PLACES ? -Infinity : (account.arrivals[0] ?? 0);
      if (
        now() - oldest > PLACE_TIME &&
        entry.excused === undefined &&
        !(account.isShared && this.#parts.isGraceOver())
      ) {
        findings.object('congestion', `${id} gets PUBACK 0x01 for ${name}, with fewer than ${PLACES} under way`);
      }
    } else if (code === 3 && this.#looksPoisonous(entry)) {
      this.#kinds.givenUp(entry);
    } else if (
      code === 3 &&
      !account.plan.denied.publish.includes(entry.action.topic) &&
      entry.excused === undefined &&
      !(account.isShared && this.#kinds.has(entry)) &&
      !this.#isLimited(id, entry)
    ) {
      findings.object('refused-without-reason', `${id} gets PUBACK 0x03 for ${name}`);
    }
  }

  #isLimited(id: string, { action }: PublishEntry): boolean {
    const { protocol, limits } = this.#parts.broker;
    return protocol === 5 && mayBeRefused(action, limits, this.#parts.mounted(id));
  }

  #looksPoisonous(entry: PublishEntry): boolean {
    return (entry.action.poison && entry.poisoned > 0) || this.#parts.poison.wasFelled(entry);
  }
}
