import { expect } from '@jest/globals';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';
import { eventually } from '../../support/eventually.ts';
import type { MqttPeer, PeerMessage } from '../../support/mqtt-peer.ts';
import type { SceneClient } from '../transports/scene.ts';
import { type BrokerScene, PREDEFINED } from './broker-scene.ts';

/** What the gateway does for its clients, whatever broker it stands before. */
export interface CoreBehaviour {
  readonly name: string;
  run(scene: BrokerScene): Promise<void>;
}

/** Messages that wait for a sleeper: more than mosquitto (20) or RabbitMQ (10) has under way to one client at a time. */
const WAITING = Array.from({ length: 45 }, (_, n) => `${n + 1}`);
/** QoS 2 publishes: more than the gateway holds for a client whose broker does not answer. */
const EXCHANGES = Array.from({ length: 17 }, (_, n) => `${n + 1}`);

const PREDEFINED_NAME = PREDEFINED['*'][7];

/** The QoS with which the broker hands on what was published and subscribed to with QoS 2. */
const highestQos = ({ qos2 }: BrokerScene): 1 | 2 => (qos2 === 'exactly-once' ? 2 : 1);

function payloadsAt(peer: MqttPeer): string[] {
  return peer.messages.map(({ payload }) => payload);
}

/** How often this client has been connected to the broker. */
function connectionsOf({ gateway, prefix }: BrokerScene): number {
  return gateway.notesOf('upstream-up').filter(({ clientId }) => clientId === prefix).length;
}

/** Subscriptions and messages of this client before now are at the broker: it has answered what came behind them. */
async function throughTheBroker(scene: BrokerScene, client: SceneClient): Promise<void> {
  await client.subscribe({ name: `${scene.prefix}/through` }, 1);
}

/**
 * Sleeps, and gets what waits when it wakes: all of it before PINGRESP, in order, once. Where the broker answers pings before it hands over,
 * nothing proves that it has no more (I-18): what is left then comes with the next wake-up.
 */
async function sleepAndWake(
  scene: BrokerScene,
  cleanSession: boolean,
  asleep: (publish: () => Promise<void>) => Promise<void> = (publish) => publish(),
): Promise<void> {
  const topic = `${scene.prefix}/cmd`;
  const peer = await scene.peer();
  const client = await scene.connected({ cleanSession });
  await client.subscribe({ name: `${scene.prefix}/#` }, 1);
  await client.sleep(300);
  await asleep(async () => {
    for (const text of WAITING) {
      await peer.publish(topic, text, 1);
    }
  });
  expect(client.payloads).toEqual([]);
  do {
    await client.wake();
  } while (!scene.broker.keepsPingsInOrder && client.payloads.length < WAITING.length);
  expect(client.payloads).toEqual(WAITING);
  await client.wake();
  expect(client.payloads).toEqual(WAITING);
  await client.connect(); // SL-10: active again
  await peer.publish(topic, 'awake', 1);
  await client.payload('awake');
  await client.disconnect();
}

