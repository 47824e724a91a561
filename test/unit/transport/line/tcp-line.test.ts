import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenPort } from '../../../../src/transport/line/serial-port.ts';
import type { SerialPortSettings } from '../../../../src/transport/line/serial-port-settings.ts';
import { tcpAddressOf, tcpLineOpener } from '../../../../src/transport/line/tcp-line.ts';
import { inTable, retransmissionsOf } from '../../../../src/transport/line/tcp-retransmissions.ts';
import { Collected, eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { hexOf, octetsOf } from '../../../support/raw-sensor.ts';

const SETTINGS: SerialPortSettings = {
  ...{ path: 'tcp://127.0.0.1:1', baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1, rtscts: false },
};
const QUICK = { connect: 10_000, keepAlive: 10_000, look: 10, stalled: 200, drain: 10_000 };

let server: Server;
let port: number;
let peers: Collected<Socket>;
let lines: OpenPort[];

beforeEach(async () => {
  peers = new Collected<Socket>('connections at the server');
  lines = [];
  server = createServer((socket) => peers.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
});

afterEach(async () => {
  await Promise.all(lines.map((line) => line.close()));
  for (const peer of peers.items) {
    peer.destroy();
  }
  server.close();
});

async function open(times = QUICK, retransmissions?: typeof retransmissionsOf) {
  const came = new Collected<string>('octets');
  const closed = new Collected<Error>('ends of the line');
  const line = await tcpLineOpener(
    { host: '127.0.0.1', port },
    times,
    retransmissions,
  )(SETTINGS, {
    octets: (octets) => came.add(hexOf(octets)),
    closed: (error) => closed.add(error),
  });
  lines.push(line);
  return { line, came, closed, peer: await peers.nth(peers.items.length || 1) };
}

/** The peer takes nothing any more, and what is written stays here. */
async function stuff(line: OpenPort, peer: Socket): Promise<void> {
  peer.pause();
  while (line.pending === 0) {
    line.write(new Uint8Array(1_000_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a line over TCP', () => {
  it.each([
    ['tcp://192.168.1.20:3333', { host: '192.168.1.20', port: 3333 }],
    ['TCP://esp-link.local:23/', { host: 'esp-link.local', port: 23 }],
    ['tcp://[fe80::1%eth0]:23', { host: 'fe80::1%eth0', port: 23 }],
    ['/dev/ttyUSB0', undefined],
    ['COM3', undefined],
    ['tcp://host', undefined],
  ])('is what "%s" names, or not', (path, address) => {
    expect(tcpAddressOf(path)).toEqual(address);
  });

  it('carries octets both ways, small ones at once', async () => {
    const { line, came, peer } = await open();
    line.write(octetsOf('02 16'));
    const [octets] = (await once(peer, 'data')) as [Buffer];
    expect(hexOf(octets)).toBe('02 16');
    peer.write(octetsOf('02 17'));
    expect(await came.nth(1)).toBe('02 17');
  });

  it('asks a silent peer whether it is there: the operating system keeps a timer for that', async () => {
    const { peer } = await open();
    const timers = async (): Promise<string | undefined> => {
      const table = await readFile('/proc/net/tcp', 'latin1');
      const [local, remote] = [peer.remotePort ?? 0, port].map(
        (each) => `:${each.toString(16).toUpperCase().padStart(4, '0')}`,
      );
      const columns = table.split('\n').map((row) => row.trim().split(/\s+/));
      return columns.find((row) => row[1]?.endsWith(local ?? '') && row[2]?.endsWith(remote ?? ''))?.[5];
    };
    // proc(5): 02 is the timer of keep-alive; then hundredths of a second, in hexadecimal digits
    expect(await eventually('the timer', async () => /^02:/.test((await timers()) ?? '') && timers())).toMatch(
      /^02:0{5}[0-3]/,
    );
  });

  it.each([
    ['says that it goes', (peer: Socket) => peer.end(), /other side has closed/],
    ['breaks it off', (peer: Socket) => peer.resetAndDestroy(), /ECONNRESET/],
  ])('is lost when the peer %s; told once, and nothing is written any more', async (_how, go, words) => {
    const { line, closed, peer } = await open();
    go(peer);
    expect((await closed.nth(1)).message).toMatch(words);
    line.write(octetsOf('02 16'));
    expect(line.pending).toBe(0);
    await line.close();
    expect(closed.items).toHaveLength(1);
  });

  it('is lost when what was written is sent again and again in vain: a peer without power says nothing', async () => {
    let again: number | undefined = 0;
    const { line, closed } = await open(QUICK, async () => again);
    line.write(octetsOf('02 16'));
    again = 5;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(closed.items).toEqual([]);
    again = 6;
    expect((await closed.nth(1)).message).toBe('the other side does not answer any more');
  });

  it('is lost when the peer takes nothing for long, and says meanwhile how much waits', async () => {
    const { line, closed, peer } = await open();
    await stuff(line, peer);
    expect(line.pending).toBeGreaterThan(0);
    expect((await closed.nth(1)).message).toMatch(/has taken nothing for 0.2 s/);
  });

  it('is not lost because the process itself stood still for longer than that (I-37)', async () => {
    const { line, closed, peer } = await open({ ...QUICK, stalled: 1_000 });
    await stuff(line, peer);
    await new Promise((resolve) => setTimeout(resolve, 50)); // it has been looked at
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    peer.resume();
    await eventually('the end of what waits', () => line.pending === 0);
    expect(closed.items).toEqual([]);
  });

  it('lets what was written leave before it is closed, and tells nothing of that', async () => {
    const { line, closed, peer } = await open();
    const said: Buffer[] = [];
    peer.on('data', (octets) => said.push(octets));
    line.write(octetsOf('02 18'));
    await line.close();
    await eventually('what was written', () => Buffer.concat(said).length === 2);
    expect(closed.items).toEqual([]);
  });

  it('does not wait longer for that than a while', async () => {
    const { line, peer } = await open({ ...QUICK, stalled: 60_000, drain: 20 });
    peer.pause();
    line.write(new Uint8Array(16_000_000));
    await line.close();
    expect(line.pending).toBe(0);
  });

  it('is not waited for any more when it is given up, whatever the host does', async () => {
    const abandoned = new AbortController();
    const events = { octets: () => undefined, closed: () => undefined };
    const opener = tcpLineOpener({ host: '127.0.0.1', port });
    const opening = opener(SETTINGS, events, abandoned.signal);
    abandoned.abort(); // before it is known whether anybody answers
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is refused with the code of the operating system', async () => {
    const events = { octets: () => undefined, closed: () => undefined };
    const opener = tcpLineOpener({ host: '127.0.0.1', port: await freePort() });
    await expect(opener(SETTINGS, events)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the table of connections of the operating system', () => {
  const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0D05 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 647 1 0 100 0 0 10 0
   1: 0100007F:9C40 0100007F:0D05 01 00000002:00000000 01:00000641 0000000A     0        0 648 1 0 100 0 0 10 0
   2: 0100007F:0D05 0100007F:9C40 01 00000000:00000000 02:000003E8 00000000     0        0 649 1 0 100 0 0 10 0
`;

  it('says how much waits for an acknowledgement, and how often it was sent in vain', () => {
    expect(inTable(TABLE, 40_000, 3_333)).toEqual({ waiting: 2, retransmissions: 10 });
    expect(inTable(TABLE, 3_333, 40_000)).toEqual({ waiting: 0, retransmissions: 0 });
    expect(inTable(TABLE, 40_001, 3_333)).toBeUndefined();
    expect(inTable('', 40_000, 3_333)).toBeUndefined();
  });

  it('has a connection of this process, of which everything has arrived', async () => {
    const { peer } = await open();
    expect(await eventually('nothing on its way', async () => (await retransmissionsOf(peer)) === 0)).toBe(true);
  });
});
