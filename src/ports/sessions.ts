/** The read model: what can be shown of the sessions to whoever looks at a gateway that runs. */
import type { Millis } from '../core/contract/link.ts';
import type { Census, SessionSummary, SessionView } from '../core/contract/session-view.ts';

export type {
  Census,
  SessionCounters,
  SessionSummary,
  SessionView,
  WaitingMessage,
} from '../core/contract/session-view.ts';

export interface Sessions {
  /** Now, on the clock of the views; an earlier time of a view is so long ago. */
  now(): Millis;
  /** How many sessions are in each state, by the name of the transport. Cheap, however many there are. */
  census(): Census;
  /** Client ids of all sessions, without a look at any; to be read at once, for the gateway goes on. */
  clientIds(): Iterable<string>;
  /** Every session, one view made after the other as they are asked for; to be read at once, for the gateway goes on. */
  sessions(): Iterable<SessionView>;
  /** One session; undefined: there is none with this client id. */
  session(clientId: string): SessionView | undefined;
  /** The same without its lists of topics, for a table whose rows change all the time: that takes a fraction of the time. */
  summary(clientId: string): SessionSummary | undefined;
}
