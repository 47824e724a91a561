/** A client is told no: with the answer of its request and a return code (3.6), and the log with a reason. */

import type { ReturnCode, Text } from '../../codec/message.ts';
import type { Request } from '../state/dialect.ts';
import type { Path } from '../state/path.ts';
import { type Session, where } from '../state/session.ts';
import type { Turn } from './turn.ts';

/** Why not: `reason` in words for the log; `predefinedId`: the pre-defined topic id that is not configured. */
export interface Refusal {
  readonly returnCode: ReturnCode;
  readonly reason: string;
  readonly predefinedId?: number;
  /** The topic or filter that is refused, where that is the reason. */
  readonly topic?: string;
}

/** A request of a client that has a session. */
export function reject(session: Session, request: Request, refusal: Refusal, turn: Turn): void {
  turn.note({ type: 'request-rejected', ...where(session), message: request.type, ...refusal });
  turn.tell(session, { what: 'request-rejected', request, returnCode: refusal.returnCode });
}

/** A CONNECT, which may be of nobody that is known (C-4). `clientId`: as in the CONNECT, where it can be shown. */
export function refuseConnect(path: Path, clientId: Text | undefined, refusal: Refusal, turn: Turn): void {
  const { returnCode, reason } = refusal;
  turn.tellAt(path, { what: 'request-rejected', request: { type: 'CONNECT' }, returnCode });
  turn.note({
    type: 'client-refused',
    clientId: typeof clientId === 'string' ? clientId : undefined,
    link: path.key,
    returnCode,
    reason,
  });
}
