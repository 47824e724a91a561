import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { forAll, leave, openClients, openNodes } from './crowd.mjs';
import { Latencies } from './latencies.mjs';
import { Meter, rssOf } from './meter.mjs';
import { outcome } from './outcome.mjs';

const ASLEEP = 60_000;
const AT_A_TIME = 100;

/**
 * As many clients as there is room for, each with one subscription: connected, or with `asleep` persistent and asleep. The time is that for CONNECT
 * and SUBSCRIBE. With `behind` so many share a forwarder, and its socket. With `stays` they are left as they are, for a gateway that starts with their sessions.
 */
export async function capacity(context) {
  const { run, rest, behind, asleep = false, stays = false } = context;
  const latencies = new Latencies();
  const meter = new Meter(context.pid, context.eventLoop);
  meter.begin();
  const clients =
    behind === undefined
      ? await openClients(context, context.clients)
      : await openNodes(context, context.clients, behind);
  await forAll(
    clients,
    async (client, n) => {
      const start = performance.now();
      await client.connect({ clean: !asleep });
      await client.subscribe(`${run}/${n}`, 1);
      latencies.add(performance.now() - start);
      if (asleep) {
        await client.sleep(ASLEEP);
      }
    },
    AT_A_TIME,
  );
  meter.end();
  await sleep(rest * 1000); // what was needed for connecting may go
  const repeated = clients.reduce((sum, client) => sum + client.repeated, 0);
  const result = outcome(meter, latencies, { messages: clients.length, lost: 0, repeated });
  const settled = { ...result, rssWith: rssOf(context.pid) };
  if (stays) {
    for (const client of clients) {
      client.close();
    }
  } else {
    await leave({ ...context, persistent: asleep }, clients);
  }
  return settled;
}
