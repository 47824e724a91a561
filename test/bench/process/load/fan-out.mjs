import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { PAYLOAD_OCTETS, PUBLISH, payloadOf, pubAckFor } from './sn-frames.mjs';

/** Messages before any counts. */
const WARM_UP = 10;
const PATIENCE = 10_000;

/** One message to all: its time is that until the last client has it. A message counts once for each client. */
export async function fanOut(context) {
  const { qos, run, broker, rounds } = context;
  const clients = await connectedClients(context, context.clients);
  const topic = `${run}/all`;
  await forAll(clients, (client) => client.subscribe(topic, qos));
  const publisher = await BrokerClient.connect(broker, `${run}-publisher`);
  let current = 0;
  let missing = 0;
  let twice = 0;
  let allHere = () => undefined;
  for (const client of clients) {
    let last = 0;
    client.heard = (frame) => {
      if (frame[1] !== PUBLISH) {
        return;
      }
      if (qos > 0) {
        client.send(pubAckFor(frame));
      }
      const number = frame.readUInt32BE(frame.length - PAYLOAD_OCTETS + 4);
      if (number !== current || number === last) {
        twice++;
        return;
      }
      last = number;
      missing--;
      if (missing === 0) {
        allHere();
      }
    };
  }
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  let lost = 0;
  for (let round = 1 - WARM_UP; round <= rounds; round++) {
    current++;
    missing = clients.length;
    const done = new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      allHere = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (round === 1) {
      meter.begin();
    }
    const start = performance.now();
    publisher.publish(topic, payloadOf(0, current), qos);
    await done;
    if (round > 0) {
      latencies.add(performance.now() - start);
      lost += missing;
    }
    await sleep(20); // the acknowledgements
  }
  meter.end();
  const result = outcome(meter, latencies, { messages: rounds * clients.length - lost, lost, twice });
  publisher.close();
  await leave(context, clients);
  return result;
}
