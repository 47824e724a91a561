import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

describe('a program that stands still for six seconds (I-37)', () => {
  it('has lost neither an active client nor a sleeper when it goes on, and says how long it was', async () => {
    const broker = await Mosquitto.start();
    ends.push(() => broker.dispose());
    const gateway = await program(['--broker', broker.url, '--udp-port', '0'], {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
    });
    const port = await gateway.ready();
    const active: RawSensor[] = [];
    const asleep: RawSensor[] = [];
    for (let number = 0; number < 5; number++) {
      const [client, sleeper] = [await RawSensor.open({ port }), await RawSensor.open({ port })];
      ends.push(
        () => client.close(),
        () => sleeper.close(),
      );
      await client.exchange(connectFrame(`active-${number}`, true, 3), '03 05 00');
      await sleeper.exchange(connectFrame(`sleeper-${number}`, true, 3), '03 05 00');
      await sleeper.exchange('04 18 00 03', '02 18');
      active.push(client);
      asleep.push(sleeper);
    }

    gateway.kill('SIGSTOP');
    ends.push(() => gateway.kill('SIGCONT'));
    await pause(6_000);
    gateway.kill('SIGCONT');
    await Promise.all(active.map((client) => client.exchange('02 16', '02 17')));
    await Promise.all(asleep.map((sleeper, number) => sleeper.exchange(frame('16', `sleeper-${number}`), '02 17')));
    const [, seconds] = await gateway.line(/warn .*the process stood still for (\d+\.\d) s/);
    expect(Number(seconds)).toBeGreaterThan(4);
    expect(gateway.output).not.toContain('client lost');
  });
});
