import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Mosquitto } from '../../support/mosquitto.ts';
import { programBench } from '../program/program-under-test.ts';

const EXAMPLE = new URL('../../../examples/embedding/gateway-in-a-program.js', import.meta.url).pathname;
const run = programBench();

let broker: Mosquitto;
beforeAll(async () => {
  broker = await Mosquitto.start();
});
afterAll(() => broker.dispose());

describe('the example of a gateway inside a program', () => {
  it('runs, says what happens, and ends by itself', async () => {
    const program = await run([broker.url], { program: EXAMPLE });
    expect(await program.exitCode()).toBe(0);
    expect(program.output.split('\n')).toEqual([
      'sensor-1 is here, keep-alive 60 s',
      'from sensor-1: greenhouse/temperature = 21.5',
      'to sensor-1: greenhouse/fan = on',
      'sensor-1 is active: 1 published, 1 delivered',
      'sensor-1 has gone',
      '',
    ]);
    expect(program.errors).toBe('');
  });
});
