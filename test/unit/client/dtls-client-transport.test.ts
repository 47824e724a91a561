import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DtlsClientTransport } from '../../../src/client/dtls-client-transport.ts';
import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import type { Link } from '../../../src/ports/transport.ts';
import { SUITES } from '../../../src/transport/dtls/crypto/suites.ts';
import { DtlsServer } from '../../../src/transport/dtls/server/dtls-server.ts';
import { Collected, eventually } from '../../support/eventually.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

const IDENTITY = 'sensor-1';
const KEY = randomBytes(16);
/** A slow machine takes its time for a handshake, and what is in vain takes all of it. */
const RETRY = { retryInterval: 400, retryCount: 3 };

/** A server with a socket, that can forget all that it knows, as if it were started anew. */
class Server {
  readonly frames = new Collected<string>('frames at the server');
  readonly links: Link[] = [];
  associations = 0;
  /** It hears nothing. */
  isDeaf = false;
  readonly heard = new Collected<Uint8Array>('datagrams at the server');
  readonly #socket = createSocket('udp4');
  #server = this.#anew();
  /** What it answers to each frame. */
  answer: (frame: string) => string | undefined = () => undefined;

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    this.#socket.on('message', (datagram, { address, port }) => {
      this.heard.add(datagram);
      if (this.isDeaf) {
        return;
      }
      this.#server.receive(
        datagram,
        { key: `${port}`, host: address, address: `${address}:${port}` },
        performance.now(),
      );
    });
    return this.#socket.address().port;
  }

  forget(): void {
    this.#server = this.#anew();
  }

  /** Ends all associations, and says so. */
  end(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #anew(): DtlsServer {
    const server: DtlsServer = new DtlsServer(
      {
        ...{ transport: 'dtls', suites: SUITES.map(({ name }) => name), keys: new Map([[IDENTITY, KEY]]) },
        ...{ idle: 3_600_000, maxAssociations: 10, maxHandshakes: 10, messageOf: () => undefined, random: randomBytes },
      },
      {
        transmit: (datagram, key) => this.#socket.send(datagram, Number(key), '127.0.0.1'),
        received: (link, _peer, frame) => {
          this.links.push(link);
          const text = hexOf(frame);
          this.frames.add(text);
          const answer = this.answer(text);
          if (answer !== undefined) {
            server.send(link, octetsOf(answer));
          }
        },
        note: ({ type }) => {
          this.associations += type === 'association-opened' ? 1 : 0;
        },
      },
    );
    return server;
  }
}

let server: Server;
let port: number;
let transport: DtlsClientTransport;

beforeEach(async () => {
  server = new Server();
  port = await server.open();
  transport = new DtlsClientTransport({ host: '127.0.0.1', port, identity: IDENTITY, key: KEY });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('the DTLS transport of a client', () => {
  it('shakes hands once, however often it is opened', async () => {
    await transport.open();
    await Promise.all([transport.open(), transport.open()]);
    transport.send(octetsOf('02 16'));
    await server.frames.nth(1);
    expect(server.associations).toBe(1);
  });

  it('shakes hands anew when it is opened again behind its end', async () => {
    await transport.open();
    await transport.close();
    await transport.open();
    transport.send(octetsOf('02 16'));
    await server.frames.nth(1);
    expect(server.associations).toBe(2);
  });

  it('shakes hands anew for the next frame where the gateway has ended the association, and loses no frame by that', async () => {
    const errors = new Collected<Error>('errors');
    transport.onError((error) => errors.add(error));
    await transport.open();
    server.end();
    expect((await errors.nth(1)).message).toMatch(/has closed the DTLS association/);
    transport.send(octetsOf('02 16'));
    transport.send(octetsOf('02 18'));
    await server.frames.nth(2);
    expect(server.frames.items).toEqual(['02 16', '02 18']);
    expect(server.associations).toBe(2);
  });

  it('ends the wait for the gateway when it is closed, before the socket is there and behind that', async () => {
    const early = transport.open();
    await transport.close();
    await expect(early).rejects.toThrow(/was closed/);
    server.isDeaf = true;
    const late = transport.open();
    await server.heard.nth(1);
    await transport.close();
    await expect(late).rejects.toThrow(/was closed/);
  });
});

describe('a client over DTLS whose gateway was started anew and knows its association no more', () => {
  it('shakes hands anew when its retransmissions were in vain', async () => {
    server.answer = (frame) => (frame.includes(' 04 ') ? '03 05 00' : '02 17');
    const client = new MqttSnClient({ transport, clientId: 's', keepAlive: 0, ...RETRY });
    await client.connect();
    await client.ping();
    server.forget();
    await expect(client.ping()).rejects.toThrow(/no answer to PINGREQ/);
    expect(client.state).toBe('lost');
    expect(server.associations).toBe(1);
    await client.connect();
    expect(server.associations).toBe(2);
    await client.close();
  });

  it('does so asleep as well: the next time that it wakes up it is heard', async () => {
    server.answer = (frame) => {
      const type = frame.slice(3, 5);
      return type === '04' ? '03 05 00' : type === '18' ? '02 18' : '02 17';
    };
    const client = new MqttSnClient({ transport, clientId: 's', keepAlive: 0, ...RETRY });
    await client.connect();
    await client.sleep(60);
    await client.wake();
    server.forget();
    await expect(client.wake()).rejects.toThrow(/no answer/);
    expect(server.associations).toBe(1);
    // A slow machine takes longer to shake hands than the client waits for an answer.
    await eventually('a wake-up that is answered', () => client.wake().then(() => true));
    expect(server.associations).toBeGreaterThan(1);
    await client.close();
  });
});
