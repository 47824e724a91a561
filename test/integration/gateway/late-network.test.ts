import { describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { freePort } from '../../support/free-port.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

describe('a gateway of whose networks one is not there yet', () => {
  it.each([
    ['an address', { type: 'udp', name: 'late', host: '192.0.2.77' }, 'transport-down', 'EADDRNOTAVAIL'],
    ['a name', { type: 'udp', name: 'late', host: 'no-such-host.invalid' }, 'transport-down', undefined],
    [
      'a multicast interface',
      { type: 'udp', name: 'late', host: '127.0.0.1', port: 0, multicast: { interface: '192.0.2.77' } },
      'transport-problem',
      'ENODEV',
    ],
  ] as const)('starts all the same, and serves on the others: %s', async (_what, late, note, code) => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [late, { type: 'udp', host: '127.0.0.1', port: 0 }] },
    });
    await gateway.waitForNote(note, { transport: 'late', ...(code && { code }) });
    const sensor = await bench.sensor(gateway);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    await gateway.stop();
  });

  it.each([
    ['a port in use', 'EADDRINUSE'],
    ['a zone that does not exist', 'EINVAL'],
  ])('does not start where that would not help: %s', async (_what, code) => {
    const broker = await bench.broker();
    const first = await bench.gateway(broker.url, { settings: { upstream: { gatewayClientId: 'first' } } });
    const entry =
      code === 'EINVAL' ? { host: 'fe80::1%nope', port: await freePort() } : { host: '127.0.0.1', port: first.port() };
    const second = bench.gateway(broker.url, { settings: { transports: [{ type: 'udp', ...entry }] } });
    await expect(second).rejects.toMatchObject({ code });
  });
});
