/** A CONNECT that is being worked on, and the one that was answered last (6.2). */

import type { Millis } from '../contract/link.ts';
import type { Seconds } from '../contract/units.ts';
import type { Path } from './path.ts';
import type { WillState } from './will.ts';

/** The CONNECT that is being worked on. */
export interface ConnectAttempt {
  readonly path: Path;
  /** The session is to start clean; not so where a sleeper resumes in spite of its flag (T-04). */
  readonly cleanSession: boolean;
  /** As in the CONNECT: the same flags again are a repetition (C-8, T-03 a). */
  readonly cleanFlag: boolean;
  readonly willFlag: boolean;
  /** Keep-alive, as in the CONNECT. */
  readonly duration: Seconds;
  /** What the attempt waits for: the client (C-2), the broker, or the subscriptions that the broker had lost (3.4). */
  stage: 'will-topic' | 'will-message' | 'upstream' | 'subscriptions';
  /** The will that the session shall have; undefined: the stored one stays (6.3). */
  will: WillState | undefined;
  /** A sleeper comes back with its session: the upstream connection is kept (T-04). */
  readonly resumes: boolean;
  /** Retransmissions of WILLTOPICREQ or WILLMSGREQ so far (C-7). */
  retries: number;
  /** Since when the broker is asked, or waited for. */
  heldSince: Millis;
  /** Until when an unreachable broker is waited for (3.5 item 3). */
  holdUntil: Millis;
  /** How often the broker closed the connection instead of answering CONNECT, while the own connection stood (I-43). */
  closed: number;
}

/** The client is asked for its will (C-2): nothing is to be done about the broker before it has said what that is. */
export function isPrompting({ stage }: ConnectAttempt): boolean {
  return stage === 'will-topic' || stage === 'will-message';
}

/** A CONNECT that was answered with CONNACK(accepted), for its repetition (T-03 a). */
export interface AcceptedConnect {
  readonly key: string;
  readonly cleanFlag: boolean;
  readonly willFlag: boolean;
  readonly duration: Seconds;
  /** What ended the will dialogue; undefined: there was none. */
  readonly endedBy: 'WILLTOPIC' | 'WILLMSG' | undefined;
  readonly until: Millis;
}
