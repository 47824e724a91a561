import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench } from '../../support/hub-bench.ts';

/** What was told of poison. */
const poison: unknown[] = [];

/** The connection breaks, and the next one stands. What the broker is told. */
function again(bench: HubBench, sessionPresent = true, reasonCode?: number): string[] {
  const { shared: broken } = bench;
  bench.breaks(reasonCode === undefined ? {} : { reasonCode });
  while (bench.shared === broken) {
    bench.wait(100);
    poison.push(...bench.notes.filter(({ type }) => type === 'poison-given-up'));
  }
  const told = bench.stands({ sessionPresent });
  return [...told, ...bench.wait(1_000)];
}

describe('a filter that clients have, and on which the broker closes the connection when it is asked for again (I-97)', () => {
  it('is told of, and asked for on later connections, when the ten minutes are over; its clients have it then', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/#', 1);
    expect(again(bench, false)).toEqual([`#${bench.shared} SUBSCRIBE id2 x/# qos1 as 65 without retained`]);
    expect(again(bench)).toEqual([`#${bench.shared} SUBSCRIBE id3 x/# qos1 as 65 without retained`]);
    expect(again(bench)).toEqual([]);
    expect(poison).toMatchObject([{ clientId: 'a', message: 'SUBSCRIBE', topic: 'x/#' }]);
    expect(again(bench)).toEqual([]);
    bench.wait(600_000);
    const told = again(bench);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id4 x/# qos1 as 65 without retained`]);
    bench.grants(told);
    bench.got('a');
    bench.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    expect(bench.got('a')).toEqual(['qos1 x/y "m"']);
    expect(again(bench)).toEqual([]);
  });
});

describe('a connection that breaks again and again before the status of the gateway is acknowledged', () => {
  it('has one publish of it out, not one more each time', () => {
    const bench = new HubBench({ settings: { status: { topicPrefix: 'gw' } } });
    for (let times = 0; times < 3; times++) {
      expect(again(bench, true, 0x8b)).toEqual([`#${bench.shared} PUBLISH qos1 id1 gw/state "online" dup retain`]);
    }
  });
});

describe('the will of a lost client that the broker refuses', () => {
  it('is told and counted, for no client hears of it', () => {
    const bench = new HubBench();
    bench.says('a', frame('04 0c 01 000a', 'a'));
    bench.says('a', frame('07 20', 'wills/a'));
    bench.says('a', frame('09', 'off'));
    expect(bench.wait(15_000)).toEqual(['#2 PUBLISH qos1 id1 wills/a "off"']);
    bench.acks('PUBACK', 1, 0x87);
    expect(bench.notes.at(-1)).toEqual({
      ...{ type: 'client-publish-dropped', clientId: 'a', link: 'udp:a', topic: 'wills/a', qos: 1 },
      reason: 'the broker refused the will',
    });
  });
});

describe('a SUBSCRIBE that the broker refuses for one of several clients', () => {
  it('is not known any more: nothing comes with its identifier for that client', () => {
    const bench = new HubBench();
    bench.client('a');
    bench.client('b');
    bench.subscribe('a', 'x', 0);
    const told = bench.asks('b', 'x', 2);
    expect(told).toEqual([`#${bench.shared} SUBSCRIBE id2 x qos2 as 66`]);
    bench.grants(told, 0x87);
    bench.got('b');
    bench.comes('x', 'm', { retain: true, identifiers: [66] });
    expect(bench.got('b')).toEqual([]);
  });
});
