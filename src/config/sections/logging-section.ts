/** Log lines. */
import * as z from 'zod';
import { choice, flag } from '../setting-kinds.ts';

export const loggingSection = z.strictObject({
  level: choice(['error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .meta({
      description: 'Least important messages that are logged; trace shows every frame, decoded.',
      examples: ['debug'],
    }),
  format: choice(['pretty', 'json'])
    .default('pretty')
    .meta({ description: 'Log lines for people, or one JSON object for each line.', examples: ['json'] }),
  payloads: flag()
    .default(false)
    .meta({ description: 'Show the payload octets of publishes too, at level trace.', examples: [true] }),
});
