import { expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';

const bench = gatewayBench();

describeInEachMode('an observer that throws at every note', () => {
  it('does not keep the gateway from its work', async () => {
    const broker = await bench.broker();
    const onNote = (): never => {
      throw new Error('no room');
    };
    const gateway = await bench.gateway(broker.url, { onNote });
    const peer = await bench.peer(broker, 'up/#');
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'up/temp', payload: '1' });
    const { reason } = await gateway.waitForNote('observer-failed');
    expect(reason).toMatch(/^Error: no room\n/);
  });
});

describeInEachMode('a gateway that runs', () => {
  it('shows its sessions, and tells observers that come and go', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    await bench.client(gateway, 'before');
    const told: string[] = [];
    const stop = gateway.embedded.observe({
      wantsFrames: false,
      note: (note) => {
        told.push(`${note.type} ${'clientId' in note ? note.clientId : ''}`);
      },
      frame: () => {},
    });
    const link = /^udp:127\.0\.0\.1:\d+$/;
    await bench.client(gateway, 'while');
    expect(told).toContain('client-connected while');
    expect(told).not.toContain('client-connected before');
    stop();
    await bench.client(gateway, 'after');
    expect(told).not.toContain('client-connected after');
    expect([...gateway.embedded.sessions()]).toMatchObject(
      ['before', 'while', 'after'].map((clientId) => ({
        clientId,
        state: 'active',
        transport: 'udp',
        link: expect.stringMatching(link),
      })),
    );
    expect(gateway.embedded.session('while')).toMatchObject({ clientId: 'while', keepAlive: 60_000 });
    expect(gateway.embedded.session('nobody')).toBeUndefined();
  });
});
