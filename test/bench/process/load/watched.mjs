import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { PageViewer } from './page-viewer.mjs';
import { publishTemplate } from './sn-frames.mjs';
import { SteadyFlow } from './steady-flow.mjs';

/** How long the last messages may take to the observer, and what has waited for the collector to the gateway, in milliseconds. */
const SETTLE = 500;

/**
 * What it costs that somebody looks. Two gateways run side by side, and get the same messages at the same moments; one of them is watched, the other has its
 * page switched off. Then they change places, and back: A B, B A, … What one message costs more is the mean of two such windows, a pair.
 *
 * Why so: two processes of one build differ by up to 6 µs a message for as long as they live (what the compiler has made of them, where things are in
 * memory), which is more than what is looked for; it is gone from a pair, for each of them was both. What the machine does meanwhile (other programs, the
 * clock of the processor, the broker) meets both, for they are measured over the same seconds. A collection of the young generation comes every three seconds
 * and is 1.4 µs a message of a window, one of the whole heap is a hundred: so the whole heap is collected before each window, and the young generation at
 * the end of it, within the window. What is made in it is paid for in it; what a page adds to the collections of the whole heap does not show.
 *
 * Nor does it show that a gateway whose page was never served has fewer kinds of observers for the optimizer to think of.
 */
export async function watched(context) {
  const { run, broker, gateways, rate, pairs, settle, duration } = context;
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  const sites = [];
  for (const [n, gateway] of gateways.entries()) {
    sites.push(await Site.open({ ...context, ...gateway, run: `${run}.${n}` }, observer));
  }
  observer.heard = (topic, payload) => sites[Number(topic[run.length + 1])].flow.arrives(payload);
  const flows = sites.map(({ flow }) => flow);
  const end = SteadyFlow.pace(flows, rate);
  const found = { watched: newFigures(), unwatched: newFigures(), pairs: [] };
  let looked;
  try {
    // Each has been watched before anything counts: what is loaded and compiled for it is there by then.
    for (const site of sites.toReversed()) {
      await looked?.turnOff();
      looked = site;
      await site.turnOn();
      await sleep((settle + duration) * 1000);
    }
    for (let pair = 0; pair < pairs; pair++) {
      const windows = [];
      for (let turn = 0; turn < 2; turn++) {
        const next = sites[(pair + turn) % 2];
        if (next !== looked) {
          await looked.turnOff();
          looked = next;
          await next.turnOn();
          await sleep(settle * 1000);
        }
        const [, other] = next === sites[0] ? sites : sites.toReversed();
        windows.push(await measured({ next, other, duration, found }));
      }
      const mean = (which) => windows.reduce((sum, window) => sum + window[which], 0) / windows.length;
      found.pairs.push({ watched: mean('watched'), unwatched: mean('unwatched'), windows });
    }
    await looked.turnOff();
  } finally {
    end();
  }
  await Promise.all(flows.map((flow) => flow.drained()));
  await sleep(SETTLE);
  observer.close();
  const total = (count) => sites.reduce((sum, site) => sum + count(site), 0);
  const result = {
    ...outcomeOf(found.watched),
    lost: total(({ flow }) => flow.begun - flow.arrived),
    repeated: total(({ flow }) => flow.repeated),
    twice: total(({ flow }) => flow.twice),
    unwatched: outcomeOf(found.unwatched),
    pairs: found.pairs,
    events: total(({ events }) => events),
    scrapes: total(({ scrapes }) => scrapes),
  };
  for (const site of sites) {
    await site.close();
  }
  return result;
}

/** One window: microseconds for a message of the one that is watched, and of the other. */
async function measured({ next, other, duration, found }) {
  await Promise.all([next, other].map((site) => site.order('collect')));
  await sleep(SETTLE);
  const both = [
    { site: next, figures: found.watched },
    { site: other, figures: found.unwatched },
  ].map((one) => ({ ...one, meter: new Meter(one.site.context.pid, false, true) }));
  for (const { site, figures, meter } of both) {
    site.flow.measure(figures.latencies);
    meter.begin();
  }
  await sleep(duration * 1000);
  while (both.some(({ site }) => site.flow.measured === 0)) {
    await sleep(5); // a short time on a slow machine
  }
  await Promise.all(both.map(({ site }) => site.order('collect-young')));
  const [watchedCost, unwatchedCost] = both.map(({ site, figures, meter }) => {
    meter.end();
    const messages = site.flow.measured;
    site.flow.measure(undefined);
    figures.messages += messages;
    figures.seconds += meter.seconds;
    figures.cpu += meter.cpu;
    figures.ownCpu += meter.ownCpu;
    figures.rssWith = meter.rss;
    return meter.cpu / messages;
  });
  return { watched: watchedCost, unwatched: unwatchedCost };
}

function newFigures() {
  return { messages: 0, seconds: 0, cpu: 0, ownCpu: 0, rssWith: Number.NaN, latencies: new Latencies() };
}

function outcomeOf({ latencies, ...figures }) {
  return { ...figures, p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), max: latencies.max };
}

/** A gateway with its clients, and whoever looks at it. */
class Site {
  events = 0;
  scrapes = 0;
  #viewer;
  #control;

  constructor({ context, clients, flow, control }) {
    this.context = context;
    this.clients = clients;
    this.flow = flow;
    this.#control = control;
  }

  static async open(context, observer) {
    const clients = await connectedClients(context, context.clients);
    const topicIds = await forAll(clients, (client, n) => client.register(`${context.run}/${n}`));
    await observer.subscribe(`${context.run}/#`, 0);
    const templates = topicIds.map((topicId) => publishTemplate(topicId, 1));
    const control = connect(context.control);
    await once(control, 'connect');
    return new Site({ context, clients, flow: new SteadyFlow(clients, templates), control });
  }

  /** Resolves when the gateway has done it. */
  async order(what) {
    this.#control.write(what);
    await once(this.#control, 'data');
  }

  /** Its page is served, and somebody has it open. */
  async turnOn() {
    await this.order('on');
    this.#viewer = await PageViewer.open(this.context.page);
  }

  async turnOff() {
    this.#viewer.close();
    this.events += this.#viewer.events;
    this.scrapes += this.#viewer.scrapes;
    await this.order('off');
  }

  async close() {
    this.#control.destroy();
    await leave(this.context, this.clients);
  }
}
