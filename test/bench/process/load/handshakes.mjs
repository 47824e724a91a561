import { performance } from 'node:perf_hooks';
import { forAll } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { SnClient } from './sn-client.mjs';
import { CONNACK, connectFrame } from './sn-frames.mjs';

/** Handshakes at a time, and those before any count. */
const AT_A_TIME = 50;
const WARM_UP = 200;

/**
 * Clients shake hands and send CONNECT; over plain UDP they only send CONNECT. They leave without a word of MQTT-SN: the time is that until CONNACK.
 */
export async function handshakes(context) {
  const { clients: count, target, secure, run } = context;
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  const clients = [];
  const connected = async (n) => {
    const start = performance.now();
    const id = `${run}-${n}`;
    const client = await (secure === undefined ? SnClient.overUdp(id, target) : SnClient.overDtls(id, secure));
    await client.request(connectFrame(id, true), CONNACK);
    latencies.add(performance.now() - start);
    clients.push(client);
  };
  const numbers = (from, to) => Array.from({ length: to - from }, (_, n) => from + n);
  const warm = Math.min(WARM_UP, count);
  await forAll(numbers(0, warm), connected, AT_A_TIME);
  meter.begin();
  await forAll(numbers(warm, warm + count), connected, AT_A_TIME);
  meter.end();
  await forAll(clients, (client) => client.disconnect());
  for (const client of clients) {
    client.close();
  }
  return outcome(meter, latencies, { messages: count, lost: 0 });
}
