import { expect } from '@jest/globals';
import { DEADLINE, LONG_DEADLINE } from '../../support/deadline.ts';
import { brokerIdOf, isShared } from '../../support/modes.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { Scene, SceneClient } from './scene.ts';

/** What the gateway does for a client, whatever carries its frames. */
export interface Behaviour {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** How often something without acknowledgement is said on a lossy medium before it counts as never arriving. */
const REPEATS = 12;
/** How long one of these is waited for, in milliseconds. */
const MOMENT = 400;

/** Says something that nobody acknowledges until it has arrived; once is enough where nothing gets lost. */
async function sayUntil(
  scene: Scene,
  say: () => Promise<unknown>,
  arrived: (deadline: number) => Promise<unknown>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await say();
    try {
      await arrived(scene.lossy && attempt < REPEATS ? MOMENT : DEADLINE);
      return;
    } catch (error) {
      if (!scene.lossy || attempt >= REPEATS) {
        throw error;
      }
    }
  }
}

/** Waits until the gateway has what the broker had for this client before now: messages of one broker connection keep their order. */
async function arrivedAtGateway(scene: Scene, peer: MqttPeer): Promise<void> {
  await peer.settle();
  const packetId = await sentToGateway(scene, 1, `${scene.prefix}/marker`);
  if (isShared()) {
    await answered(scene, 'PUBACK', packetId); // it is on the gateway's disk
  }
}

/** Packet id of the broker's first message with this QoS on a topic, from a place in its log on. */
async function sentToGateway({ broker, prefix }: Scene, qos: 1 | 2, topic: string, from = 0): Promise<string> {
  const line = new RegExp(`Sending PUBLISH to ${brokerIdOf(prefix)} \\(d\\d, q${qos}, r\\d, m(\\d+), '${topic}'`);
  const [, packetId = ''] = await broker.logged(line, from, LONG_DEADLINE);
  return packetId;
}

async function answered({ broker, prefix }: Scene, packet: string, packetId: string, from = 0): Promise<void> {
  const line = new RegExp(`Received ${packet} from ${brokerIdOf(prefix)} \\(Mid: ${packetId}[,)]`);
  await broker.logged(line, from, LONG_DEADLINE);
}

/**
 * Falls asleep, and waits until every answer to it is there: a request that a radio reports twice is answered twice, and the second
 * DISCONNECT means something else to a client that is awake again. GWINFO comes behind it.
 */
async function fallAsleep(client: SceneClient): Promise<void> {
  await client.sleep(300);
  await client.searchGateway();
}

async function connected(scene: Scene, options: Parameters<Scene['client']>[0] = {}): Promise<SceneClient> {
  const client = scene.client(options);
  await client.connect();
  return client;
}

