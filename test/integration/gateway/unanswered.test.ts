import { expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, saidBy } from '../../support/modes.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

describeInEachMode('a client that leaves one message unacknowledged', () => {
  it('goes on with everything of its own meanwhile (design 4)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const peer = await bench.peer(broker, 'up/#');
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    await peer.publish('cmd/led', 'on', 1);
    await sensor.expect(frame('0c 20 0001 0001', 'on')); // never acknowledged

    await sensor.exchange(frame('0a 0000 0002', 'up/temp'), '07 0B 00 02 00 02 00');
    for (let n = 3; n < 30; n += 1) {
      const msgId = n.toString(16).padStart(4, '0');
      await sensor.exchange(frame(`0c 20 0002 ${msgId}`, `${n}`), `07 0D 00 02 ${msgId} 00`);
      await sensor.exchange('02 16', '02 17');
    }
    await sensor.exchange('08 0C 40 00 02 00 40 32', '04 0F 00 40');
    await sensor.exchange('04 10 00 40', '04 0E 00 40');
    await sensor.exchange(frame('12 20 0041', 'cmd/fan'), '08 13 20 00 03 00 41 00');
    await sensor.exchange(frame('14 00 0042', 'cmd/fan'), '04 15 00 42');
    await peer.message(28);
    expect(gateway.notesOf('delivered')).toEqual([]);
    sensor.send('07 0D 00 01 00 01 00');
    await gateway.waitForNote('delivered', { clientId: 'sensor-1' });
    await broker.logged(saidBy('PUBACK', 'sensor-1'));
  });

  it('gets it again with DUP and the same MsgId after T_retry (T-r5)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { timing: { retryInterval: '200ms', retryCount: 20 } },
    });
    await gateway.connected(); // a CONNECT that waits longer than T_retry is refused
    const peer = await bench.peer(broker);
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('12 40 0001', 'cmd/led'), '08 13 40 00 01 00 01 00');
    await peer.publish('cmd/led', 'on', 2);
    const again = frame('0c c0 0001 0001', 'on');
    await sensor.expect(frame('0c 40 0001 0001', 'on'));
    await sensor.expect(again);
    sensor.send('04 0F 00 01');
    await sensor.expectBehind(again, '04 10 00 01');
    await sensor.expect('04 10 00 01');
    sensor.send('04 0E 00 01');
    await gateway.waitForNote('delivered', { clientId: 'sensor-1' });
    await broker.logged(saidBy('PUBCOMP', 'sensor-1'));
    sensor.send('03 01 00');
    await sensor.expectBehind('04 10 00 01', '03 02 01');
  });

  it('loses only that message after N_retry where it is heard of otherwise (T-r6, T-37)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { timing: { retryInterval: '500ms', retryCount: 2 } },
    });
    await gateway.connected(); // a CONNECT that waits longer than T_retry is refused
    const peer = await bench.peer(broker);
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    await peer.publish('cmd/led', 'on', 1);
    await peer.publish('cmd/led', 'off', 1);
    const again = frame('0c a0 0001 0001', 'on');
    await sensor.expect(frame('0c 20 0001 0001', 'on'));
    sensor.send('02 16');
    await sensor.expectBehind(again, '02 17');
    await sensor.expectBehind(again, frame('0c 20 0001 0002', 'off'));
    expect(sensor.received.filter((octets) => hexOf(octets) === hexOf(octetsOf(again)))).toHaveLength(2); // N_retry
    sensor.send('07 0D 00 01 00 02 00');
    await gateway.waitForNote('delivered', { clientId: 'sensor-1' });
    sensor.send('03 01 00');
    await sensor.expectBehind(frame('0c a0 0001 0002', 'off'), '03 02 01');
    expect(gateway.notesOf('delivery-dropped')).toMatchObject([{ clientId: 'sensor-1', topic: 'cmd/led' }]);
    expect(gateway.notesOf('client-lost')).toEqual([]);
  });

  it('is lost after N_retry where nothing at all is heard of it, and its will is published (T-r6)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { timing: { retryInterval: '200ms', retryCount: 1 } },
    });
    await gateway.connected(); // a CONNECT that waits longer than T_retry is refused
    const peer = await bench.peer(broker, 'will/s1');
    const sensor = await bench.sensor(gateway);
    await sensor.exchange('0E 04 0C 01 00 3C 73 65 6E 73 6F 72 2D 31', '02 06');
    await sensor.exchange('0A 07 20 77 69 6C 6C 2F 73 31', '02 08');
    await sensor.exchange('09 09 6F 66 66 6C 69 6E 65', '03 05 00');
    await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    await peer.publish('cmd/led', 'on', 1);
    await sensor.expect(frame('0c 20 0001 0001', 'on'));
    await sensor.expect(frame('0c a0 0001 0001', 'on'));
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'offline' });
    await gateway.waitForNote('client-lost', { clientId: 'sensor-1', will: true });
  });
});
