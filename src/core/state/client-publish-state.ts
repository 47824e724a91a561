/** PUBLISHes of a client under way to the broker, and those that have ended but may come again (6.6, 3.3). */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import type { ExchangeRole } from '../contract/stored-records.ts';
import type { Folding, Unfolding } from '../topics/fold.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import type { Path } from './path.ts';
import type { PayloadDigest } from './payload-digest.ts';

/** One QoS 1 or 2 exchange under way. */
export interface Exchange {
  readonly purpose: 'exchange';
  /** Grows with each exchange of the session: their order, and the key in the store, for two may have the same MsgId (T-18). */
  readonly number: number;
  readonly msgId: number;
  readonly qos: Exclude<Qos, 0>;
  /** As in the PUBLISH: PUBACK repeats it (T-22). */
  readonly topicId: number;
  /** The same where it is a pre-defined one: a repetition is known by it, whatever it means by then (I-114). */
  readonly predefinedId: number | undefined;
  /** 0: the broker has given its last answer, only the client's part is left (I-35). */
  packetId: number;
  /** Packet ids that the broker said were in use (MQTT 5). */
  packetIdsRefused: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** When the PUBLISH came; undefined: before the start. */
  readonly begunAt: Millis | undefined;
  /** Where it came from: whose share of the room it takes. */
  readonly from: Path;
  /** It counts for that share (OpenPublishes). */
  isCounted: boolean;
  role: ExchangeRole;
  /** The client waits for the answer, as far as is known: it has named the message since its last CONNECT, and since the start (I-33). */
  awaited: boolean;
  /** The PUBLISH has gone to the broker at least once. */
  sent: boolean;
  /** The connection on which it went out last; 0: it waits for its turn. */
  sentOn: number;
  /** QoS 2: the broker said PUBREC, so it has the message. */
  received: boolean;
  /** QoS 2: when it said so first; from then on the client has the retry window for PUBREL. */
  receivedAt: Millis | undefined;
  /** QoS 2: the client has been told so, by PUBREC. */
  told: boolean;
  /** QoS 2: it has asked once more, when PUBREC could not be said (I-61). */
  askedAgain: boolean;
  /** The store has a record of it. */
  stored: boolean;
  /** QoS 2: from the store; whether the client was told before the process ended is not known (I-19). */
  readonly restored: boolean;
  /** QoS 2: PUBREL may go to the broker: the client said it, or it has no say any more (`role`) and the broker has the message. */
  released: boolean;
  /** QoS 2: how often the connection broke on PUBREL alone while the own one stood (I-42). */
  releaseFalls: number;
  /** QoS 2: PUBREL has gone to the broker, or may have before a restart: it is only ever repeated (I-6). */
  releaseSent: boolean;
  /** QoS 2: the connection on which PUBREL was to go out first; 0: on none, or before a restart. */
  releasedOn: number;
}

/** An exchange that is over for the client, as long as the client may repeat it (3.3, T-18). */
export interface FinishedPublish {
  readonly number: number;
  readonly msgId: number;
  readonly qos: Qos;
  /** By which the client named the topic; undefined: by another kind of id. */
  readonly predefinedId: number | undefined;
  readonly topic: string;
  readonly retain: boolean;
  readonly digest: PayloadDigest;
  /** Infinite for those that were let go. */
  readonly until: Millis;
  /** The store has a record of it. */
  stored: boolean;
}

export interface ClientPublishState {
  /** All that are under way, in the order in which they came. */
  readonly exchanges: SmallSet<Exchange>;
  /** Those whose MsgId still means them to the client (role `current`), by MsgId. */
  readonly byMsgId: SmallMap<number, Exchange>;
  /** The last ones that have ended with the client, oldest first. */
  readonly finished: FinishedPublish[];
  /** The last ones that were let go without the client's PUBREL, oldest first (T-18). */
  readonly letGo: FinishedPublish[];
  /** The number of the last exchange. */
  lastNumber: number;
}

/** A finished publish takes so many values. */
const OF_FINISHED = 11;

/** Writes what has ended and may come again. */
export function foldFinished(
  { finished, lastNumber }: Pick<ClientPublishState, 'finished' | 'lastNumber'>,
  folding: Folding,
): void {
  folding.list(finished.length === 0 ? [] : [lastNumber]);
  folding.list(
    finished.flatMap(({ number, msgId, qos, predefinedId, topic, retain, digest, until, stored }) => [
      ...[number, msgId, qos, predefinedId, topic, retain, until, stored],
      ...[digest.octets, digest.hash, digest.check],
    ]),
  );
}

/** What was written; undefined: that was nothing. */
export function unfoldFinished(unfolding: Unfolding): ClientPublishState | undefined {
  const [lastNumber] = unfolding.list();
  const all = unfolding.list();
  if (lastNumber === undefined) {
    return undefined;
  }
  const state = newClientPublishState();
  state.lastNumber = lastNumber as number;
  for (let n = 0; n < all.length; n += OF_FINISHED) {
    const [number, msgId, qos, predefinedId, topic, retain, until, stored, octets, hash, check] = all.slice(
      n,
      n + OF_FINISHED,
    );
    const digest = { octets, hash, check };
    state.finished.push({ number, msgId, qos, predefinedId, topic, retain, digest, until, stored } as FinishedPublish);
  }
  return state;
}

/** What has ended and may not come again any more is not remembered. */
export function dropFinished({ finished }: ClientPublishState, now: Millis): void {
  while ((finished[0]?.until ?? Number.POSITIVE_INFINITY) <= now) {
    finished.shift();
  }
}

/** Nothing is under way, and nothing that has ended may come again. */
export function isIdle({ exchanges, finished, letGo }: ClientPublishState): boolean {
  return exchanges.size === 0 && letGo.length === 0 && finished.length === 0;
}

export function newClientPublishState(): ClientPublishState {
  return { exchanges: new SmallSet(), byMsgId: new SmallMap(), finished: [], letGo: [], lastNumber: 0 };
}
