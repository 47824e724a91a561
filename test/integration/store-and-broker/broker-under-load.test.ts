import { expect, it } from '@jest/globals';
import { connect } from 'mqtt';
import { frame, hex16 } from '../../support/core-bench.ts';
import { LONG_DEADLINE } from '../../support/deadline.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { countSent, describeInEachMode, isShared } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { hexOf, type RawSensor } from '../../support/raw-sensor.ts';
import { payloadsOf, Sleeper } from '../sleep/sleeper.ts';

const bench = gatewayBench();

/** Messages of each publisher. */
const MESSAGES = 60;
/** How long a publisher waits for an answer before it repeats. */
const RETRY = 300;

/** A client that publishes one message after the other, as a small device does. */
class Publisher {
  readonly acknowledged: string[] = [];
  readonly #sensor: RawSensor;
  readonly #name: string;
  readonly #qos: 1 | 2;

  constructor(sensor: RawSensor, name: string, qos: 1 | 2) {
    this.#sensor = sensor;
    this.#name = name;
    this.#qos = qos;
  }

  async publishAll(): Promise<void> {
    await this.#sensor.exchange(frame('0a 0000 0001', `up/${this.#qos}`), '07 0B 00 01 00 01 00');
    for (let count = 1; count <= MESSAGES; count += 1) {
      const msgId = hex16(count + 1);
      const payload = `${this.#name}-${count}`;
      if (this.#qos === 1) {
        await this.#insist((dup) => frame(`0c ${dup ? 'a0' : '20'} 0001 ${msgId}`, payload), `070d0001${msgId}00`);
      } else {
        await this.#insist((dup) => frame(`0c ${dup ? 'c0' : '40'} 0001 ${msgId}`, payload), `040f${msgId}`);
        await this.#insist(() => `0410${msgId}`, `040e${msgId}`);
      }
      this.acknowledged.push(payload);
    }
  }

  async #insist(request: (dup: boolean) => string, answer: string): Promise<void> {
    const before = this.#sensor.received.length;
    const came = (): boolean =>
      this.#sensor.received.slice(before).some((datagram) => hexOf(datagram).replaceAll(' ', '') === answer);
    let dup = false;
    await eventually(
      `${answer} at ${this.#name}`,
      async () => {
        this.#sensor.send(request(dup));
        dup = true;
        return eventually(answer, came, RETRY).catch(() => false);
      },
      LONG_DEADLINE,
    );
  }
}

/** An active client that acknowledges everything it gets. */
function listen(subscriber: Sleeper): { stop(): void } {
  let taken = subscriber.sensor.received.length;
  const timer = setInterval(() => {
    for (; taken < subscriber.sensor.received.length; taken += 1) {
      subscriber.take(subscriber.sensor.received[taken] as Uint8Array);
    }
  }, 2);
  bench.cleanUp(() => clearInterval(timer));
  return { stop: () => clearInterval(timer) };
}

async function subscribedClient(gateway: GatewayUnderTest, clientId: string, filter: string): Promise<Sleeper> {
  const client = new Sleeper(await bench.client(gateway, clientId, { clean: false }), clientId);
  await client.subscribe(filter, 1);
  return client;
}

/** Runs four publishers while the broker goes and comes back three times, which refuses nothing (I-42) and is no take-over (I-12). */
async function load(gateway: GatewayUnderTest, broker: Mosquitto): Promise<Publisher[]> {
  const publishers: Publisher[] = [];
  for (const [name, qos] of [
    ['a', 1],
    ['b', 1],
    ['c', 2],
    ['d', 2],
  ] as const) {
    publishers.push(new Publisher(await bench.client(gateway, name, { clean: false }), name, qos));
  }
  const traffic = Promise.all(publishers.map((publisher) => publisher.publishAll()));
  const done = (): number => publishers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  for (const [absence, share] of [0.25, 0.5, 0.75].entries()) {
    await eventually('traffic', () => done() >= share * publishers.length * MESSAGES, LONG_DEADLINE);
    await broker.stop();
    await gateway.connectionBroken('a');
    await broker.start();
    for (const client of ['subscriber', 'sleeper']) {
      await eventually(`${client} is back`, () => gateway.timesConnected(client) >= absence + 2, LONG_DEADLINE);
    }
  }
  await traffic;
  expect(done()).toBe(publishers.length * MESSAGES);
  expect(gateway.notesOf('request-rejected')).toEqual([]);
  expect(gateway.notesOf('poison-given-up')).toEqual([]);
  return publishers;
}

