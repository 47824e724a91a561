/**
 * Memory of DTLS associations alone, behind a garbage collection: `node --expose-gc association-memory.mjs BUILD COUNT` prints octets for each. Each client
 * has shaken hands and has said something, with a connection id and an identity of its own, and AES-GCM, which keeps most.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [build = '.', count = '1000'] = process.argv.slice(2);
const dtls = (file) => import(pathToFileURL(join(build, 'dist/transport/dtls', file)).href);
const [{ DtlsServer }, { DtlsClient }] = await Promise.all(
  ['server/dtls-server.js', 'client/dtls-client.js'].map(dtls),
);

const keys = new Map(Array.from({ length: Number(count) }, (_, n) => [`sensor-${n}`, randomBytes(16)]));
let heard = 0;
let down = [];
const server = new DtlsServer(
  {
    ...{ transport: 'dtls', suites: ['TLS_PSK_WITH_AES_128_GCM_SHA256'], keys, random: randomBytes },
    ...{ idle: 86_400_000, maxAssociations: 1_000_000, maxHandshakes: 1_000, messageOf: () => undefined },
  },
  {
    transmit: (datagram) => down.push(datagram),
    received: () => heard++,
    note: () => undefined,
  },
);

const before = used();
for (const [identity, key] of keys) {
  let up = [];
  const client = new DtlsClient(
    { identity, key, random: randomBytes },
    {
      transmit: (datagram) => up.push(datagram),
      connected: () => client.send(Buffer.from('hello')),
      received: () => undefined,
      ended: () => undefined,
    },
  );
  client.start(0);
  while (up.length > 0) {
    const [datagrams, address] = [up, `dtls:192.0.2.7:${identity}`];
    up = [];
    for (const datagram of datagrams) {
      server.receive(Uint8Array.from(datagram), { key: address, host: '192.0.2.7', address }, 0);
    }
    const answers = down;
    down = [];
    for (const answer of answers) {
      client.receive(answer, 0);
    }
  }
}
const octets = (used() - before) / keys.size;
if (heard !== keys.size || server.sizes.associations !== keys.size) {
  throw new Error(`only ${heard} of ${keys.size} clients were heard`);
}
console.log(JSON.stringify({ count: keys.size, octets }));

function used() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
