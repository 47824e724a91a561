import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { TcpRelay } from '../../support/tcp-relay.ts';
import { expectWellFormed } from '../../support/tshark.ts';
import { brokerScene, gatewayAt } from './broker-scene.ts';
import { installedBrokers, type RunningBroker } from './brokers.ts';
import { CORE_BEHAVIOURS } from './core-behaviours.ts';

const gateways: GatewayUnderTest[] = [];

/** All of them start at once; whoever needs one waits for it. */
const brokers = installedBrokers().map(({ kind, version }) => {
  const starting = kind.start();
  starting.catch(() => undefined); // told where it is awaited
  return { broker: kind, version, starting };
});

afterAll(async () => {
  await Promise.all(
    brokers.map(({ starting }) => starting.then((running) => running.dispose()).catch(() => undefined)),
  );
});

afterAll(async () => {
  expect(gateways.flatMap((gateway) => gateway.notesOf('session-failed'))).toEqual([]);
  await expectWellFormed(gateways.flatMap(({ sent }) => sent));
});

const cases = brokers.flatMap(({ broker, version, starting }) =>
  [...broker.qos2(version)].map(([protocolVersion, qos2]) => ({
    broker,
    starting,
    protocolVersion,
    qos2,
    name: `${broker.name} ${version}, MQTT ${protocolVersion === 5 ? '5' : '3.1.1'}`,
  })),
);

describe.each(cases)('before $name', ({ broker, starting, protocolVersion, qos2 }) => {
  let running: RunningBroker;
  let way: TcpRelay;
  let gateway: GatewayUnderTest;
  let scenes = 0;

  beforeAll(async () => {
    running = await starting;
    way = await TcpRelay.open(running.port);
    gateway = await gatewayAt(way.url, protocolVersion, broker.welcome);
    gateways.push(gateway);
    await gateway.waitForNote('gateway-reachable', { reachable: true });
  });

  afterAll(async () => {
    await gateway?.stop();
    way?.cut();
  });

  it.each(CORE_BEHAVIOURS.map((behaviour) => [behaviour.name, behaviour] as const))('%s', async (_name, behaviour) => {
    scenes += 1;
    const prefix = `v${protocolVersion}-${scenes}`;
    const scene = brokerScene({ broker, running, way, gateway, protocolVersion, qos2, prefix });
    try {
      await behaviour.run(scene);
    } finally {
      await scene.end();
    }
  });
});
