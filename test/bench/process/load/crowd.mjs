import { SnClient } from './sn-client.mjs';

/** How many clients connect, subscribe, … at a time where that is not what is measured. */
const AT_A_TIME = 100;

/** Does something for each of them, some at a time; what comes of it, in their order. */
export async function forAll(items, work, atATime = AT_A_TIME) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const n = next++;
      results[n] = await work(items[n], n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return results;
}

/** Sockets of so many clients; their client ids begin with the name of the run, so that no run meets the clients of another one. */
export function openClients({ target, run }, count, from = 0) {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  return forAll(numbers, (n) => SnClient.overUdp(`${run}-${n}`, target));
}

/** Clients that are connected. */
export async function connectedClients(context, count) {
  const clients = await openClients(context, count);
  await forAll(clients, (client) => client.connect({ clean: context.persistent !== true }));
  return clients;
}

/** All leave; persistent ones with a clean connect before, so that nothing of them stays. */
export async function leave(context, clients) {
  await forAll(clients, async (client) => {
    client.heard = () => undefined;
    if (context.persistent === true) {
      await client.connect({ clean: true });
    }
    await client.disconnect();
    client.close();
  });
}
