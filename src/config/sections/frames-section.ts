/** How strictly frames are read. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { choice, flag } from '../setting-kinds.ts';

export const framesSection = z.strictObject({
  trailing: choice(['drop', 'ignore', 'parse'])
    .default(core.frames.trailing)
    .meta({
      description:
        'Octets behind a message in one datagram: drop both, ignore the octets, or parse them as further messages.',
      examples: ['parse'],
    }),
  tolerateShortLength: flag()
    .default(core.frames.tolerateShortLength)
    .meta({
      description:
        'Take a message of 256 octets or more whole though its Length says 2 to 4 octets less than its frame has, a defect of client libraries. Not with trailing: parse.',
      examples: [false],
    }),
});
