/** The optional CRC behind a frame, before anything is escaped. Low octet first, as Modbus sends it. */
import { type CrcKind, crc16 } from './crc16.ts';

/** Which CRC stands behind each frame. */
export type Crc = 'none' | CrcKind;

/** Octets of the check sequence. */
export function checkSequenceSize(crc: Crc): number {
  return crc === 'none' ? 0 : 2;
}

/** The frame with its check sequence behind it; the frame itself where there is none. */
export function appendCheckSequence(frame: Uint8Array, crc: Crc): Uint8Array {
  if (crc === 'none') {
    return frame;
  }
  const sum = crc16(crc, frame);
  const octets = new Uint8Array(frame.length + 2);
  octets.set(frame);
  octets[frame.length] = sum & 0xff;
  octets[frame.length + 1] = sum >> 8;
  return octets;
}

/** The frame without its check sequence, as a view into `octets`; undefined where the check sequence is not whole or does not fit. */
export function stripCheckSequence(octets: Uint8Array, crc: Crc): Uint8Array | undefined {
  if (crc === 'none') {
    return octets;
  }
  const size = octets.length - 2;
  if (size < 0) {
    return undefined;
  }
  const frame = octets.subarray(0, size);
  const sum = (octets[size] as number) | ((octets[size + 1] as number) << 8);
  return crc16(crc, frame) === sum ? frame : undefined;
}
