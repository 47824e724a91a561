/** ADVERTISE, SEARCHGW, GWINFO (6.1), and whether the broker can be reached at all (D-2, D-13). */

import type { SearchGw } from '../../codec/message.ts';
import type { TransportOpened } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Deadline, DeadlineOwner, TimerName } from '../state/deadlines.ts';
import { directPath, type Path } from '../state/path.ts';
import { encodeFor, type Turn } from '../steps/turn.ts';

/** Broadcast radius that the encapsulation can carry (F-4). */
const MAX_ENCAPSULATED_RADIUS = 3;

/** ADVERTISE carries seconds in two octets (§5.3.3). */
const MAX_DURATION = 0xffff;

export class Discovery implements DeadlineOwner {
  readonly timers = new Map<TimerName, Deadline>();
  readonly #up = new Set<number>();
  /** Undefined: nobody has tried yet. */
  #reachable: boolean | undefined;
  /** The last sign of the broker. */
  #reachableAt: Millis = Number.NEGATIVE_INFINITY;

  /** D-4: the first ADVERTISE at start-up, as soon as a broker is known to be there (D-2). */
  transportOpened(transport: TransportOpened, turn: Turn): void {
    if (!transport.broadcast) {
      return;
    }
    if (this.#reachable) {
      this.#advertise([transport], turn);
    } else {
      turn.shared.gatewayConnection.open(turn);
    }
  }

  /** A connection to the broker stands. */
  upstreamUp(connection: number, turn: Turn): void {
    this.#up.add(connection);
    this.#setReachable(true, turn);
  }

  /** A connection is over, by our own doing or not. */
  upstreamClosed(connection: number): void {
    this.#up.delete(connection);
  }

  /** A connection broke (`stood`), or could not be made. The gateway's own connection finds out when the broker is back. */
  upstreamFailed(connection: number, stood: boolean, turn: Turn): void {
    this.#up.delete(connection);
    if (this.#up.size > 0) {
      return;
    }
    if (stood) {
      this.#reachableAt = turn.now;
    } else {
      this.#setReachable(false, turn);
    }
    turn.shared.gatewayConnection.open(turn);
  }

  /** Whether the broker was there within the grace time (3.5 item 3). */
  recentlyReachable(turn: Turn): boolean {
    return this.#up.size > 0 || turn.now - this.#reachableAt < turn.settings.upstreamGrace;
  }

  #setReachable(reachable: boolean, turn: Turn): void {
    if (reachable) {
      this.#reachableAt = turn.now;
    }
    if (this.#reachable === reachable) {
      return;
    }
    this.#reachable = reachable;
    turn.note({ type: 'gateway-reachable', reachable });
    if (reachable) {
      this.advertiseDue(turn);
    } else {
      turn.deadlines.clear(this, 'advertise');
    }
  }

  /** D-1 to D-3: ADVERTISE on every transport that can, and again after T_ADV. */
  advertiseDue(turn: Turn): void {
    turn.deadlines.clear(this, 'advertise');
    if (this.#reachable) {
      this.#advertise([...turn.shared.transports.broadcasting()], turn);
    }
  }

  #advertise(reached: readonly TransportOpened[], turn: Turn): void {
    const { advertiseInterval, gwId } = turn.settings;
    if (advertiseInterval === 0 || reached.length === 0) {
      return;
    }
    const duration = Math.min(MAX_DURATION, Math.ceil(advertiseInterval / 1000));
    for (const { transport } of reached) {
      const frame = encodeFor(directPath(`${transport}:`), { type: 'ADVERTISE', gwId, duration }, 0);
      turn.broadcast(transport, frame, 0);
    }
    if (!this.timers.has('advertise')) {
      turn.deadlines.set(this, 'advertise', turn.now + advertiseInterval);
    }
  }

  /**
   * SEARCHGW (D-9, D-10): GWINFO at once, from the service address (D-15), to the sender itself, and to all with the same radius where
   * the transport broadcasts (T-45). Behind a forwarder: to the node, wrapped (F-5).
   */
  receiveSearchGw(path: Path, message: SearchGw, turn: Turn): void {
    const { gwId, answerWithoutUpstream } = turn.settings;
    if (this.#reachable === false && !answerWithoutUpstream) {
      return; // D-13
    }
    const { radius } = message;
    const frame = encodeFor(path, { type: 'GWINFO', gwId }, Math.min(radius, MAX_ENCAPSULATED_RADIUS)); // F-4
    turn.sendFrame(path.link, frame, 'answer');
    const opened = turn.shared.transports.of(path.link)?.opened;
    if (path.nodeId !== undefined || !opened?.broadcast || opened.pointToPoint) {
      return;
    }
    turn.broadcast(opened.transport, frame, radius);
  }

  /** The gateway stops: it is not there any more. */
  close(turn: Turn): void {
    turn.deadlines.clearAll(this);
  }
}
