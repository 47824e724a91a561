import type { ClientDetail, ClientStateName, Overview } from '../../src/http/api-contract.ts';
import type { MadeUpGateway } from './fake-api.ts';

const STATES: readonly ClientStateName[] = [
  'active',
  'active',
  'asleep',
  'active',
  'asleep',
  'disconnected',
  'active',
  'awake',
  'asleep',
  'lost',
];

function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1_000).toISOString();
}

/** One client of a gateway that was made up. `n` decides on everything that `fields` does not say. */
export function madeUpClient(n: number, fields: Partial<ClientDetail> = {}): ClientDetail {
  const state = STATES[n % STATES.length] ?? 'active';
  const isRadio = n % 7 === 3;
  const topic = `site/hall-${n % 9}/sensor-${n}/temperature`;
  return {
    clientId: `sensor-${n}`,
    state,
    since: ago(n * 13 + 40),
    transport: isRadio ? 'xbee' : 'udp',
    link: isRadio ? `xbee:0013a200${(0x40a00000 + n).toString(16)}` : `udp:192.0.2.${n % 250}:${20_000 + n}`,
    address: isRadio ? `0013a200${(0x40a00000 + n).toString(16)}` : `192.0.2.${n % 250}:${20_000 + n}`,
    identity: n % 11 === 3 ? `meter-${n}` : null,
    connection: null,
    lastSeen: ago(n % 90),
    sleepUntil: state === 'asleep' ? ago(-60 * (n % 50) - 30) : null,
    published: n * 37,
    delivered: n * 3,
    dropped: n % 40 === 4 ? 2 : 0,
    waiting: state === 'asleep' ? n % 4 : 0,
    rssi: isRadio ? -40 - (n % 50) : null,
    lastTopic: n % 12 === 5 ? null : topic,
    lastOctets: n % 12 === 5 ? null : 4 + (n % 60),
    accessRule: n % 11 === 3 ? 'access rule "meters"' : null,
    cleanSession: n % 2 === 1,
    keepAlive: 60,
    inFlight: n % 3,
    willTopic: n % 3 === 0 ? `site/hall-${n % 9}/sensor-${n}/gone` : null,
    topicIds: [
      { topicId: 1, topicName: topic, known: true },
      { topicId: 2, topicName: `cmd/sensor-${n}/valve`, known: false },
    ],
    subscriptions: [
      { filter: `cmd/sensor-${n}/valve`, qos: 1 },
      { filter: 'site/+/alarm', qos: 0 },
    ],
    waitingMessages: Array.from({ length: state === 'asleep' ? n % 4 : 0 }, (_, at) => ({
      ...{ topic: `cmd/sensor-${n}/valve`, qos: 1, octets: 4 + at, since: ago(300 - at) },
    })),
    refusals:
      n % 11 === 3
        ? [
            {
              time: ago(75),
              text: 'PUBLISH answered with "not supported": publishing to this topic is not granted (access rule "meters")',
              topic: `site/hall-${n % 9}/set`,
              count: 12,
            },
          ]
        : [],
    history: [
      { time: ago(n * 13 + 40), state, reason: null },
      { time: ago(n * 13 + 400), state: 'lost', reason: 'not heard within 1.5 times its keep-alive' },
      { time: ago(n * 13 + 4_000), state: 'active', reason: null },
    ],
    traceUntil: null,
    ...fields,
  };
}

