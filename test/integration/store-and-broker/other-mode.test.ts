import { expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { brokerIdOf, describeIn, saidBy } from '../../support/modes.ts';
import { numbered, payloadsOf } from '../sleep/sleeper.ts';
import { restartBench } from './restartable.ts';

const bench = restartBench();

describeIn('aggregating', 'that is a transparent one after a restart (I-133)', () => {
  it('delivers what waited in its store, then what comes on the own connection, and gives the shared session up', async () => {
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const gateway = await bench.gateway(broker.url);
    const sleeper = await gateway.client('keeper');
    await sleeper.connect();
    await sleeper.subscribe('cmd/a', 2);
    await sleeper.sleep();
    for (const payload of numbered(20)) {
      await peer.publish('cmd/a', payload, Number(payload) % 2 === 0 ? 1 : 2);
    }
    const acknowledged = (): number =>
      [...broker.log.matchAll(saidBy('PUBACK', 'keeper')), ...broker.log.matchAll(saidBy('PUBCOMP', 'keeper'))].length;
    await eventually('all of them are in the store', () => acknowledged() === 20);
    const from = broker.log.length;
    await gateway.end('SIGKILL');
    await gateway.start({ mode: 'transparent' });
    await broker.logged(new RegExp(` as ${brokerIdOf('keeper')} \\(p5, c1`), from);
    await broker.logged(/Sending SUBACK to keeper/, from);
    await peer.publish('cmd/a', 'new', 1);
    await broker.logged(/Sending PUBLISH to keeper/, from);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual([...numbered(20), 'new']);
    await eventually('the log says so', () => gateway.program.output.includes('has ended for good'));
    await gateway.end('SIGTERM');
  });
});
