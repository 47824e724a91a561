import { beforeEach, expect, it } from '@jest/globals';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, saidBy } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

const NODE_A = '05 FE 00 12 34';
const NODE_B = '05 FE 00 56 78';

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;
let forwarder: RawSensor;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'tp');
  forwarder = await bench.sensor(gateway);
  await forwarder.exchange(`${NODE_A} 0C 04 04 01 00 3C 6E 6F 64 65 2D 61`, `${NODE_A} 03 05 00`); // "node-a"
  await forwarder.exchange(`${NODE_B} 0C 04 04 01 00 3C 6E 6F 64 65 2D 62`, `${NODE_B} 03 05 00`); // "node-b"
});

describeInEachMode('two nodes behind one forwarder (2.16)', () => {
  it('are clients of their own, with topic ids of their own (F-3)', async () => {
    await forwarder.exchange(`${NODE_A} 09 0A 00 00 00 01 61 2F 61`, `${NODE_A} 07 0B 00 01 00 01 00`);
    await forwarder.exchange(`${NODE_B} 09 0A 00 00 00 01 62 2F 62`, `${NODE_B} 07 0B 00 01 00 01 00`);
    const both = await bench.peer(broker, 'a/a', 'b/b');
    await forwarder.exchange(`${NODE_A} 08 0C 20 00 01 00 02 31`, `${NODE_A} 07 0D 00 01 00 02 00`);
    await forwarder.exchange(`${NODE_B} 08 0C 20 00 01 00 02 32`, `${NODE_B} 07 0D 00 01 00 02 00`);
    expect(await both.messageOn('a/a')).toMatchObject({ payload: '1' });
    expect(await both.messageOn('b/b')).toMatchObject({ payload: '2' });
    expect(gateway.sessionCount).toBe(2);
  });

  it('get each what is for it, wrapped with its node id and radius 0 (F-1, F-4)', async () => {
    await forwarder.exchange(`${NODE_A} 07 12 22 00 07 74 61`, `${NODE_A} 08 13 20 00 00 00 07 00`);
    await forwarder.exchange(`${NODE_B} 07 12 22 00 07 74 62`, `${NODE_B} 08 13 20 00 00 00 07 00`);
    await peer.publish('tb', '2', 1);
    await forwarder.expect(`${NODE_B} 08 0C 22 74 62 00 01 32`);
    await peer.publish('ta', '1', 1);
    await forwarder.expect(`${NODE_A} 08 0C 22 74 61 00 01 31`);
    forwarder.send(`${NODE_A} 07 0D 74 61 00 01 00`);
    await gateway.waitForNote('delivered', { clientId: 'node-a' });
    await broker.logged(saidBy('PUBACK', 'node-a'));
    expect(gateway.notesOf('delivered').map(({ clientId }) => clientId)).toEqual(['node-a']);
  });

  it('do not end with each other, nor with a client of the forwarder itself', async () => {
    await forwarder.exchange('0E 04 04 01 00 3C 73 65 6E 73 6F 72 2D 31', '03 05 00');
    await forwarder.exchange(`${NODE_A} 02 18`, `${NODE_A} 02 18`);
    await forwarder.exchange(`${NODE_B} 02 16`, `${NODE_B} 02 17`);
    await forwarder.exchange('02 16', '02 17');
    await gateway.waitForNote('client-disconnected', { clientId: 'node-a' });
    expect(gateway.notesOf('client-disconnected')).toHaveLength(1);
  });

  it('find the gateway: GWINFO is wrapped for the node that searched (F-5)', async () => {
    await forwarder.exchange(`${NODE_A} 03 01 02`, '05 FE 02 12 34 03 02 01');
    await forwarder.exchange(`${NODE_A} 03 01 09`, '05 FE 03 12 34 03 02 01'); // F-4: saturated
  });

  it('take their sessions with them to another node id (F-9)', async () => {
    await forwarder.exchange('05 FE 00 9A BC 0C 04 00 01 00 3C 6E 6F 64 65 2D 61', '05 FE 00 9A BC 03 05 00');
    await forwarder.exchange('05 FE 00 9A BC 02 16', '05 FE 00 9A BC 02 17');
    await forwarder.exchange(`${NODE_A} 02 16`, `${NODE_A} 02 18`);
    expect(gateway.sessionCount).toBe(2);
  });

  it('publish with QoS −1 without a connection', async () => {
    forwarder.send('05 FE 00 9A BC 09 0C 62 74 70 00 00 34 32');
    expect(await peer.message(1)).toMatchObject({ topic: 'tp', payload: '42' });
  });

  it('are not disturbed by bad encapsulations, which are dropped (F-7, 1.9)', async () => {
    forwarder.send('03 FE 00 02 16');
    forwarder.send('05 FE 00 12 34');
    forwarder.send('05 FE 00 12 34 03 16');
    forwarder.send(`${NODE_A} ${NODE_A} 02 16`);
    await forwarder.exchange(`${NODE_A} 02 16`, `${NODE_A} 02 17`);
    expect(gateway.notesOf('frame-dropped')).toHaveLength(4);
  });
});