/** A gateway that was made up, with so many clients. */
export function madeUpGateway(count: number): MadeUpGateway {
  const clients = new Map(
    Array.from({ length: count }, (_, n) => madeUpClient(n + 1)).map((one) => [one.clientId, one]),
  );
  const inState = (wanted: ClientStateName): number =>
    [...clients.values()].filter(({ state }) => state === wanted).length;
  const now = Math.floor(Date.now() / 10_000) * 10;
  const points = Array.from({ length: 360 }, (_, index) => index);
  const chance = chances();
  const wave = (index: number, high: number): number =>
    high * (1 + Math.sin(index / 47) * 0.25 + Math.sin(index / 11) * 0.08 + chance() * 0.2 - 0.1);
  const away = (index: number): boolean => index >= 208 && index < 211;
  return {
    overview: overview(count, inState),
    history: {
      time: points.map((index) => now - (359 - index) * 10),
      up: points.map((index) => wave(index, 12) * (away(index) ? 0.1 : 1)),
      down: points.map((index) => wave(index + 40, 3.4) * (away(index) ? 0 : 1)),
      clients: points.map((index) => Math.round(count * 0.8 - (index >= 211 && index < 240 ? (240 - index) / 3 : 0))),
      eventLoopDelay: points.map(() => 0.9 + chance() * 0.5 + (chance() > 0.97 ? chance() * 9 : 0)),
      queued: points.map((index) => Math.round(wave(index, 16) + (away(index) ? 20 : 0))),
    },
    incidents: [
      {
        time: ago(20),
        level: 'warn',
        event: 'client-publish-dropped',
        text: 'PUBLISH of a client dropped: pre-defined topic id 17 is not configured',
        clientId: 'sensor-5',
        link: 'udp:192.0.2.5:20005',
      },
      {
        time: ago(95),
        level: 'error',
        event: 'upstream-down',
        text: 'no connection to the broker: connection refused (ECONNREFUSED)',
        clientId: null,
        link: null,
      },
      {
        time: ago(700),
        level: 'warn',
        event: 'client-refused',
        text: 'client refused: as many sessions as may be (rejected: congestion)',
        clientId: 'meter-77',
        link: 'udp:192.0.2.77:20077',
      },
      {
        time: ago(4_000),
        level: 'info',
        event: 'frame-undelivered',
        text: 'frame did not arrive: the radio has no route',
        clientId: null,
        link: 'xbee:0013a20040a00003',
      },
    ],
    clients,
    topics: {
      predefined: [
        { clientId: '*', topicId: 1, topicName: 'sensors/boiler/temperature', usedBy: 'sensor-4', usedAt: ago(12) },
        { clientId: '*', topicId: 2, topicName: 'sensors/boiler/pressure', usedBy: null, usedAt: null },
        { clientId: 'meter-7', topicId: 10, topicName: 'meters/7/power', usedBy: 'meter-7', usedAt: ago(3_000) },
      ],
      unknown: [
        { clientId: 'sensor-5', link: 'udp:192.0.2.5:20005', topicId: 17, count: 12, lastSeen: ago(20) },
        { clientId: null, link: 'udp:192.0.2.9:20009', topicId: 300, count: 1, lastSeen: ago(7_200) },
      ],
      short: [{ topicName: 't1', usedBy: 'sensor-2', usedAt: ago(5) }],
      registered: [...clients.values()]
        .slice(0, 300)
        .flatMap(({ clientId, topicIds }) =>
          topicIds.map(({ topicId, topicName }) => ({ clientId, topicId, topicName })),
        ),
      registeredMore: 0,
      predefinedMore: 0,
    },
  };
}

function overview(count: number, inState: (wanted: ClientStateName) => number): Overview {
  return {
    version: '0.1.0',
    gwId: 1,
    startedAt: ago(277_000),
    uptime: 277_000,
    broker: {
      url: 'mqtt://broker.example:1883',
      embedded: false,
      mode: 'transparent',
      state: 'reachable',
      since: ago(90),
      reason: null,
    },
    transports: [
      {
        name: 'udp',
        type: 'udp',
        address: '0.0.0.0:1884',
        state: 'up',
        since: ago(277_000),
        reason: null,
        problems: 0,
        framesReceived: 1_234_567,
        octetsReceived: 34_567_890,
        framesSent: 1_200_001,
        octetsSent: 8_400_000,
      },
      {
        name: 'xbee',
        type: 'xbee',
        address: '/dev/ttyUSB0',
        state: 'down',
        since: ago(300),
        reason: 'the port is not there (ENOENT): is the module plugged in?',
        problems: 3,
        framesReceived: 9_876,
        octetsReceived: 320_000,
        framesSent: 9_800,
        octetsSent: 95_000,
      },
    ],
    clients: {
      active: inState('active'),
      asleep: inState('asleep'),
      awake: inState('awake'),
      lost: inState('lost'),
      disconnected: inState('disconnected'),
      total: count,
    },
    rates: { up: 12.4, down: 3.06 },
    queue: { messages: 17, octets: 2_310 },
    dropped: {
      up: 2,
      down: 7,
      reasons: [
        { direction: 'down', qos: 1, reason: 'too many messages wait for the client', count: 7 },
        { direction: 'up', qos: -1, reason: 'QoS −1 is not accepted from this address', count: 2 },
      ],
    },
    eventLoopDelay: 1.23,
    access: 'all',
    accessHint: null,
    needsRestart: [],
  };
}

/** Numbers from 0 to 1 that look like chance, the same each time. */
function chances(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
