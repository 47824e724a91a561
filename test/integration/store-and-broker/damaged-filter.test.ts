import { expect, it } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { describeIn, gathered } from '../../support/modes.ts';
import { numbered, payloadsOf } from '../sleep/sleeper.ts';
import { type Restartable, restartBench } from './restartable.ts';

const bench = restartBench();

/** Makes the record of a filter one that cannot be read. */
async function damage({ store }: Restartable, filter: string): Promise<void> {
  const database = new ClassicLevel<string, string>(store);
  await database.open();
  const key = `record/filter/${filter}`;
  const text = await database.get(key);
  expect(text).toContain('identifier');
  await database.put(key, `00000000${text?.slice(8)}`, { sync: true });
  await database.close();
}

describeIn('aggregating', 'a record of a filter that cannot be read (I-167)', () => {
  it('what the broker has taken meanwhile comes to its clients, once, in order, with the QoS that they were granted', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('keeper');
    const other = await gateway.client('other');
    for (const client of [sleeper, other]) {
      await client.connect();
      await client.subscribe('cmd/#', 1);
    }
    await other.subscribe('cmd/+', 2);
    for (const client of [sleeper, other]) {
      await client.sleep();
    }
    await gateway.end('SIGKILL');
    await damage(gateway, 'cmd/#');
    for (const payload of numbered(30)) {
      await peer.publish('cmd/a', payload, 2);
    }
    const from = broker.log.length;
    await gateway.start();
    await gathered(broker, 'keeper', 30, { from });
    await gathered(broker, 'keeper', 30, { from, packet: 'PUBCOMP' });
    expect(gateway.program.output).toContain('records that cannot be read and are left out: 1');
    expect(payloadsOf(await sleeper.wake())).toEqual(numbered(30));
    const heard = await other.wake();
    expect(payloadsOf(heard)).toEqual(numbered(30));
    expect(new Set(heard.map(({ qos }) => qos))).toEqual(new Set([2]));
  });
});
