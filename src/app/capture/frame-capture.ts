/** Frames as the blocks of a capture file. Pure. */
import { type CapturedNode, NodeAddresses } from './node-addresses.ts';
import { fileHeader, nameBlock, packetBlock } from './pcapng.ts';
import { type Endpoint, udpPacket } from './udp-packet.ts';

/** A frame between a node and the gateway. */
export interface CapturedFrame {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly direction: 'received' | 'sent';
  /** Where the node is. */
  readonly link: string;
  readonly octets: Uint8Array;
  /** Octets that the frame had, where some are missing. */
  readonly length?: number;
  /** Said of it in the file. */
  readonly comment?: string;
}

/** The gateway: an address for documentation, and the port by which programs know what it speaks. */
const PORT = 1_884;
const IPV4: Endpoint = { address: Buffer.from([192, 0, 2, 1]), port: PORT };
const IPV6: Endpoint = { address: Buffer.from('20010db8000000000000000000000001', 'hex'), port: PORT };
const NAME = 'gateway';

/** The option of Wireshark and tshark that has every frame dissected. */
export const TSHARK_OPTION = `-d udp.port==${PORT},mqttsn`;

/** An IP packet has so many octets at most. */
const MAX_FRAME = 65_535 - 20 - 8;

export class FrameCapture {
  readonly #application: string;
  readonly #nodes = new NodeAddresses();
  /** Those whose names are in the file. */
  #named = new WeakSet<CapturedNode>();

  /** `application`: who writes the file. */
  constructor(application: string) {
    this.#application = application;
  }

  /** The beginning of a file, with the names that are known. */
  begin(): Buffer {
    this.#named = new WeakSet(this.#nodes.named);
    return Buffer.concat([
      fileHeader(this.#application),
      ...[IPV4, IPV6].map(({ address }) => nameBlock(address, NAME)),
      ...this.#nodes.named.map(({ address, name = '' }) => nameBlock(address, name)),
    ]);
  }

  /** A frame, with the name of its node where that is new in the file. */
  frame({ time, direction, link, octets, length = octets.length, comment }: CapturedFrame): Buffer {
    const node = this.#nodes.of(link);
    const gateway = node.address.length === 4 ? IPV4 : IPV6;
    const frame = octets.subarray(0, MAX_FRAME);
    const packet = direction === 'received' ? udpPacket(node, gateway, frame) : udpPacket(gateway, node, frame);
    const block = packetBlock({
      ...{ time, direction, octets: packet, length: packet.length + length - frame.length },
      ...(comment !== undefined && { comment }),
    });
    if (node.name === undefined || this.#named.has(node)) {
      return block;
    }
    this.#named.add(node);
    return Buffer.concat([nameBlock(node.address, node.name), block]);
  }
}
