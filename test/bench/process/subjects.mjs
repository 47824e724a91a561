/** What can be put under a load: a build of the gateway, one of the floors, or a gateway that runs already. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { ServerProcess } from '../../support/server-process.ts';

const PROBE = new URL('event-loop-probe.mjs', import.meta.url);
const SWITCHED = fileURLToPath(new URL('switched-gateway.mjs', import.meta.url));
const BAUD_RATE = 115_200;

/**
 * @typedef {object} Subject
 * @property {number} port of the UDP service
 * @property {number | undefined} pid
 * @property {number | undefined} startMs from the start of the process to its ready line
 * @property {string} log
 * @property {{ port: number, identity: string, key: string } | undefined} [dtls] its DTLS transport, and who may use it
 * @property {object | undefined} line the far end of its serial line
 * @property {() => Promise<void>} stop
 * @property {() => Promise<Subject>} [again] stops it as an operator does and starts it with what it has stored
 */

/**
 * The gateway of a checkout that has been built, with default settings but for its ports, and without its status page.
 * @returns {Promise<Subject>}
 */
export async function startGateway({ directory, folder, brokerUrl, mode, line, sessions, dtls, eventLoopFile }) {
  const port = await freePort();
  const secure = dtls ? { port: await freePort(), identity: 'bench', key: randomBytes(16).toString('hex') } : undefined;
  const serial = line ? await serialLine(folder) : undefined;
  const settings = {
    upstream: { url: brokerUrl, ...(mode !== 'transparent' && { mode }) },
    transports: [
      { type: 'udp', host: '127.0.0.1', port },
      ...(secure ? [{ type: 'dtls', host: '127.0.0.1', port: secure.port }] : []),
      ...(serial ? [{ type: 'serial', path: serial.path, baudRate: BAUD_RATE }] : []),
    ],
    http: { enabled: false },
    ...(sessions !== undefined && { sessions: { limit: sessions } }),
  };
  await writeFile(join(folder, 'gateway.yaml'), JSON.stringify(settings)); // YAML takes JSON as it is
  if (secure !== undefined) {
    await writeFile(join(folder, 'psk.yaml'), `${secure.identity}: ${secure.key}\n`, { mode: 0o600 });
  }
  const gateway = new ServerProcess({
    name: 'the gateway',
    command: [process.execPath, join(directory, 'bin/mqtt-sn-gateway.js'), '-c', 'gateway.yaml'],
    ready: /MQTT-SN gateway ready/,
    folder,
    ...(eventLoopFile && { env: { NODE_OPTIONS: `--import ${PROBE.href}`, EVENT_LOOP_FILE: eventLoopFile } }),
  });
  const started = async () => {
    const start = performance.now();
    await gateway.start();
    return {
      ...{ port, pid: gateway.pid, startMs: performance.now() - start, log: gateway.log },
      dtls: secure,
      line: serial && { socket: serial.socket, baudRate: BAUD_RATE },
      stop: async () => {
        await gateway.stop('SIGKILL');
        await serial?.stop();
      },
      again: async () => {
        await gateway.stop('SIGTERM');
        return started();
      },
    };
  };
  return started();
}

/**
 * Two gateways of a checkout side by side, whose status pages are switched on and off while they run.
 * @returns {Promise<Subject & { gateways: { pid: number, port: number, pagePort: number, control: string }[] }>} the first of them, and both
 */
export async function startSwitched({ directory, folder, brokerUrl, mode }) {
  const started = [];
  const stop = async () => {
    await Promise.all(started.map(({ gateway }) => gateway.stop('SIGKILL')));
  };
  const start = performance.now();
  try {
    for (const id of [1, 2]) {
      const [port, pagePort] = [await freePort(), await freePort()];
      const settings = {
        gateway: { id },
        upstream: { url: brokerUrl, ...(mode !== 'transparent' && { mode }) },
        transports: [{ type: 'udp', host: '127.0.0.1', port }],
        sessions: { path: `sessions-${id}` },
        http: { port: pagePort },
      };
      const file = `gateway-${id}.yaml`;
      const control = join(folder, `control-${id}`);
      await writeFile(join(folder, file), JSON.stringify(settings));
      const gateway = new ServerProcess({
        name: 'the gateway',
        command: [process.execPath, '--expose-gc', SWITCHED, directory, file, control],
        ready: /MQTT-SN gateway ready/,
        folder,
      });
      started.push({ gateway, port, pagePort, control });
      await gateway.start();
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const gateways = started.map(({ gateway, ...rest }) => ({ pid: gateway.pid, ...rest }));
  return { ...gateways[0], gateways, startMs: (performance.now() - start) / 2, log: started[0].gateway.log, stop };
}

/**
 * One of the programs in floors/.
 * @returns {Promise<Subject>}
 */
export async function startFloor(name, brokerPort) {
  const program = fileURLToPath(new URL(`floors/${name}.mjs`, import.meta.url));
  const floor = new ServerProcess({
    name,
    command: [process.execPath, program, String(brokerPort)],
    ready: /ready: (\d+)/,
  });
  const start = performance.now();
  await floor.start();
  const startMs = performance.now() - start;
  const [, port] = await floor.logged(/ready: (\d+)/);
  const { pid, log } = floor;
  return { port: Number(port), pid, startMs, log, line: undefined, stop: () => floor.stop('SIGKILL') };
}

/** A pseudo-terminal whose far end is a socket: the load generator is the device. */
async function serialLine(folder) {
  const path = join(folder, 'tty');
  const socket = join(folder, 'line');
  const socat = new ServerProcess({
    name: 'socat',
    command: ['socat', '-d', '-d', `pty,raw,echo=0,link=${path}`, `unix-listen:${socket}`],
    ready: /listening on/,
  });
  await socat.start();
  return { path, socket, stop: () => socat.stop('SIGKILL') };
}
