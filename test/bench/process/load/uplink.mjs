import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Flow } from './flow.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { fillPublish, PUBACK, PUBCOMP, PUBREC, PUBREL, publishTemplate, shortAnswer } from './sn-frames.mjs';

/** How long the last messages may take from the acknowledgement to the observer, in milliseconds. */
const SETTLE = 500;

/**
 * Clients publish. QoS 0: `window` messages are under way over all of them, and one is through when the observer at the broker has it. QoS 1
 * and 2: one for each client, stop-and-wait, and it is through with PUBACK or PUBCOMP; the observer counts whether it arrived, and how often.
 */
export async function uplink(context) {
  const { qos, run } = context;
  const clients = await connectedClients(context, context.clients);
  const flow = await uplinkFlow(context, clients);
  const meter = new Meter(context.pid, context.eventLoop);
  await flow.run(meter, context);
  await flow.settled();
  const { latencies, measured: messages, repeated } = flow;
  const lost = qos === 0 ? flow.lost : flow.begun - flow.arrived();
  const result = outcome(meter, latencies, { messages, lost, repeated, twice: flow.twice() });
  flow.close();
  await leave(context, clients);
  return { ...result, run };
}

/** The flow of clients that are connected already, with what the observer saw beside it. */
export async function uplinkFlow({ qos, window, run, broker }, clients) {
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  await observer.subscribe(`${run}/#`, 0);
  const topicIds = await forAll(clients, (client, n) => client.register(`${run}/${n}`));
  const templates = topicIds.map((topicId) => publishTemplate(topicId, qos));
  const slots = qos === 0 ? window : clients.length;
  const msgIdOf = (generation) => (qos === 0 ? 0 : ((generation - 1) % 0xffff) + 1);
  const publish = (slot, generation, dup) => {
    const n = slot % clients.length;
    clients[n].send(fillPublish(templates[n], msgIdOf(generation), slot, generation, dup));
  };
  const seen = new Float64Array(slots);
  let arrived = 0;
  let twice = 0;
  const flow = new Flow({
    slots,
    begin: (slot, generation) => publish(slot, generation, false),
    ...(qos > 0 && { again: (slot, generation) => publish(slot, generation, true) }),
  });
  observer.heard = (_topic, payload) => {
    const slot = payload.readUInt32BE(0);
    const generation = payload.readUInt32BE(4);
    if (generation <= seen[slot]) {
      twice++;
      return;
    }
    seen[slot] = generation;
    arrived++;
    if (qos === 0) {
      flow.end(slot, generation);
    }
  };
  clients.forEach((client, n) => {
    client.heard = (frame) => {
      const type = frame[1];
      if (type === PUBACK && qos === 1) {
        endOf(n, frame.readUInt16BE(4), frame[6]);
      } else if (type === PUBREC) {
        client.send(shortAnswer(PUBREL, frame, 2));
      } else if (type === PUBCOMP) {
        endOf(n, frame.readUInt16BE(2), 0);
      }
    };
  });
  function endOf(slot, msgId, returnCode) {
    if (returnCode !== 0) {
      throw new Error(`a PUBLISH was refused with return code ${returnCode}`);
    }
    const generation = flow.generationOf(slot);
    if (msgIdOf(generation) === msgId) {
      flow.end(slot, generation);
    }
  }
  return Object.assign(flow, {
    arrived: () => arrived,
    twice: () => twice,
    async settled() {
      await observer.settle();
      await sleep(arrived < flow.begun ? SETTLE : 0);
    },
    close: () => observer.close(),
  });
}
