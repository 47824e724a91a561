/** What the MQTT-SN messages in a capture file say. Pure. */
import { describeFrame } from '../../codec/describe.ts';
import { type DecodedText, decodedOctets } from '../decoded-text.ts';
import { type CapturedPacket, CaptureError, packetsIn } from './capture-reader.ts';
import { udpDatagram } from './udp-datagram.ts';

export interface CaptureTextOptions {
  /** UDP ports of gateways. */
  readonly ports: readonly number[];
  /** Each field on a line of its own. */
  readonly verbose: boolean;
}

/** What each datagram from or to one of the ports says, with its time and addresses. What ends in the middle is told at the end. */
export function* captureTexts(file: Buffer, { ports, verbose }: CaptureTextOptions): Generator<DecodedText> {
  let found = 0;
  let others = 0;
  try {
    for (const packet of packetsIn(file)) {
      const datagram = udpDatagram(packet.octets, packet.linkType);
      if (datagram === undefined || !datagram.ports.some((port) => ports.includes(port))) {
        others += 1;
        continue;
      }
      found += 1;
      const title = `${timeOf(packet)}  ${datagram.from} > ${datagram.to}`;
      if (verbose) {
        const { text, isMessage } = decodedOctets(datagram.payload);
        yield { text: `${title}\n${text.replaceAll(/^/gm, '  ')}`, isMessage };
      } else {
        const text = describeFrame(datagram.payload, { payload: true, tolerateShortLength: true });
        yield { text: `${title}  ${text}`, isMessage: !text.includes('not a message') };
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) {
      throw error;
    }
    yield { text: `the capture is damaged: ${error.message}`, isMessage: false };
    return;
  }
  if (found === 0) {
    const text = `no UDP datagram from or to port ${ports.join(', ')} is in the capture (${others} other packets): see --port`;
    yield { text, isMessage: false };
  }
}

function timeOf({ time }: CapturedPacket): string {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString();
}
