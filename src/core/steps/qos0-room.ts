/** How much with QoS 0 waits for a client in its session, and what goes where it is too much (SL-16). QoS 1 and 2 are bounded by the broker's window. */

import type { Delivery } from '../state/gateway-publish-state.ts';
import type { Session } from '../state/session.ts';
import { noteDrop } from './delivery-outcome.ts';
import { countQos0, countWaiting } from './queue-totals.ts';
import type { Turn } from './turn.ts';

const OF_CLIENT = 'the client';
const OF_ALL = 'all clients together';

/** A setting, how much of it is there, and the most that may be. */
interface Limit {
  readonly whose: typeof OF_CLIENT | typeof OF_ALL;
  readonly setting: 'sleepBufferMessages' | 'sleepBufferOctets' | 'sleepBufferOctetsInAll';
  readonly found: number;
}

/**
 * A message begins to wait: it is counted, and the oldest goes where that is too much; one for which all others of the client would not be enough goes alone
 * (I-99). What was above a limit before, for the limit is lower now, stays (I-112).
 */
export function makeQos0Room(session: Session, added: Delivery, turn: Turn): void {
  const { queue } = session.outbound;
  const { sleepBufferMessages, sleepBufferOctets, sleepBufferOctetsInAll } = turn.settings.sessions;
  countQos0(queue, added, 1, turn);
  const fits = queue.qos0Messages <= sleepBufferMessages && queue.qos0Octets <= sleepBufferOctets;
  if (!fits || turn.shared.queued.qos0Octets > sleepBufferOctetsInAll) {
    makeRoom(session, added, turn);
  }
}

function makeRoom(session: Session, added: Delivery, turn: Turn): void {
  const { queue } = session.outbound;
  const octets = added.message.payload.length;
  const most = limitsOf(session, turn).map(({ setting, found }) => {
    const before = found - (setting === 'sleepBufferMessages' ? 1 : octets);
    return Math.max(turn.settings.sessions[setting], before);
  });
  const tooLarge = tooLargeToWait(session, added, most.at(-1) ?? 0, turn);
  if (tooLarge !== undefined) {
    goes(session, added, tooLarge, turn);
    return;
  }
  const exceeded = (): Limit | undefined =>
    limitsOf(session, turn).find(({ found }, index) => found > (most[index] ?? 0));
  for (let limit = exceeded(); limit; limit = exceeded()) {
    const oldest = queue.waiting.find(({ message }) => message.qos === 0);
    if (oldest === undefined) {
      return;
    }
    const which = oldest === added ? 'the new one' : 'the oldest with QoS 0';
    goes(session, oldest, `too many messages wait for ${limit.whose} (${textOf(limit, turn)}): ${which} goes`, turn);
  }
}

function limitsOf({ outbound: { queue } }: Session, { shared: { queued } }: Turn): readonly Limit[] {
  return [
    { whose: OF_CLIENT, setting: 'sleepBufferMessages', found: queue.qos0Messages },
    { whose: OF_CLIENT, setting: 'sleepBufferOctets', found: queue.qos0Octets },
    { whose: OF_ALL, setting: 'sleepBufferOctetsInAll', found: queued.qos0Octets },
  ];
}

function textOf({ setting }: Pick<Limit, 'setting'>, { settings }: Turn): string {
  return `sessions.${setting}: ${settings.sessions[setting]}`;
}

/** `mostInAll`: octets that may wait for all clients. Undefined: there is room for it where others of the client go. */
function tooLargeToWait(session: Session, { message }: Delivery, mostInAll: number, turn: Turn): string | undefined {
  const octets = message.payload.length;
  const [, ofClient, ofAll] = limitsOf(session, turn);
  const limit = [ofClient, ofAll].find((one) => one && octets > turn.settings.sessions[one.setting]);
  if (limit) {
    return `it is larger than what may wait for ${limit.whose} (${textOf(limit, turn)})`;
  }
  const others = turn.shared.queued.qos0Octets - session.outbound.queue.qos0Octets;
  return ofAll && others + octets > mostInAll
    ? `too many messages wait for ${ofAll.whose} (${textOf(ofAll, turn)}): the new one goes`
    : undefined;
}

function goes(session: Session, delivery: Delivery, reason: string, turn: Turn): void {
  const { queue } = session.outbound;
  queue.waiting.splice(queue.waiting.indexOf(delivery), 1);
  countWaiting(queue, delivery, -1, turn);
  countQos0(queue, delivery, -1, turn);
  noteDrop(session, delivery.message, reason, turn);
}
