/** What a simulation has seen so far. */

/** Each class of latencies is so much longer than the one before: what is told of them is right to 2 %. */
const STEP = 1.02;
/** Shortest class, in milliseconds. */
const SHORTEST = 0.1;
const CLASSES = 1_000;

/** Why a message was given up. */
export type LossReason = 'unanswered' | 'rejected' | 'unfinished';

export class Tally {
  /** Sensors that have a session at the moment: connected or asleep. */
  connected = 0;
  /** Sensors that have had one at least once. */
  readonly everConnected = new Set<string>();
  /** Readings that were to be published. */
  sent = 0;
  /** Of those with QoS 1 and 2. */
  acknowledged = 0;
  readonly lost: Record<LossReason, number> = { unanswered: 0, rejected: 0, unfinished: 0 };
  /** Readings that went with the power. */
  powerless = 0;
  /** What subscribers got. */
  received = 0;
  /** Commands to sleepers that the gateway has taken, and those that arrived. */
  commands = 0;
  delivered = 0;
  reboots = 0;
  moves = 0;
  connects = 0;
  readonly #latencies = new Uint32Array(CLASSES);
  #measured = 0;

  get allLost(): number {
    return this.lost.unanswered + this.lost.rejected + this.lost.unfinished;
  }

  /** A reading was acknowledged after so many milliseconds. */
  acknowledge(latency: number): void {
    this.acknowledged += 1;
    this.#measured += 1;
    const at = Math.ceil(Math.log(Math.max(latency, SHORTEST) / SHORTEST) / Math.log(STEP));
    const index = Math.min(at, CLASSES - 1);
    this.#latencies[index] = (this.#latencies[index] ?? 0) + 1;
  }

  /** The latency that this part of the acknowledged readings did not exceed, in milliseconds; undefined: there are none. */
  latency(part: number): number | undefined {
    let left = Math.ceil(this.#measured * part);
    if (this.#measured === 0) {
      return undefined;
    }
    for (const [at, count] of this.#latencies.entries()) {
      left -= count;
      if (left <= 0) {
        return SHORTEST * STEP ** at;
      }
    }
    return undefined;
  }
}
