/** What stands in a line that is no plain hexadecimal: in a log, or in a dump. Pure. */
import { decode } from '../../codec/decode.ts';
import { DecodeError } from '../../codec/decode-error.ts';
import { escapedText } from '../../codec/quoted-text.ts';
import { type DecodedText, decodedOctets, octetsOf } from '../decoded-text.ts';
import { hexRuns } from './hex-dump.ts';
import { udpDatagram } from './udp-datagram.ts';

/** A line of this gateway's log at level trace, or of `trace`, whose frame has been decoded. */
const DECODED = /\b(?:received|sent|broadcast)\s+((?:[A-Z]{4,}|not a message)\b.*)$|[<>]\s+([A-Z]{4,}\b.*)$/;

const ETHERNET = 1;
const RAW = 101;

/** What a line says: hexadecimal, or a line of a log that has some in it. */
export function lineText(line: string): DecodedText {
  const octets = octetsOf(line);
  return typeof octets === 'string' ? (logLineText(line) ?? { text: octets, isMessage: false }) : decodedOctets(octets);
}

/** The message in a line of a log: the longest hexadecimal in it that is one; undefined where there is none. */
function logLineText(line: string): DecodedText | undefined {
  for (const octets of hexRuns(line)) {
    if (isMessage(octets)) {
      return decodedOctets(octets);
    }
  }
  const [, logged, traced] = DECODED.exec(line) ?? [];
  const text = logged ?? traced;
  return text === undefined ? undefined : { text: `decoded already: ${escapedText(text)}`, isMessage: true };
}

/** A dump of a message, or of the packet around it, from its Ethernet or IP header on. */
export function dumpText(octets: Uint8Array): DecodedText {
  const inside = isMessage(octets) ? undefined : (udpDatagram(octets, ETHERNET) ?? udpDatagram(octets, RAW));
  if (inside === undefined) {
    return decodedOctets(octets);
  }
  const { text, isMessage: isRight } = decodedOctets(inside.payload);
  return { text: `${inside.from} > ${inside.to}\n${text}`, isMessage: isRight };
}

function isMessage(octets: Uint8Array): boolean {
  try {
    decode(octets, { tolerateShortLength: true });
    return true;
  } catch (error) {
    if (error instanceof DecodeError) {
      return false;
    }
    throw error;
  }
}
