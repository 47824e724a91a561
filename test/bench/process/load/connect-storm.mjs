import { performance } from 'node:perf_hooks';
import { forAll, leave, openClients } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';

/** Clients that connect before any count. */
const WARM_UP = 200;

/** All clients send CONNECT at once, as after a power failure; the next time when all have left. */
export async function connectStorm(context) {
  const { rounds } = context;
  const clients = await openClients(context, context.clients);
  const warm = clients.slice(0, WARM_UP);
  await forAll(warm, (client) => client.connect());
  await forAll(warm, (client) => client.disconnect());
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  for (let round = 0; round < rounds; round++) {
    meter.begin();
    const start = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        await client.connect();
        latencies.add(performance.now() - start);
      }),
    );
    meter.end();
    if (round < rounds - 1) {
      await forAll(clients, (client) => client.disconnect());
    }
  }
  const repeated = clients.reduce((sum, client) => sum + client.repeated, 0);
  const result = outcome(meter, latencies, { messages: rounds * clients.length, lost: 0, repeated });
  await leave(context, clients);
  return result;
}
