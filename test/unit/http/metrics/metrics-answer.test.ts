import { describe, expect, it } from '@jest/globals';
import { metricsAnswers } from '../../../../src/http/metrics/metrics-answer.ts';
import type { MetricsSource } from '../../../../src/http/metrics/scrape.ts';
import { promtool } from '../../../support/promtool.ts';
import { NOTES } from '../../observe/notes.ts';
import { NO_TIMES, siteAtRest } from '../site-at-rest.ts';
import { busyGateway, COUNTS_OF_STATES, gatewayWith } from './busy-gateway.ts';

/** What is served, line by line. */
async function lines(from: MetricsSource): Promise<string[]> {
  return (await metricsAnswers(from)()).content.split('\n');
}

/** The values of one metric, with their labels as they are written. */
async function values(from: MetricsSource, name: string): Promise<Record<string, number>> {
  const own = (await lines(from)).filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return Object.fromEntries(
    own.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(name.length, at), Number(line.slice(at))];
    }),
  );
}

describe('/metrics', () => {
  it('is text that Prometheus takes, before anything has happened and after everything has', async () => {
    const quiet = await metricsAnswers(gatewayWith([]))();
    expect(quiet).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(promtool(['check', 'metrics'], quiet.content)).toBe('');
    const busy = await metricsAnswers(busyGateway())();
    expect(promtool(['check', 'metrics'], busy.content)).toBe('');
  });

  it('has clients by state and transport', async () => {
    const sessions = {
      census: () =>
        new Map([
          ['udp', COUNTS_OF_STATES],
          ['xbee', { ...COUNTS_OF_STATES, active: 0, asleep: 40 }],
        ]),
    };
    expect(await values(gatewayWith([], { sessions }), 'mqttsn_clients')).toMatchObject({
      '{state="active",transport="udp"}': 3,
      '{state="lost",transport="udp"}': 1,
      '{state="asleep",transport="xbee"}': 40,
      '{state="disconnected",transport="xbee"}': 0,
    });
  });

  it('has messages by direction and QoS, as 0 from the start', async () => {
    const published = NOTES['client-published'];
    const from = gatewayWith([published, published, { ...published, qos: -1 }, NOTES.delivered]);
    expect(await values(from, 'mqttsn_messages_total')).toEqual({
      '{direction="up",qos="-1"}': 1,
      '{direction="up",qos="0"}': 0,
      '{direction="up",qos="1"}': 2,
      '{direction="up",qos="2"}': 0,
      '{direction="down",qos="0"}': 0,
      '{direction="down",qos="1"}': 0,
      '{direction="down",qos="2"}': 1,
    });
  });

  it('has dropped messages by why', async () => {
    const from = gatewayWith([NOTES['client-publish-dropped'], NOTES['delivery-dropped'], NOTES['delivery-dropped']]);
    expect(await values(from, 'mqttsn_messages_dropped_total')).toEqual({
      '{direction="up",qos="0",reason="the queue is full"}': 1,
      '{direction="down",qos="1",reason="it does not fit into a frame"}': 2,
    });
  });

  it('has refused requests by why, those of access rules too, without the rule', async () => {
    const rule = (name: string): string => `(access rule "${name}")`;
    const from = gatewayWith([
      { ...NOTES['client-refused'], reason: `connecting is not granted ${rule('one')}` },
      { ...NOTES['client-refused'], reason: `connecting is not granted ${rule('other')}` },
      { ...NOTES['client-refused'], reason: `its will: publishing to this topic is not granted ${rule('one')}` },
      { ...NOTES['client-refused'], reason: 'ProtocolId 7 is not 1' },
      {
        ...NOTES['request-rejected'],
        message: 'SUBSCRIBE',
        reason: 'subscribing to this filter is not granted (access.default)',
      },
    ]);
    expect(await values(from, 'mqttsn_refusal_reasons_total')).toEqual({
      '{message="CONNECT",reason="connecting is not granted"}': 2,
      '{message="CONNECT",reason="its will, publishing to this topic is not granted"}': 1,
      '{message="CONNECT",reason="ProtocolId N is not N"}': 1,
      '{message="SUBSCRIBE",reason="subscribing to this filter is not granted"}': 1,
    });
  });

  it('has refusals by request and return code, retransmissions, and frames that were dropped', async () => {
    const from = gatewayWith([
      NOTES['client-refused'],
      NOTES['request-rejected'],
      NOTES.retransmitted,
      NOTES['frame-dropped'],
      NOTES['frame-dropped'],
    ]);
    expect(await values(from, 'mqttsn_refusals_total')).toMatchObject({
      '{message="CONNECT",return_code="notSupported"}': 1,
      '{message="SUBSCRIBE",return_code="notSupported"}': 1,
      '{message="SUBSCRIBE",return_code="congestion"}': 0,
    });
    expect(await values(from, 'mqttsn_retransmissions_total')).toEqual({
      '{message="PUBLISH"}': 0,
      '{message="REGISTER"}': 1,
    });
    expect(await values(from, 'mqttsn_frames_dropped_total')).toMatchObject({
      '{reason="truncated"}': 2,
      '{reason="malformed"}': 0,
    });
  });

  it('has outages, and connections of both modes', async () => {
    const from = gatewayWith([
      NOTES['gateway-reachable'],
      { type: 'gateway-reachable', reachable: true },
      NOTES['upstream-up'],
      NOTES['shared-connection-up'],
      NOTES['upstream-down'],
    ]);
    expect(await values(from, 'mqttsn_upstream_outages_total')).toEqual({ '': 1 });
    expect(await values(from, 'mqttsn_upstream_connects_total')).toEqual({
      '{connection="own"}': 1,
      '{connection="shared"}': 1,
    });
    expect(await values(from, 'mqttsn_upstream_failures_total')).toEqual({
      '{connection="own"}': 1,
      '{connection="shared"}': 0,
    });
  });

  it('has times in seconds, as histograms that add up', async () => {
    const site = siteAtRest({
      publishLatency: () => ({ 1: { bounds: [1, 2.5, 10_000], counts: [4, 3, 0, 2], sum: 65_432.1 }, 2: NO_TIMES }),
    });
    const from = gatewayWith([], { site });
    expect(await values(from, 'mqttsn_publish_duration_seconds_bucket')).toMatchObject({
      '{qos="1",le="0.001"}': 4,
      '{qos="1",le="0.0025"}': 7,
      '{qos="1",le="10"}': 7,
      '{qos="1",le="+Inf"}': 9,
      '{qos="2",le="+Inf"}': 0,
    });
    expect(await values(from, 'mqttsn_publish_duration_seconds_sum')).toMatchObject({ '{qos="1"}': 65.4321 });
    expect(await values(from, 'mqttsn_publish_duration_seconds_count')).toMatchObject({ '{qos="1"}': 9 });
  });

  it('has broker, transports, queues and limits as they are at that moment', async () => {
    const [udp] = siteAtRest().transports();
    let octets = 10;
    const site = siteAtRest({
      broker: () => ({ ...siteAtRest().broker(), state: 'unreachable' }),
      transports: () => [
        {
          ...(udp as NonNullable<typeof udp>),
          state: 'down',
          problems: 2,
          traffic: { framesReceived: 5, octetsReceived: 50, framesSent: 6, octetsSent: 70 },
        },
      ],
      queues: () => ({ messages: 3, octets }),
      waitingQos0: () => 4,
      connections: () => 12,
      storeStalledFor: () => 4_500,
    });
    const answers = metricsAnswers(gatewayWith([], { site }));
    const served = (await answers()).content;
    expect(served.split('\n')).toEqual(
      expect.arrayContaining([
        'mqttsn_gateway_info{version="1.2.3",gateway_id="7",mode="transparent"} 1',
        'mqttsn_upstream_reachable 0',
        'mqttsn_upstream_since_timestamp_seconds 1700000001.5',
        'mqttsn_transport_up{transport="udp",type="udp"} 0',
        'mqttsn_transport_frames_total{transport="udp",direction="received"} 5',
        'mqttsn_transport_frames_total{transport="udp",direction="sent"} 6',
        'mqttsn_transport_bytes_total{transport="udp",direction="sent"} 70',
        'mqttsn_transport_problems_total{transport="udp"} 2',
        'mqttsn_queue_messages 3',
        'mqttsn_queue_bytes{queue="all"} 10',
        'mqttsn_queue_bytes{queue="qos0"} 4',
        'mqttsn_queue_limit_bytes{queue="qos0"} 65536',
        'mqttsn_queue_limit_bytes{queue="all"} 1048576',
        'mqttsn_upstream_connections 12',
        'mqttsn_sessions_limit 10000',
        'mqttsn_store_stalled_seconds 4.5',
      ]),
    );
    octets = 20;
    expect((await answers()).content).toContain('\nmqttsn_queue_bytes{queue="all"} 20\n');
  });

  it('has what the process takes, and nothing that is counted by looking at every socket', async () => {
    const names = (await lines(gatewayWith([]))).flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_open_fds',
        'nodejs_heap_size_used_bytes',
        'nodejs_gc_duration_seconds',
        'mqttsn_event_loop_delay_seconds',
        'mqttsn_event_loop_busy_seconds_total',
      ]),
    );
    expect(names.filter((name) => /handles|requests|resources|eventloop_lag/.test(name))).toEqual([]);
  });

  it('says no client id, address or topic', async () => {
    const { content } = await metricsAnswers(busyGateway())();
    expect(content).not.toMatch(/sensor-1|192\.0|cmd\/s1|broker:1883/);
  });

  it('has an answer for two who ask at once, and for two gateways in one process', async () => {
    const one = metricsAnswers(gatewayWith([]));
    const other = metricsAnswers(gatewayWith([NOTES['client-connected']]));
    const [first, second, third] = await Promise.all([one(), one(), other()]);
    expect([first, second].map(({ content }) => /event="connected"} (\d+)/.exec(content)?.[1])).toEqual(['0', '0']);
    expect(third.content).toContain('mqttsn_client_events_total{event="connected"} 1\n');
  });
});
