import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

describe('an observer that throws at every note', () => {
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
