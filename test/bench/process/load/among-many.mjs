import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { forAll, leave, openNodes } from './crowd.mjs';
import { Flow } from './flow.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { fillPublish, PUBACK, publishTemplate } from './sn-frames.mjs';

/** How long the last messages may take from the acknowledgement to the observer, in milliseconds. */
const SETTLE = 500;

/** So many windows have the length of a whole measurement: what the machine does meanwhile spoils some of them, and the median does not see those. */
const WINDOWS = 5;
/** So many there are while all are connected, of each kind: a collection of the whole heap comes every few seconds. */
const MORE_WINDOWS = 10;

/**
 * What one message takes where there are many clients, and where there are few, in one and the same gateway. Behind each of `senders` forwarders one
 * message is under way at any time (QoS 1, stop-and-wait). At first, and again at the end, one client is behind each (`before`, `after`). In between all are
 * connected: by turns the first ones publish as before, and the others are merely there (`beside`), or the clients behind each forwarder take turns, so that
 * the next message of a client comes when all others have had theirs, and finds nothing of its client in the caches. Links and what is under way are always
 * the same: else another number of messages would share a turn of the event loop. Each client has a topic that it publishes to, and one that it has
 * subscribed to.
 */
export async function amongMany(context) {
  const { run, broker, senders, rest, duration } = context;
  const behind = Math.ceil(context.clients / senders);
  const clients = await openNodes(context, senders * behind, behind);
  const [firsts, others] = [true, false].map((first) => clients.filter((_, n) => (n % behind === 0) === first));
  const site = new Site(clients, behind);
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  observer.heard = (_topic, payload) => site.arrives(payload);
  await observer.subscribe(`${run}/up/#`, 0);
  const enter = (entering) =>
    forAll(entering, async (client) => {
      await client.connect();
      site.publishesTo(await client.register(`${run}/up/${client.id}`));
      await client.subscribe(`${run}/down/${client.id}`, 1);
    });
  const { warmUp, warmMessages } = context;
  const warm = { warmUp, warmMessages, duration: 0 };
  const window = { warmUp: warmUp / WINDOWS, warmMessages: 0, duration: duration / WINDOWS };
  /** Windows of so many clients behind each forwarder, the kinds by turns. */
  const windowsOf = async (count, kinds) => {
    const found = kinds.map(() => []);
    for (let n = 0; n < count; n++) {
      for (const [kind, nodes] of kinds.entries()) {
        found[kind].push(await site.publish(nodes, context, window));
      }
    }
    return found.map(together);
  };

  await enter(firsts);
  await site.publish(1, context, warm);
  const [before] = await windowsOf(WINDOWS, [1]);
  await enter(others);
  await sleep(rest * 1000); // what was needed for connecting may go
  await site.publish(behind, context, { ...warm, warmMessages: clients.length }); // each of them has published once before it counts
  const [beside, byTurns] = await windowsOf(MORE_WINDOWS, [1, behind]);
  await leave(context, others);
  await sleep(rest * 1000);
  await site.publish(1, context, warm);
  const [after] = await windowsOf(WINDOWS, [1]);

  await observer.settle();
  const { begun, twice } = site;
  await sleep(site.arrived < begun ? SETTLE : 0);
  const lost = begun - site.arrived;
  observer.close();
  await leave(context, firsts);
  const repeated = clients.reduce((sum, client) => sum + client.repeated, site.repeated);
  return { ...byTurns, lost, repeated, twice, before, beside, after };
}

/** Some windows as one, with what a message took in each of them: microseconds, and the median of the times. */
function together(windows) {
  const total = (name) => windows.reduce((sum, { figures }) => sum + figures[name], 0);
  const latencies = new Latencies();
  for (const one of windows) {
    latencies.include(one.latencies);
  }
  return {
    ...{ messages: total('messages'), seconds: total('seconds'), cpu: total('cpu'), ownCpu: total('ownCpu') },
    rssWith: windows.at(-1).figures.rssWith,
    ...{ p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), max: latencies.max },
    windows: windows.map(({ figures: { cpu, messages, p50 } }) => ({ cpu: cpu / messages, p50 })),
  };
}

/** Clients behind forwarders; each forwarder is a slot of a flow. */
class Site {
  begun = 0;
  repeated = 0;
  /** Messages that the broker had, and those that it had again. */
  arrived = 0;
  twice = 0;
  #clients;
  #behind;
  #template;
  /** Of each slot: the number of its last message, and of the last one that the broker had. They go on from window to window, so that no MsgId comes again. */
  #numbers;
  #seen;
  #ended = () => undefined;

  constructor(clients, behind) {
    this.#clients = clients;
    this.#behind = behind;
    this.#numbers = new Float64Array(clients.length / behind);
    this.#seen = new Float64Array(clients.length / behind);
    for (let slot = 0; slot < this.#numbers.length; slot++) {
      const heard = (frame) => this.#heard(slot, frame);
      for (const client of clients.slice(slot * behind, (slot + 1) * behind)) {
        client.heard = heard;
      }
    }
  }

  /** Each has one topic of its own to publish to, so its id is the same for all. */
  publishesTo(topicId) {
    this.#template ??= publishTemplate(topicId, 1);
    if (this.#template.readUInt16BE(3) !== topicId) {
      throw new Error(`topic id ${topicId} for the first topic of a client`);
    }
  }

  /** The first `nodes` behind each forwarder publish by turns; after a warm-up it is measured. */
  async publish(nodes, { pid, eventLoop }, times) {
    const send = (slot, dup) => {
      const number = this.#numbers[slot];
      const client = this.#clients[slot * this.#behind + (number % nodes)];
      client.send(fillPublish(this.#template, msgIdOf(number), slot, number, dup));
    };
    const flow = new Flow({
      slots: this.#numbers.length,
      begin: (slot) => {
        this.#numbers[slot]++;
        send(slot, false);
      },
      again: (slot) => send(slot, true),
    });
    this.#ended = (slot) => flow.end(slot, flow.generationOf(slot));
    const meter = new Meter(pid, eventLoop, true);
    await flow.run(meter, times);
    this.begun += flow.begun;
    this.repeated += flow.repeated;
    const { latencies, measured: messages, lost } = flow;
    return { figures: outcome(meter, latencies, { messages, lost }), latencies };
  }

  /** The broker has had a message. */
  arrives(payload) {
    const slot = payload.readUInt32BE(0);
    const number = payload.readUInt32BE(4);
    if (number > this.#seen[slot]) {
      this.#seen[slot] = number;
      this.arrived++;
    } else {
      this.twice++;
    }
  }

  #heard(slot, frame) {
    if (frame[1] !== PUBACK) {
      return;
    }
    if (frame[6] !== 0) {
      throw new Error(`a PUBLISH was refused with return code ${frame[6]}`);
    }
    if (frame.readUInt16BE(4) === msgIdOf(this.#numbers[slot])) {
      this.#ended(slot);
    }
  }
}

function msgIdOf(number) {
  return ((number - 1) % 0xffff) + 1;
}
