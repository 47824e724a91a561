import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { promtool } from '../../support/promtool.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ServedMetrics, servedMetrics } from '../../support/served-metrics.ts';
import { programBench } from './program-under-test.ts';

const TOKEN = 'a-token-for-prometheus';

const program = programBench();
let broker: Mosquitto;
let page: string;
let port: number;
let sensor: RawSensor | undefined;

/** What is answered at a path; undefined: nothing, yet. */
async function get(path: string, token?: string): Promise<{ status: number; type: string; text: string } | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${page}${path}`, { headers }).catch(() => undefined);
  return (
    response && {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text: await response.text(),
    }
  );
}

async function metrics(): Promise<ServedMetrics & { readonly text: string }> {
  const answer = await get('/metrics', TOKEN);
  expect(answer).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  const text = answer?.text ?? '';
  return { ...servedMetrics(text), text };
}

/** Waits until a metric has a value. */
async function has(series: string, value: number): Promise<void> {
  await eventually(`${series} ${value}`, async () => (await metrics()).values.get(series) === value);
}

beforeEach(async () => {
  broker = await Mosquitto.start();
  const pagePort = await freePort();
  page = `http://127.0.0.1:${pagePort}`;
  const running = await program([], {
    environment: {
      MQTTSN_HTTP_ENABLED: 'true',
      MQTTSN_HTTP_PORT: String(pagePort),
      MQTTSN_HTTP_TOKEN: TOKEN,
      MQTTSN_UPSTREAM_URL: broker.url,
      MQTTSN_TRANSPORTS_0_TYPE: 'udp',
      MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1',
      MQTTSN_TRANSPORTS_0_PORT: '0',
    },
  });
  port = await running.ready();
  await eventually('the page is served, and the broker is there', async () => (await get('/readyz'))?.status === 200);
});

afterEach(async () => {
  await sensor?.close();
  sensor = undefined;
  await broker.dispose();
});

describe('the metrics of a gateway that runs', () => {
  it('are taken by Prometheus, and count what clients do', async () => {
    sensor = await RawSensor.open({ port });
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    for (const msgId of ['02', '03', '04']) {
      await sensor.exchange(`08 0C 20 0001 00${msgId} 31`, `07 0D 0001 00${msgId} 00`);
    }
    await sensor.exchange('08 0C 20 0009 0005 31', '07 0D 0009 0005 02'); // a topic id that nobody has given out
    sensor.send('08 0C 61 0777 0000 31'); // QoS −1, an id that nobody has defined
    sensor.send('00'); // no frame
    await sensor.exchange(frame('12 20 0006', 'cmd/x'), '08 13 20 0002 0006 00');
    const peer = await MqttPeer.connect(broker.url);
    await peer.publish('cmd/x', 'on', 1);
    await sensor.expect('09 0C 20 0002 0001 6F 6E');
    sensor.send('07 0D 0002 0001 00');
    await peer.close();

    await has('mqttsn_messages_total{direction="down",qos="1"}', 1);
    const { text, values } = await metrics();
    expect(promtool(['check', 'metrics'], text)).toBe('');
    expect(Object.fromEntries(values)).toMatchObject({
      'mqttsn_clients{state="active",transport="udp"}': 1,
      'mqttsn_client_events_total{event="connected"}': 1,
      'mqttsn_messages_total{direction="up",qos="1"}': 3,
      'mqttsn_refusals_total{message="PUBLISH",return_code="invalidTopicId"}': 1,
      'mqttsn_frames_dropped_total{reason="badLength"}': 1,
      mqttsn_topics_registered_total: 1,
      'mqttsn_subscription_changes_total{change="subscribed"}': 1,
      'mqttsn_publish_duration_seconds_count{qos="1"}': 3,
      'mqttsn_publish_duration_seconds_bucket{qos="1",le="+Inf"}': 3,
      'mqttsn_delivery_duration_seconds_count{qos="1"}': 1,
      mqttsn_upstream_connections: 2,
      mqttsn_upstream_reachable: 1,
      mqttsn_upstream_outages_total: 0,
      'mqttsn_transport_up{transport="udp",type="udp"}': 1,
      'mqttsn_transport_frames_total{transport="udp",direction="received"}': 10,
    });
    expect(text).toMatch(
      /^mqttsn_messages_dropped_total\{direction="up",qos="-1",reason="pre-defined topic id.*"} 1$/m,
    );
    expect(values.get('mqttsn_publish_duration_seconds_sum{qos="1"}')).toBeGreaterThan(0);
    expect(values.get('mqttsn_event_loop_busy_seconds_total')).toBeGreaterThan(0);
    expect(values.get('process_open_fds')).toBeGreaterThan(10);
    expect(values.get('process_cpu_seconds_total')).toBeGreaterThan(0.1); // since its start, not since the first question
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(text).not.toMatch(/sensor-1|up\/temp|127\.0\.0\.1/);
  });

  it('are for whoever has the token; health is for everybody', async () => {
    expect((await get('/metrics'))?.status).toBe(401);
    expect((await get('/metrics', 'another-token-than-that'))?.status).toBe(401);
    expect((await get('/metrics', TOKEN))?.status).toBe(200);
    expect(JSON.parse((await get('/healthz'))?.text ?? '')).toMatchObject({
      status: 'ok',
      checks: [{ name: 'event loop' }, { name: 'session store', ok: true }],
    });
  });

  it('say that the broker is away, as does /readyz; the gateway lives all the same', async () => {
    await broker.stop();
    await has('mqttsn_upstream_outages_total', 1);
    await has('mqttsn_upstream_reachable', 0);
    await has('mqttsn_upstream_connections', 0);
    const ready = await get('/readyz');
    expect([ready?.status, JSON.parse(ready?.text ?? '')]).toEqual([
      503,
      {
        status: 'failing',
        checks: [
          { name: 'transport udp', ok: true, state: 'open' },
          { name: 'broker', ok: false, state: 'unreachable' },
        ],
      },
    ]);
    expect((await get('/healthz'))?.status).toBe(200);
    await broker.start();
    await eventually('the broker is back', async () => (await get('/readyz'))?.status === 200);
    await has('mqttsn_upstream_reachable', 1);
  });
});
