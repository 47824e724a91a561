/** The read model: what can be shown of the sessions to whoever looks at a gateway that runs. */
import type { SessionView } from '../core/contract/session-view.ts';

export type { SessionCounters, SessionView } from '../core/contract/session-view.ts';

export interface Sessions {
  /** Every session, one view made after the other as they are asked for; to be read at once, for the gateway goes on. */
  sessions(): Iterable<SessionView>;
  /** One session; undefined: there is none with this client id. */
  session(clientId: string): SessionView | undefined;
}
