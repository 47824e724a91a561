/** Retransmission and supervision of the clients. */
import * as z from 'zod';
import { DEFAULT_CORE_SETTINGS as core } from '../../core/contract/core-settings.ts';
import { DAY, MINUTE, SECOND } from '../duration.ts';
import { duration, wholeNumber } from '../setting-kinds.ts';

export const timingSection = z.strictObject({
  retryInterval: duration({ min: 100, max: 10 * MINUTE })
    .default(core.timing.retryInterval)
    .meta({
      description: 'How long the gateway waits for an answer before it sends again (T_retry).',
      examples: ['10s'],
    }),
  retryCount: wholeNumber(0, 20)
    .default(core.timing.retryCount)
    .meta({
      description:
        'How often the gateway sends a message again that a client leaves unanswered (N_retry). Then a client that says nothing at all is lost, one that is alive loses this message only.',
      examples: [3],
    }),
  idleProbeAfter: duration({ min: SECOND, max: 30 * DAY })
    .default(core.timing.idleProbeAfter)
    .meta({
      description: 'Silence after which a client without keep-alive (Duration 0) is probed with PINGREQ.',
      examples: ['1h'],
    }),
});
