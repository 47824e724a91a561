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
export function openClients({ target, secure, run }, count) {
  const numbers = Array.from({ length: count }, (_, n) => n);
  return forAll(numbers, (n) =>
    secure === undefined ? SnClient.overUdp(`${run}-${n}`, target) : SnClient.overDtls(`${run}-${n}`, secure),
  );
}

/** The same behind forwarders, `each` of them behind one. */
export async function openNodes({ target, run }, count, each) {
  const forwarders = Array.from({ length: Math.ceil(count / each) }, (_, n) => n);
  const nodes = await forAll(forwarders, (n) => {
    const ids = Array.from({ length: Math.min(each, count - n * each) }, (_, node) => `${run}-${n}-${node}`);
    return SnClient.behindForwarder(ids, target);
  });
  return nodes.flat();
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
