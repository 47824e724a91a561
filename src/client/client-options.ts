import type { Qos, QosFlag, TopicIdType } from '../codec/message.ts';
import type { NoAnswerError, NotConnectedError } from './client-error.ts';
import type { ClientTransport } from './client-transport.ts';

/** §6.3 */
export interface ClientWill {
  readonly topic: string;
  readonly message: string | Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** A PUBLISH from the gateway. */
export interface ReceivedMessage {
  /** Undefined where it came with a pre-defined id whose name this client was not told. */
  readonly topicName: string | undefined;
  readonly topicIdType: TopicIdType;
  readonly topicId: number;
  readonly msgId: number;
  readonly data: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** Why a connection ended without the client's doing: a DISCONNECT of the gateway, or its silence. */
export interface Disconnection {
  readonly reason: 'gateway' | 'no-answer';
  readonly error: NotConnectedError | NoAnswerError;
}

/** What the gateway granted (§5.4.16). `topicId`: 0 for wildcards and short names. */
export interface Granted {
  readonly qos: QosFlag;
  readonly topicId: number;
}

/** A negative answer to a PUBLISH with QoS 0, which nobody waits for (P-2, P-3). */
export interface LateRejection {
  readonly topicId: number;
  readonly returnCode: number;
}

export interface MqttSnClientOptions {
  /** Address or name of the gateway; default 127.0.0.1. */
  readonly host?: string;
  /** UDP port of the gateway; default 1884. */
  readonly port?: number;
  /** Another way to the gateway than UDP to `host` and `port`. */
  readonly transport?: ClientTransport;
  readonly clientId: string;
  /** Default true. */
  readonly cleanSession?: boolean;
  /** Seconds, 0–65535; 0: none, and no automatic PINGREQ. Default 60. */
  readonly keepAlive?: number;
  readonly will?: ClientWill;
  /** T_retry in milliseconds; default 10000. */
  readonly retryInterval?: number;
  /** N_retry, retransmissions after the first transmission; default 3. */
  readonly retryCount?: number;
  /** QoS 1 and 2 publishes under way at a time; default 1, as P-6 wants it. */
  readonly maxInflight?: number;
  /** Names of the pre-defined topic ids. */
  readonly predefinedTopics?: ReadonlyMap<number, string>;
  /** Accept a PUBACK only with the topic id of its PUBLISH too; default false: gateways are known that send another (T-22). */
  readonly strict?: boolean;
  readonly onMessage?: (message: ReceivedMessage) => void;
  readonly onDisconnected?: (disconnection: Disconnection) => void;
  readonly onRejected?: (rejection: LateRejection) => void;
  /** Sees each frame, before it is decoded and after it was encoded. */
  readonly onFrame?: (direction: 'sent' | 'received', frame: Uint8Array) => void;
}
