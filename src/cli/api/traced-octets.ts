/** The octets of a frame as the HTTP interface tells them. Pure. */
import { frameLength } from '../../codec/decode.ts';
import { DecodeError } from '../../codec/decode-error.ts';

export interface TracedOctets {
  /** With zeros for those that are not shown. */
  readonly octets: Uint8Array;
  /** Of the whole frame. */
  readonly length: number;
  /** Some are not shown. */
  readonly isHidden: boolean;
}

/** `hex`: pairs of digits, `..` for octets of a payload that are not shown, `…` where a long frame goes on. */
export function tracedOctets(hex: string): TracedOctets {
  const pairs = hex.split(' ').filter((pair) => pair !== '' && pair !== '…');
  const octets = Uint8Array.from(pairs, (pair) => (pair === '..' ? 0 : Number.parseInt(pair, 16)));
  const goesOn = hex.endsWith('…');
  return {
    octets,
    length: goesOn ? Math.max(wholeLength(octets), octets.length) : octets.length,
    isHidden: hex.includes('..'),
  };
}

function wholeLength(octets: Uint8Array): number {
  try {
    return frameLength(octets);
  } catch (error) {
    if (error instanceof DecodeError) {
      return octets.length;
    }
    throw error;
  }
}
