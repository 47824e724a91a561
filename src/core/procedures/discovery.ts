/** ADVERTISE, SEARCHGW, GWINFO (6.1), and whether the broker can be reached at all (D-2, D-13). */

import type { SearchGw } from '../../codec/message.ts';
import type { TransportOpened } from '../contract/input.ts';
import type { Millis, Seconds } from '../contract/units.ts';
import { V1_2 } from '../state/dialect.ts';
import { nodeIdOf, type Path } from '../state/path.ts';
import { encapsulate, type Turn } from '../steps/turn.ts';
import { openGatewayConnection } from './gateway-connection.ts';

/** Broadcast radius that the encapsulation can carry (F-4). */
const MAX_ENCAPSULATED_RADIUS = 3;

/** ADVERTISE carries it in two octets (§5.3.3). */
const MAX_DURATION: Seconds = 0xffff;

/** D-4: the first ADVERTISE at start-up, as soon as a broker is known to be there (D-2). */
export function advertiseOn(transport: TransportOpened, turn: Turn): void {
  if (!transport.broadcast) {
    return;
  }
  if (turn.shared.reachability.reachable) {
    advertise([transport], turn);
  } else {
    openGatewayConnection(turn);
  }
}

/** A connection to the broker stands. */
export function brokerReached(connection: number, turn: Turn): void {
  const { lostAt } = turn.shared.reachability;
  turn.shared.reachability.stands(connection, turn.now);
  setReachable(true, lostAt, turn);
}

/** A connection broke (`stood`), or could not be made, for this reason. The gateway's own connection finds out when the broker is back. */
export function brokerMissed(connection: number, stood: boolean, reason: string, turn: Turn): void {
  const { reachability } = turn.shared;
  reachability.ended(connection);
  if (reachability.anyUp) {
    return;
  }
  if (stood) {
    reachability.reachableAt = turn.now;
    reachability.lostAt = turn.now;
  } else {
    setReachable(false, reachability.lostAt, turn, reason);
  }
  openGatewayConnection(turn);
}

function setReachable(reachable: boolean, lostAt: Millis | undefined, turn: Turn, reason?: string): void {
  const { reachability } = turn.shared;
  if (reachable) {
    reachability.reachableAt = turn.now;
  }
  if (reachability.reachable === reachable) {
    return;
  }
  reachability.reachable = reachable;
  turn.note({
    type: 'gateway-reachable',
    reachable,
    ...(lostAt === undefined ? {} : { lostFor: turn.now - lostAt }),
    ...(reason !== undefined && { reason }),
  });
  if (reachable) {
    advertiseDue(turn);
  } else {
    reachability.withoutQos2 = false;
    turn.deadlines.clear(reachability, 'advertise');
  }
}

/** D-1 to D-3: ADVERTISE on every transport that can, and again after T_ADV. */
export function advertiseDue(turn: Turn): void {
  const { reachability, transports } = turn.shared;
  turn.deadlines.clear(reachability, 'advertise');
  if (reachability.reachable) {
    advertise([...transports.broadcasting()], turn);
  }
}

function advertise(reached: readonly TransportOpened[], turn: Turn): void {
  const { advertiseInterval, id: gwId } = turn.settings.gateway;
  if (advertiseInterval === 0 || reached.length === 0) {
    return;
  }
  const duration = Math.min(MAX_DURATION, Math.ceil(advertiseInterval / 1000));
  for (const { transport } of reached) {
    const frame = V1_2.encode({ type: 'ADVERTISE', gwId, duration });
    turn.broadcast(transport, frame, 0);
  }
  const { reachability } = turn.shared;
  if (!turn.deadlines.has(reachability, 'advertise')) {
    turn.deadlines.set(reachability, 'advertise', turn.now + advertiseInterval);
  }
}

/**
 * SEARCHGW (D-9, D-10): GWINFO at once, from the service address (D-15), to the sender itself, and to all with the same radius where
 * the transport broadcasts (T-45). Behind a forwarder: to the node, wrapped (F-5).
 */
export function receiveSearchGw(path: Path, message: SearchGw, turn: Turn): void {
  const { id: gwId, answerWithoutUpstream } = turn.settings.gateway;
  if (turn.shared.reachability.reachable === false && !answerWithoutUpstream) {
    return; // D-13
  }
  const { radius } = message;
  const frame = encapsulate(path, V1_2.encode({ type: 'GWINFO', gwId }), Math.min(radius, MAX_ENCAPSULATED_RADIUS)); // F-4
  turn.sendFrame(path, frame, 'answer');
  const opened = turn.shared.transports.of(path.transport)?.opened;
  if (nodeIdOf(path) !== undefined || !opened?.broadcast || opened.pointToPoint) {
    return;
  }
  turn.broadcast(opened.transport, frame, radius);
}