export const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'finds the gateway: SEARCHGW is answered with GWINFO (D-10)',
    async run(scene) {
      expect(await scene.client().searchGateway(1)).toEqual({ gwId: 1 });
    },
  },
  {
    name: 'connects, registers a topic and publishes with QoS 0, 1 and 2: each acknowledged message arrives exactly once',
    async run(scene) {
      const topic = `${scene.prefix}/up`;
      const peer = await scene.peer(topic);
      const client = await connected(scene);
      await client.publish({ name: topic }, 'one', { qos: 1 });
      await client.publish({ name: topic }, 'two', { qos: 2 });
      await sayUntil(
        scene,
        () => client.publish({ name: topic }, 'zero'),
        (deadline) => peer.received.find('zero', ({ payload }) => payload === 'zero', deadline),
      );
      await client.publish({ name: topic }, 'three', { qos: 2 });
      await peer.received.find('three', ({ payload }) => payload === 'three');
      const acknowledged = peer.messages
        .filter(({ payload }) => payload !== 'zero')
        .map(({ payload, qos }) => [payload, qos]);
      expect(acknowledged).toEqual([
        ['one', 1],
        ['two', 2],
        ['three', 2],
      ]);
      await client.disconnect();
    },
  },
  {
    name: 'keeps the octets of a payload and its retain flag, whatever they are (SLIP, COBS and API frames escape some)',
    async run(scene) {
      const topic = `${scene.prefix}/raw`;
      const client = await connected(scene);
      const special = [0xc0, 0xdb, 0xdc, 0xdd, 0x00, 0x7e, 0x7d, 0x11, 0x13, 0x0d, 0x0a, 0x01, 0xff, 0xfe];
      const payload = Uint8Array.from(
        { length: Math.min(48, scene.maxFrame - 7) },
        (_, at) => special[at % special.length] as number,
      );
      await client.publish({ name: topic }, payload, { qos: 1, retain: true });
      const late = await scene.peer(topic);
      const message = await late.message(1);
      expect([...message.octets]).toEqual([...payload]);
      expect(message.retain).toBe(true);
      await client.subscribe({ name: topic }, 1);
      const back = await client.received.nth(1, LONG_DEADLINE);
      expect([...back.data]).toEqual([...payload]);
      await client.publish({ name: topic }, '', { qos: 1, retain: true });
      await client.disconnect();
    },
  },
  {
    name: 'publishes to pre-defined ids and short topics, and with QoS −1 without a connection (Q-1)',
    async run(scene) {
      const peer = await scene.peer('predefined/seven', 'st');
      const text = (what: string) => `${scene.prefix} ${what}`;
      const client = scene.client();
      await sayUntil(
        scene,
        () => client.publish({ topicId: 7 }, text('unconnected'), { qos: -1 }),
        (deadline) => peer.received.find('QoS −1', ({ payload }) => payload === text('unconnected'), deadline),
      );
      await client.connect();
      await client.publish({ topicId: 7 }, text('predefined'), { qos: 1 });
      await client.publish({ short: 'st' }, text('short'), { qos: 2 });
      const topicOf = async (what: string) =>
        (await peer.received.find(what, ({ payload }) => payload === text(what))).topic;
      expect([await topicOf('predefined'), await topicOf('short')]).toEqual(['predefined/seven', 'st']);
      await client.disconnect();
    },
  },
  {
    name: 'subscribes by name and gets messages with QoS 0, 1 and 2, in order, QoS 2 exactly once',
    async run(scene) {
      const topic = `${scene.prefix}/cmd`;
      const peer = await scene.peer();
      const client = await connected(scene);
      expect(await client.subscribe({ name: topic }, 2)).toMatchObject({ qos: 2 });
      await sayUntil(
        scene,
        () => peer.publish(topic, 'zero', 0),
        (deadline) => client.payload('zero', deadline),
      );
      await peer.publish(topic, 'one', 1);
      const from = scene.broker.log.length;
      await peer.publish(topic, 'two', 2);
      await answered(scene, 'PUBCOMP', await sentToGateway(scene, 2, topic, from), from);
      const later = scene.broker.log.length;
      await peer.publish(topic, 'three', 2);
      await client.payload('three', LONG_DEADLINE);
      await answered(scene, 'PUBCOMP', await sentToGateway(scene, 2, topic, later), later);
      const exactlyOnce = client.payloads.filter((payload) => payload === 'two' || payload === 'three');
      expect(exactlyOnce).toEqual(['two', 'three']);
      expect(client.payloads.lastIndexOf('one')).toBeLessThan(client.payloads.indexOf('two'));
      await client.disconnect();
    },
  },
  {
    name: 'gets what a wildcard matches, each topic after its REGISTER (R-5, R-6), and nothing after UNSUBSCRIBE',
    async run(scene) {
      const { prefix } = scene;
      const peer = await scene.peer();
      const client = await connected(scene);
      expect(await client.subscribe({ name: `${prefix}/+/led` }, 1)).toMatchObject({ topicId: 0 }); // U-2
      await peer.publish(`${prefix}/a/led`, 'on', 1);
      await peer.publish(`${prefix}/b/led`, 'off', 1);
      await client.payload('off', LONG_DEADLINE);
      expect([...new Set(client.received.items.map(({ topicName }) => topicName))]).toEqual([
        `${prefix}/a/led`,
        `${prefix}/b/led`,
      ]);
      await client.unsubscribe({ name: `${prefix}/+/led` });
      await client.subscribe({ name: `${prefix}/end` }, 1);
      await peer.publish(`${prefix}/a/led`, 'too late', 1);
      await peer.publish(`${prefix}/end`, 'end', 1);
      await client.payload('end', LONG_DEADLINE);
      expect(client.payloads).not.toContain('too late');
      await client.disconnect();
    },
  },
  {
    name: 'leaves its will when it falls silent (K-3), with what it said in the will dialogue (C-2)',
    async run(scene) {
      const topic = `${scene.prefix}/will`;
      const peer = await scene.peer(topic);
      const client = scene.client({ keepAlive: 1, will: { topic, message: 'gone', qos: 1, retain: false } });
      await client.connect();
      await client.close();
      expect(await peer.messageOn(topic, LONG_DEADLINE)).toMatchObject({ payload: 'gone', qos: 1 });
      await scene.gateway.waitForNote('client-lost', { clientId: scene.prefix });
    },
  },
  {
    name: 'leaves no will when it says DISCONNECT (X-1), and none of an earlier one after an update (W-1)',
    async run(scene) {
      const topic = `${scene.prefix}/will`;
      const peer = await scene.peer(`${scene.prefix}/#`);
      const client = scene.client({ will: { topic, message: 'gone', qos: 1, retain: false } });
      await client.connect();
      await client.updateWillMessage('changed');
      await client.publish({ name: `${scene.prefix}/last` }, 'bye', { qos: 1 });
      await client.disconnect();
      await peer.messageOn(`${scene.prefix}/last`);
      if (!isShared()) {
        await scene.broker.logged(new RegExp(`Client ${scene.prefix} disconnected`));
      }
      const behind = await connected(scene); // what goes out for all clients on one connection keeps its order
      await behind.publish({ name: `${scene.prefix}/last` }, 'behind it', { qos: 1 });
      await behind.disconnect();
      await peer.settle();
      const payloads = new Set(peer.messages.map(({ payload }) => payload)); // with QoS 1 each at least once, where frames are lost
      expect([...payloads]).toEqual(['bye', 'behind it']);
    },
  },
  {
    name: 'sleeps, gets everything that waited when it wakes, in order and before PINGRESP (SL-5), and nothing twice (field notes 6)',
    async run(scene) {
      const topic = `${scene.prefix}/cmd`;
      const peer = await scene.peer();
      const client = await connected(scene);
      await client.subscribe({ name: `${scene.prefix}/#` }, 2);
      await fallAsleep(client);
      const texts = ['1', '2', '3', '4', '5'];
      for (const text of texts) {
        await peer.publish(topic, text, text === '3' ? 2 : 1);
      }
      await peer.publish(`${scene.prefix}/marker`, 'marker', 1);
      await arrivedAtGateway(scene, peer);
      expect(client.payloads).toEqual([]);
      await client.wake();
      const firsts = client.received.items.filter(
        ({ dup }, at) => !dup || !client.payloads.slice(0, at).includes(client.payloads[at] as string),
      );
      expect(firsts.map(({ data }) => Buffer.from(data).toString())).toEqual([...texts, 'marker']);
      const before = client.payloads.length;
      await client.wake();
      expect(client.payloads.slice(before)).toEqual([]);
      await client.disconnect();
    },
  },
  {
    name: 'becomes active again with CONNECT and gets what waited then (SL-10)',
    async run(scene) {
      const topic = `${scene.prefix}/marker`;
      const peer = await scene.peer();
      const client = await connected(scene);
      await client.subscribe({ name: topic }, 1);
      await fallAsleep(client);
      await peer.publish(topic, 'slept', 1);
      await arrivedAtGateway(scene, peer);
      await client.connect();
      await client.payload('slept', LONG_DEADLINE);
      await client.publish({ name: `${scene.prefix}/up` }, 'awake', { qos: 1 });
      await client.disconnect();
    },
  },
  {
    name: 'finds its session again when it comes back without CleanSession: subscriptions, and what was published meanwhile (S-1)',
    async run(scene) {
      const topic = `${scene.prefix}/cmd`;
      const peer = await scene.peer();
      const client = await connected(scene, { cleanSession: false });
      await client.subscribe({ name: topic }, 1);
      await client.disconnect();
      await peer.publish(topic, 'meanwhile', 1);
      const back = await connected(scene, { cleanSession: false });
      expect(await back.payload('meanwhile', LONG_DEADLINE)).toMatchObject({ topicName: topic }); // registered anew (field notes 9)
      await back.disconnect();
      const last = await connected(scene); // leaves nothing behind
      await last.disconnect();
    },
  },
  {
    name: 'gets the largest message that its frames carry; one octet more is dropped, and told to nobody on the radio (G-5, T-43)',
    async run(scene) {
      const topic = `${scene.prefix}/big`;
      const peer = await scene.peer();
      const client = await connected(scene);
      await client.subscribe({ name: topic }, 1);
      const room = scene.maxFrame - (scene.maxFrame > 255 ? 9 : 7);
      await peer.publish(topic, 'x'.repeat(room + 1), 1);
      await peer.publish(topic, 'y'.repeat(room), 1);
      await client.payload('y'.repeat(room), LONG_DEADLINE);
      expect(new Set(client.payloads.map(({ length }) => length))).toEqual(new Set([room]));
      await scene.gateway.waitForNote('delivery-dropped', { clientId: scene.prefix });
      await client.disconnect();
    },
  },
];