/** The payloads that the broker has kept for a persistent session. */
async function keptFor(clientId: string, url: string): Promise<string[]> {
  const client = connect(url, { clientId, clean: false, reconnectPeriod: 0 });
  bench.cleanUp(() => client.endAsync());
  const payloads: string[] = [];
  client.on('message', (_, payload) => payloads.push(payload.toString()));
  await client.publishAsync('up/end', 'end', { qos: 2 });
  await eventually('the own message behind all others', () => payloads.includes('end'), LONG_DEADLINE);
  return payloads.filter((payload) => payload !== 'end');
}

describeInEachMode('a broker that stops and starts again under load (3.5)', () => {
  it('and keeps its state: has every message that was acknowledged, those with QoS 2 exactly once; subscriber and sleeper get all', async () => {
    const broker = await bench.broker({ persistence: true, maxQueuedMessages: 10_000 });
    const gateway = await bench.gateway(broker.url);
    const before = await MqttPeer.connect(broker.url, { clientId: 'books', clean: false });
    await before.subscribe('up/#', 2);
    await before.close();
    const subscriber = await subscribedClient(gateway, 'subscriber', 'up/#');
    const sleeper = await subscribedClient(gateway, 'sleeper', 'up/#');
    await sleeper.sleep();
    listen(subscriber);

    const publishers = await load(gateway, broker);
    const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
    const books = await keptFor('books', broker.url);
    expect(acknowledged.filter((payload) => !books.includes(payload))).toEqual([]);
    const exactlyOnce = books.filter((payload) => /^[cd]/.test(payload));
    expect(exactlyOnce.toSorted()).toEqual(acknowledged.filter((payload) => /^[cd]/.test(payload)).toSorted());

    await eventually(
      'everything at the subscriber',
      () => {
        const heard = new Set(payloadsOf(subscriber.heard));
        return acknowledged.every((payload) => heard.has(payload));
      },
      LONG_DEADLINE,
    );
    await sleeper.roundTrip();
    const heard = new Set(payloadsOf(await sleeper.wake()));
    expect(acknowledged.filter((payload) => !heard.has(payload))).toEqual([]);
    expect(gateway.notesOf('client-lost')).toEqual([]);
    expect(gateway.notesOf('client-disconnected')).toEqual([]);
  });

  it('and forgets everything: clients notice nothing, subscriptions of active and sleeping ones are restored, sleepers stay asleep', async () => {
    const broker = await bench.broker({ maxQueuedMessages: 10_000 });
    const gateway = await bench.gateway(broker.url);
    const subscriber = await subscribedClient(gateway, 'subscriber', 'cmd/#');
    const sleeper = await subscribedClient(gateway, 'sleeper', 'cmd/+');
    await sleeper.sleep();
    await load(gateway, broker);
    const listening = listen(subscriber);
    const peer = await bench.peer(broker);
    const subAcks = isShared() ? 2 * 4 : 4; // at first, and after each absence
    for (const client of ['subscriber', 'sleeper']) {
      await eventually(`SUBACK for ${client}`, () => countSent(broker, 'SUBACK', client) >= subAcks);
    }
    await peer.publish('cmd/a', '1', 1);
    await eventually('the message at the subscriber', () => subscriber.heard.length === 1);
    listening.stop();
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toMatchObject([{ topic: 'cmd/a', payload: '1' }]);
    expect(gateway.notesOf('client-lost')).toEqual([]);
    expect(gateway.notesOf('client-disconnected')).toEqual([]);
  });
});
