/** What is so at the moment: clients, broker, transports, queues, and what the gateway is. */
import type { TransportView } from '../../ports/site.ts';
import { alone, type Family, type Sample } from './family.ts';

const NOBODY = { active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };

export const STATE_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'mqttsn_gateway_info',
    help: 'What runs here; always 1.',
    labels: ['version', 'gateway_id', 'mode'],
    samples: ({ site, broker }) => [
      { labels: { version: site.version, gateway_id: String(site.gwId), mode: broker.mode }, value: 1 },
    ],
  },
  {
    type: 'gauge',
    name: 'mqttsn_clients',
    help: 'Clients that have a session, by their state and the transport where they are or were last.',
    labels: ['state', 'transport'],
    samples: ({ census, transports }) => {
      const unused = transports.flatMap(({ name }) => (census.has(name) ? [] : [[name, NOBODY] as const]));
      return [...unused, ...census].flatMap(([transport, states]) =>
        Object.entries(states).map(([state, value]) => ({ labels: { state, transport }, value })),
      );
    },
  },
  {
    type: 'gauge',
    name: 'mqttsn_sessions_limit',
    help: 'Most sessions that there may be (setting sessions.limit).',
    labels: [],
    samples: ({ limits }) => alone(limits.sessions),
  },
  {
    type: 'gauge',
    name: 'mqttsn_queue_messages',
    help: 'Messages that wait for clients in the gateway.',
    labels: [],
    samples: ({ site }) => alone(site.queues().messages),
  },
  {
    type: 'gauge',
    name: 'mqttsn_queue_bytes',
    help: 'The same in octets: all, and those with QoS 0 among them, which have a limit of their own.',
    labels: ['queue'],
    samples: ({ site }) => [
      { labels: { queue: 'all' }, value: site.queues().octets },
      { labels: { queue: 'qos0' }, value: site.waitingQos0() },
    ],
  },
  {
    type: 'gauge',
    name: 'mqttsn_queue_limit_bytes',
    help: 'Octets that may wait for all clients together (settings sessions.sleepBufferOctetsInAll and, in an aggregating gateway, sessions.queue.octetsInAll).',
    labels: ['queue'],
    samples: ({ limits: { qos0Octets, queueOctets } }) => [
      { labels: { queue: 'qos0' }, value: qos0Octets },
      ...(queueOctets === undefined ? [] : [{ labels: { queue: 'all' }, value: queueOctets }]),
    ],
  },
  {
    type: 'gauge',
    name: 'mqttsn_upstream_reachable',
    help: '1: the broker can be reached (aggregating: the connection that clients share stands), 0: it cannot, or is being connected to.',
    labels: [],
    samples: ({ broker }) => alone(broker.state === 'reachable' ? 1 : 0),
  },
  {
    type: 'gauge',
    name: 'mqttsn_upstream_since_timestamp_seconds',
    help: 'Since when that is so.',
    labels: [],
    samples: ({ broker }) => alone(broker.since / 1000),
  },
  {
    type: 'gauge',
    name: 'mqttsn_upstream_connections',
    help: 'Connections to the broker that stand: one for each client that is there and shares none, that which clients share (aggregating), and those of the gateway itself.',
    labels: [],
    samples: ({ site }) => alone(site.connections()),
  },
  {
    type: 'gauge',
    name: 'mqttsn_transport_up',
    help: '1: clients can be heard there, 0: they cannot.',
    labels: ['transport', 'type'],
    samples: ({ transports }) =>
      transports.map(({ name, type, state }) => ({
        labels: { transport: name, type },
        value: state === 'up' ? 1 : 0,
      })),
  },
  {
    type: 'counter',
    name: 'mqttsn_transport_frames_total',
    help: 'Frames that came in and went out.',
    labels: ['transport', 'direction'],
    samples: ({ transports }) => bothWays(transports, 'framesReceived', 'framesSent'),
  },
  {
    type: 'counter',
    name: 'mqttsn_transport_bytes_total',
    help: 'Octets of those frames.',
    labels: ['transport', 'direction'],
    samples: ({ transports }) => bothWays(transports, 'octetsReceived', 'octetsSent'),
  },
  {
    type: 'counter',
    name: 'mqttsn_transport_problems_total',
    help: 'How often a transport had a problem, or heard what belongs to no frame.',
    labels: ['transport'],
    samples: ({ transports }) =>
      transports.map(({ name, problems }) => ({ labels: { transport: name }, value: problems })),
  },
];

type Count = keyof TransportView['traffic'];

function bothWays(transports: readonly TransportView[], received: Count, sent: Count): Sample[] {
  return transports.flatMap(({ name, traffic }) => [
    { labels: { transport: name, direction: 'received' }, value: traffic[received] },
    { labels: { transport: name, direction: 'sent' }, value: traffic[sent] },
  ]);
}
