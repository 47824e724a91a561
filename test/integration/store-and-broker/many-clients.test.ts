import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

const CLIENTS = 300;
const MAX_CONNECTING = 20;
/** How long the broker looks out for one connection too many, in milliseconds, before it says CONNACK. */
const LOOK_OUT = 20;
const OWN_ID = /^mqtt-sn-gw-1-[0-9a-f]{6}$/;
const CONNACK = Buffer.from('20020000', 'hex');

/** A broker that lets as many clients wait for CONNACK as there should be at a time, looks out for more, and then answers all of them. */
class SlowBroker {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly accepted: string[] = [];
  /** Who waits for CONNACK. */
  readonly #waiting = new Map<Socket, string>();
  /** How many waited at most. */
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
    this.#waiting.clear();
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
      if (OWN_ID.test(clientId)) {
        socket.write(CONNACK);
        return;
      }
      this.#waiting.set(socket, clientId);
      this.most = Math.max(this.most, this.#waiting.size);
      if (this.#waiting.size === Math.min(MAX_CONNECTING, CLIENTS - this.accepted.length)) {
        setTimeout(() => this.#accept(), LOOK_OUT);
      }
    });
  }

  #accept(): void {
    for (const [socket, clientId] of this.#waiting) {
      this.accepted.push(clientId);
      socket.write(CONNACK);
    }
    this.#waiting.clear();
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
  const sensors: RawSensor[] = [];
  while (sensors.length < CLIENTS) {
    // Not all of their datagrams at once: some 277 small ones fit into the buffer of a socket.
    const group = Array.from({ length: 100 }, (_, n) => bench.client(gateway, `client-${sensors.length + n}`));
    sensors.push(...(await Promise.all(group)));
  }
  expect(broker.most).toBe(MAX_CONNECTING); // they did come at once

  broker.breakAll();
  await eventually('all clients', () => new Set(broker.accepted).size === CLIENTS);
  expect(broker.accepted).toHaveLength(CLIENTS);
  expect(broker.most).toBe(MAX_CONNECTING);
  for (const sensor of sensors) {
    await sensor.exchange('02 16', '02 17');
  }
  expect(gateway.notesOf('client-disconnected')).toEqual([]);
});
