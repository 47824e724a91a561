/**
 * Octets of a serial line ⇄ frames. A framing is pure: octets in, findings out; no port, no clock. It holds a bounded number of octets,
 * finds its way back after noise, and says how much it threw away: `frame` and `discarded` together account for every octet that came,
 * delimiters excepted.
 */

/** Why octets were thrown away. */
export type DiscardReason =
  /** They belong to no frame. */
  | 'noise'
  /** The line fell silent inside a frame. */
  | 'incomplete'
  /** A frame has more octets than allowed. */
  | 'tooLong'
  /** Its checksum does not fit. */
  | 'badChecksum'
  /** An escape is followed by what may not follow it, or a block ends outside the frame. */
  | 'badEncoding';

/** What was found in the octets that came, in their order. */
export type Finding =
  /** One whole frame; its memory is not used again. */
  | { readonly type: 'frame'; readonly frame: Uint8Array }
  | { readonly type: 'discarded'; readonly octets: number; readonly reason: DiscardReason };

export interface Framing {
  /** Octets that go over the line for a frame. */
  encode(frame: Uint8Array): Uint8Array;
  /** Takes octets as they come, in pieces of any size. */
  receive(octets: Uint8Array): readonly Finding[];
  /** Nothing has come for a while (`interFrameGap`): what is unfinished will not be finished. */
  gap(): readonly Finding[];
  /** Octets are held that make no whole frame yet: `gap` matters. */
  readonly unfinished: boolean;
}
