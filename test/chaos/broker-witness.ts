import type { Excuses } from '../crash/books.ts';
import type { LineWatch } from '../crash/slow-line.ts';
import { type Packet, PacketReader } from './packet-reader.ts';

/**
 * Reads along on the line between the gateway and its broker (MQTT 3.1.1), and knows what the broker itself did wrong with the messages that it
 * handed over: mosquitto repeats a QoS 2 PUBLISH whose PUBREC it has, when the connection breaks about CONNACK, and may swap the order then.
 */
export class BrokerWitness implements Excuses {
  /** For each client of the broker: the payload that each packet id stands for. */
  readonly #payloads = new Map<string, Map<number, string>>();
  /** Payloads for which the broker has sent PUBREL: it has the PUBREC. */
  readonly #released = new Set<string>();
  readonly #copies = new Map<string, number>();
  /** For each payload, its place among the messages of each connection on which it came. */
  readonly #places = new Map<string, Map<number, number>>();
  #connections = 0;
  #packets = 0;
  readonly #tell: ((line: () => string) => void) | undefined;

  /** `tell` hears of each packet that it knows, in words. */
  constructor(tell?: (line: () => string) => void) {
    this.#tell = tell;
  }

  /** Of one more connection. */
  watch(): LineWatch {
    this.#connections += 1;
    const connection = this.#connections;
    let clientId = '';
    let version: 4 | 5 = 4;
    const versionOf = (): 4 | 5 => version;
    const toFar = new PacketReader((packet) => {
      this.#tell?.(() => `${connection} > ${JSON.stringify(packet)}`);
      if (packet.type === 'CONNECT') {
        ({ clientId, version } = packet);
      }
    }, versionOf);
    const fromFar = new PacketReader((packet) => {
      this.#tell?.(() => `${connection} < ${JSON.stringify(packet)}`);
      this.#sent(packet, clientId, connection);
    }, versionOf);
    return { toFar: (octets) => toFar.add(octets), fromFar: (octets) => fromFar.add(octets) };
  }

  /** Whether the broker has ever handed this message over. */
  saw(payload: string): boolean {
    return this.#places.has(payload);
  }

  copies(payload: string): number {
    return this.#copies.get(payload) ?? 0;
  }

  swapped(earlier: string, later: string): boolean {
    const [one, other] = [this.#places.get(earlier), this.#places.get(later)];
    if (one === undefined || other === undefined) {
      return false;
    }
    const first = (places: Map<number, number>): number => Math.min(...places.values());
    const onOne = [...other].some(([connection, place]) => place < (one.get(connection) ?? 0));
    return onOne || first(other) < first(one);
  }

  #sent(packet: Packet, clientId: string, connection: number): void {
    if (packet.type === 'PUBLISH') {
      this.#published(packet.payload, packet.packetId, clientId, connection);
    } else if (packet.type === 'PUBREL') {
      const payload = this.#payloads.get(clientId)?.get(packet.packetId);
      if (payload !== undefined) {
        this.#released.add(payload);
      }
    }
  }

  #published(payload: string, packetId: number, clientId: string, connection: number): void {
    this.#packets += 1;
    const payloads = this.#payloads.get(clientId) ?? new Map<number, string>();
    this.#payloads.set(clientId, payloads.set(packetId, payload));
    const places = this.#places.get(payload) ?? new Map<number, number>();
    this.#places.set(payload, places);
    if (!places.has(connection)) {
      places.set(connection, this.#packets);
    }
    if (this.#released.has(payload)) {
      this.#copies.set(payload, this.copies(payload) + 1);
    }
  }
}
