import { expect, it } from '@jest/globals';
import { connect } from 'mqtt';
import { frame, hex16 } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { countSaid, describeIn, describeInEachMode, gathered } from '../../support/modes.ts';
import type { Mosquitto, MosquittoOptions } from '../../support/mosquitto.ts';
import { hexOf } from '../../support/raw-sensor.ts';
import { numbered, payloadsOf, Sleeper } from '../sleep/sleeper.ts';

const bench = gatewayBench();

async function gatewayOf5(
  options: MosquittoOptions = {},
  upstream: Record<string, unknown> = {},
): Promise<{ broker: Mosquitto; gateway: GatewayUnderTest }> {
  const broker = await bench.broker(options);
  const gateway = await bench.gateway(broker.url, { settings: { upstream: { protocolVersion: 5, ...upstream } } });
  return { broker, gateway };
}

async function sleeperAt(gateway: GatewayUnderTest, qos: 1 | 2): Promise<Sleeper> {
  const sleeper = new Sleeper(await bench.client(gateway, 'sleeper', { clean: false }), 'sleeper');
  await sleeper.subscribe('cmd/n', qos);
  await sleeper.sleep();
  return sleeper;
}

describeInEachMode('towards an MQTT 5 broker', () => {
  it('a persistent client that was away gets what was published meanwhile: its session does not end with its connection (3.4)', async () => {
    const { broker, gateway } = await gatewayOf5();
    const peer = await bench.peer(broker);
    const client = new Sleeper(await bench.client(gateway, 'keeper', { clean: false }), 'keeper');
    await client.subscribe('cmd/n', 1);
    await client.sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'keeper');
    await peer.publish('cmd/n', '1', 1);
    await client.connect();
    while (client.heard.length === 0) {
      client.take(await client.sensor.next());
    }
    expect(payloadsOf(client.heard)).toEqual(['1']);
  });

  it.each([1, 2] as const)(
    'two hundred QoS %i messages reach a sleeper in one wake-up, in order, before PINGRESP (SL-5, design 1.5)',
    async (qos) => {
      const { broker, gateway } = await gatewayOf5({ maxQueuedMessages: 5_000 });
      const peer = await bench.peer(broker);
      const sleeper = await sleeperAt(gateway, qos);
      for (const payload of numbered(200)) {
        await peer.publish('cmd/n', payload, qos);
      }
      await gathered(broker, 'sleeper', 200, { packet: qos === 1 ? 'PUBACK' : 'PUBCOMP' });
      await sleeper.roundTrip();
      expect(payloadsOf(await sleeper.wake())).toEqual(numbered(200));
      await sleeper.roundTrip();
      expect(await sleeper.wake()).toEqual([]);
    },
  );

  it('a message whose expiry comes while the client sleeps is not delivered, and the broker may forget it (3.1)', async () => {
    const { broker, gateway } = await gatewayOf5();
    const sleeper = await sleeperAt(gateway, 1);
    const publisher = connect(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
    bench.cleanUp(() => publisher.endAsync());
    await publisher.publishAsync('cmd/n', 'short-lived', { qos: 1, properties: { messageExpiryInterval: 2 } });
    await publisher.publishAsync('cmd/n', 'long-lived', { qos: 1, properties: { messageExpiryInterval: 1_000 } });
    await publisher.publishAsync('cmd/n', 'immortal', { qos: 1 });
    await sleeper.roundTrip();
    const clock = await bench.client(gateway, 'clock');
    await clock.exchange('04 18 00 02', '02 18');
    await gateway.waitForNote('client-lost', { clientId: 'clock' }); // 3 s later
    expect(payloadsOf(await sleeper.wake())).toEqual(['long-lived', 'immortal']);
    await eventually('three PUBACK', () => countSaid(broker, 'PUBACK', 'sleeper') === 3);
    expect(gateway.notesOf('delivery-dropped')).toMatchObject([{ topic: 'cmd/n', qos: 1 }]);
  });

  it('the Receive Maximum of the broker is respected: of sixteen QoS 2 publishes at once none is refused, and each arrives once (MQTT 3.2.2.3.3)', async () => {
    const { broker, gateway } = await gatewayOf5({ maxInflightMessages: 2 });
    const peer = await bench.peer(broker, 'up/a');
    const sensor = await bench.client(gateway, 's1', { clean: false });
    await sensor.exchange(frame('0a 0000 0001', 'up/a'), '07 0B 00 01 00 01 00');
    for (let n = 1; n <= 16; n += 1) {
      sensor.send(frame(`0c 40 0001 ${hex16(n + 1)}`, `${n}`));
    }
    const received: string[] = [];
    const completed: string[] = [];
    while (completed.length < 16) {
      const next = await sensor.next();
      const msgId = hexOf(next.subarray(2));
      if (next[1] === 0x0f) {
        received.push(msgId);
        sensor.send(`04 10 ${msgId}`);
      } else {
        expect(hexOf(next.subarray(0, 2))).toBe('04 0e'); // no PUBACK
        completed.push(msgId);
      }
    }
    expect(new Set(received).size).toBe(16);
    await peer.message(16);
    await peer.settle();
    expect(payloadsOf(peer.messages)).toEqual(numbered(16));
    expect([...gateway.notesOf('upstream-down'), ...gateway.notesOf('shared-connection-down')]).toEqual([]);
  });

  it('a publish that is larger than the broker takes gets PUBACK 0x03, and the connection survives (3.6, MQTT 3.2.2.3.6)', async () => {
    const { broker, gateway } = await gatewayOf5({ settings: ['max_packet_size 200'] });
    const peer = await bench.peer(broker, 'tp');
    const sensor = await bench.client(gateway, 's1');
    const large = 'x'.repeat(230);
    await sensor.exchange(frame('0c 22 7470 0005', large), '07 0D 74 70 00 05 03');
    await sensor.exchange(frame('0c 42 7470 0006', large), '07 0D 74 70 00 06 03');
    await sensor.exchange(frame('0c 02 7470 0000', large), '07 0D 74 70 00 00 03'); // as P-2, whatever the QoS
    await sensor.exchange('08 0C 22 74 70 00 07 31', '07 0D 74 70 00 07 00');
    await peer.message(1);
    await peer.settle();
    expect(payloadsOf(peer.messages)).toEqual(['1']);
    expect([...gateway.notesOf('upstream-down'), ...gateway.notesOf('shared-connection-down')]).toEqual([]);
  });
});

