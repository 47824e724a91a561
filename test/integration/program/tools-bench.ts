import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { PseudoTerminal } from '../../support/pseudo-terminal.ts';

/** What tools that end well say, and have nothing to say. */
export const QUIETLY = { output: '', errors: '', exitCode: 0 };

/** A gateway for the tools, over UDP, DTLS and a serial line, shared by the tests of a file. */
export interface ToolsBench {
  readonly broker: Mosquitto;
  /** At the broker, subscribed to `up/#`. */
  readonly peer: MqttPeer;
  readonly gateway: GatewayUnderTest;
  /** For files; the keys of `sensor-1` to `sensor-3` are in its `keys.yaml`. */
  readonly folder: string;
  /** The end of the serial line that the tools have. */
  readonly line: string;
  stop(): Promise<void>;
}

/** Starts it; `stop` it after all tests. */
export async function toolsBench(): Promise<ToolsBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tools-'));
  const keys = [1, 2, 3].map((n) => `sensor-${n}: ${'0f'.repeat(15)}0${n}\n`).join('');
  await writeFile(join(folder, 'keys.yaml'), keys, { mode: 0o600 });
  const broker = await Mosquitto.start();
  const peer = await MqttPeer.connect(broker.url);
  await peer.subscribe('up/#');
  // A line without hardware: the gateway has one end of it, the tools the other.
  const [near, far] = [await PseudoTerminal.open(), await PseudoTerminal.open()];
  near.onOctets((octets) => far.write(octets));
  far.onOctets((octets) => near.write(octets));
  const gateway = await GatewayUnderTest.start(broker.url, {
    predefined: { '*': { 10: 'up/boiler' } },
    settings: {
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 0, forwarders: ['127.0.0.1'] },
        { type: 'serial', path: near.path, framing: 'slip', crc: 'ccitt', forwarders: ['line'] },
        { type: 'dtls', host: '127.0.0.1', port: 0, keys: join(folder, 'keys.yaml') },
      ],
    },
  });
  await gateway.waitForNote('transport-up', { transport: 'serial' });
  return {
    ...{ broker, peer, gateway, folder, line: far.path },
    stop: async () => {
      await gateway.stop();
      await Promise.all([near.close(), far.close()]);
      await peer.close();
      await broker.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
