import { expect, it } from '@jest/globals';
import { connect } from 'mqtt';
import { connectFrame, frame, hex16 } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { countSaid, describeIn, describeInEachMode } from '../../support/modes.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

describeInEachMode('a broker that cannot be reached', () => {
  it('makes CONNECT fail with CONNACK 0x01 (3.6), and SEARCHGW stays unanswered (D-13)', async () => {
    const gateway = await bench.gateway(`mqtt://127.0.0.1:${await freePort()}`);
    const sensor = await bench.sensor(gateway);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 01');
    await gateway.waitForNote('client-refused', { clientId: 'sensor-1', returnCode: 1 });
    await gateway.waitForNote('gateway-reachable', { reachable: false });
    sensor.send('03 01 00');
    await sensor.expectNothingBefore('02 16', '02 18');
    expect(gateway.sessionCount).toBe(0);
  });

  it('that comes back lets clients in again, and SEARCHGW is answered', async () => {
    const broker = await bench.broker();
    await broker.stop();
    const gateway = await bench.gateway(broker.url);
    const sensor = await bench.sensor(gateway);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 01');
    await broker.start();
    await gateway.waitForNote('gateway-reachable', { reachable: true });
    await sensor.exchange('03 01 00', '03 02 01');
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
  });
});

describeInEachMode('a broker that refuses the client, or the gateway for all (3.6, I-98)', (mode) => {
  const returnCode = mode === 'transparent' ? 3 : 1; // what is wrong with the shared connection is no client's fault

  it(`makes CONNECT fail with CONNACK 0x0${returnCode}`, async () => {
    const broker = await bench.broker({ users: { gateway: 'secret' } });
    const gateway = await bench.gateway(broker.url, {
      settings: { upstream: { username: 'gateway', password: 'wrong' } },
    });
    const sensor = await bench.sensor(gateway);
    await sensor.exchange(connectFrame('sensor-1'), `03 05 0${returnCode}`);
    await gateway.waitForNote('client-refused', { clientId: 'sensor-1', returnCode });
  });

  it('accepts it with the right password', async () => {
    const broker = await bench.broker({ users: { gateway: 'secret' } });
    const gateway = await bench.gateway(broker.url, {
      settings: { upstream: { username: 'gateway', password: 'secret' } },
    });
    await bench.client(gateway, 'sensor-1');
  });
});

describeInEachMode('a broker that goes away (3.5)', () => {
  it('for a moment: the client notices nothing, its subscriptions and publishes are resumed', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    await sensor.exchange(frame('0a 0000 0002', 'up/temp'), '07 0B 00 02 00 02 00');
    await broker.stop();
    await gateway.connectionBroken('sensor-1');

    await sensor.exchange('02 16', '02 17');
    await sensor.exchange(frame('0a 0000 0003', 'up/more'), '07 0B 00 03 00 03 00');
    sensor.send('08 0C 20 00 02 00 04 31');
    sensor.send('08 0C 40 00 02 00 05 32');
    await sensor.exchange('02 16', '02 17'); // not acknowledged: the broker has not got it

    await broker.start();
    const answers = [await sensor.next(), await sensor.next()]
      .map((answer) => Buffer.from(answer).toString('hex'))
      .sort();
    expect(answers).toEqual(['040f0005', '070d0002000400']);
    await sensor.exchange('04 10 00 05', '04 0E 00 05');
    expect(gateway.timesConnected('sensor-1')).toBe(2);

    const peer = await bench.peer(broker);
    await eventually('the second SUBSCRIBE', () => countSaid(broker, 'SUBSCRIBE', 'sensor-1') === 2);
    await peer.publish('cmd/led', 'on', 1);
    await sensor.expect(frame('0c 20 0001 0001', 'on'));
    expect(gateway.notesOf('client-lost')).toEqual([]);
  });

  it('without closing its connections is found out by the keep-alive of the gateway, and clients are kept', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { upstream: { keepAlive: '2s' } },
    });
    const sensor = await bench.client(gateway, 'sensor-1');
    broker.freeze();
    bench.cleanUp(() => broker.resume());
    await gateway.connectionBroken('sensor-1');
    await sensor.exchange('02 16', '02 17');
    broker.resume();
    await sensor.exchange('09 0C 22 74 70 00 05 6F 6E', '07 0D 74 70 00 05 00');
  });
});

describeIn('transparent', 'a broker that goes away for longer than the grace time (3.5 item 4)', () => {
  it('active clients get DISCONNECT, and come back with CONNECT', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { upstream: { grace: '500ms' } } });
    const sensor = await bench.client(gateway, 'sensor-1');
    await broker.stop();
    await sensor.expect('02 18');
    await sensor.exchange(connectFrame('sensor-1'), '03 05 01');
    await broker.start();
    await gateway.waitForNote('gateway-reachable', { reachable: true });
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
  });
});

