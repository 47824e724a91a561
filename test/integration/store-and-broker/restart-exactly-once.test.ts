import { beforeEach, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { brokerIdOf, describeInEachMode, gathered, isShared } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import { hexOf, type RawSensor } from '../../support/raw-sensor.ts';
import { payloadsOf, type Sleeper } from '../sleep/sleeper.ts';
import { type Restartable, restartBench } from './restartable.ts';

const bench = restartBench();

let broker: Mosquitto;
let peer: MqttPeer;
let gateway: Restartable;
let client: Sleeper;
let sensor: RawSensor;

beforeEach(async () => {
  broker = await bench.broker();
  peer = await bench.peer(broker, 'up/#');
  gateway = await bench.gateway(broker.url);
  client = await gateway.client('sender');
  await client.connect();
  sensor = client.sensor;
  await sensor.exchange(frame('0a 0000 0001', 'up/a'), '07 0B 00 01 00 01 00');
});

/** A round trip through the gateway: what was sent before it is with the broker's socket, and on disk where that was promised. */
async function passed(): Promise<void> {
  await sensor.exchange('02 16', '02 17');
}

/** Sends `request` again and again, as a client does, until `answer` comes; what else comes is passed over. */
async function insist(request: string, answer: string): Promise<void> {
  const wanted = answer.toLowerCase();
  const before = sensor.received.length;
  const came = (): boolean => sensor.received.slice(before).some((datagram) => hexOf(datagram) === wanted);
  await eventually(answer, async () => {
    sensor.send(request);
    return eventually(answer, came, 400).catch(() => false);
  });
}

/** Kills the gateway while the broker is frozen, starts it again, and lets the broker go on. */
async function crash(): Promise<void> {
  await gateway.end('SIGKILL');
  await gateway.start();
  broker.resume();
}

async function expectOnce(): Promise<void> {
  await peer.message(1);
  await insist('09 0C A0 00 01 00 09 65 6E', '07 0d 00 01 00 09 00'); // with DUP; behind whatever the gateway has still to do
  await peer.settle();
  expect(payloadsOf(peer.messages)).toEqual(['on', 'en']);
}

describeInEachMode(
  'a QoS 2 publish that was half-way when the gateway was killed ends exactly once at the broker (3.3)',
  (mode) => {
    beforeEach(() => bench.cleanUp(() => broker.resume()));

    it('where PUBLISH had gone to the broker, and PUBREC had not come', async () => {
      broker.freeze();
      sensor.send('09 0C 40 00 01 00 03 6F 6E');
      await passed();
      await crash();
      await insist('09 0C C0 00 01 00 03 6F 6E', '04 0f 00 03');
      await insist('04 10 00 03', '04 0e 00 03');
      await expectOnce();
    });

    it('where the client had PUBREC, and its PUBREL had not come', async () => {
      await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
      broker.freeze();
      await crash();
      await insist('09 0C C0 00 01 00 03 6F 6E', '04 0f 00 03'); // PUBREC was lost
      await insist('04 10 00 03', '04 0e 00 03');
      await expectOnce();
    });

    if (mode === 'transparent') {
      // An aggregating gateway says PUBREL by itself, and PUBCOMP may have come by then.
      it('where PUBREL had gone to the broker, and PUBCOMP had not come', async () => {
        await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
        broker.freeze();
        sensor.send('04 10 00 03');
        await passed();
        await crash();
        await insist('04 10 00 03', '04 0e 00 03');
        await expectOnce();
      });
    }

    it('where the client had PUBCOMP, and sends PUBREL once more', async () => {
      await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
      await sensor.exchange('04 10 00 03', '04 0E 00 03');
      broker.freeze();
      await crash();
      await insist('04 10 00 03', '04 0e 00 03');
      await expectOnce();
    });
  },
);

describeInEachMode(
  'a QoS 2 message to a sleeper that was half-way when the gateway was killed is new to the client only once (T-19)',
  () => {
    beforeEach(async () => {
      await client.subscribe('cmd/a', 2);
      await client.sleep();
      await peer.publish('cmd/a', 'on', 2);
      await gathered(broker, 'sender', 1, { packet: 'PUBCOMP' });
      await client.roundTrip();
    });

    it('where PUBREC had not been sent: it comes again with DUP and the same MsgId', async () => {
      const [first] = await client.wake(1);
      const from = broker.log.length;
      await gateway.end('SIGKILL');
      await gateway.start();
      if (!isShared()) {
        await broker.logged(/Sending PUBLISH to sender/, from);
      }
      await client.roundTrip();
      sensor.send(client.pingReq);
      const again = await sensor.next();
      expect(again[2]).toBe(0xc0);
      expect(((again[5] ?? 0) << 8) | (again[6] ?? 0)).toBe(first?.msgId);
      client.take(again);
      client.take(await sensor.next());
      await sensor.expect('02 17');
      expect(payloadsOf(client.heard)).toEqual(['on']);
    });

    it('where PUBREC had been sent: only PUBREL comes', async () => {
      sensor.send(client.pingReq);
      const publish = await sensor.next();
      broker.freeze();
      bench.cleanUp(() => broker.resume());
      client.take(publish);
      if (isShared()) {
        await sensor.expect('04 10 .. ..'); // never answered
      } else {
        await sensor.exchange(frame('0a 0000 0077', 'up/b'), '07 0B .. .. 00 77 00'); // behind its PUBREC on the disk
      }
      const from = broker.log.length;
      await crash();
      if (!isShared()) {
        await broker.logged(/Sending PUBREL to sender/, from);
      }
      await broker.logged(new RegExp(`Sending CONNACK to ${brokerIdOf('sender')} `), from);
      await client.roundTrip();
      expect(await client.wake()).toEqual([]);
      expect(payloadsOf(client.heard)).toEqual(['on']);
      await client.roundTrip();
      expect(await client.wake()).toEqual([]);
    });
  },
);
