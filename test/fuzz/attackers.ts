import { createSocket, type Socket } from 'node:dgram';
import type { Random } from '../crash/random.ts';
import { SerialPeer, type SerialPeerOptions } from '../support/serial-peer.ts';
import { XBeeModule } from '../support/xbee-module.ts';
import { HostileFrames } from './hostile-frames.ts';

/** Somebody who sends what a gateway should not have to see, over one medium. */
export interface Attacker {
  readonly name: string;
  /** What the gateway needs to know of its medium: one entry of `transports`; undefined: it comes over UDP. */
  readonly settings: string | undefined;
  /** One more frame, or noise. */
  attack(): void;
  close(): Promise<void>;
}

const UDP_SOCKETS = 20;
const XBEE_NODES = 4;
/** Part of what goes over a line that is no frame at all. */
const NOISE = 0.1;
const LONGEST_NOISE = 200;

/** Many addresses of one host. */
export async function udpAttacker(port: number, random: Random): Promise<Attacker> {
  const frames = new HostileFrames(random);
  const sockets = await Promise.all(Array.from({ length: UDP_SOCKETS }, () => boundSocket(port)));
  return {
    name: 'UDP',
    settings: undefined,
    attack: () => sockets[random.between(0, UDP_SOCKETS - 1)]?.send(frames.next()),
    close: async () => {
      for (const socket of sockets) {
        socket.close();
      }
    },
  };
}

async function boundSocket(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', () => resolve()));
  return socket;
}

/** A device at a line that frames some of what it says. */
export async function lineAttacker(options: SerialPeerOptions, random: Random): Promise<Attacker> {
  const { framing, crc = 'none' } = options;
  const frames = new HostileFrames(random);
  const peer = await SerialPeer.open(options);
  return {
    name: `${framing}${crc === 'none' ? '' : ` with CRC ${crc}`}`,
    settings: `{ type: serial, path: "${peer.path}", baudRate: 921600, framing: ${framing}, crc: ${crc} }`,
    attack: () => (random.chance(NOISE) ? peer.sendOctets(noise(random)) : peer.send(frames.next())),
    close: () => peer.close(),
  };
}

/** Nodes of a radio network, and a module whose serial line is disturbed. */
export async function xbeeAttacker(apiMode: 1 | 2, random: Random): Promise<Attacker> {
  const frames = new HostileFrames(random);
  const module = await XBeeModule.open({ apiMode, nodes: XBEE_NODES });
  return {
    name: `XBee in API mode ${apiMode}`,
    settings: `{ type: xbee, path: "${module.path}", baudRate: 921600, apiMode: ${apiMode} }`,
    attack: () => {
      const node = module.node(random.between(0, XBEE_NODES - 1));
      if (!random.chance(NOISE)) {
        node.send(frames.next().subarray(0, LARGEST_PAYLOAD));
      } else if (random.chance(0.5)) {
        module.injectOctets(noise(random));
      } else {
        module.injectFrame(noise(random));
      }
    },
    close: () => module.close(),
  };
}

/** NP of the module: a node cannot send more. */
const LARGEST_PAYLOAD = 84;

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.between(1, LONGEST_NOISE) }, () => random.between(0, 255));
}
