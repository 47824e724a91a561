import type { ClientTransport } from '../../../src/client/client-transport.ts';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';
import { frameTransport } from '../../support/frame-transport.ts';
import type { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { SerialPeer, type SerialPeerOptions } from '../../support/serial-peer.ts';
import { XBeeModule } from '../../support/xbee-module.ts';
import type { XBeeModuleOptions } from '../../support/xbee-module-options.ts';

/** What carries the frames of a test: the settings of the gateway's transport, and what is at the other end. */
export interface Medium {
  /** One entry of `transports`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Octets of the largest frame that the gateway sends. */
  readonly maxFrame: number;
  readonly lossy: boolean;
  /** Clients that can be there at the same time. */
  readonly clients: number;
  /** The gateway runs: what a client sends reaches it from now on. */
  ready(gateway: GatewayUnderTest): Promise<void>;
  /** The way of client `index` to the gateway. */
  transport(index: number): ClientTransport;
  /** What the gateway did against the book of this medium. */
  violations(): readonly string[];
  close(): Promise<void>;
}

export type MakeMedium = () => Promise<Medium>;

export const udp: MakeMedium = async () => {
  let port = 0;
  return {
    settings: { type: 'udp', host: '127.0.0.1', port: 0 },
    maxFrame: 1472,
    lossy: false,
    clients: 1,
    async ready(gateway) {
      port = gateway.port();
    },
    transport: () => new UdpClientTransport({ host: '127.0.0.1', port }),
    violations: () => [],
    async close() {},
  };
};

/** A line with one client at its end. */
export const serial =
  (options: SerialPeerOptions): MakeMedium =>
  async () => {
    const peer = await SerialPeer.open(options);
    return { ...onLine(peer, options), maxFrame: 1024, clients: 1, transport: () => peer.clientTransport() };
  };

/** A line with a forwarder at its end: each client has a node id of its own (2.16). */
export const forwarder =
  (options: SerialPeerOptions, clients: number): MakeMedium =>
  async () => {
    const peer = await SerialPeer.open(options);
    const transport = (index: number): ClientTransport => {
      const header = Uint8Array.of(5, 0xfe, 0, 0x12, index);
      return frameTransport({
        peer: peer.path,
        send: (frame) => peer.send(Buffer.concat([header, frame])),
        onFrame: (listener) =>
          peer.onFrame((frame) => {
            if (frame[1] === 0xfe && frame[3] === header[3] && frame[4] === header[4]) {
              listener(frame.slice(5));
            }
          }),
      });
    };
    return { ...onLine(peer, options), maxFrame: 1024 - 5, clients, transport };
  };

function onLine(
  peer: SerialPeer,
  { framing, crc = 'none' }: SerialPeerOptions,
): Omit<Medium, 'maxFrame' | 'clients' | 'transport'> {
  return {
    settings: { type: 'serial', path: peer.path, framing, crc },
    lossy: false,
    ready: async (gateway) => void (await gateway.waitForNote('transport-up', { transport: 'serial' })),
    violations: () => peer.violations,
    close: () => peer.close(),
  };
}

/** A module with so many nodes in its network. */
export const xbee =
  (options: XBeeModuleOptions & { readonly apiMode: 1 | 2 }, clients = 1): MakeMedium =>
  async () => {
    const module = await XBeeModule.open({ nodes: clients, ...options });
    return {
      // GWINFO to the node itself only: it comes behind everything else for the node
      settings: {
        type: 'xbee',
        path: module.path,
        apiMode: options.apiMode,
        baudRate: 115_200,
        advertise: clients === 1,
      },
      maxFrame:
        options.firmware === '802.15.4' ? 100 : (options.maxPayload ?? (options.firmware === 'digimesh' ? 73 : 84)),
      lossy: (options.loss ?? 0) > 0,
      clients,
      ready: async (gateway) => void (await gateway.waitForNote('transport-up', { transport: 'xbee' })),
      transport: (index) => module.node(index).clientTransport(),
      violations: () => module.violations,
      close: () => module.close(),
    };
  };
