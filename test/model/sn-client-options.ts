import type { Message } from '../../src/codec/message.ts';
import type { History } from './history.ts';
import type { Arrival } from './sn-inbox.ts';
import type { Qos } from './topics.ts';

export interface Will {
  readonly topic: string;
  readonly message: string;
  readonly qos: Qos;
}

/** A publish of the client, across connections and lives of the gateway. */
export interface Publish {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly msgId: number;
  sent: boolean;
  released: boolean;
}

export interface SnClientOptions {
  readonly clientId: string;
  readonly port: number;
  /** Milliseconds. */
  readonly retryInterval: number;
  /** Whether it names pre-defined topics by their ids. */
  readonly predefined: boolean;
  readonly history: History;
  readonly onArrival: (arrival: Arrival) => void;
  /** What must not be, whatever arrives. */
  readonly onRemark: (remark: string) => void;
}

export interface ConnectOptions {
  /** There is no session any more in which topics could be registered. */
  readonly isNew?: boolean;
  /** The duration; absent: a long one. */
  readonly seconds?: number | undefined;
}

/** The gateway said DISCONNECT: the client has to connect again. */
export class SentAway extends Error {}

/** An answer with another return code than 0. */
export class RefusedError extends Error {
  readonly returnCode: number;

  constructor(message: string, returnCode: number) {
    super(message);
    this.returnCode = returnCode;
  }
}

/** An exchange of which the answer is to come. */
export interface Waiting {
  take(message: Message): boolean;
  fail(error: Error): void;
}