export const CORE_BEHAVIOURS: readonly CoreBehaviour[] = [
  {
    name: 'a client is connected, with a client id of 64 octets too, and SEARCHGW is answered (C-1, D-10)',
    async run(scene) {
      const client = await scene.connected();
      expect(await client.searchGateway(1)).toEqual({ gwId: 1 });
      await client.ping();
      await client.disconnect();
      const long = await scene.connected({ clientId: scene.prefix.padEnd(64, 'x') });
      await long.disconnect();
    },
  },
  {
    name: 'publishes with QoS 0 and 1 arrive, each once',
    async run(scene) {
      const topic = `${scene.prefix}/up`;
      const peer = await scene.peer(topic);
      const client = await scene.connected();
      await client.publish({ name: topic }, 'zero');
      await client.publish({ name: topic }, 'one', { qos: 1 });
      await client.publish({ short: 'st' }, 'short', { qos: 1 });
      await peer.message(2);
      await peer.settle();
      expect(peer.messages.map(({ payload, qos, retain }) => [payload, qos, retain])).toEqual([
        ['zero', 0, false],
        ['one', 1, false],
      ]);
      await client.disconnect();
    },
  },
  {
    name: 'publishes with QoS 2 get PUBREC and PUBCOMP and arrive once, seventeen of them and a QoS 1 behind; or the broker takes none, and they are refused',
    async run(scene) {
      const topic = `${scene.prefix}/up`;
      const peer = await scene.peer(topic);
      const client = await scene.connected();
      if (scene.qos2 === 'refused') {
        await expect(client.publish({ name: topic }, '1', { qos: 2 })).rejects.toMatchObject({ returnCode: 3 });
      } else {
        for (const text of EXCHANGES) {
          await client.publish({ name: topic }, text, { qos: 2 });
        }
      }
      await client.publish({ name: topic }, 'behind', { qos: 1 });
      await peer.received.find('the last one', ({ payload }) => payload === 'behind');
      await peer.settle();
      expect(payloadsAt(peer)).toEqual([...(scene.qos2 === 'refused' ? [] : EXCHANGES), 'behind']);
      // One line of the log, whatever the number of publishes: duplicates are possible.
      expect(scene.gateway.notesOf('broker-without-qos2')).toHaveLength(scene.qos2 === 'taken-as-1' ? 1 : 0);
      expect(scene.gateway.notesOf('broker-answer-ignored')).toEqual([]);
      const qosOf = (text: string) => peer.messages.find(({ payload }) => payload === text)?.qos;
      expect(qosOf('1')).toBe(scene.qos2 === 'refused' ? undefined : highestQos(scene));
      await client.disconnect();
    },
  },
  {
    name: 'a subscriber is granted what the broker grants, and gets messages with QoS 0, 1 and 2, in order, QoS 2 once',
    async run(scene) {
      const topic = `${scene.prefix}/cmd`;
      const peer = await scene.peer();
      const client = await scene.connected();
      expect(await client.subscribe({ name: topic }, 2)).toMatchObject({ qos: highestQos(scene) });
      await peer.publish(topic, 'zero', 0);
      await peer.publish(topic, 'one', 1);
      await peer.publish(topic, 'two', scene.qos2 === 'refused' ? 1 : 2);
      await peer.publish(topic, 'three', 1);
      await client.payload('three');
      await throughTheBroker(scene, client);
      expect(client.received.items.map(({ data, qos }) => [Buffer.from(data).toString(), qos])).toEqual([
        ['zero', 0],
        ['one', 1],
        ['two', highestQos(scene)],
        ['three', 1],
      ]);
      await client.disconnect();
    },
  },
  {
    name: 'a wildcard brings each topic after its REGISTER (R-5, R-6), and UNSUBSCRIBE ends it',
    async run(scene) {
      const { prefix } = scene;
      const peer = await scene.peer();
      const client = await scene.connected();
      expect(await client.subscribe({ name: `${prefix}/+/led` }, 1)).toMatchObject({ topicId: 0 }); // U-2
      await peer.publish(`${prefix}/a/led`, 'on', 1);
      await peer.publish(`${prefix}/b/led`, 'off', 1);
      await client.payload('off');
      expect(client.received.items.map(({ topicName }) => topicName)).toEqual([`${prefix}/a/led`, `${prefix}/b/led`]);
      await client.unsubscribe({ name: `${prefix}/+/led` });
      await client.subscribe({ name: `${prefix}/end` }, 1);
      await peer.publish(`${prefix}/a/led`, 'too late', 1);
      await peer.publish(`${prefix}/end`, 'end', 1);
      await client.payload('end');
      expect(client.payloads).toEqual(['on', 'off', 'end']);
      await client.disconnect();
    },
  },
  {
    name: 'a retained message waits for who subscribes later, on both sides, until an empty one takes its place',
    async run(scene) {
      const topic = `${scene.prefix}/state`;
      const client = await scene.connected();
      await client.publish({ name: topic }, 'kept', { qos: 1, retain: true });
      const late = await scene.peer(topic);
      expect(await late.message(1)).toMatchObject({ payload: 'kept', retain: true });
      await client.subscribe({ name: topic }, 1);
      expect(await client.payload('kept')).toMatchObject({ topicName: topic, retain: true });
      await client.publish({ name: topic }, '', { qos: 1, retain: true });
      const later = await scene.peer(topic);
      await later.settle();
      expect(later.messages).toEqual([]);
      await client.disconnect();
    },
  },
  {
    name: 'the will of a client that falls silent is published (K-3), and not that of one that says DISCONNECT (X-1)',
    async run(scene) {
      const topic = `${scene.prefix}/will`;
      const peer = await scene.peer(topic);
      const will = { topic, message: 'gone', qos: 1, retain: false } as const;
      const polite = await scene.connected({ will });
      await polite.disconnect();
      const back = await scene.connected(); // the broker has done with the former connection
      await back.disconnect();
      const lost = await scene.connected({ keepAlive: 1, will });
      await lost.close();
      const [first] = await Promise.all<PeerMessage | object>([
        peer.message(1),
        scene.gateway.waitForNote('client-lost', { clientId: scene.prefix }),
      ]);
      expect(first).toMatchObject({ topic, payload: 'gone', qos: 1 });
      await peer.settle();
      expect(payloadsAt(peer)).toEqual(['gone']);
    },
  },
  {
    name: 'a persistent client that was away finds its subscription and what was published meanwhile (S-1); a clean one finds neither',
    async run(scene) {
      const topic = `${scene.prefix}/cmd`;
      const peer = await scene.peer();
      const client = await scene.connected({ cleanSession: false });
      await client.subscribe({ name: topic }, 1);
      await client.disconnect();
      for (const text of ['one', 'two', 'three']) {
        await peer.publish(topic, text, 1);
      }
      const back = await scene.connected({ cleanSession: false });
      expect(await back.payload('three')).toMatchObject({ topicName: topic }); // registered anew (field notes 9)
      await peer.publish(topic, 'four', 1);
      await back.payload('four');
      expect(back.payloads).toEqual(['one', 'two', 'three', 'four']);
      await back.disconnect();
      const clean = await scene.connected();
      await peer.publish(topic, 'for nobody', 1);
      await throughTheBroker(scene, clean);
      await peer.publish(`${scene.prefix}/through`, 'end', 1);
      await clean.payload('end');
      expect(clean.payloads).toEqual(['end']);
      await clean.disconnect();
    },
  },
  {
    name: 'a sleeping client gets everything that waited, in order and before PINGRESP (SL-5)',
    run: (scene) => sleepAndWake(scene, true),
  },
  {
    name: 'and so does one with a persistent session, also what was published while the gateway had no connection to the broker (3.5)',
    run: (scene) =>
      sleepAndWake(scene, false, async (publish) => {
        const connections = connectionsOf(scene);
        scene.way.cut();
        await publish();
        await scene.way.mend();
        await eventually('the connection of the sleeper', () => connectionsOf(scene) > connections);
      }),
  },
  {
    name: 'QoS −1 needs no connection (Q-1)',
    async run(scene) {
      const peer = await scene.peer(PREDEFINED_NAME, 's1');
      await scene.client().publish({ topicId: 7 }, scene.prefix, { qos: -1 });
      await scene.client().publish({ short: 's1' }, scene.prefix, { qos: -1 });
      const topics = [await peer.messageOn(PREDEFINED_NAME), await peer.messageOn('s1')];
      expect(topics.map(({ payload, qos }) => [payload, qos])).toEqual([
        [scene.prefix, 0],
        [scene.prefix, 0],
      ]);
    },
  },
  {
    name: 'a connection to the broker that breaks is made again: what is published meanwhile arrives, subscriptions hold (3.5)',
    async run(scene) {
      const { prefix, way, gateway } = scene;
      const peer = await scene.peer(`${prefix}/up`);
      const client = await scene.connected({ maxInflight: 2 });
      await client.subscribe({ name: `${prefix}/cmd` }, 1);
      await client.register(`${prefix}/up`);
      way.cut();
      await gateway.waitForNote('upstream-down', { clientId: prefix });
      const highest = scene.qos2 === 'refused' ? 1 : 2;
      const published = Promise.all([
        client.publish({ name: `${prefix}/up` }, 'held', { qos: 1 }),
        client.publish({ name: `${prefix}/up` }, 'held, too', { qos: highest }),
      ]);
      await client.ping();
      expect(payloadsAt(peer)).toEqual([]);
      await way.mend();
      await published;
      await throughTheBroker(scene, client);
      await peer.publish(`${prefix}/cmd`, 'again', 1);
      await client.payload('again');
      await peer.settle();
      expect(payloadsAt(peer)).toEqual(['held', 'held, too']);
      expect(gateway.notesOf('client-lost').filter(({ clientId }) => clientId === prefix)).toEqual([]);
      await client.disconnect();
    },
  },
  {
    name: 'a client that the broker does not let in gets CONNACK 0x03 (3.6)',
    async run(scene) {
      const strangers = await scene.strangers();
      const transport = { host: '127.0.0.1', port: strangers.port() };
      const client = scene.client({ transport: new UdpClientTransport(transport) });
      await expect(client.connect()).rejects.toMatchObject({ request: 'CONNECT', returnCode: 3 });
      await strangers.waitForNote('client-refused', { clientId: scene.prefix, returnCode: 3 });
    },
  },
];
