/** A client has a message: counted, timed and told. */

import type { Delivery } from '../state/gateway-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { showMessage } from './show-message.ts';
import type { Turn } from './turn.ts';

/** The time counts where the client was there when the message came, and has not left or slept since. */
export function noteDelivered(session: Session, { at, message }: Delivery, turn: Turn): void {
  const { qos } = message;
  session.counters.delivered++;
  if (at >= session.since) {
    turn.shared.latencies.delivered[qos].record(turn.now - at);
  }
  turn.note({ type: 'delivered', clientId: session.clientId, link: session.path.key, qos }); // a spread would cost more
  if (turn.shared.watched.messages && message.topic !== '') {
    showMessage('down', where(session), message, turn); // of one without a topic a restart has left its end alone
  }
}
