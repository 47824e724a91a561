/**
 * Packets of every kind, to and from octets, by `mqtt-packet`: those that quick-packets.ts leaves. Only whole packets come here, so one parser for each
 * version of MQTT serves all connections.
 */
import { generate, type Parser, parser, writeToStream } from 'mqtt-packet';
import type { ReceivedPacket, SentPacket } from './packets.ts';

// Else 65,536 little buffers are made once and kept.
writeToStream.cacheNumbers = false;

const parsers = new Map<4 | 5, Parser>();

let read: ReceivedPacket | undefined;
let problem: Error | undefined;

/** What these octets are, one whole packet; an error says why they are none. */
export function readFully(octets: Buffer, protocolVersion: 4 | 5): ReceivedPacket {
  read = undefined;
  problem = undefined;
  parserFor(protocolVersion).parse(octets);
  if (read === undefined || problem !== undefined) {
    parsers.delete(protocolVersion); // it may have kept something of them
    throw problem ?? new Error('the packet is shorter than it says');
  }
  return read;
}

function parserFor(protocolVersion: 4 | 5): Parser {
  let known = parsers.get(protocolVersion);
  if (known === undefined) {
    known = parser({ protocolVersion });
    known.on('packet', (packet) => {
      read = packet;
    });
    known.on('error', (error) => {
      problem = error;
    });
    parsers.set(protocolVersion, known);
  }
  return known;
}

/** The octets of a packet; an error says why it cannot be written. */
export function writeFully(packet: SentPacket, protocolVersion: 4 | 5): Buffer {
  return generate(packet, { protocolVersion });
}
