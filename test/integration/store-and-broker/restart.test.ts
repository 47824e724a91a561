import { expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import {
  brokerIdOf,
  describeIn,
  describeInEachMode,
  gathered,
  isShared,
  MODES,
  type Mode,
  saidBy,
} from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { numbered, payloadsOf } from '../sleep/sleeper.ts';
import { restartBench } from './restartable.ts';

const bench = restartBench();

/** The broker has accepted whoever carries `clientId` once more since its log was `from` characters long. */
async function backAtBroker(broker: Mosquitto, clientId: string, from: number): Promise<void> {
  await broker.logged(new RegExp(`Sending CONNACK to ${brokerIdOf(clientId)} `), from);
}

const ENDS = [
  ['that is stopped and started again', 'SIGTERM', ['transparent']],
  ['that is killed and started again', 'SIGKILL', MODES],
] as const satisfies readonly (readonly [string, string, readonly Mode[]])[];

for (const [what, signal, modes] of ENDS) {
  for (const mode of modes) {
    describeIn(mode, what, () => goesOnAfter(signal));
  }
}

function goesOnAfter(signal: 'SIGTERM' | 'SIGKILL'): void {
  it('serves its sleepers as if nothing had happened: same topic ids, all that was published meanwhile, in order, then PINGRESP (X-7, R-11, design 1.5)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('keeper');
    await sleeper.connect();
    await sleeper.subscribe('cmd/#', 1);
    await sleeper.subscribe('exact', 2);
    await sleeper.sleep();
    for (const topic of ['cmd/a', 'cmd/b', 'exact']) {
      await peer.publish(topic, 'before', 1);
    }
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toHaveLength(3);
    const topics = new Map(sleeper.topics);

    await peer.publish('cmd/b', 'in the window', 1);
    await gathered(broker, 'keeper', 4);
    await sleeper.roundTrip();
    const from = broker.log.length;
    await gateway.end(signal);
    for (const payload of numbered(30)) {
      await peer.publish(payload === '7' ? 'exact' : 'cmd/a', payload, payload === '7' ? 2 : 1);
    }
    await gateway.start();
    await backAtBroker(broker, 'keeper', from);
    await gathered(broker, 'keeper', 29, { from });
    await gathered(broker, 'keeper', 1, { from, packet: 'PUBCOMP' });
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['in the window', ...numbered(30)]);
    expect(sleeper.topics).toEqual(topics);
    await sleeper.sensor.expectNothingBefore();
  });

  it('serves a sleeper that connected clean as asleep, and has its subscription again (S-1, SL-6)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('clean');
    await sleeper.connect(true);
    await sleeper.subscribe('cmd/a', 1);
    await sleeper.sleep();
    const from = broker.log.length;
    await gateway.end(signal);
    await gateway.start();
    if (isShared()) {
      await backAtBroker(broker, 'clean', from); // whose session has the subscription
    } else {
      await broker.logged(/Sending SUBACK to clean/, from);
    }
    await peer.publish('cmd/a', '1', 1);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['1']);
  });

  it('does not send a sleeper away that wakes before the broker has answered; the next cycle brings everything (3.5 item 5)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('early');
    await sleeper.connect();
    await sleeper.subscribe('cmd/a', 1);
    await sleeper.sleep();
    const from = broker.log.length;
    await gateway.end(signal);
    await peer.publish('cmd/a', '1', 1);
    broker.freeze();
    bench.cleanUp(() => broker.resume());
    await gateway.start();
    await sleeper.sensor.exchange(sleeper.pingReq, '02 17');
    broker.resume();
    await backAtBroker(broker, 'early', from);
    await gathered(broker, 'early', 1, { from });
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['1']);
  });
}