describeIn('transparent', 'towards an MQTT 5 broker', () => {
  it('a persistent client whose session has expired there gets its subscriptions back all the same (3.4, 3.5 item 6)', async () => {
    const { broker, gateway } = await gatewayOf5({}, { sessionExpiry: 0 });
    const peer = await bench.peer(broker);
    const client = new Sleeper(await bench.client(gateway, 'keeper', { clean: false }), 'keeper');
    await client.subscribe('cmd/n', 1);
    await client.sensor.exchange('02 18', '02 18');
    await broker.logged(/Received DISCONNECT from keeper/);
    await client.connect();
    await peer.publish('cmd/n', '1', 1);
    while (client.heard.length === 0) {
      client.take(await client.sensor.next());
    }
    expect(payloadsOf(client.heard)).toEqual(['1']);
  });
});

describeInEachMode('towards an MQTT 5 broker', () => {
  it('the will of a lost client waits for `upstream.willDelay`, and does not come where the client is back before (3.4)', async () => {
    const { broker, gateway } = await gatewayOf5({}, { willDelay: '3s' });
    const peer = await bench.peer(broker, 'will/#');
    const [back, gone] = [
      new Sleeper(await bench.sensor(gateway), 'back'),
      new Sleeper(await bench.sensor(gateway), 'gone'),
    ];
    await back.connectWithWill('will/back');
    await gone.connectWithWill('will/gone');
    await back.sleep(1);
    await gone.sleep(1);
    await gateway.waitForNote('client-lost', { clientId: 'back' });
    await back.connect();
    await gateway.waitForNote('client-lost', { clientId: 'gone' });
    expect(await peer.message(1)).toMatchObject({ topic: 'will/gone' });
    await peer.settle();
    expect(peer.messages).toHaveLength(1);
  });
});
