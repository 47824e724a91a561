/**
 * MQTT.js writes each packet in up to six pieces. A stream that nobody reads keeps each of them for itself, which takes twenty times the memory
 * of what is in them, and seconds to let go of; over WebSockets each is a frame of its own. Here a packet is put together first.
 *
 * This leans on MQTT.js encoding onto its `stream`, and on what of a stream it uses for that.
 */

/** What of the stream is used. */
interface PacketStream {
  write(octets: Uint8Array): boolean;
  destroy(error?: Error): unknown;
}

/** Stands in for the stream while a packet is encoded. */
class Pieces {
  readonly #stream: PacketStream;
  #pieces: Uint8Array[] = [];
  #failed = false;

  constructor(stream: PacketStream) {
    this.#stream = stream;
  }

  write(piece: Uint8Array | string): boolean {
    this.#pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    return true;
  }

  /** What cannot be encoded ends the connection. */
  destroy(error?: Error): void {
    this.#failed = true;
    this.#stream.destroy(error);
  }

  /** The packet; undefined: it could not be encoded. */
  take(): Uint8Array | undefined {
    return this.#failed ? undefined : Buffer.concat(this.#pieces);
  }
}

/** Makes of `write`, which encodes onto the stream of `client`, an MQTT.js client, one that gives each packet to `take` as a whole. */
export function wholePackets<Packet>(
  client: object,
  write: (packet: Packet) => void,
  take: (packet: Uint8Array) => void,
): (packet: Packet) => void {
  const owner = client as { stream: PacketStream | Pieces };
  return (packet) => {
    const stream = owner.stream as PacketStream;
    const pieces = new Pieces(stream);
    owner.stream = pieces;
    try {
      write(packet);
    } finally {
      owner.stream = stream;
    }
    const whole = pieces.take();
    if (whole !== undefined) {
      take(whole);
    }
  };
}
