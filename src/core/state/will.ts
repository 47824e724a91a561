/** Will data of a session (6.3, 6.4), and what becomes of it on the way to the broker. */

import type { Will } from '../contract/effect.ts';
import { samePayload } from './payload-digest.ts';

export interface WillState {
  /** Stored will; part of a persistent session (S-1). Undefined: no topic, so no will (W-5). */
  readonly topic: { readonly topic: string; readonly qos: Will['qos']; readonly retain: boolean } | undefined;
  /** Stored message; may come before the topic by WILLMSGUPD (T-24). Undefined: empty (W-5). */
  readonly message: Uint8Array | undefined;
}

const EMPTY = new Uint8Array(0);

/** Of a session without will. */
export const NO_WILL: WillState = { topic: undefined, message: undefined };

/** Whether the broker holds another will than the client has: the gateway publishes it itself when the client is lost (T-24). */
export function isUntold({ will, toldWill }: { readonly will: WillState; readonly toldWill: WillState }): boolean {
  const { topic, message = EMPTY } = will;
  const { topic: told, message: toldMessage = EMPTY } = toldWill;
  if (will === toldWill || topic === undefined || told === undefined) {
    return topic !== told; // W-5: without a topic there is none
  }
  const isSameTopic = topic.topic === told.topic && topic.qos === told.qos && topic.retain === told.retain;
  return !isSameTopic || !samePayload(message, toldMessage);
}

/** The will as it goes into the MQTT CONNECT; undefined where none is complete (W-5). */
export function completeWill(will: WillState): Will | undefined {
  if (will.topic === undefined) {
    return undefined;
  }
  return { ...will.topic, message: will.message ?? EMPTY };
}

export type WillResponse = 'WILLTOPICRESP' | 'WILLMSGRESP';

/** Will updates on their way to the broker (T-24, `willUpdate: reconnect`). */
export interface PendingWillUpdate {
  /** Answers that the client waits for. */
  readonly answers: Set<WillResponse>;
  /** The will before the first of them; it is back where the broker refuses the new one. */
  readonly former: WillState;
  /** Attempts in a row with this will that the broker closed without an answer while the own connection stood (I-43). */
  closed: number;
}

/** A changed will that was published for a lost client; the connection ends when the broker has it (T-24). */
export interface Farewell {
  readonly purpose: 'farewell';
  packetId: number;
  /** It has not gone out, for the broker takes no more before it has answered other publishes. */
  waiting: Will | undefined;
}
