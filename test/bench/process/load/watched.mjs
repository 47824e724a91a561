import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { PageViewer } from './page-viewer.mjs';
import { fillPublish, PUBACK, publishTemplate } from './sn-frames.mjs';

/** How often messages begin, in milliseconds: as many as are due. */
const TICK = 5;
/** After so long without PUBACK a message is sent again, and after so many of these it is lost, in milliseconds. */
const PATIENCE = 5_000;
const TRIES = 3;
/** How long the last messages may take to the observer, in milliseconds. */
const SETTLE = 500;

/**
 * Many clients publish with QoS 1, so many messages in a second over all of them, one client after the other, whatever the gateway takes for it: what one
 * message costs is then not a question of how many share a turn of the event loop. With `page` somebody looks at the gateway all the while.
 */
export async function watched(context) {
  const { run, broker, page, rate, warmUp, duration } = context;
  const clients = await connectedClients(context, context.clients);
  const topicIds = await forAll(clients, (client, n) => client.register(`${run}/${n}`));
  const flow = new SteadyFlow(
    clients,
    topicIds.map((topicId) => publishTemplate(topicId, 1)),
  );
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  await observer.subscribe(`${run}/#`, 0);
  const arrived = new Set();
  let twice = 0;
  observer.heard = (_topic, payload) => {
    const key = payload.readUInt32BE(0) * 2 ** 20 + payload.readUInt32BE(4);
    twice += arrived.has(key) ? 1 : 0;
    arrived.add(key);
  };
  const viewer = page === undefined ? undefined : await PageViewer.open(page);
  const meter = new Meter(context.pid, context.eventLoop, true);
  await flow.run(meter, { rate, warmUp, duration });
  await sleep(SETTLE);
  viewer?.close();
  const { latencies, measured: messages, repeated } = flow;
  const result = outcome(meter, latencies, { messages, lost: flow.begun - arrived.size, repeated, twice });
  observer.close();
  await leave(context, clients);
  return { ...result, ...(viewer && { events: viewer.events, scrapes: viewer.scrapes }) };
}

/** Messages at a steady rate; a client whose last one has no answer yet is passed over. */
class SteadyFlow {
  latencies = new Latencies();
  /** Messages that were acknowledged while it was measured. */
  measured = 0;
  begun = 0;
  repeated = 0;
  #clients;
  #templates;
  #states;
  #next = 0;
  #measuring = false;

  constructor(clients, templates) {
    this.#clients = clients;
    this.#templates = templates;
    this.#states = clients.map(() => ({ generation: 0, at: 0, open: false, tries: 0 }));
    clients.forEach((client, n) => {
      client.heard = (frame) => {
        if (frame[1] === PUBACK) {
          this.#ended(n, frame.readUInt16BE(4));
        }
      };
    });
  }

  /** `rate`: messages in a second; `warmUp` and `duration` in seconds. */
  async run(meter, { rate, warmUp, duration }) {
    const start = performance.now();
    let due = 0;
    const pace = setInterval(() => {
      for (const until = ((performance.now() - start) * rate) / 1000; due < until; due++) {
        this.#begin();
      }
    }, TICK);
    const repetition = setInterval(() => this.#repeat(), 1_000);
    await sleep(warmUp * 1000);
    this.#measuring = true;
    meter.begin();
    await sleep(duration * 1000);
    while (this.measured === 0) {
      await sleep(TICK); // a short time on a slow machine
    }
    meter.end();
    this.#measuring = false;
    clearInterval(pace);
    for (const end = performance.now() + PATIENCE * TRIES; this.#waiting && performance.now() < end; ) {
      await sleep(TICK);
    }
    clearInterval(repetition);
  }

  get #waiting() {
    return this.#states.some(({ open }) => open);
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
    if (this.#measuring) {
      this.measured++;
      this.latencies.add(performance.now() - state.at);
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
