/** The subscriptions of a client, and its requests that have no answer yet (6.9). */

import type { SubAck, UnsubAck } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import type { Folding, Plain, Unfolding } from '../topics/fold.ts';
import { OwedFilters } from './owed-filters.ts';
import { type Subscription, SubscriptionTable } from './subscription-table.ts';

/** A SUBSCRIBE or UNSUBSCRIBE of the client that has no answer yet. */
export interface Request {
  readonly purpose: 'request';
  readonly type: 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly msgId: number;
  /** Tells one topic reference from another, for repetitions (U-11). */
  readonly reference: string;
  readonly subscription: Subscription;
  /** For SUBACK: the normal or pre-defined id, else 0x0000 (U-1 to U-4). */
  readonly topicId: number;
  /** 0: it waits. */
  packetId: number;
  /** Packet ids that the broker said were in use (MQTT 5). */
  packetIdsRefused: number;
  /** The connection on which it went out last; undefined: on none. */
  sentOn?: number;
  /** As of `Unsubscribing`. */
  overtaken?: boolean;
}

/** A subscription that the broker had lost and is asked for again (3.4). */
export interface Restoring {
  readonly purpose: 'restoring';
  readonly filter: string;
  /** Packet ids that the broker said were in use (MQTT 5); left out: none. */
  readonly packetIdsRefused?: number;
  /** The broker has it, though it may have lost others. */
  readonly isThere?: true;
  /** It has been asked for once more behind this. */
  overtaken?: boolean;
}

/** An UNSUBSCRIBE that no client waits for. */
export interface Unsubscribing {
  readonly purpose: 'unsubscribing';
  readonly filter: string;
  /** SUBSCRIBE or UNSUBSCRIBE for this filter has gone out behind it: its UNSUBACK does not say what the broker has in the end. */
  overtaken?: boolean;
}

const NONE: readonly never[] = [];

interface Answered {
  readonly reference: string;
  /** What it says is so until something else happens to this filter; undefined: it is about none. */
  readonly filter: string | undefined;
  readonly answer: SubAck | UnsubAck;
  readonly until: Millis;
}

export class SubscribeState {
  readonly subscriptions = new SubscriptionTable();
  /** The last answers, oldest first (U-11). */
  answered: readonly Answered[] = NONE;
  /** One of them the broker did not take again for the time being: it is asked for all on the next connection (I-132). */
  asksAgain = false;
  #requests: Request[] | undefined;
  #owed: OwedFilters | undefined;

  /** First the one that is at the broker, then those that wait. */
  get requests(): Request[] {
    this.#requests ??= [];
    return this.#requests;
  }

  /** Filters that the broker may have and the client has not, until UNSUBACK (3.5 item 3). */
  get owed(): OwedFilters {
    this.#owed ??= new OwedFilters();
    return this.#owed;
  }

  /** Whether any filter is owed. */
  get owesAny(): boolean {
    return this.#owed !== undefined && this.#owed.size > 0;
  }

  /** Writes the subscriptions, and what may be asked again; not where anything is to be answered, owed, or written to the store. */
  fold(folding: Folding): void {
    if (this.#requests !== undefined || this.#owed !== undefined) {
      folding.refuse();
    }
    folding.list(this.asksAgain ? [true] : []);
    this.subscriptions.fold(folding);
    folding.list(this.answered.flatMap(written));
  }

  /** The subscriptions as they were written; there are none yet. */
  unfold(unfolding: Unfolding): void {
    this.asksAgain = unfolding.list().length > 0;
    this.subscriptions.unfold(unfolding);
    const answers = unfolding.list();
    this.answered = answers.length === 0 ? NONE : readAnswers(answers);
  }

  /** The request that was at the broker has its answer, or nobody waits for that. */
  requestOver(): void {
    this.#owed?.answered();
  }

  /** Lets go of what holds nothing; it is made anew when it is needed. */
  rest(now: Millis): void {
    if (this.#requests?.length === 0) {
      this.#requests = undefined;
    }
    if (this.#owed?.isNothing) {
      this.#owed = undefined;
    }
    if (this.answered.length > 0 && this.answered.every(({ until }) => until <= now)) {
      this.answered = NONE;
    }
  }
}

/** An answer takes so many values. */
const OF_ANSWER = 9;

function written({ reference, filter = '', answer, until }: Answered): readonly Plain[] {
  const { msgId } = answer;
  const isSubAck = answer.type === 'SUBACK';
  const { qos, topicId, returnCode } = isSubAck ? answer : NO_SUBACK;
  const isNamed = filter !== '' && reference.endsWith(filter); // then its name is written once
  const head = isNamed ? reference.slice(0, -filter.length) : reference;
  return [head, isNamed, filter || undefined, until, isSubAck, msgId, qos, topicId, returnCode];
}

/** In the place of what UNSUBACK does not say. */
const NO_SUBACK = { qos: undefined, topicId: undefined, returnCode: undefined };

function readAnswers(values: readonly Plain[]): Answered[] {
  const answers: Answered[] = [];
  for (let n = 0; n < values.length; n += OF_ANSWER) {
    const [head, isNamed, filter, until, isSubAck, msgId, qos, topicId, returnCode] = values.slice(n, n + OF_ANSWER);
    const answer = isSubAck ? { type: 'SUBACK', qos, topicId, msgId, returnCode } : { type: 'UNSUBACK', msgId };
    const reference = isNamed ? `${head}${filter}` : head;
    answers.push({ reference, filter, until, answer } as Answered);
  }
  return answers;
}
