import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { publishTemplate } from './sn-frames.mjs';
import { SteadyFlow } from './steady-flow.mjs';

/** How long the last messages may take to the observer, in milliseconds. */
const SETTLE = 500;

/** How often messages begin, in milliseconds: one or two at a time. */
const TICK = 1;

/**
 * Clients publish with QoS 1, so many messages in a second over all of them, and each by itself, as those of sensors come: a burst would be spread out by what
 * a client takes for one message, and how many of them find the broker awake is a good part of what a message costs.
 */
export async function steady(context) {
  const { run, broker, rate, warmUp, warmMessages, duration } = context;
  const clients = await connectedClients(context, context.clients);
  const topicIds = await forAll(clients, (client, n) => client.register(`${run}/${n}`));
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  await observer.subscribe(`${run}/#`, 0);
  const templates = topicIds.map((topicId) => publishTemplate(topicId, 1));
  const flow = new SteadyFlow(clients, templates);
  observer.heard = (_topic, payload) => flow.arrives(payload);
  const end = SteadyFlow.pace([flow], rate, TICK);
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  await sleep(warmUp * 1000 + (warmMessages / rate) * 1000);
  flow.measure(latencies);
  meter.begin();
  await sleep(duration * 1000);
  while (flow.measured === 0) {
    await sleep(5); // a short time on a slow machine
  }
  meter.end();
  const messages = flow.measured;
  flow.measure(undefined);
  end();
  await flow.drained();
  await sleep(SETTLE);
  observer.close();
  const { begun, arrived, repeated, twice } = flow;
  await leave(context, clients);
  return outcome(meter, latencies, { messages, lost: begun - arrived, repeated, twice });
}
