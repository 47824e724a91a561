import { expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { type Discovery, discoveryShape, discoveryTopic, shown } from '../../support/discovery-shape.ts';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RetainedTopics } from './retained-topics.ts';

const bench = gatewayBench();
const SETTINGS = { homeAssistant: { enabled: true } };
const GATEWAY = 'mqtt-sn_mqtt-sn-gateway_2f1';

/**
 * Home Assistant as far as its MQTT discovery goes: it hears of devices, subscribes to the topics of their entities, shows the states, and forgets a
 * device whose discovery message is empty.
 */
class HomeAssistantPeer {
  readonly #peer: MqttPeer;
  readonly #topics: RetainedTopics;
  readonly #subscribed = new Set<string>();

  private constructor(peer: MqttPeer) {
    this.#peer = peer;
    this.#topics = new RetainedTopics(peer);
  }

  static async start(broker: Mosquitto): Promise<HomeAssistantPeer> {
    const peer = await MqttPeer.connect(broker.url, {
      will: { topic: 'homeassistant/status', payload: Buffer.from('offline'), qos: 1, retain: false },
    });
    bench.cleanUp(() => peer.close().catch(() => undefined));
    await peer.subscribe('homeassistant/+/+/config', 0);
    await peer.subscribe('homeassistant/+/+/+/config', 0);
    return new HomeAssistantPeer(peer);
  }

  /** Says that it is there. */
  async isBorn(): Promise<void> {
    await this.#peer.publish('homeassistant/status', 'online', 1);
  }

  /** How many discovery messages have come for a device. */
  announcements(id: string): number {
    const topic = `homeassistant/device/${id}/config`;
    return this.#peer.messages.filter((message) => message.topic === topic && message.payload !== '').length;
  }

  /** The device with this id, once it is known. */
  async device(id: string): Promise<Discovery> {
    const topic = `homeassistant/device/${id}/config`;
    const discovery = discoveryShape.parse(JSON.parse(await this.#topics.says(topic, () => true)));
    expect(topic).toMatch(discoveryTopic('homeassistant'));
    for (const { state_topic, availability = [] } of Object.values(discovery.components)) {
      for (const wanted of [state_topic, ...availability.map((one) => one.topic)]) {
        if (!this.#subscribed.has(wanted)) {
          this.#subscribed.add(wanted);
          await this.#peer.subscribe(wanted, 1);
        }
      }
    }
    return discovery;
  }

  async removed(id: string): Promise<void> {
    await this.#topics.gone(`homeassistant/device/${id}/config`);
  }

  /** Waits until an entity of a device shows this; `unavailable` where its availability says so. */
  async shows(id: string, name: string, fits: (value: string) => boolean): Promise<void> {
    const { components } = await this.device(id);
    const { state_topic = '', value_template, availability = [] } = components[name] ?? {};
    await eventually(`${name} of ${id} to show it`, () => {
      const { all } = this.#topics;
      const isAvailable = availability.every((one) => all.get(one.topic) === (one.payload_available ?? 'online'));
      const text = all.get(state_topic);
      return fits(isAvailable ? (text === undefined ? 'unknown' : shown(value_template, text)) : 'unavailable');
    });
  }
}

/** DISCONNECT with a duration, in seconds. */
const sleepFor = (seconds: number): string => frame(`18 ${seconds.toString(16).padStart(4, '0')}`);

describeInEachMode('Home Assistant', () => {
  it('hears of the gateway and its clients, whoever was there first', async () => {
    const broker = await bench.broker();
    const early = await HomeAssistantPeer.start(broker);
    const gateway = await bench.gateway(broker.url, { settings: SETTINGS });
    await bench.client(gateway, 'sensor 7', { clean: false });
    const late = await HomeAssistantPeer.start(broker);
    for (const peer of [early, late]) {
      await peer.shows(GATEWAY, 'connectivity', (value) => value === 'online');
      await peer.shows(GATEWAY, 'restart_needed', (value) => value === 'OFF');
      await peer.shows(GATEWAY, 'messages_from_clients', (value) => value === '0');
      const client = await peer.device(`${GATEWAY}__sensor_207`);
      expect(client.device).toMatchObject({ name: 'sensor 7', via_device: GATEWAY });
      await peer.shows(`${GATEWAY}__sensor_207`, 'connectivity', (value) => value === 'ON');
      await peer.shows(`${GATEWAY}__sensor_207`, 'last_seen', (value) => !Number.isNaN(Date.parse(value)));
      await peer.shows(`${GATEWAY}__sensor_207`, 'waiting', (value) => value === '0');
    }
  });

  it('knows sleep: asleep in time is connected, overdue is not', async () => {
    const broker = await bench.broker();
    const peer = await HomeAssistantPeer.start(broker);
    const gateway = await bench.gateway(broker.url, { settings: SETTINGS });
    const sensor = await bench.client(gateway, 'a', { clean: false });
    await sensor.exchange(sleepFor(1), '02 18');
    await gateway.waitForNote('client-asleep');
    await peer.shows(`${GATEWAY}__a`, 'connectivity', (value) => value === 'ON');
    await gateway.waitForNote('client-lost');
    await peer.shows(`${GATEWAY}__a`, 'connectivity', (value) => value === 'OFF');
  });

  it('is told again when it says that it is born', async () => {
    const broker = await bench.broker();
    const peer = await HomeAssistantPeer.start(broker);
    const gateway = await bench.gateway(broker.url, { settings: SETTINGS });
    await bench.client(gateway, 'a');
    await peer.device(`${GATEWAY}__a`);
    await peer.device(GATEWAY);
    const before = [peer.announcements(GATEWAY), peer.announcements(`${GATEWAY}__a`)];
    await peer.isBorn();
    await eventually('both to be announced again', () => {
      const now = [peer.announcements(GATEWAY), peer.announcements(`${GATEWAY}__a`)];
      return now.every((count, i) => count > (before[i] ?? 0));
    });
  });

  it('forgets a client with its session', async () => {
    const broker = await bench.broker();
    const peer = await HomeAssistantPeer.start(broker);
    const gateway = await bench.gateway(broker.url, { settings: SETTINGS });
    await bench.client(gateway, 'a', { clean: false });
    await peer.device(`${GATEWAY}__a`);
    await gateway.embedded.operator.forget('a');
    await peer.removed(`${GATEWAY}__a`);
    const late = await HomeAssistantPeer.start(broker);
    await late.device(GATEWAY);
    expect(late.announcements(`${GATEWAY}__a`)).toBe(0);
  });

  it('shows the clients of a gateway that is away as unavailable, and the gateway as disconnected', async () => {
    const broker = await bench.broker();
    const peer = await HomeAssistantPeer.start(broker);
    const gateway = await bench.gateway(broker.url, { settings: SETTINGS });
    await bench.client(gateway, 'a');
    await peer.shows(`${GATEWAY}__a`, 'connectivity', (value) => value === 'ON');
    await gateway.stop();
    await peer.shows(`${GATEWAY}__a`, 'connectivity', (value) => value === 'unavailable');
    await peer.shows(GATEWAY, 'connectivity', (value) => value === 'offline');
  });
});
