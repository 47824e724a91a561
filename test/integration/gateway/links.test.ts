import { expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';

const bench = gatewayBench();

const UDP6 = { type: 'udp', name: 'udp6', host: '::1', port: 0 };

describeInEachMode('a client over IPv6', () => {
  it('connects, publishes and gets messages from the address it sends to (field notes 21)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { transports: [UDP6] } });
    const peer = await bench.peer(broker, 'up/#');
    const sensor = await bench.client(gateway, 'sensor-1', { transport: 'udp6', host: '::1' });
    await sensor.exchange('03 01 00', '03 02 01');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'up/temp', payload: '1' });
    await sensor.exchange(frame('12 20 0003', 'cmd/led'), '08 13 20 00 02 00 03 00');
    await peer.publish('cmd/led', 'on', 1);
    await sensor.expect('09 0C 20 00 02 00 01 6F 6E');
    expect((await gateway.waitForNote('client-connected')).link).toBe(`udp6:[::1]:${sensor.port}`);
  });
});

describeInEachMode('several listeners of one gateway', () => {
  it('share the clients: a session moves from one to the other with CONNECT (design 1.6)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }, UDP6] },
    });
    const peer = await bench.peer(broker);
    const four = await bench.client(gateway, 'sensor-1', { clean: false });
    await four.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    const six = await bench.sensor(gateway, { transport: 'udp6', host: '::1' });
    await six.exchange(connectFrame('sensor-1', false), '03 05 00');
    await peer.publish('cmd/led', 'on');
    await six.expect('0D 0A 00 01 .. .. 63 6D 64 2F 6C 65 64');
    await four.exchange('02 16', '02 18');
    expect(gateway.sessionCount).toBe(1);
  });
});
