import type { Settings } from '../config/schema.ts';

/** How frames are read for people. */
export interface FrameReading {
  readonly trailing: 'drop' | 'ignore';
  readonly tolerateShortLength: boolean;
}

/** How frames are read for the log and for traces: they show the first message of a datagram with several. */
export function decodeOptions({ trailing, tolerateShortLength }: Settings['frames']): FrameReading {
  return {
    trailing: trailing === 'drop' ? 'drop' : 'ignore',
    tolerateShortLength: tolerateShortLength && trailing !== 'parse',
  };
}
