/**
 * The frames that a module has and has not reported on. One for each node, so that they arrive in order and a node that does not answer
 * holds up only itself; a few at a time, for a module has few buffers. But frames that take long count neither here nor there: any
 * number of dead nodes holds up nobody, and a report that got lost does not silence its node. Pure: time comes in.
 */
import type { TransportEffect } from '../../ports/transport.ts';
import { laneOf } from '../line/send-queue.ts';

/** Frames that were handed over a moment ago and are not reported on. */
const WINDOW = 4;
/** How long a moment is, in milliseconds: a frame that arrives is reported on within that, most of the time. */
const MOMENT = 400;
/** How long a node waits for the report on its last frame before it gets another one, in milliseconds. */
const LANE_WAIT = 1_000;
const LAST_FRAME_ID = 255;

/** A frame that is under way. */
export interface Flight {
  readonly frameId: number;
  readonly effect: TransportEffect;
  /** When it went to the module, in milliseconds of the clock. */
  readonly since: number;
  /** How often the module was too busy to take it. */
  readonly refusals: number;
}

export class InFlight {
  readonly #byId = new Map<number, Flight>();
  /** The newest frame of each lane. */
  readonly #lanes = new Map<string, Flight>();
  #lastId = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Whether the module may be given another frame. */
  isOpen(now: number): boolean {
    return this.#byId.size < LAST_FRAME_ID - 1 && this.#recent(now) < WINDOW;
  }

  /** Whether a frame of this lane is under way for which the next one waits. */
  has(lane: string, now: number): boolean {
    const newest = this.#lanes.get(lane);
    return newest !== undefined && now - newest.since < LANE_WAIT;
  }

  /** When the window or a lane opens by itself at the latest; undefined where nothing is shut. */
  opensAt(now: number): number | undefined {
    let soonest = Number.POSITIVE_INFINITY;
    const isFull = !this.isOpen(now);
    for (const { since } of this.#byId.values()) {
      if (isFull && now - since < MOMENT) {
        soonest = Math.min(soonest, since + MOMENT);
      }
      if (now - since < LANE_WAIT) {
        soonest = Math.min(soonest, since + LANE_WAIT);
      }
    }
    return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
  }

  /** A frame id that nothing under way has; ids come back as late as they can, for a late report must not be taken for another's. */
  freeId(): number {
    do {
      this.#lastId = (this.#lastId % LAST_FRAME_ID) + 1;
    } while (this.#byId.has(this.#lastId));
    return this.#lastId;
  }

  begin(frameId: number, effect: TransportEffect, refusals: number, now: number): void {
    const flight = { frameId, effect, since: now, refusals };
    this.#byId.set(frameId, flight);
    this.#lanes.set(laneOf(effect), flight);
  }

  /** The module has reported; undefined where it is about nothing that is under way. */
  end(frameId: number): Flight | undefined {
    const flight = this.#byId.get(frameId);
    if (flight === undefined) {
      return undefined;
    }
    this.#byId.delete(frameId);
    const lane = laneOf(flight.effect);
    if (this.#lanes.get(lane) === flight) {
      this.#lanes.delete(lane);
    }
    return flight;
  }

  /** Takes out those on which the module should have reported by now. */
  overdue(now: number, timeout: number): readonly Flight[] {
    const late = [...this.#byId.values()].filter(({ since }) => now - since >= timeout);
    for (const { frameId } of late) {
      this.end(frameId);
    }
    return late;
  }

  /** When the oldest one is overdue; undefined where nothing is under way. */
  overdueAt(timeout: number): number | undefined {
    const [oldest] = this.#byId.values();
    return oldest && oldest.since + timeout;
  }

  /** The module has forgotten them all. */
  clear(): readonly Flight[] {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    this.#lanes.clear();
    return all;
  }

  #recent(now: number): number {
    let recent = 0;
    for (const { since } of this.#byId.values()) {
      if (now - since < MOMENT) {
        recent++;
      }
    }
    return recent;
  }
}
