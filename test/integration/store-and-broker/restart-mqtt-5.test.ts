import { expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { payloadsOf } from '../sleep/sleeper.ts';
import { restartBench } from './restartable.ts';

const bench = restartBench();

it('a gateway that is killed and back within `upstream.willDelay` fires no wills, and its sleeper gets what was published meanwhile (3.4, T-52)', async () => {
  const broker = await bench.broker();
  const peer = await bench.peer(broker, 'will/#');
  const gateway = await bench.gateway(broker.url, { protocolVersion: 5, willDelay: '10m' });
  const sleeper = await gateway.client('sleeper');
  await sleeper.connectWithWill('will/sleeper');
  await sleeper.subscribe('cmd/a', 1);
  await sleeper.sleep();
  const active = await gateway.client('active');
  await active.connectWithWill('will/active');
  const from = broker.log.length;
  await gateway.end('SIGKILL');
  await broker.logged(/Client sleeper closed its connection/, from);
  await peer.publish('cmd/a', '1', 1);
  await gateway.start();
  await broker.logged(/Sending CONNACK to sleeper /, from);
  await broker.logged(/Sending CONNACK to active /, from);
  await active.sensor.exchange('02 16', '02 17');
  await sleeper.roundTrip();
  expect(payloadsOf(await sleeper.wake())).toEqual(['1']);
  await peer.settle();
  expect(peer.messages).toEqual([]);
});

it('a sleeper whose time runs out while the gateway is down has it again, and its will comes once, at the end of `upstream.willDelay` (SL-3, I-20)', async () => {
  const broker = await bench.broker();
  const peer = await bench.peer(broker, 'will/#');
  const gateway = await bench.gateway(broker.url, { protocolVersion: 5, willDelay: '15s' });
  const sleeper = await gateway.client('short');
  await sleeper.connectWithWill('will/short');
  await sleeper.sleep(1);
  const limit = performance.now() + 1_500; // K-4
  await gateway.end('SIGKILL');
  await eventually('the end of its sleep', () => performance.now() > limit);
  await gateway.start();
  await gateway.program.line(/client lost: did not wake up within [\d.]+ s \(it had said 1 s\)/);
  await sleeper.sensor.exchange(sleeper.pingReq, '02 18');
  expect(await peer.message(1)).toMatchObject({ topic: 'will/short', payload: 'gone' });
  await sleeper.connect();
  await sleeper.sensor.exchange('02 18', '02 18');
  await peer.settle();
  expect(peer.messages).toHaveLength(1);
});
