import * as z from 'zod';
import type { ProblemDetails } from './api-contract.ts';

/** What an error looks like (RFC 9457). */
export const problemSchema: z.ZodType<ProblemDetails> = z
  .strictObject({
    type: z.string().meta({ description: 'A name: urn:mqtt-sn-gateway:problem:…' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What was expected, what was found, what to do.' }),
  })
  .meta({ id: 'Problem' });
