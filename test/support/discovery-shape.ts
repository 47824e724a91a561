/**
 * The shape of a device-based discovery message, as the documentation of Home Assistant has it: "MQTT" (sections Discovery topic, Device discovery
 * payload, Using availability topics), "MQTT sensor" and "MQTT binary sensor", read in November 2026. Strict: Home Assistant passes over what it does
 * not know, so that a misspelt option would do nothing.
 */
import * as z from 'zod';

/** `<discovery_prefix>/<component>/[<node_id>/]<object_id>/config` with `device` as component. */
export function discoveryTopic(prefix: string): RegExp {
  return new RegExp(`^${prefix}/device/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config$`);
}

const topic = z.string().regex(/^[^+#]+$/);
const template = z.string().regex(/^\{\{ .+ \}\}$/);

const device = z
  .strictObject({
    configuration_url: z.string().regex(/^(https?|homeassistant):\/\//),
    connections: z.array(z.tuple([z.string(), z.string()])),
    hw_version: z.string(),
    identifiers: z.union([z.string(), z.array(z.string())]),
    manufacturer: z.string(),
    model: z.string(),
    model_id: z.string(),
    name: z.string(),
    serial_number: z.string(),
    suggested_area: z.string(),
    sw_version: z.string(),
    via_device: z.string(),
  })
  .partial()
  .refine(({ identifiers = [], connections = [] }) => identifiers.length + connections.length > 0);

const origin = z.strictObject({
  name: z.string(),
  sw_version: z.string().optional(),
  support_url: z
    .string()
    .regex(/^https?:\/\//)
    .optional(),
});

const availability = {
  availability: z
    .array(
      z.strictObject({
        topic,
        payload_available: z.string().optional(),
        payload_not_available: z.string().optional(),
        value_template: template.optional(),
      }),
    )
    .optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
  availability_template: template.optional(),
  availability_topic: topic.optional(),
  payload_available: z.string().optional(),
  payload_not_available: z.string().optional(),
};

const qos = z.literal([0, 1, 2]).optional();

/** What every entity may have; `unique_id` is required with device-based discovery. */
const entity = {
  ...availability,
  enabled_by_default: z.boolean().optional(),
  encoding: z.string().optional(),
  entity_category: z.literal('diagnostic').optional(), // sensors have no other
  entity_picture: z.string().optional(),
  expire_after: z.int().positive().optional(),
  force_update: z.boolean().optional(),
  icon: z.string().regex(/^\w+:/).optional(),
  json_attributes_template: template.optional(),
  json_attributes_topic: topic.optional(),
  name: z.string().nullable(),
  object_id: z.string().optional(),
  qos,
  state_topic: topic,
  unique_id: z.string(),
  value_template: template.optional(),
};

const binarySensor = z.strictObject({
  platform: z.literal('binary_sensor'),
  device_class: z.enum(['connectivity', 'problem']).nullable().optional(),
  off_delay: z.int().positive().optional(),
  payload_on: z.string().optional(),
  payload_off: z.string().optional(),
  ...entity,
});

const sensor = z
  .strictObject({
    platform: z.literal('sensor'),
    device_class: z.enum(['timestamp', 'signal_strength', 'enum']).nullable().optional(),
    last_reset_value_template: template.optional(),
    options: z.array(z.string()).min(1).optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    suggested_display_precision: z.int().optional(),
    unit_of_measurement: z.string().nullable().optional(),
    ...entity,
  })
  .refine(
    ({ device_class, unit_of_measurement }) =>
      device_class !== 'signal_strength' || /^dBm?$/.test(unit_of_measurement ?? ''),
  )
  .refine(({ device_class, state_class, unit_of_measurement }) => {
    const isNumber = state_class !== undefined || unit_of_measurement !== undefined;
    return !isNumber || (device_class !== 'timestamp' && device_class !== 'enum');
  })
  .refine(({ device_class, options }) => (options === undefined) === (device_class !== 'enum'));

/** A whole message. Components are named by ids of their own. */
export const discoveryShape = z.strictObject({
  device,
  origin,
  components: z.record(z.string().min(1), z.discriminatedUnion('platform', [binarySensor, sensor])),
  command_topic: topic.optional(),
  state_topic: topic.optional(),
  encoding: z.string().optional(),
  qos,
  ...availability,
});

export type Discovery = z.infer<typeof discoveryShape>;

/** What Home Assistant shows of an entity after a message at its state topic: templates of the forms that the gateway uses. */
export function shown(template: string | undefined, payload: string): string {
  if (template === undefined) {
    return payload;
  }
  const value = (path: string): unknown =>
    path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], JSON.parse(payload));
  const choice = /^\{\{ '(\w+)' if value_json\.([\w.]+) else '(\w+)' \}\}$/.exec(template);
  if (choice) {
    return String((value(choice[2] ?? '') === true ? choice[1] : choice[3]) ?? '');
  }
  const plain = /^\{\{ value_json\.([\w.]+) \}\}$/.exec(template);
  if (!plain) {
    throw new Error(`a template of another form: ${template}`);
  }
  const found = value(plain[1] ?? '');
  return found === null ? 'None' : String(found);
}
