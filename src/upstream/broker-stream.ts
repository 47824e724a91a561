/**
 * What goes over the stream of an MQTT.js client beside MQTT.js, in both directions. PUBLISH and its acknowledgements, nearly all of the traffic, pass it
 * by: read before it, written without it. Everything else, and whatever is not plain, it reads and writes itself, one packet at a time, so
 * that all packets keep their order. Packets of one turn of the event loop leave with one write.
 *
 * This leans on MQTT.js making its stream with `streamBuilder`, reading it by `pipe`, and acting on a packet before the write that brought it
 * returns. The contract tests of the upstream fail when an upgrade changes that.
 */
import { holdAcknowledgements } from './held-acknowledgements.ts';
import { PacketCutter } from './packet-cutter.ts';
import { type PacketEffect, packetOf, type ReceivedPacket, type SentPacket } from './packets.ts';
import { isQos2Publish, readQuickly, writeQuickly } from './quick-packets.ts';
import { wholePackets } from './whole-packets.ts';

/** What of the stream is used. */
export interface Stream {
  readonly destroyed: boolean;
  readonly writableLength: number;
  on(event: 'data', listener: (octets: Buffer) => void): unknown;
  write(octets: Uint8Array): boolean;
  end(): unknown;
  pipe(destination: Sink): unknown;
}

/** Where MQTT.js reads. */
interface Sink {
  write(octets: Uint8Array): unknown;
}

/** What of MQTT.js is used; it has not connected yet. */
export interface StreamOwner {
  stream: Stream;
  streamBuilder?(client: object): Stream;
  connect(): unknown;
  on(event: 'packetsend', listener: (packet: { readonly cmd: string }) => void): unknown;
  reschedulePing(): void;
}

export interface BrokerStreamParts {
  readonly protocolVersion: 4 | 5;
  /** A packet of the broker that MQTT.js does not see. */
  readonly heard: (packet: ReceivedPacket) => void;
  /** The first octets of the broker. */
  readonly answered: (octets: Uint8Array) => void;
  /** MQTT.js sends a PINGREQ: by itself, or because the core asks for it. */
  readonly pinged: (byCore: boolean) => void;
  /** Something is to be written: `flush` at the end of this turn. */
  readonly wrote: () => void;
  /** Makes the stream in place of MQTT.js; `read` gets what comes, in memory that is used again. Undefined: MQTT.js makes it. */
  readonly open?: ((read: (octets: Buffer) => void) => Stream) | undefined;
}

/** Milliseconds after which MQTT.js is told again that the broker is alive. */
const ALIVE_INTERVAL = 1_000;

export class BrokerStream {
  readonly #client: StreamOwner;
  readonly #parts: BrokerStreamParts;
  readonly #encode: (packet: SentPacket) => void;
  readonly #cutter: PacketCutter;
  #mqtt: Sink | undefined;
  #hasAnswered = false;
  #established = false;
  /** MQTT.js has had a QoS 2 message, which was not plain, and remembers its packet id until PUBREL. */
  #knowsQos2 = false;
  /** Packets of this turn. */
  #pending: Uint8Array[] = [];
  #encoding = false;
  #aliveAt = 0;

  /** Lets `client`, made with `manualConnect`, connect. */
  constructor(client: StreamOwner, parts: BrokerStreamParts) {
    this.#client = client;
    this.#parts = parts;
    this.#cutter = new PacketCutter(
      (first, octets, start, at, end) => this.#whole(first, octets, start, at, end),
      (octets) => this.#leave(octets),
    );
    client.on('packetsend', ({ cmd }) => {
      if (!this.#encoding) {
        this.flush(); // what MQTT.js sends by itself comes behind what was written before
      }
      if (cmd === 'pingreq') {
        parts.pinged(this.#encoding);
      }
    });
    this.#tap();
    client.connect();
    this.#encode = wholePackets<SentPacket>(client, holdAcknowledgements<SentPacket>(client), (packet) =>
      this.#add(packet),
    );
  }

  /** CONNACK has come: from now on packets may pass MQTT.js by. */
  establish(): void {
    this.#established = true;
  }

  /** Writes one packet at the end of this turn, after all that was written before. */
  write(effect: PacketEffect): void {
    const packet = isQuick(effect) ? writeQuickly(effect, this.#parts.protocolVersion) : undefined;
    if (packet === undefined) {
      this.writePacket(packetOf(effect));
    } else {
      this.#add(packet);
    }
  }

  /** The same, by MQTT.js. */
  writePacket(packet: SentPacket): void {
    this.#encoding = true;
    try {
      this.#encode(packet);
    } finally {
      this.#encoding = false;
    }
  }

  /** Hands what was written to the stream. */
  flush(): void {
    const { stream } = this.#client;
    const pending = this.#pending;
    const [first] = pending;
    if (first === undefined) {
      return;
    }
    this.#pending = [];
    if (!stream.destroyed) {
      stream.write(pending.length === 1 ? first : Buffer.concat(pending));
    }
  }

  /** Ends the stream when all is out that was written. */
  end(): void {
    this.flush();
    this.#client.stream.end();
  }

  #add(packet: Uint8Array): void {
    if (this.#pending.push(packet) === 1) {
      this.#parts.wrote();
    }
  }

  #tap(): void {
    const client = this.#client;
    const build = client.streamBuilder;
    if (typeof build !== 'function' || typeof client.connect !== 'function') {
      throw new TypeError('this version of MQTT.js makes its stream in another way');
    }
    const { open } = this.#parts;
    const read = (octets: Buffer): void => this.#read(octets);
    client.streamBuilder = (owner) => {
      const stream = open ? open(read) : build.call(client, owner);
      stream.pipe = (mqtt) => {
        this.#mqtt = mqtt;
        if (!open) {
          stream.on('data', read);
        }
        return mqtt;
      };
      return stream;
    };
  }

  #read(octets: Buffer): void {
    if (!this.#hasAnswered) {
      this.#hasAnswered = true;
      this.#parts.answered(octets);
    }
    this.#cutter.push(octets);
  }

  #whole(first: number, octets: Buffer, start: number, at: number, end: number): void {
    const packet = this.#established ? readQuickly(first, octets, at, end, this.#parts.protocolVersion) : undefined;
    if (packet === undefined || (packet.cmd === 'pubrel' && this.#knowsQos2)) {
      this.#knowsQos2 ||= isQos2Publish(first);
      this.#leave(octets.subarray(start, end));
      return;
    }
    if (packet.cmd !== 'publish') {
      this.#isAlive();
    }
    this.#parts.heard(packet);
  }

  /** To MQTT.js, which may come to it later. */
  #leave(octets: Buffer): void {
    this.#mqtt?.write(Buffer.from(octets));
  }

  /**
   * MQTT.js pings a broker that has not answered for long. A PUBLISH is no answer: a client that only listens has to say now and then that it is
   * there.
   */
  #isAlive(): void {
    const now = performance.now();
    if (now - this.#aliveAt >= ALIVE_INTERVAL) {
      this.#aliveAt = now;
      this.#client.reschedulePing();
    }
  }
}

function isQuick(effect: PacketEffect): effect is Parameters<typeof writeQuickly>[0] {
  return (
    effect.type === 'upstream-publish' || effect.type === 'upstream-acknowledge' || effect.type === 'upstream-release'
  );
}
