/** How strictly frames are read. */
import { z } from 'zod';
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
  tolerateLength255: flag()
    .default(core.frames.tolerateLength255)
    .meta({
      description: 'Accept a message of 257 octets that claims 255, a known defect of a client library.',
      examples: [false],
    }),
});
