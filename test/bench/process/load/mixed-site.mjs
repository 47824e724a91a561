import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import {
  fillPublish,
  PAYLOAD_OCTETS,
  PINGRESP,
  PUBACK,
  PUBLISH,
  payloadOf,
  pingReqFrame,
  pubAckFor,
  publishTemplate,
  REGISTER,
  regAckFor,
} from './sn-frames.mjs';

const ASLEEP = 3_600;
/** Of ten clients nine sleep. */
const AWAKE_EVERY = 10;
/** A command for one client after so many publishes of the site. */
const COMMAND_EVERY = 10;

/**
 * A site of persistent clients that publish once a minute with QoS 1. One in ten stays awake; the others connect, publish and sleep
 * again. `minute`: how many seconds one takes here. Each tenth publish is followed by a QoS 1 command for some client, which a sleeper gets when it is awake next. The time is that from
 * CONNECT, or from PUBLISH of a client that is awake, to PUBACK. What one message costs has its share of everything in it.
 */
export async function mixedSite(context) {
  const { run, broker, warmUp, duration, minute } = context;
  const site = { ...context, persistent: true };
  const clients = await connectedClients(site, context.clients);
  const topicIds = await forAll(clients, (client, n) => client.register(`${run}/up/${n}`));
  await forAll(clients, (client, n) => client.subscribe(`${run}/down/${n}`, 1));
  const observer = await BrokerClient.connect(broker, `${run}-observer`);
  const arrivals = new Set();
  let twice = 0;
  observer.heard = (topic, payload) => {
    const key = `${topic} ${payload.readUInt32BE(4)}`;
    twice += arrivals.has(key) ? 1 : 0;
    arrivals.add(key);
  };
  await observer.subscribe(`${run}/up/#`, 0);
  const commands = new Set();
  let delivered = 0;
  clients.forEach((client, n) => {
    client.heard = (frame) => {
      if (frame[1] === REGISTER) {
        client.send(regAckFor(frame));
      } else if (frame[1] === PUBLISH) {
        client.send(pubAckFor(frame));
        delivered += commands.delete(`${n} ${frame.readUInt32BE(frame.length - PAYLOAD_OCTETS + 4)}`) ? 1 : 0;
      }
    };
  });
  const isAwake = (n) => n % AWAKE_EVERY === 0;
  await forAll(clients, async (client, n) => (isAwake(n) ? undefined : client.sleep(ASLEEP)));

  const templates = topicIds.map((topicId) => publishTemplate(topicId, 1));
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  const busy = new Set();
  let published = 0;
  let measured = 0;
  let measuring = false;
  let late = 0;
  const speak = async (n) => {
    const client = clients[n];
    const start = performance.now();
    if (!isAwake(n)) {
      await client.connect({ clean: false });
    }
    published++;
    await client.request(fillPublish(templates[n], ((published - 1) % 0xffff) + 1, n, published), PUBACK);
    if (measuring) {
      measured++;
      latencies.add(performance.now() - start);
    }
    if (!isAwake(n)) {
      await client.sleep(ASLEEP);
    }
  };
  const start = performance.now();
  const pace = clients.length / minute / 1000;
  let begun = 0;
  const runFor = async (seconds) => {
    for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(2)) {
      for (; begun < (performance.now() - start) * pace; begun++) {
        const n = (begun * 7) % clients.length;
        if (busy.has(n)) {
          late++; // it has not come to sleep since its last message
          continue;
        }
        busy.add(n);
        speak(n).then(
          () => busy.delete(n),
          (error) => {
            failure ??= error;
          },
        );
        if (begun % COMMAND_EVERY === 0) {
          const whom = (begun * 13) % clients.length;
          commands.add(`${whom} ${begun}`);
          observer.publish(`${run}/down/${whom}`, payloadOf(whom, begun), 1);
        }
      }
    }
  };
  let failure;
  await runFor(warmUp);
  measuring = true;
  meter.begin();
  await runFor(duration);
  for (let more = 0; measured === 0 && more < 100; more++) {
    await runFor(0.1); // a short time on a slow machine
  }
  meter.end();
  measuring = false;
  while (busy.size > 0 && failure === undefined) {
    await sleep(20);
  }
  if (failure !== undefined) {
    throw failure;
  }
  await observer.settle();
  await forAll(clients, async (client, n) =>
    isAwake(n) ? undefined : client.request(pingReqFrame(client.id), PINGRESP),
  );
  await sleep(100);
  const repeated = clients.reduce((sum, client) => sum + client.repeated, 0);
  const lost = published - arrivals.size + commands.size;
  const result = outcome(meter, latencies, { messages: measured, lost, repeated, twice });
  observer.close();
  await leave(site, clients);
  return { ...result, commands: delivered, late };
}
