import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { Mosquitto } from '../../support/mosquitto.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const START = new URL('start.mjs', import.meta.url).pathname;
const PROGRAM = new URL('bench.mjs', import.meta.url).pathname;
const LOADER = new URL('../../sim/typescript.mjs', import.meta.url).href;

let broker: Mosquitto;
let gateway: GatewayUnderTest | undefined;

beforeAll(async () => {
  broker = await Mosquitto.start();
});

afterAll(() => broker.dispose());

afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

async function said(...args: string[]): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

function bench(loads: string, port: number, brokerPort = broker.port): ReturnType<typeof said> {
  const target = ['--target', `127.0.0.1:${port}`, '--broker-port', String(brokerPort)];
  return said('--no-warnings', '--import', LOADER, PROGRAM, '--smoke', '--loads', loads, ...target);
}

async function at(settings: Record<string, unknown>): Promise<number> {
  gateway = await GatewayUnderTest.start(broker.url, { settings });
  return gateway.port();
}

describe('the benchmark before a gateway that runs already', () => {
  it('measures it, and says nothing of a start that it has not seen', async () => {
    const { code, text } = await bench('qos1-1', await at({}));
    expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
    expect(text).toContain('PUBLISH QoS 1, 1 client');
    expect(text).not.toContain('gateway: start');
    expect(text).toMatch(/CPU µs {2}/); // the legend
    expect(text).toContain('test/bench/README.md');
  });

  it.each(['qos1-1', 'down1'])('says at once that messages have other names at the broker (%s)', async (load) => {
    const { code, text } = await bench(load, await at({ upstream: { topicPrefix: 'site1/' } }));
    expect(code).toBe(2);
    expect(text).toMatch(load === 'qos1-1' ? /arrives at the broker as site1\/\S+/ : /does not come to a client/);
    expect(text).toContain('upstream.topicPrefix');
  });

  it('says that nothing arrives where it is another broker', async () => {
    const other = await Mosquitto.start();
    try {
      const { code, text } = await bench('qos1-1', await at({}), other.port);
      expect(code).toBe(2);
      expect(text).toContain(`does not arrive at the broker at 127.0.0.1:${other.port}`);
    } finally {
      await other.dispose();
    }
  });

  it('says that a rule forbids it', async () => {
    const port = await at({ access: { rules: [{ clientId: ['*'], connect: true, publish: ['allowed/#'] }] } });
    const { code, text } = await bench('qos1-1', port);
    expect(code).toBe(2);
    expect(text).toContain('access');
  });

  it('says that no broker is there', async () => {
    const free = await freePort();
    const { code, text } = await bench('qos1-1', await at({}), free);
    expect(code).toBe(2);
    expect(text).toContain(`no broker answers at 127.0.0.1:${free} (--broker-port)`);
  });
});

describe('npm run bench', () => {
  it('--help prints the usage, builds nothing, and ends with 0', async () => {
    const { code, text } = await said(START, '--help');
    expect({ code, first: text.split('\n')[0] }).toEqual({
      code: 0,
      first: expect.stringMatching(/^usage: npm run bench/),
    });
    expect(text).toContain('loads: qos0-1 ');
  });

  it('what it does not understand is said before anything is built', async () => {
    const { code, text } = await said(START, '--nonsense');
    expect(code).toBe(2);
    expect(text).toMatch(/--nonsense[\s\S]*usage: npm run bench/);
  });
});
