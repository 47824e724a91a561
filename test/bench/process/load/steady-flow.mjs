import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillPublish, PUBACK } from './sn-frames.mjs';

/** How often messages begin, in milliseconds, where nobody says it: as many as are due. */
const TICK = 5;
/** After so long without PUBACK a message is sent again, and after so many of these it is lost, in milliseconds. */
const PATIENCE = 5_000;
const TRIES = 3;

/**
 * Many clients publish with QoS 1 at a steady rate, one client after the other, whatever the gateway takes for it: what one message costs is then not a
 * question of how many share a turn of the event loop. A client whose last message has no answer yet is passed over.
 */
export class SteadyFlow {
  /** Messages that were acknowledged since `measure`. */
  measured = 0;
  begun = 0;
  repeated = 0;
  /** Messages that the broker had, and those that it had again. */
  arrived = 0;
  twice = 0;
  #clients;
  #templates;
  #states;
  #seen;
  #next = 0;
  #latencies;

  constructor(clients, templates) {
    this.#clients = clients;
    this.#templates = templates;
    this.#states = clients.map(() => ({ generation: 0, at: 0, open: false, tries: 0 }));
    this.#seen = new Float64Array(clients.length);
    clients.forEach((client, n) => {
      client.heard = (frame) => {
        if (frame[1] === PUBACK) {
          this.#ended(n, frame.readUInt16BE(4));
        }
      };
    });
  }

  /** Lets messages begin in all of them at the same moments, `rate` in a second in each; none of them is always the first. Returns how to end that. */
  static pace(flows, rate, tick = TICK) {
    const start = performance.now();
    const orders = [flows, flows.toReversed()];
    let due = 0;
    const timer = setInterval(() => {
      for (const until = ((performance.now() - start) * rate) / 1000; due < until; due++) {
        for (const flow of orders[due % 2]) {
          flow.#begin();
        }
      }
    }, tick);
    const repetition = setInterval(() => {
      for (const flow of flows) {
        flow.#repeat();
      }
    }, 1_000);
    return () => {
      clearInterval(timer);
      // What is under way may still have to be repeated.
      setTimeout(() => clearInterval(repetition), PATIENCE * TRIES).unref();
    };
  }

  /** From now on messages that end count, and so do their times; undefined: they do not. */
  measure(latencies) {
    this.measured = 0;
    this.#latencies = latencies;
  }

  /** The broker has had a message. */
  arrives(payload) {
    const n = payload.readUInt32BE(0);
    const generation = payload.readUInt32BE(4);
    if (generation > this.#seen[n]) {
      this.#seen[n] = generation;
      this.arrived++;
    } else {
      this.twice++;
    }
  }

  /** All that has begun has ended, or is lost. */
  async drained() {
    for (const end = performance.now() + PATIENCE * TRIES; performance.now() < end; await sleep(TICK)) {
      if (!this.#states.some(({ open }) => open)) {
        return;
      }
    }
  }

  #begin() {
    for (let passed = 0; passed < this.#states.length; passed++) {
      const n = this.#next++ % this.#states.length;
      const state = this.#states[n];
      if (!state.open) {
        Object.assign(state, { generation: state.generation + 1, at: performance.now(), open: true, tries: 0 });
        this.begun++;
        this.#send(n, false);
        return;
      }
    }
  }

  #send(n, dup) {
    const { generation } = this.#states[n];
    this.#clients[n].send(fillPublish(this.#templates[n], generation & 0xffff, n, generation, dup));
  }

  #ended(n, msgId) {
    const state = this.#states[n];
    if (!state.open || (state.generation & 0xffff) !== msgId) {
      return;
    }
    state.open = false;
    if (this.#latencies !== undefined) {
      this.measured++;
      this.#latencies.add(performance.now() - state.at);
    }
  }

  #repeat() {
    const now = performance.now();
    this.#states.forEach((state, n) => {
      if (state.open && now - state.at > PATIENCE * (state.tries + 1) && state.tries < TRIES) {
        state.tries++;
        this.repeated++;
        this.#send(n, true);
      }
    });
  }
}
