/** What the gateway says of itself at the broker. */
import * as z from 'zod';
import { text } from '../setting-kinds.ts';

export const statusSection = z.strictObject({
  topicPrefix: text(
    {
      pattern: /^(?!\/)[^+#\p{Cc}]{1,1000}(?<!\/)$/u,
      expected: 'levels of a topic without wildcards, without a / at the beginning or the end',
    },
    { defaultText: 'mqtt-sn-gateway/<gateway.id>' },
  )
    .optional()
    .meta({
      description:
        'Topics about the gateway itself begin with it; upstream.topicPrefix does not come before it. This version has one of them, and only with upstream.mode aggregating: <topicPrefix>/state is `online`, retained, while the gateway is connected, and `offline`, retained, as the will of the shared connection.',
      examples: ['site-3/gateway'],
    }),
});