describeInEachMode('active clients', () => {
  it('of a gateway that was killed go on with their topic ids, without CONNECT, and get their messages (R-11)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker, 'up/#');
    const gateway = await bench.gateway(broker.url);
    const client = await gateway.client('active');
    await client.connect();
    await client.subscribe('cmd/a', 1);
    const { sensor } = client;
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 02 00 01 00');
    await sensor.exchange('08 0C 20 00 02 00 02 31', '07 0D 00 02 00 02 00');
    await gateway.end('SIGKILL');
    await peer.publish('cmd/a', 'x', 1);
    await gateway.start();
    sensor.send('08 0C 20 00 02 00 03 32');
    const answers = [await sensor.next(), await sensor.next()]
      .map((octets) => Buffer.from(octets).toString('hex'))
      .sort();
    expect(answers).toEqual(['070d0002000300', expect.stringMatching(/^080c20000100..78$|^080c200001....78$/)]);
    await peer.message(2);
    expect(payloadsOf(peer.messages)).toEqual(['1', '2']);
    await sensor.exchange(frame('0a 0000 0004', 'up/other'), '07 0B 00 03 00 04 00');
  });

  it('of a gateway that was stopped get DISCONNECT, and keep ids, subscriptions and messages for their CONNECT (X-7, S-5)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const client = await gateway.client('active');
    await client.connect();
    await client.subscribe('cmd/a', 1);
    await gateway.end('SIGTERM');
    await client.sensor.expect('02 18');
    await broker.logged(saidBy('DISCONNECT', 'active'));
    await peer.publish('cmd/a', 'x', 1);
    await gateway.start();
    await client.connect();
    client.take(await client.sensor.expect('0B 0A 00 01 .. .. 63 6D 64 2F 61')); // told again, with the same topic id
    await client.sensor.expect('08 0C 20 00 01 .. .. 78');
  });

  it('that connected clean are gone after a crash, and told so (T-10)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const client = await gateway.client('clean');
    await client.connect(true);
    await gateway.end('SIGKILL');
    await gateway.start();
    await client.sensor.exchange('02 16', '02 18');
  });
});

describeIn('transparent', 'a sleeper whose time runs out while the gateway is down', () => {
  it('has its whole time again from the start on, and is lost only when that is over (SL-3, I-20)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker, 'will/#');
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('short');
    await sleeper.connectWithWill('will/short');
    await sleeper.sleep(5);
    const limit = performance.now() + 7_500; // K-4
    await gateway.end('SIGKILL');
    expect(await peer.message(1)).toMatchObject({ topic: 'will/short', payload: 'gone' });
    await eventually('the end of its sleep', () => performance.now() > limit);
    await gateway.start();
    await sleeper.sensor.exchange(sleeper.pingReq, '02 17');
    await peer.settle();
    expect(peer.messages).toHaveLength(1);
    await gateway.program.line(/client lost: did not wake up within [\d.]+ s \(it had said 5 s\)/);
    expect(await peer.message(2)).toMatchObject({ topic: 'will/short', payload: 'gone' });
    await sleeper.sensor.exchange(sleeper.pingReq, '02 18');
  });
});

describeIn('aggregating', 'wills of clients while the gateway is down (3.7 item 5)', () => {
  it('are not published: not at its end, not with CONNECT, but once where the time of a sleeper runs out afterwards (SL-3, I-20)', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker, 'will/#');
    const gateway = await bench.gateway(broker.url);
    const back = await gateway.client('back');
    await back.connectWithWill('will/back');
    const sleeper = await gateway.client('short');
    await sleeper.connectWithWill('will/short', true);
    await sleeper.sleep(2);
    const limit = performance.now() + 3_000; // K-4
    const from = broker.log.length;
    await gateway.end('SIGKILL');
    await broker.logged(new RegExp(`Client ${brokerIdOf('short')} closed its connection`), from);
    await eventually('the end of its sleep', () => performance.now() > limit);
    await gateway.start();
    await back.connect();
    await gateway.program.line(/client lost: did not wake up within [\d.]+ s \(it had said 2 s\)/);
    expect(await peer.message(1)).toMatchObject({ topic: 'will/short', payload: 'gone' });
    await sleeper.sensor.exchange(sleeper.pingReq, '02 18');
    await back.roundTrip(); // behind whatever the gateway had to publish
    await peer.settle();
    expect(peer.messages).toHaveLength(1);
  });
});
