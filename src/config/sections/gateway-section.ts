/** The gateway itself, as the others of its network see it. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { HOUR, SECOND } from '../duration.ts';
import { duration, flag, wholeNumber } from '../setting-kinds.ts';

export const gatewaySection = z.strictObject({
  id: wholeNumber(0, 255)
    .default(core.gateway.id)
    .meta({
      description: 'Gateway id (GwId) in ADVERTISE and GWINFO; different for each gateway in a network.',
      examples: [7],
    }),
  advertiseInterval: duration({ min: SECOND, max: 18 * HOUR, zero: 'off', wholeSeconds: true })
    .default(core.gateway.advertiseInterval)
    .meta({
      description:
        'Time between two ADVERTISE messages (T_ADV). They are sent where a UDP transport has multicast, and on serial lines and XBee networks with advertise.',
      examples: ['15m'],
    }),
  answerWithoutUpstream: flag()
    .default(core.gateway.answerWithoutUpstream)
    .meta({ description: 'Answer SEARCHGW also while the broker cannot be reached.', examples: [true] }),
});
