import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

/** More than mosquitto takes at a time (20): with 3.1.1 it acknowledges what is beyond that, and loses it. */
const CLIENTS = 60;

describe('QoS 2 publishes of many clients at once, on one connection', () => {
  it.each([4, 5] as const)(
    'are all at the broker when they have been acknowledged (MQTT version %i)',
    async (protocolVersion) => {
      const broker = await bench.broker();
      const upstream = { mode: 'aggregating' as const, protocolVersion };
      const gateway = await bench.gateway(broker.url, { settings: { upstream } });
      const peer = await bench.peer(broker, 'up');
      const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => bench.client(gateway, `c${n}`)));
      await Promise.all(
        clients.map(async (client, n) => {
          await client.exchange(frame('0c 42 7570 0001', `${n}`), '04 0f 0001');
          await client.exchange('04 10 0001', '04 0e 0001');
        }),
      );
      const heard = (): Set<string> => new Set(peer.messages.map(({ payload }) => payload));
      await eventually('all of them at the broker', () => heard().size === CLIENTS);
      expect(peer.messages).toHaveLength(CLIENTS);
    },
  );
});
