/** Which publish is under way to the broker under which packet id. */
import type { PublishEntry } from './account.ts';

export class PublishPackets {
  readonly #onWire = new Map<number, Map<number, PublishEntry>>();
  /** The last ones, over connections: by client id and packet id. */
  readonly #last = new Map<string, PublishEntry>();

  /** Its connections are counted from 1 again. */
  gatewayStarted(): void {
    this.#onWire.clear();
  }

  sent(clientId: string, connection: number, packetId: number, entry: PublishEntry): void {
    const packets = this.#onWire.get(connection) ?? new Map<number, PublishEntry>();
    packets.set(packetId, entry);
    this.#onWire.set(connection, packets);
    this.#last.set(`${clientId} ${packetId}`, entry);
  }

  /** The one that was sent on this very connection. */
  on(connection: number, packetId: number): PublishEntry | undefined {
    return this.#onWire.get(connection)?.get(packetId);
  }

  /** The same, or else the one that had the packet id on another connection last. */
  of(clientId: string, connection: number, packetId: number): PublishEntry | undefined {
    return this.on(connection, packetId) ?? this.#last.get(`${clientId} ${packetId}`);
  }
}
