import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import {
  PAYLOAD_OCTETS,
  PINGRESP,
  PUBLISH,
  payloadOf,
  pingReqFrame,
  pubAckFor,
  REGISTER,
  regAckFor,
} from './sn-frames.mjs';

const ASLEEP = 3_600;
/** How long messages get to reach the sessions of sleepers, in milliseconds. */
const ARRIVE = 500;

/**
 * Sleeping persistent clients, each with some QoS 1 messages that wait, all send PINGREQ at once. The time of a client is that until its PINGRESP; the
 * longest is that of the storm.
 */
export async function wakeUpStorm(context) {
  const { run, broker, rounds, each } = context;
  const sleepers = { ...context, persistent: true };
  const clients = await connectedClients(sleepers, context.clients);
  await forAll(clients, (client, n) => client.subscribe(`${run}/${n}`, 1));
  await forAll(clients, (client) => client.sleep(ASLEEP));
  const publisher = await BrokerClient.connect(broker, `${run}-publisher`);
  const received = clients.map(() => new Set());
  let twice = 0;
  clients.forEach((client, n) => {
    client.heard = (frame) => {
      if (frame[1] === REGISTER) {
        client.send(regAckFor(frame));
      } else if (frame[1] === PUBLISH) {
        client.send(pubAckFor(frame));
        const number = frame.readUInt32BE(frame.length - PAYLOAD_OCTETS + 4);
        twice += received[n].has(number) ? 1 : 0;
        received[n].add(number);
      }
    };
  });
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    for (let m = 0; m < each; m++) {
      number++;
      for (let n = 0; n < clients.length; n++) {
        publisher.publish(`${run}/${n}`, payloadOf(n, number), 1);
      }
      await publisher.settle();
    }
    await sleep(ARRIVE);
    meter.begin();
    const start = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        await client.request(pingReqFrame(client.id), PINGRESP);
        latencies.add(performance.now() - start);
      }),
    );
    meter.end();
  }
  const messages = received.reduce((sum, numbers) => sum + numbers.size, 0);
  const repeated = clients.reduce((sum, client) => sum + client.repeated, 0);
  const lost = clients.length * number - messages;
  const result = outcome(meter, latencies, { messages, lost, repeated, twice });
  publisher.close();
  await leave(sleepers, clients);
  return result;
}
