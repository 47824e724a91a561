/**
 * MQTT.js writes each packet in up to six pieces. A stream that nobody reads keeps each of them for itself, which takes twenty times the memory
 * of what is in them, and seconds to let go of; over WebSockets each is a frame of its own. Here a packet is put together first.
 *
 * This leans on MQTT.js encoding onto its `stream`, and on what of a stream it uses for that.
 */

/** What of the stream is used. */
interface PacketStream {
  readonly writableCorked: number;
  cork(): void;
  uncork(): void;
  write(octets: Uint8Array): boolean;
  destroy(error?: Error): unknown;
}

interface StreamOwner {
  stream: PacketStream | Pieces;
}

/** Stands in for the stream while a packet is encoded. */
class Pieces {
  readonly #stream: PacketStream;
  #pieces: Uint8Array[] = [];

  constructor(stream: PacketStream) {
    this.#stream = stream;
  }

  write(piece: Uint8Array | string): boolean {
    this.#pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    return true;
  }

  /** What cannot be encoded ends the connection. */
  destroy(error?: Error): void {
    this.#stream.destroy(error);
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const packet = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return packet;
  }
}

/**
 * Makes of `write`, which encodes onto the stream of `client`, an MQTT.js client, one that writes each packet as a whole. Those of one turn
 * leave together.
 */
export function wholePackets<Packet>(client: object, write: (packet: Packet) => void): (packet: Packet) => void {
  const owner = client as StreamOwner;
  const stream = owner.stream as PacketStream;
  const pieces = new Pieces(stream);
  const uncork = (): void => stream.uncork();
  return (packet) => {
    owner.stream = pieces;
    try {
      write(packet);
    } finally {
      owner.stream = stream;
    }
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(uncork);
    }
    stream.write(pieces.take());
  };
}
