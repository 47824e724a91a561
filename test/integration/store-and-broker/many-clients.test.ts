import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

const CLIENTS = 300;
const MAX_CONNECTING = 20;
/** How long the broker takes for CONNACK, in milliseconds: long enough that connections gather. */
const CONNACK_DELAY = 10;
const OWN_ID = 'mqtt-sn-gateway-1';

/** A broker that says CONNACK, slowly, and counts for how many clients that is due. */
class SlowBroker {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly accepted: string[] = [];
  connecting = 0;
  most = 0;

  constructor() {
    this.#server = createServer((socket) => this.#connected(socket));
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** All connections break at once. */
  breakAll(): void {
    for (const socket of this.#open) {
      socket.destroy();
    }
    this.accepted.length = 0;
    this.most = 0;
  }

  async close(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    socket.once('data', (data) => {
      // CONNECT: fixed header 2 octets, variable header 10, then the client id
      const length = data.readUInt16BE(12);
      const clientId = data.subarray(14, 14 + length).toString();
      const counts = clientId !== OWN_ID;
      if (counts) {
        this.connecting += 1;
      }
      this.most = Math.max(this.most, this.connecting);
      setTimeout(() => {
        if (counts) {
          this.connecting -= 1;
          this.accepted.push(clientId);
        }
        socket.write(Buffer.from('20020000', 'hex'));
      }, CONNACK_DELAY);
    });
  }
}

const brokers: SlowBroker[] = [];

afterEach(async () => {
  for (const broker of brokers.splice(0)) {
    await broker.close();
  }
});

it('three hundred clients whose broker broke all connections come back, never more than `upstream.maxConnecting` at a time (3.5 item 1)', async () => {
  const broker = new SlowBroker();
  brokers.push(broker);
  const port = await broker.listen();
  const gateway = await bench.gateway(`mqtt://127.0.0.1:${port}`, {
    settings: { upstream: { maxConnecting: MAX_CONNECTING } },
  });
  const sensors = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => bench.client(gateway, `client-${n}`)));
  expect(broker.most).toBeLessThanOrEqual(MAX_CONNECTING);
  expect(broker.most).toBeGreaterThan(MAX_CONNECTING / 2); // they did come at once

  broker.breakAll();
  await eventually('all clients', () => new Set(broker.accepted).size === CLIENTS);
  expect(broker.accepted).toHaveLength(CLIENTS);
  expect(broker.most).toBeLessThanOrEqual(MAX_CONNECTING);
  expect(broker.most).toBeGreaterThan(MAX_CONNECTING / 2);
  for (const sensor of sensors) {
    await sensor.exchange('02 16', '02 17');
  }
  expect(gateway.notesOf('client-disconnected')).toEqual([]);
});
