/** What the connection for the status and those who use it say to each other. */
import type { Millis } from '../ports/clock.ts';
import type { UpstreamInput } from '../ports/upstream.ts';

/** Something to be said at the broker. */
export interface StatusMessage {
  /** By what it is known to who says it. */
  readonly key: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** Nothing else is on the way beside it: somebody else has chosen the topic. */
  readonly alone?: boolean;
  readonly correlationData?: Uint8Array | undefined;
}

/** A message that has come. */
export type StatusHeard = Extract<UpstreamInput, { type: 'upstream-message' }>;

/** Who uses the connection; may use it from inside each of these. */
export interface LinkUser {
  /** It stands. What was said before may have been lost. */
  up(now: Millis): void;
  /** It stands no more; harmless where it did not. */
  down(): void;
  /** The broker has this, or will never have it. */
  told(message: Pick<StatusMessage, 'key' | 'topic'>, now: Millis): void;
  subscribed(filter: string, now: Millis): void;
  /** The broker has answered everything before `ping`. */
  ponged(now: Millis): void;
  heard(message: StatusHeard, now: Millis): void;
  /** The broker closes the connection on this topic or filter. True: it is not used any more, and the rest goes on. */
  canDoWithout(topic: string): boolean;
}
