/** What goes out on the gateway's own connection: publishes with QoS −1, those with QoS 0 of clients that share a connection, and the operator's. */

import type { Qos, QosFlag } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';

export interface OwnPublish {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly qos: QosFlag;
  /** For the note where it has to be dropped. */
  readonly clientId: string | undefined;
  /** Its sender, as far as senders are told apart. */
  readonly link: string;
  /** The host of its sender, over all transports. */
  readonly host: string | undefined;
  /** Put before its topic; undefined: as the connection has it. */
  readonly mount?: string;
}

/** One of the operator's. Its topic is as the broker has it. */
export interface OperatorPublish extends OwnPublish {
  readonly qos: Qos;
  readonly mount: '';
  /** By which the operator is told. */
  readonly token: number;
  /** When the operator is told that there is no answer. */
  readonly until: Millis;
  /** Of the last time that it went out; 0: it has not, or has QoS 0. */
  packetId: number;
  /** Its place among the publishes on that connection. */
  written: number;
  /** QoS 2: the broker said PUBREC. */
  received: boolean;
  /** The operator has been told that there is no answer: nobody waits for it any more. */
  told: boolean;
}

export function isOperators(publish: OwnPublish): publish is OperatorPublish {
  return 'token' in publish;
}
