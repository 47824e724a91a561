import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from './latencies.mjs';

/** After so long without an end a message is asked for again, in milliseconds. */
const PATIENCE = 5_000;
/** What is still under way at the end is waited for so long, in milliseconds. */
const DRAIN = 15_000;
/** How long a machine that has no time for the gateway may take to warm it up, in milliseconds. */
const WARM_UP = 60_000;
/** So many slots begin at once. */
const START = 50;

/**
 * Messages in slots: each slot has one under way, and the next one begins when it has come to its end. After a warm-up everything is measured
 * for some seconds; then no more begin.
 */
export class Flow {
  latencies = new Latencies();
  /** Messages that came to their end while it was measured. */
  measured = 0;
  begun = 0;
  ended = 0;
  repeated = 0;
  #slots;
  #begin;
  #again;
  #measuring = false;
  #stopping = false;

  /**
   * @param {{ slots: number, begin: (slot: number, generation: number) => void, again?: (slot: number, generation: number) => void }} parts
   *   `again`: where a message may be repeated
   */
  constructor({ slots, begin, again }) {
    this.#slots = Array.from({ length: slots }, () => ({ generation: 0, at: 0, asked: 0, open: false }));
    this.#begin = begin;
    this.#again = again;
  }

  /** Messages that never came to their end. */
  get lost() {
    return this.begun - this.ended;
  }

  /** `warmUp` and `duration` in seconds; `warmMessages`: so many at least come before it is measured, for code that is cold costs many times as much. */
  async run(meter, { warmUp, warmMessages, duration }) {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      this.#next(slot);
      if (slot % START === START - 1) {
        await nextTurn();
      }
    }
    const repetition = setInterval(() => this.#repeat(), 1_000);
    await sleep(warmUp * 1000);
    await this.#until(() => this.ended >= warmMessages, WARM_UP);
    this.#measuring = true;
    meter.begin();
    await sleep(duration * 1000);
    await this.#until(() => this.measured > 0); // a short time on a slow machine
    meter.end();
    this.#measuring = false;
    this.#stopping = true;
    await this.#until(() => this.lost === 0);
    clearInterval(repetition);
  }

  /** A message came to its end; false where it had before, or where there is none like it. */
  end(slot, generation) {
    const state = this.#slots[slot];
    if (state === undefined || !state.open || state.generation !== generation) {
      return false;
    }
    state.open = false;
    this.ended++;
    if (this.#measuring) {
      this.measured++;
      this.latencies.add(performance.now() - state.at);
    }
    if (!this.#stopping) {
      this.#next(slot);
    }
    return true;
  }

  /** The number of the message that is under way in a slot. */
  generationOf(slot) {
    return this.#slots[slot].generation;
  }

  async #until(condition, patience = DRAIN) {
    for (const end = performance.now() + patience; !condition() && performance.now() < end; ) {
      await sleep(5);
    }
  }

  #next(slot) {
    const state = this.#slots[slot];
    state.generation++;
    state.open = true;
    state.at = performance.now();
    state.asked = state.at;
    this.begun++;
    this.#begin(slot, state.generation);
  }

  #repeat() {
    const now = performance.now();
    this.#slots.forEach((state, slot) => {
      if (this.#again !== undefined && state.open && now - state.asked > PATIENCE) {
        state.asked = now;
        this.repeated++;
        this.#again(slot, state.generation);
      }
    });
  }
}
