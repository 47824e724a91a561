import { afterEach, expect, it, jest } from '@jest/globals';
import { within } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
import { roundsOfEvents, virtualTimers } from '../../support/virtual-timers.ts';

const bench = gatewayBench();

/** The limit for the end after SIGTERM and SIGINT, in milliseconds (docs/behaviour.md, Stopping). */
const LIMIT = 5_000;

describeInEachMode('a gateway that is stopped (X-7)', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('has ended after 5 s at the latest, also where its broker does not answer any more', async () => {
    const broker = await bench.broker();
    bench.cleanUp(() => broker.resume());
    virtualTimers();
    const gateway = await bench.gateway(broker.url);
    const sensors = [await bench.client(gateway, 'sensor-1'), await bench.client(gateway, 'sensor-2')];
    broker.freeze();
    const stopping = gateway.stop();
    for (const sensor of sensors) {
      await sensor.expect('02 18');
    }
    for (let passed = 0; passed < LIMIT; passed += 100) {
      await roundsOfEvents();
      await jest.advanceTimersByTimeAsync(100);
    }
    await within('the end of the gateway', stopping); // no timer moves any more
    expect(gateway.notesOf('client-lost')).toEqual([]);
  });
});
