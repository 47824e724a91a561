import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { History } from './history.ts';
import { Twin } from './twin.ts';

const CONNACK_NEW = '20020000';
const CONNACK_PRESENT = '20020100';
const PUBLISH_X = '340600017400' + '0178'; // t, QoS 2, packet id 1
const PUBREC = '50020001';
const PUBREL = '62020001';
const PUBCOMP = '70020001';

let broker: Server;
let port: number;
/** What clients have sent, all connections behind each other. */
let heard: string;
/** What the broker says to each CONNECT. */
const said: string[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  heard = '';
  port = await freePort();
  broker = createServer((socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(Buffer.from(said.shift() ?? '', 'hex')));
    socket.on('data', (octets) => {
      heard += octets.toString('hex');
    });
  });
  await new Promise<void>((resolve) => broker.listen(port, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  said.length = 0;
  await new Promise((resolve) => broker.close(resolve));
});

describe('a twin', () => {
  it.each([
    [false, ['x']],
    [true, []],
  ])('that goes between PUBREC and PUBREL and comes again (clean: %s) has the message', async (clean, expected) => {
    const got: string[] = [];
    const twin = new Twin({
      ...{ clientId: 'twin', url: `mqtt://127.0.0.1:${port}`, prefix: '', history: new History(0) },
      onArrival: ({ payload }) => got.push(payload),
    });
    said.push(CONNACK_NEW + PUBLISH_X, CONNACK_PRESENT + PUBREL);
    await twin.connect(false);
    await eventually('PUBREC', () => heard.includes(PUBREC));
    await twin.connect(clean);
    await eventually('PUBCOMP', () => heard.includes(PUBCOMP));
    expect(got).toEqual(expected);
    await twin.disconnect();
  });
});
