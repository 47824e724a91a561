import type { Excuses } from '../crash/books.ts';
import type { LineWatch } from '../crash/slow-line.ts';
import { type Packet, PacketReader, type Publish } from './packet-reader.ts';

/**
 * Reads along on the line between the gateway and its broker, and knows what the broker itself did wrong with the messages that it handed over.
 * mosquitto 2.0.11 repeats a QoS 2 PUBLISH whose PUBREC it has, when it is restarted or the connection breaks about CONNACK, and may swap the order
 * then; and of a message that comes between its restart and the return of an MQTT 5 client it has one copy for it, not one for each filter.
 */
export class BrokerWitness implements Excuses {
  /** For each client of the broker: the name of the message that each packet id stands for. */
  readonly #names = new Map<string, Map<number, string>>();
  /** Names of messages for which the broker has sent PUBREL: it has the PUBREC. */
  readonly #released = new Set<string>();
  readonly #copies = new Map<string, number>();
  /** For each payload, its place among the messages of each connection on which it came. */
  readonly #places = new Map<string, Map<number, number>>();
  /** For which filters each payload came, what is retained apart. */
  readonly #filters = new Map<string, Set<string>>();
  /** Filters by their Subscription Identifiers, whether they are subscribed any more or not. */
  readonly #identified = new Map<number, string>();
  /** What the gateway has subscribed to, with the first identifier of each; by packet id what has no SUBACK yet. */
  readonly #granted = new Map<string, number>();
  readonly #asked = new Map<number, { readonly filter: string; readonly identifier: number }>();
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
      this.#heard(packet);
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

  /** How often the broker has sent a copy of this message once more. */
  copies(payload: string): number {
    return this.#copies.get(payload) ?? 0;
  }

  /**
   * Whether the broker has sent one copy of this message, though not the one for the filter by which a client gets it: of those that match and that it
   * has with the same QoS the one that was subscribed to first, which the gateway has at the broker.
   */
  withheld(payload: string, filters: readonly string[]): boolean {
    const [first] = filters
      .map((filter) => ({ filter, identifier: this.#granted.get(filter) ?? Number.NaN }))
      .sort((one, other) => one.identifier - other.identifier);
    const came = this.#filters.get(payload);
    return first !== undefined && this.#granted.has(first.filter) && came?.size === 1 && !came.has(first.filter);
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

  #heard(packet: Packet): void {
    if (packet.type === 'SUBSCRIBE') {
      const { packetId, filter, identifiers } = packet;
      const [identifier = 0] = identifiers;
      this.#identified.set(identifier, filter);
      this.#asked.set(packetId, { filter, identifier });
    } else if (packet.type === 'UNSUBSCRIBE') {
      this.#granted.delete(packet.filter);
    }
  }

  #sent(packet: Packet, clientId: string, connection: number): void {
    if (packet.type === 'PUBLISH') {
      this.#published(packet, clientId, connection);
    } else if (packet.type === 'PUBREL') {
      const name = this.#names.get(clientId)?.get(packet.packetId);
      if (name !== undefined) {
        this.#released.add(name);
      }
    } else if (packet.type === 'SUBACK') {
      const { filter = '', identifier = 0 } = this.#asked.get(packet.packetId) ?? {};
      this.#asked.delete(packet.packetId);
      this.#granted.set(filter, this.#granted.get(filter) ?? identifier);
    }
  }

  #published({ payload, packetId, identifiers, retain }: Publish, clientId: string, connection: number): void {
    this.#packets += 1;
    const name = `${payload} ${identifiers.join()}`; // copies for several filters are several messages
    const names = this.#names.get(clientId) ?? new Map<number, string>();
    this.#names.set(clientId, names.set(packetId, name));
    const places = this.#places.get(payload) ?? new Map<number, number>();
    this.#places.set(payload, places);
    if (!places.has(connection)) {
      places.set(connection, this.#packets);
    }
    const filters = this.#filters.get(payload) ?? new Set();
    this.#filters.set(payload, filters);
    for (const identifier of retain ? [] : identifiers) {
      filters.add(this.#identified.get(identifier) ?? '');
    }
    if (this.#released.has(name)) {
      this.#copies.set(payload, this.copies(payload) + 1);
    }
  }
}
