/**
 * The stream to a broker, as packets: those that come are cut, read and given on, those that go leave in order, and all of one turn of the event loop with
 * one write. PUBLISH and its acknowledgements, nearly all of the traffic, take the quick way.
 */
import type { Duplex } from 'node:stream';
import { readFully, writeFully } from './full-packets.ts';
import type { Received } from './keep-alive.ts';
import { PacketCutter } from './packet-cutter.ts';
import { type PacketEffect, packetOf, type ReceivedPacket, type SentPacket } from './packets.ts';
import { readQuickly, writeQuickly } from './quick-packets.ts';

/** Who hears what comes, and is told what is to be done; `writes` may be called from inside a method of the stream. */
export interface StreamListener {
  /** The first octets of the broker. */
  answered(octets: Uint8Array): void;
  heard(packet: ReceivedPacket): void;
  /** What the broker sends is no packet: nothing is heard any more. */
  unreadable(error: Error): void;
  /** Something is to be written: `flush` at the end of this turn. */
  writes(): void;
}

export class BrokerStream implements Received {
  readonly #stream: Duplex;
  readonly #protocolVersion: 4 | 5;
  readonly #listener: StreamListener;
  readonly #cutter: PacketCutter;
  #hasAnswered = false;
  /** Something has come since it was asked last, and whether a packet was unfinished then. */
  #hasCome = false;
  #wasUnfinished = false;
  #isUnreadable = false;
  /** Packets of this turn. */
  #pending: Uint8Array[] = [];

  constructor(stream: Duplex, protocolVersion: 4 | 5, listener: StreamListener) {
    this.#stream = stream;
    this.#protocolVersion = protocolVersion;
    this.#listener = listener;
    this.#cutter = new PacketCutter(
      (first, octets, start, at, end) => this.#whole(first, octets, start, at, end),
      (octets) => this.#parse(octets),
    );
  }

  /** Something has come, in memory that may be used again. */
  read(octets: Buffer): void {
    if (!this.#hasAnswered) {
      this.#hasAnswered = true;
      this.#listener.answered(octets);
    }
    this.#hasCome = true;
    this.#cutter.push(octets);
  }

  comesSlowly(): boolean {
    const { isUnfinished } = this.#cutter;
    const comesSlowly = this.#hasCome && (isUnfinished || this.#wasUnfinished);
    this.#hasCome = false;
    this.#wasUnfinished = isUnfinished;
    return comesSlowly;
  }

  /** Writes one packet at the end of this turn, after all that was written before. */
  write(effect: PacketEffect): void {
    const packet = isQuick(effect) ? writeQuickly(effect, this.#protocolVersion) : undefined;
    if (packet === undefined) {
      this.writePacket(packetOf(effect));
    } else {
      this.#add(packet);
    }
  }

  /** The same. What cannot be written ends the connection. */
  writePacket(packet: SentPacket): void {
    let octets: Buffer;
    try {
      octets = writeFully(packet, this.#protocolVersion);
    } catch (error) {
      this.#stream.destroy(error as Error);
      return;
    }
    this.#add(octets);
  }

  /** Hands what was written to the stream. */
  flush(): void {
    const pending = this.#pending;
    const [first] = pending;
    if (first === undefined) {
      return;
    }
    this.#pending = [];
    if (!this.#stream.destroyed) {
      this.#stream.write(pending.length === 1 ? first : Buffer.concat(pending));
    }
  }

  /** Octets that were written and that the operating system has not taken yet; over WebSockets too. */
  get backlog(): number {
    return this.#stream.destroyed ? 0 : this.#stream.writableLength;
  }

  /** Ends the stream when all is out that was written. */
  end(): void {
    this.flush();
    this.#stream.end();
  }

  /** Closes at once, whatever has not been written yet. `error`: for what waits to be written. */
  destroy(error?: Error): void {
    this.#stream.destroy(error);
  }

  #add(packet: Uint8Array): void {
    if (this.#pending.push(packet) === 1) {
      this.#listener.writes();
    }
  }

  #whole(first: number, octets: Buffer, start: number, at: number, end: number): void {
    if (this.#isUnreadable) {
      return;
    }
    const packet = readQuickly(first, octets, at, end, this.#protocolVersion);
    if (packet === undefined) {
      this.#parse(octets.subarray(start, end));
    } else {
      this.#listener.heard(packet);
    }
  }

  #parse(octets: Buffer): void {
    if (this.#isUnreadable) {
      return;
    }
    let packet: ReceivedPacket;
    try {
      packet = readFully(Buffer.from(octets), this.#protocolVersion); // what is read is in that memory
    } catch (error) {
      this.#isUnreadable = true;
      this.#listener.unreadable(error as Error);
      return;
    }
    this.#listener.heard(packet);
  }
}

function isQuick(effect: PacketEffect): effect is Parameters<typeof writeQuickly>[0] {
  if (effect.type === 'upstream-publish') {
    return effect.correlationData === undefined;
  }
  return effect.type === 'upstream-acknowledge' || effect.type === 'upstream-release';
}
