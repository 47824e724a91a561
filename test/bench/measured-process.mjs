/**
 * A process that measures one build, for `measured-build.mjs`. Arguments: the checkout, and how many clients. It says at first how much heap
 * each of them takes, and then answers each request for a measurement with nanoseconds of processor time.
 */
import { Crowd } from './crowd.mjs';
import { loadBuild } from './load-build.mjs';
import { waysThrough } from './measurements.mjs';

process.on('disconnect', () => process.exit());
try {
  const [directory, clients] = process.argv.slice(2);
  const { decode, makeCore } = await loadBuild(directory);
  const size = Number(clients);
  const before = heapUsed();
  const crowd = new Crowd(makeCore(size), size);
  const heapPerClient = (heapUsed() - before) / size;
  const ways = waysThrough(decode, crowd);
  process.on('message', (request) => answer(() => measure(ways, request)));
  process.send({ heapPerClient });
} catch (error) {
  process.send({ error: error.message });
}

function heapUsed() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function answer(work) {
  try {
    process.send(work());
  } catch (error) {
    process.send({ error: error.message });
  }
}

/** Processor time: what other programs take does not count. */
function measure(ways, { name, messages }) {
  const way = ways.get(name);
  const start = process.cpuUsage();
  const arrived = way(messages);
  const { user, system } = process.cpuUsage(start);
  if (arrived !== messages) {
    throw new Error(`${name}: of ${messages} messages ${arrived} came to their end`);
  }
  return { nanoseconds: (user + system) * 1000 };
}