describeIn('aggregating', 'a broker that goes away for longer than the grace time (3.5 item 7)', () => {
  it('clients stay: publishes and subscriptions get 0x01, newcomers too, and all goes on when it is back', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { upstream: { grace: '500ms' } } });
    const sensor = await bench.client(gateway, 'sensor-1');
    await broker.stop();
    await gateway.connectionBroken('sensor-1');
    await sensor.exchange('09 0C 22 74 70 00 05 6F 6E', '07 0D 74 70 00 05 01'); // when the grace time is over
    await sensor.exchange('09 0C 42 74 70 00 06 6F 6E', '07 0D 74 70 00 06 01');
    await sensor.exchange('07 12 22 00 07 74 70', '08 13 00 00 00 00 07 01');
    await sensor.exchange(frame('0a 0000 0008', 'up/temp'), '07 0B 00 01 00 08 00');
    await sensor.exchange('02 16', '02 17');
    const newcomer = await bench.sensor(gateway);
    await newcomer.exchange(connectFrame('sensor-2'), '03 05 01');
    await broker.start();
    await gateway.waitForNote('gateway-reachable', { reachable: true });
    await eventually('the connection of all', () => gateway.timesConnected('sensor-1') === 2);
    const peer = await bench.peer(broker, 'up');
    await sensor.exchange('07 12 22 00 09 74 70', '08 13 20 00 00 00 09 00');
    await sensor.exchange('09 0C 22 75 70 00 0A 6F 6E', '07 0D 75 70 00 0A 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'up', payload: 'on' });
    expect(gateway.notesOf('client-disconnected')).toEqual([]);
  });
});

describeInEachMode('a broker that is restarted in the middle of QoS 1 traffic', () => {
  const SENSORS = 3;
  const MESSAGES = 60;

  it('has every message that a client got PUBACK for (3.3)', async () => {
    const broker = await bench.broker({ persistence: true });
    const gateway = await bench.gateway(broker.url);
    const before = await MqttPeer.connect(broker.url, { clientId: 'books', clean: false });
    await before.subscribe('up/#', 1);
    await before.close();

    const acknowledged: string[] = [];
    const sensors = await Promise.all(Array.from({ length: SENSORS }, (_, n) => bench.client(gateway, `sensor-${n}`)));
    const traffic = Promise.all(sensors.map((sensor, n) => publishAll(sensor, n, acknowledged)));
    // Not three times: connections that end soon after CONNACK three times in a row count as taken over (T-51).
    for (const share of [0.33, 0.66]) {
      await eventually('traffic', () => acknowledged.length >= share * SENSORS * MESSAGES);
      await broker.restart();
    }
    await traffic;
    expect(acknowledged).toHaveLength(SENSORS * MESSAGES);

    const received = new Set(await keptFor('books', broker.url));
    expect(acknowledged.filter((payload) => !received.has(payload))).toEqual([]);
    expect(gateway.notesOf('client-lost')).toEqual([]);
  });

  /** The payloads that the broker has kept for a persistent session; the first ones come together with CONNACK. */
  async function keptFor(clientId: string, url: string): Promise<string[]> {
    const client = connect(url, { clientId, clean: false, reconnectPeriod: 0 });
    bench.cleanUp(() => client.endAsync());
    const payloads: string[] = [];
    client.on('message', (topic, payload) => payloads.push(topic === 'up/end' ? 'end' : payload.toString()));
    await client.publishAsync('up/end', '', { qos: 1 });
    await eventually('the own message behind all others', () => payloads.at(-1) === 'end');
    return payloads;
  }

  /** Publishes one message after the other, each until its PUBACK comes, as a client does. */
  async function publishAll(sensor: RawSensor, n: number, acknowledged: string[]): Promise<void> {
    await sensor.exchange(frame('0a 0000 0001', `up/${n}`), '07 0B 00 01 00 01 00');
    for (let count = 1; count <= MESSAGES; count += 1) {
      const payload = `${n}-${count}`;
      const msgId = hex16(count + 1);
      const answered = sensor.received.length;
      for (let flags = '20'; sensor.received.length === answered; flags = 'a0') {
        sensor.send(frame(`0c ${flags} 0001 ${msgId}`, payload));
        await eventually('an answer', () => sensor.received.length > answered, 400).catch(() => undefined);
      }
      await sensor.expect(`07 0D 00 01 ${msgId} 00`);
      for (let taken = answered + 1; sensor.received.length > taken; taken += 1) {
        await sensor.expect(`07 0D 00 01 ${msgId} 00`); // the answer to a repeated one
      }
      acknowledged.push(payload);
    }
  }
});
