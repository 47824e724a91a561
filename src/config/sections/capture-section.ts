/** Frames in a file, for whoever looks for a fault. */
import * as z from 'zod';
import { file, flag, MIB, octets, wholeNumber } from '../setting-kinds.ts';

export const captureSection = z.strictObject({
  path: file()
    .optional()
    .meta({
      description:
        'File to which every frame is written, for Wireshark (pcapng): as UDP datagrams of port 1884, whatever they came over. Absent: none. A file of an earlier start is kept, as a full one is.',
      examples: ['/var/lib/mqtt-sn-gateway/frames.pcapng'],
    }),
  maxSize: octets(65_536, 1_024 * MIB)
    .default(10 * MIB)
    .meta({ description: 'A file that has so many octets is full; the next one is begun.', examples: [1_048_576] }),
  maxFiles: wholeNumber(1, 1_000)
    .default(5)
    .meta({
      description: 'Files that are kept, with the one that is written: full ones end in .1, .2, …; the oldest goes.',
      examples: [10],
    }),
  payloads: flag()
    .default(false)
    .meta({ description: 'Capture payload octets, too; else there are zeros in their place.', examples: [true] }),
});
