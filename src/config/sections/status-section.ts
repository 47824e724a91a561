/** What the gateway says of itself at the broker. */
import * as z from 'zod';
import { flag, text } from '../setting-kinds.ts';

/** Levels of a topic to which others are added. */
const topicLevels = (more = {}) =>
  text(
    {
      pattern: /^(?!\/)[^+#\p{Cc}]{1,1000}(?<!\/)$/u,
      expected: 'levels of a topic without wildcards, without a / at the beginning or the end',
    },
    more,
  );

export const statusSection = z.strictObject({
  enabled: flag()
    .default(false)
    .meta({
      description:
        'Whether the gateway says at the broker how it is and how its clients are: <topicPrefix>/state, info, stats and clients/<client id>/state (docs/status-topics.md), on a connection of its own. homeAssistant.enabled switches it on as well.',
      examples: [true],
    }),
  topicPrefix: topicLevels({ defaultText: 'mqtt-sn-gateway/<gateway.id>' })
    .optional()
    .meta({
      description:
        'Topics about the gateway itself begin with it; upstream.topicPrefix does not come before it. Two gateways on one broker need different ones. Without status.enabled there is one of them, and only with upstream.mode aggregating: <topicPrefix>/state is `online`, retained, while the gateway is connected, and `offline`, retained, as the will of the shared connection.',
      examples: ['site-3/gateway'],
    }),
  requests: flag()
    .default(false)
    .meta({
      description:
        'Whether requests at <topicPrefix>/request/… are carried out (clients, disconnect, forget, reload, log-level): by everybody whom the broker lets publish there.',
      examples: [true],
    }),
});

export const homeAssistantSection = z.strictObject({
  enabled: flag()
    .default(false)
    .meta({
      description:
        'Whether Home Assistant is told of the gateway and of each client as devices (MQTT discovery, Home Assistant 2024.11 or later).',
      examples: [true],
    }),
  discoveryPrefix: topicLevels()
    .default('homeassistant')
    .meta({
      description:
        "Of the topics at which Home Assistant hears of devices: that of its MQTT integration. Its birth message is heard at <discoveryPrefix>/status ('online').",
      examples: ['homeassistant'],
    }),
});
