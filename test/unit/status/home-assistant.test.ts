import { describe, expect, it } from '@jest/globals';
import { type Discovery, discoveryShape, discoveryTopic, shown } from '../../support/discovery-shape.ts';
import { StatusBench } from './status-bench.ts';

const SETTINGS = { topicPrefix: 'mqtt-sn-gateway/1', discoveryPrefix: 'homeassistant' };
const XBEE = 'xbee:0013a20040014011';

function bench(isUp = true): StatusBench {
  return new StatusBench({ settings: SETTINGS, isUp });
}

function discoveries({ broker }: StatusBench): Map<string, Discovery> {
  const topics = [...broker.retained].filter(([topic]) => topic.startsWith('homeassistant/'));
  return new Map(topics.map(([topic, text]) => [topic, discoveryShape.parse(JSON.parse(text))]));
}

/** What Home Assistant shows of the components of a device. */
function shownOf({ broker }: StatusBench, { components }: Discovery): Record<string, string> {
  return Object.fromEntries(
    Object.entries(components).map(([name, { value_template, state_topic }]) => [
      name,
      shown(value_template, broker.retained.get(state_topic) ?? ''),
    ]),
  );
}

describe('devices of Home Assistant', () => {
  it('have the shape and the topics that its documentation asks for', () => {
    const status = bench();
    status.note({ type: 'radio-signal', link: XBEE, rssi: -71, retries: undefined });
    status.connects('plain');
    status.connects('radio', { link: XBEE, transport: 'xbee' });
    status.connects('ärger/+#% <b>{{ 1 }}');
    status.settle();
    const found = discoveries(status);
    expect(found.size).toBe(4);
    for (const [topic, { components }] of found) {
      expect(topic).toMatch(discoveryTopic('homeassistant'));
      expect(Object.keys(components).length).toBeGreaterThan(0);
    }
    const ids = [...found.values()].flatMap(({ components }) => Object.values(components).map((one) => one.unique_id));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...found.values()].every(({ qos }) => qos === 1)).toBe(true);
  });

  it('the gateway: connectivity, clients by state, messages and their rate, restart needed', () => {
    const status = bench();
    status.view('a');
    status.view('b', { state: 'lost' });
    status.counts = { 'client-published.qos1': 12, 'delivered.qos0': 5 };
    status.pass(60_000);
    const gateway = discoveries(status).get('homeassistant/device/mqtt-sn_mqtt-sn-gateway_2f1/config');
    expect(gateway?.device).toEqual({
      identifiers: ['mqtt-sn_mqtt-sn-gateway_2f1'],
      name: 'MQTT-SN gateway 7',
      model: 'MQTT-SN gateway',
      sw_version: '1.2.3',
    });
    expect(gateway?.origin).toEqual({ name: 'mqtt-sn-gateway', sw_version: '1.2.3' });
    expect(shownOf(status, gateway as Discovery)).toEqual({
      connectivity: 'online',
      clients_total: '2',
      clients_active: '1',
      clients_asleep: '0',
      clients_awake: '0',
      clients_lost: '1',
      clients_disconnected: '0',
      messages_from_clients: '12',
      messages_to_clients: '5',
      rate_from_clients: '12',
      rate_to_clients: '5',
      restart_needed: 'OFF',
    });
    const { connectivity, ...others } = gateway?.components ?? {};
    // it says itself when the gateway is away, and is not unavailable then
    expect(connectivity).toMatchObject({ payload_on: 'online', payload_off: 'offline' });
    expect(connectivity).not.toHaveProperty('availability');
    const available = [
      { topic: 'mqtt-sn-gateway/1/state', payload_available: 'online', payload_not_available: 'offline' },
    ];
    expect(Object.values(others).map(({ availability }) => availability)).toEqual(Array(11).fill(available));
    status.restartNeededFor = ['transports[0].port'];
    status.note({ type: 'settings-reloaded', trigger: 'SIGHUP', changed: 0, needsRestart: 1 });
    status.settle();
    expect(shownOf(status, gateway as Discovery)).toMatchObject({ restart_needed: 'ON' });
  });

  it('a client: behind the gateway, with connectivity, last seen and waiting messages', () => {
    const status = bench();
    status.connects('node_17', { waiting: 3 });
    status.settle();
    const client = discoveries(status).get('homeassistant/device/mqtt-sn_mqtt-sn-gateway_2f1__node_5f17/config');
    expect(client?.device).toEqual({
      identifiers: ['mqtt-sn_mqtt-sn-gateway_2f1__node_5f17'],
      name: 'node_17',
      model: 'MQTT-SN client',
      via_device: 'mqtt-sn_mqtt-sn-gateway_2f1',
    });
    expect(shownOf(status, client as Discovery)).toEqual({
      connectivity: 'ON',
      last_seen: '2026-11-29T12:00:01Z',
      waiting: '3',
    });
  });

  it.each([
    ['active', 'ON'],
    ['asleep', 'ON'],
    ['awake', 'ON'],
    ['lost', 'OFF'],
    ['disconnected', 'OFF'],
  ] as const)('connectivity knows sleep: %s is %s', (state, connectivity) => {
    const status = bench();
    status.connects('a', { state });
    status.settle();
    const [, client] = [...discoveries(status).values()];
    expect(shownOf(status, client as Discovery)).toMatchObject({ connectivity });
  });

  it('the strength of the signal comes with the first frame of which the radio tells it', () => {
    const status = bench();
    status.connects('a', { link: XBEE, transport: 'xbee' });
    status.settle();
    const signal = () => [...discoveries(status).values()][1]?.components.signal;
    expect(signal()).toBeUndefined();
    status.note({ type: 'radio-signal', link: XBEE, rssi: -71, retries: undefined });
    status.view('a', { link: XBEE, transport: 'xbee', lastHeard: status.now + 1 });
    status.pass(300_000);
    expect(signal()).toMatchObject({ device_class: 'signal_strength', unit_of_measurement: 'dBm' });
    const [, client] = [...discoveries(status).values()];
    expect(shownOf(status, client as Discovery)).toMatchObject({ signal: '-71' });
  });

  it('are announced once, and not again at each change', () => {
    const status = bench();
    status.connects('a');
    status.settle();
    status.said();
    for (let i = 0; i < 10; i++) {
      status.connects('a', { state: i % 2 === 0 ? 'asleep' : 'active' });
      status.settle();
    }
    expect(status.said().filter((line) => line.startsWith('homeassistant/'))).toEqual([]);
  });

  it('are announced again when Home Assistant has come, the gateway first, after some chance', () => {
    const status = new StatusBench({ settings: SETTINGS, random: () => 0.5 });
    for (let i = 0; i < 300; i++) {
      status.connects(`c${i}`);
    }
    status.pass(60_000);
    status.said();
    status.broker.publish('homeassistant/status', 'offline');
    status.pass(10_000);
    expect(status.said()).toEqual([]);
    status.broker.publish('homeassistant/status', 'online');
    status.settle();
    status.pass(999);
    expect(status.said()).toEqual([]);
    status.pass(1);
    const first = status.said();
    expect(first).toHaveLength(100);
    expect(first[0]).toMatch(/^homeassistant\/device\/mqtt-sn_mqtt-sn-gateway_2f1\/config /);
    status.pass(3_000);
    expect(new Set([...first, ...status.said()]).size).toBe(301);
  });

  it('are announced again on a new connection', () => {
    const status = bench();
    status.connects('a');
    status.settle();
    status.broker.retained.clear();
    status.broker.breaks();
    status.pass(5_000);
    expect(discoveries(status).size).toBe(2);
  });

  it('go with the session, before its state', () => {
    const status = bench();
    status.connects('a');
    status.settle();
    status.said();
    status.forgets('a');
    status.settle();
    expect(status.said()).toEqual([
      'homeassistant/device/mqtt-sn_mqtt-sn-gateway_2f1__a/config ',
      'mqtt-sn-gateway/1/clients/a/state ',
    ]);
    expect(discoveries(status).size).toBe(1);
    status.broker.publish('homeassistant/status', 'online');
    status.pass(10_000);
    expect(discoveries(status).size).toBe(1);
  });

  it('go though the connection breaks on the way', () => {
    const status = bench();
    status.connects('a');
    status.pass(20_000); // what was left from before is not looked for any more
    status.broker.acknowledges = false;
    status.forgets('a');
    status.settle();
    status.broker.breaks();
    status.broker.acknowledges = true;
    status.broker.retained.set('mqtt-sn-gateway/1/clients/a/state', 'the broker has not got it');
    status.broker.retained.set('homeassistant/device/mqtt-sn_mqtt-sn-gateway_2f1__a/config', '{}');
    status.pass(10_000);
    expect(discoveries(status).size).toBe(1);
    expect(status.broker.retained.has('mqtt-sn-gateway/1/clients/a/state')).toBe(false);
  });

  it('of a client that is lost with its session show that for a while', () => {
    const status = bench();
    status.connects('a');
    status.settle();
    status.views.delete('a');
    status.note({ type: 'client-lost', clientId: 'a', link: 'udp:192.0.2.7:4711', reason: 'why', will: false });
    status.pass(3_000_000);
    const client = [...discoveries(status).values()][1];
    expect(shownOf(status, client as Discovery)).toMatchObject({ connectivity: 'OFF', waiting: '0' });
    status.pass(1_000_000);
    expect(discoveries(status).size).toBe(1);
  });

  it('come back with the client', () => {
    const status = bench();
    status.connects('a');
    status.settle();
    status.forgets('a');
    status.settle();
    status.connects('a');
    status.settle();
    expect(discoveries(status).size).toBe(2);
  });

  it('are none where Home Assistant is not asked for', () => {
    const status = new StatusBench({ settings: { discoveryPrefix: undefined } });
    status.connects('a');
    status.pass(400_000);
    expect(status.broker.said.filter(({ topic }) => !topic.startsWith('gw/'))).toEqual([]);
    expect(status.broker.subscribed).toEqual(['gw/state', 'gw/info', 'gw/clients/+/state']);
  });
});
