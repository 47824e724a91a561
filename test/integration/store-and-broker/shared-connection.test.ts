import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { longFrame } from '../../support/core-bench-traffic.ts';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

const SENDERS = 5;
const ROUNDS = 80;

/** PUBLISH with QoS −1 and a short topic of two letters. */
const publish = (topic: string, text: string): string =>
  (text.length > 200 ? longFrame : frame)(`0c 62 ${Buffer.from(topic).toString('hex')} 0000`, text);

describe('an MQTT 3.1.1 broker with max_packet_size, which closes the connection on what is longer (I-72)', () => {
  it('costs those who share it with a sender of such publishes a handful of messages at most', async () => {
    const broker = await bench.broker({ settings: ['max_packet_size 200'] });
    const gateway = await bench.gateway(broker.url, { settings: { upstream: { protocolVersion: 4 } } });
    const peer = await bench.peer(broker, '#');
    const bad = await bench.sensor(gateway);
    const good = await Promise.all(Array.from({ length: SENDERS }, () => bench.sensor(gateway)));
    await bench.client(gateway, 'beside');
    const said: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [n, sensor] of good.entries()) {
        said.push(`${n} ${round}`);
        sensor.send(publish(`g${n}`, `${n} ${round}`));
      }
      if (round % 4 === 2) {
        bad.send(publish('ba', 'x'.repeat(300)));
      }
      await sleep(150);
    }
    const heard = (): string[] => peer.messages.map(({ payload }) => payload);
    await eventually('the last messages', () => good.every((_, n) => heard().includes(`${n} ${ROUNDS - 1}`)));
    const missing = said.filter((text) => !heard().includes(text));
    expect(missing.length).toBeLessThanOrEqual(SENDERS);
    expect(gateway.notesOf('poison-given-up')).toEqual([
      expect.objectContaining({ topic: 'ba', octets: 300, link: bad.link() }),
    ]);
    expect(gateway.notesOf('upstream-down').length).toBeLessThanOrEqual(4);
  });
});
