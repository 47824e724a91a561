import type { ReceivedPacket } from './packets.ts';

/** What of a packet breaks the protocol, for people; undefined: nothing does. `stands`: CONNACK has come before it. */
export function problemOf(packet: ReceivedPacket, stands: boolean): string | undefined {
  if (packet.cmd === 'connack' && stands) {
    return 'a second CONNACK';
  }
  if (packet.cmd === 'publish' && packet.properties?.topicAlias !== undefined) {
    return 'a topic alias, though CONNECT has allowed none';
  }
  return undefined;
}
