/**
 * A gateway inside a program, and a sensor that talks to it. `node examples/embedding/gateway-in-a-program.js [mqtt://host:port]` prints what happens, and ends by
 * itself; without a broker one is embedded, on port 1883 of this machine.
 * With TypeScript, or Node.js 24, `await using gateway = createGateway(…)` stops it at the end of the block; docs/embedding.md has the rest.
 */
import { createGateway, MqttSnClient } from 'mqtt-sn-gateway';

const [, , url] = process.argv;

// Only what differs from the defaults, with the names and units of the settings file.
const gateway = createGateway({
  transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }], // any free port
  upstream: url === undefined ? {} : { url },
  sessions: { path: 'memory' },
  timing: { retryInterval: '5s' },
  predefinedTopics: { '*': { 1: 'greenhouse/temperature' } },
});

gateway.on('client-connected', ({ clientId, keepAlive }) =>
  console.log(`${clientId} is here, keep-alive ${keepAlive} s`),
);
gateway.on('client-disconnected', ({ clientId }) => console.log(`${clientId} has gone`));
gateway.on('message', ({ direction, clientId, topic, payload }) => {
  console.log(`${direction === 'up' ? 'from' : 'to'} ${clientId}: ${topic} = ${Buffer.from(payload)}`);
});

await gateway.start();
try {
  const [, port] = gateway.addresses.get('udp')?.split(':') ?? [];
  const arrival = new Promise((resolve) => {
    gateway.on('message', ({ direction }) => direction === 'down' && resolve(undefined));
  });
  const sensor = new MqttSnClient({ clientId: 'sensor-1', port: Number(port) });
  await sensor.connect();
  await sensor.publish({ topicId: 1 }, '21.5', { qos: 1 }); // the pre-defined topic
  await sensor.subscribe({ name: 'greenhouse/fan' }, 1);
  await gateway.publish('greenhouse/fan', 'on', { qos: 1 });
  await arrival;
  for (const { clientId, state, counters } of gateway.clients()) {
    console.log(`${clientId} is ${state}: ${counters.published} published, ${counters.delivered} delivered`);
  }
  await sensor.disconnect();
} finally {
  await gateway.stop();
}
