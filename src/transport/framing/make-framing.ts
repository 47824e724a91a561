import type { Crc } from './check-sequence.ts';
import { CobsFraming } from './cobs-framing.ts';
import type { Framing } from './framing.ts';
import { type Doubt, LengthFraming, type Measure } from './length-framing.ts';
import { SlipFraming } from './slip-framing.ts';

export interface FramingOptions {
  /** `length`: messages directly behind each other. `slip`, `cobs`: a delimiter between them. */
  readonly framing: 'length' | 'slip' | 'cobs';
  /** The CRC behind each frame. With `length` there is none, whatever stands here: only the messages are on the line. */
  readonly crc: Crc;
  /** Octets of the largest frame. */
  readonly maxFrame: number;
  /** How long a message is; only `length` asks. */
  readonly measure: Measure;
  /** Whether its Length is to be trusted; only `length` asks. */
  readonly isDoubtful: Doubt;
}

/** The framing that the settings of a serial line name. */
export function makeFraming({ framing, crc, maxFrame, measure, isDoubtful }: FramingOptions): Framing {
  switch (framing) {
    case 'length':
      return new LengthFraming({ maxFrame, measure, isDoubtful });
    case 'slip':
      return new SlipFraming({ maxFrame, crc });
    case 'cobs':
      return new CobsFraming({ maxFrame, crc });
  }
}
