/**
 * Packet ids of messages that a session with a connection of its own has from the hub, which holds what waited for its client on the shared one (I-133): none
 * that a broker gives.
 */

/** The first one. */
export const BESIDE = 0x1_0000;

/** Whether a message with this packet id is none of the broker's. */
export function isBeside(packetId: number): boolean {
  return packetId >= BESIDE;
}

/** The packet id of a message that a session of the shared connection has been handed, when it has a connection of its own. */
export function besideOf(packetId: number): number {
  return packetId === 0 || isBeside(packetId) ? packetId : packetId + BESIDE;
}
