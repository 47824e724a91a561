/**
 * The gateway and its clients as devices of Home Assistant: payloads of its device-based MQTT discovery, one retained message for each device at
 * `<prefix>/device/<object id>/config` (Home Assistant 2024.11 and later). Pure.
 */
import type { StatusTopics } from './status-topics.ts';

export interface HomeAssistantOptions {
  readonly discoveryPrefix: string;
  /** Makes the ids of this gateway differ from those of another one at the broker. */
  readonly topicPrefix: string;
  readonly topics: StatusTopics;
  readonly version: string;
  readonly gwId: number;
}

/** One entity of a device: options of Home Assistant's `sensor.mqtt` and `binary_sensor.mqtt`. */
type Component = Readonly<Record<string, unknown>> & { readonly platform: 'sensor' | 'binary_sensor' };

/** What is published for a device. */
export interface DevicePayload {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly components: Readonly<Record<string, Component>>;
  readonly qos: 1;
}

const CONNECTED = "{{ 'ON' if value_json.connected else 'OFF' }}";

const STATES = {
  active: 'Clients active',
  asleep: 'Clients asleep',
  awake: 'Clients awake',
  lost: 'Clients lost',
  disconnected: 'Clients disconnected',
  total: 'Clients',
} as const;

export class HomeAssistant {
  /** Where Home Assistant says that it is there. */
  readonly birthTopic: string;
  readonly #options: HomeAssistantOptions;
  readonly #gatewayId: string;

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
    this.birthTopic = `${options.discoveryPrefix}/status`;
    this.#gatewayId = `mqtt-sn_${objectId(options.topicPrefix)}`;
  }

  get gatewayTopic(): string {
    return this.#topic(this.#gatewayId);
  }

  clientTopic(clientId: string): string {
    return this.#topic(this.#clientObject(clientId));
  }

  gateway(): DevicePayload {
    const { topics, gwId, version } = this.#options;
    const id = this.#gatewayId;
    const availability = this.#availability;
    const messages = (name: string, field: string, more: object) =>
      sensor({ name, state_topic: topics.stats, value_template: `{{ value_json.messages.${field} }}`, ...more });
    const components = {
      connectivity: {
        platform: 'binary_sensor',
        name: 'Connectivity',
        device_class: 'connectivity',
        state_topic: topics.state,
        payload_on: 'online',
        payload_off: 'offline',
      },
      ...Object.fromEntries(
        Object.entries(STATES).map(([state, name]) => [
          `clients_${state}`,
          sensor({
            name,
            state_topic: topics.stats,
            value_template: `{{ value_json.clients.${state} }}`,
            unit_of_measurement: 'clients',
            state_class: 'measurement',
            availability,
          }),
        ]),
      ),
      messages_from_clients: messages('Messages from clients', 'fromClients', { ...TOTAL, availability }),
      messages_to_clients: messages('Messages to clients', 'toClients', { ...TOTAL, availability }),
      rate_from_clients: messages('Messages from clients per minute', 'fromClientsPerMinute', {
        ...RATE,
        availability,
      }),
      rate_to_clients: messages('Messages to clients per minute', 'toClientsPerMinute', { ...RATE, availability }),
      restart_needed: {
        platform: 'binary_sensor',
        name: 'Restart needed',
        device_class: 'problem',
        entity_category: 'diagnostic',
        state_topic: topics.info,
        value_template: "{{ 'ON' if value_json.restartNeeded else 'OFF' }}",
        availability,
      },
    } as const;
    const device = {
      identifiers: [id],
      name: `MQTT-SN gateway ${gwId}`,
      model: 'MQTT-SN gateway',
      sw_version: version,
    };
    return { device, origin: this.#origin, components: identified(components, id), qos: 1 };
  }

  /** `hasSignal`: its radio tells how strong it is heard. */
  client(clientId: string, hasSignal: boolean): DevicePayload {
    const id = this.#clientObject(clientId);
    const shared = { state_topic: this.#options.topics.client(clientId), availability: this.#availability };
    const diagnostic = { ...shared, entity_category: 'diagnostic' };
    const components = {
      connectivity: {
        platform: 'binary_sensor',
        name: 'Connectivity',
        device_class: 'connectivity',
        value_template: CONNECTED,
        ...shared,
      },
      last_seen: sensor({
        name: 'Last seen',
        device_class: 'timestamp',
        value_template: '{{ value_json.lastSeen }}',
        ...diagnostic,
      }),
      waiting: sensor({
        name: 'Waiting messages',
        value_template: '{{ value_json.waiting }}',
        unit_of_measurement: 'messages',
        state_class: 'measurement',
        ...diagnostic,
      }),
      ...(hasSignal && {
        signal: sensor({
          name: 'Signal strength',
          device_class: 'signal_strength',
          value_template: '{{ value_json.rssi }}',
          unit_of_measurement: 'dBm',
          state_class: 'measurement',
          ...diagnostic,
        }),
      }),
    } as const;
    const device = { identifiers: [id], name: clientId, model: 'MQTT-SN client', via_device: this.#gatewayId };
    return { device, origin: this.#origin, components: identified(components, id), qos: 1 };
  }

  get #origin(): DevicePayload['origin'] {
    return { name: 'mqtt-sn-gateway', sw_version: this.#options.version };
  }

  get #availability(): readonly object[] {
    const topic = this.#options.topics.state;
    return [{ topic, payload_available: 'online', payload_not_available: 'offline' }];
  }

  /** No escaped text has two underscores in a row. */
  #clientObject(clientId: string): string {
    return `${this.#gatewayId}__${objectId(clientId)}`;
  }

  #topic(object: string): string {
    return `${this.#options.discoveryPrefix}/device/${object}/config`;
  }
}

const TOTAL = { unit_of_measurement: 'messages', state_class: 'total_increasing' };
const RATE = { unit_of_measurement: 'messages/min', state_class: 'measurement' };

function sensor(options: Readonly<Record<string, unknown>>): Component {
  return { platform: 'sensor', ...options };
}

/** Each with an id that no other entity has. */
function identified(components: Readonly<Record<string, Component>>, id: string): Record<string, Component> {
  return Object.fromEntries(
    Object.entries(components).map(([name, component]) => [name, { ...component, unique_id: `${id}_${name}` }]),
  );
}

/**
 * A text as an object id, which may have letters, digits, `_` and `-`: every other octet, and `_`, as `_` and two hexadecimal digits. Two texts never
 * have the same one.
 */
function objectId(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), (octet) => `_${octet.toString(16).padStart(2, '0')}`).join(''),
  );
}
