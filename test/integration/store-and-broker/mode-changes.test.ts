import { expect, it } from '@jest/globals';
import { describeIn } from '../../support/modes.ts';
import { payloadsOf, type Sleeper } from '../sleep/sleeper.ts';
import { type Restartable, restartBench } from './restartable.ts';

const bench = restartBench();

/** What comes until it has heard so many QoS 2 messages in all, and PUBREL of the last one. */
async function hears(client: Sleeper, count: number): Promise<void> {
  while (client.heard.length < count) {
    client.take(await client.sensor.next());
  }
  client.take(await client.sensor.next());
}

async function leaves(client: Sleeper): Promise<void> {
  await client.sensor.exchange('02 18', '02 18');
}

async function restarted(gateway: Restartable, signal: 'SIGTERM' | 'SIGKILL', upstream: object): Promise<void> {
  await gateway.end(signal);
  await gateway.start(upstream as Readonly<Record<string, unknown>>);
}

describeIn('aggregating', 'that becomes a transparent one, and the other way round (I-158, I-159)', () => {
  it.each([
    ['SIGTERM', { mode: 'transparent' }, { mode: 'aggregating' }],
    ['SIGKILL', { ownConnection: ['keeper'] }, { ownConnection: [] }],
  ] as const)(
    'gives a client that is away in between every QoS 2 message once (%s, %j)',
    async (signal, own, shared) => {
      const broker = await bench.broker();
      const peer = await bench.peer(broker);
      const gateway = await bench.gateway(broker.url);
      const keeper = await gateway.client('keeper');
      await keeper.connect();
      await keeper.subscribe('cmd/a', 2);
      await peer.publish('cmd/a', 'A1', 2);
      await hears(keeper, 1);
      await leaves(keeper);

      let from = broker.log.length;
      await restarted(gateway, signal, own);
      await broker.logged(/Sending SUBACK to keeper/, from);
      await broker.logged(/Received DISCONNECT from keeper/, from);
      await peer.publish('cmd/a', 'T1', 2); // the client is away
      await keeper.connect();
      await hears(keeper, 2);
      await leaves(keeper);

      from = broker.log.length;
      await restarted(gateway, signal, shared);
      await broker.logged(/Sending SUBACK to mqtt-sn-gw-1-[0-9a-f]{6}-s/, from);
      await peer.publish('cmd/a', 'A2', 2);
      await keeper.connect();
      await broker.logged(/ as keeper \(p\d, c1/, from);
      await hears(keeper, 3);
      await peer.publish('cmd/a', 'A3', 2);
      await hears(keeper, 4);
      await leaves(keeper);

      await restarted(gateway, signal, own);
      await keeper.connect();
      await peer.publish('cmd/a', 'T2', 2);
      await hears(keeper, 5);
      expect(payloadsOf(keeper.heard)).toEqual(['A1', 'T1', 'A2', 'A3', 'T2']);
      await gateway.end('SIGTERM');
    },
  );

  it('gives a sleeper what was published while the gateway was away for the change', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('keeper');
    await sleeper.connect();
    await sleeper.subscribe('cmd/a', 2);
    await sleeper.sleep();
    await gateway.end('SIGKILL');
    await peer.publish('cmd/a', 'between', 2);
    const from = broker.log.length;
    await gateway.start({ mode: 'transparent' });
    await broker.logged(/Sending SUBACK to keeper/, from);
    await broker.logged(/ as mqtt-sn-gw-1-[0-9a-f]{6}-s \(p5, c1/, from); // the shared session has been given up
    await peer.publish('cmd/a', 'after', 2);
    await broker.logged(/Sending PUBLISH to keeper/, from);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['between', 'after']);
    await gateway.end('SIGTERM');
  });
});
