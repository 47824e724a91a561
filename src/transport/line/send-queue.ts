/**
 * What waits to be sent on a slow medium: bounded, urgent frames before publishes, and every node gets its turn. Pure.
 *
 * To one link: `answer` goes before the publishes that wait, but never before a `last`; `last` and `publish` keep their order. Over all
 * links: whatever is urgent (`answer` and `last`, with no publish of the same link before it) goes before publishes, round robin.
 */
import type { TransportEffect } from '../../ports/transport.ts';

/** Most frames that wait; more than a line carries in a retransmission interval is of no use to anybody. */
export interface SendQueueLimits {
  readonly frames: number;
  readonly octets: number;
}

/** What waits for one link, in the order in which it goes. */
type Lane = TransportEffect[];

/** The lane of an effect: its link, or one of their own for broadcasts. */
export function laneOf(effect: TransportEffect): string {
  return effect.type === 'send' ? effect.link : '';
}

export class SendQueue {
  readonly #limits: SendQueueLimits;
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane>();
  #frames = 0;
  #octets = 0;

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#frames;
  }

  /** Adds one; returns what does not fit and is dropped: the newest publishes of the longest lanes, else the added one itself. */
  push(effect: TransportEffect): readonly TransportEffect[] {
    if (effect.frame.length > this.#limits.octets) {
      return [effect];
    }
    const key = laneOf(effect);
    const lane = this.#lane(key);
    const isAnswer = precedenceOf(effect) === 'answer';
    lane.splice(isAnswer ? lane.findLastIndex(isUrgent) + 1 : lane.length, 0, effect);
    this.#count(effect);
    const dropped: TransportEffect[] = [];
    while ((this.#frames > this.#limits.frames || this.#octets > this.#limits.octets) && dropped.at(-1) !== effect) {
      dropped.push(this.#removePublish() ?? this.#remove(key, effect));
    }
    return dropped;
  }

  /** Puts back one that was taken: it is the next of its lane, a publish behind the answers that have come since. The limits do not apply. */
  putBack(effect: TransportEffect): void {
    const key = laneOf(effect);
    const lane = this.#lane(key);
    const behind = isUrgent(effect) ? 0 : lane.findIndex((other) => precedenceOf(other) !== 'answer');
    lane.splice(behind < 0 ? lane.length : behind, 0, effect);
    this.#count(effect);
  }

  /** Takes the next one among the lanes that may send now. */
  take(mayGo: (lane: string) => boolean = always): TransportEffect | undefined {
    let publishing: string | undefined;
    for (const [key, lane] of this.#lanes) {
      const [first] = lane;
      const urgent = first !== undefined && isUrgent(first);
      if (!urgent && publishing !== undefined) {
        continue;
      }
      if (!mayGo(key)) {
        continue;
      }
      if (urgent) {
        return this.#takeFrom(key, lane);
      }
      publishing = key;
    }
    const lane = publishing === undefined ? undefined : this.#lanes.get(publishing);
    return publishing === undefined || lane === undefined ? undefined : this.#takeFrom(publishing, lane);
  }

  /** Forgets everything, and returns it. */
  clear(): readonly TransportEffect[] {
    const all = [...this.#lanes.values()].flat();
    this.#lanes.clear();
    this.#frames = 0;
    this.#octets = 0;
    return all;
  }

  #lane(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = [];
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #count(effect: TransportEffect): void {
    this.#frames++;
    this.#octets += effect.frame.length;
  }

  #uncount<E extends TransportEffect | undefined>(effect: E): E {
    if (effect === undefined) {
      return effect;
    }
    this.#frames--;
    this.#octets -= effect.frame.length;
    return effect;
  }

  #takeFrom(key: string, lane: Lane): TransportEffect | undefined {
    const effect = lane.shift();
    this.#lanes.delete(key); // to the end of the round
    if (lane.length > 0) {
      this.#lanes.set(key, lane);
    }
    return this.#uncount(effect);
  }

  #removePublish(): TransportEffect | undefined {
    let longest: string | undefined;
    let most = 0;
    for (const [key, lane] of this.#lanes) {
      if (lane.length <= most || lane.every(isUrgent)) {
        continue;
      }
      most = lane.length;
      longest = key;
    }
    const newest =
      longest === undefined ? undefined : this.#lanes.get(longest)?.findLast((effect) => !isUrgent(effect));
    return longest === undefined || newest === undefined ? undefined : this.#remove(longest, newest);
  }

  #remove(key: string, effect: TransportEffect): TransportEffect {
    const lane = this.#lanes.get(key);
    lane?.splice(lane.indexOf(effect), 1);
    if (lane?.length === 0) {
      this.#lanes.delete(key);
    }
    return this.#uncount(effect);
  }
}

function precedenceOf(effect: TransportEffect): 'answer' | 'last' | 'publish' {
  return effect.type === 'send' ? (effect.precedence ?? 'answer') : 'answer';
}

function isUrgent(effect: TransportEffect): boolean {
  return precedenceOf(effect) !== 'publish';
}

function always(): boolean {
  return true;
}
