/** What an operator may do to a gateway that runs: by the status page, the API, or a request at the broker. */

import type { Qos } from '../codec/message.ts';

/** An application message that the operator wants at the broker. */
export interface OperatorPublish {
  readonly topic: string;
  /** The topic is as this client has it: its mount point (`upstream.topicPrefix`) comes before it. Left out: as the broker has it. */
  readonly clientId?: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** What became of reading the settings again. Lines for people, without secrets. */
export interface ReloadReport {
  /** What is in effect now: one line for each change. Empty: nothing has changed. */
  readonly changed: readonly string[];
  /** What has changed in the files and needs a restart: paths of settings, such as `transports[0].port`. */
  readonly needsRestart: readonly string[];
  /** What is wrong with the files. Where there is anything, nothing has changed. */
  readonly problems: readonly string[];
}

/** The least important lines that the log has. */
export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** What can be done to the clients and at the broker: the gateway itself does it. */
export interface GatewayOperator {
  /**
   * Sends DISCONNECT to a client that is connected or asleep; its session stays as after a DISCONNECT of its own. Resolves when that is on the disk;
   * false: there is none to send away. Rejects with an `Error` in words where it is done and the disk does not take it.
   */
  disconnect(clientId: string): Promise<boolean>;
  /**
   * Forgets the session of a client with its subscriptions, topic ids, will and all that waits for it, here and at the broker (as soon as that can be
   * reached), and what is said of a client whose session has ended with its connection; a client that is there gets DISCONNECT. Resolves when that is
   * on the disk; false: there is nothing to forget. Rejects with an `Error` in words where it is done and the disk does not take it.
   */
  forget(clientId: string): Promise<boolean>;
  /**
   * Publishes at the broker, on the gateway's own connection. Resolves when the broker has it (QoS 0: when it was written). Rejects with an `Error` in
   * words where that is not possible, or not known after half a minute.
   */
  publish(message: OperatorPublish): Promise<void>;
}

/** The same, and what concerns the program around the gateway. */
export interface Operator extends GatewayOperator {
  /** Reads settings, pre-defined topics and whatever else is in files again. Never rejects. */
  reload(): Promise<ReloadReport>;
  /** What has changed in the files since the start and needs a restart, as the last reading found it: paths of settings. */
  readonly needsRestart: readonly string[];
  /** Level of the log. */
  logLevel: Level;
}
