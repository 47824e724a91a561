/** 3.7 item 1, MQTT 3.1.1: a wide filter that the broker grants less than a narrower one needs does not stand for that (I-140). */
import { describe, expect, it } from '@jest/globals';
import { HubBench } from '../../support/hub-bench.ts';

function bench(...clients: readonly string[]): HubBench {
  const made = new HubBench({ settings: { upstream: { sharedProtocol: 4 as const } } });
  for (const client of clients) {
    made.client(client, { clean: false });
  }
  return made;
}

/** SUBACK for each SUBSCRIBE in these lines and what follows, wide ones with less; all that the broker was told. */
function grants(made: HubBench, lines: readonly string[], most: number): string[] {
  const told = [...lines];
  for (const line of told) {
    const [, id, filter = '', qos] = / SUBSCRIBE id(\d+) (\S+) qos(\d)/.exec(line) ?? [];
    const granted = Math.min(Number(qos), filter.endsWith('#') ? most : 2);
    told.push(...(id === undefined ? [] : made.act(made.suback(made.shared, Number(id), granted))));
  }
  return told;
}

/** Filters that the broker has, and with which QoS they were asked for last. */
function standing(told: readonly string[]): string[] {
  const filters = new Map<string, string>();
  for (const line of told) {
    const [, filter, qos] = / SUBSCRIBE id\d+ (\S+) (qos\d)/.exec(line) ?? [];
    if (filter !== undefined && qos !== undefined) {
      filters.set(filter, qos);
    }
    filters.delete(/UNSUBSCRIBE id\d+ (\S+)/.exec(line)?.[1] ?? '');
  }
  return [...filters].map((entry) => entry.join(' ')).sort();
}

describe('a broker that grants a wide filter less', () => {
  it.each([
    [2, ['x/# qos2']],
    [1, ['x/# qos2', 'x/y qos2']],
    [0, ['x/# qos2', 'x/y qos2']],
  ])('with QoS %i at most: what comes later', (most, expected) => {
    const made = bench('a', 'b');
    const told = [...grants(made, made.asks('a', 'x/y', 2), most), ...grants(made, made.asks('b', 'x/#', 2), most)];
    expect(standing(told)).toEqual(expected);
  });

  it.each([
    [2, ['x/# qos2']],
    [1, ['x/# qos2', 'x/y qos2']],
    [0, ['x/# qos2', 'x/y qos2']],
  ])('with QoS %i at most: what was there before', (most, expected) => {
    const made = bench('a', 'b');
    const told = [...grants(made, made.asks('b', 'x/#', 0), most), ...grants(made, made.asks('a', 'x/y', 2), most)];
    expect(standing(told)).toEqual(expected);
    expect(told.filter((line) => line.includes(' SUBSCRIBE ')).length).toBeLessThan(6);
  });

  it('stands for one whose client wants no more, whatever it was asked for besides', () => {
    const made = bench('a', 'b');
    const told = [...grants(made, made.asks('b', 'x/#', 2), 1), ...grants(made, made.asks('a', 'x/y', 1), 1)];
    expect(standing(told)).toEqual(['x/# qos2']);
    told.push(...grants(made, made.asks('a', 'x/y', 2), 1));
    expect(standing(told)).toEqual(['x/# qos2', 'x/y qos2']);
  });

  it('one of two that cover it is enough', () => {
    const made = bench('a', 'b', 'c');
    const told = [
      ...grants(made, made.asks('b', 'x/#', 2), 1),
      ...grants(made, made.asks('a', 'x/y', 2), 1),
      ...grants(made, made.asks('c', 'x/+', 2), 1),
    ];
    expect(standing(told)).toEqual(['x/# qos2', 'x/+ qos2']);
    told.push(...grants(made, made.unsubscribe('c', 'x/+'), 1));
    expect(standing(told)).toEqual(['x/# qos2', 'x/y qos2']);
    told.push(...grants(made, made.unsubscribe('b', 'x/#'), 1));
    expect(standing(told)).toEqual(['x/y qos2']);
  });

  it('and loses its session: all are asked for again, and stand as before', () => {
    const made = bench('a', 'b');
    grants(made, made.asks('b', 'x/#', 2), 1);
    grants(made, made.asks('a', 'x/y', 2), 1);
    made.breaks();
    made.wait(5_000);
    expect(standing(grants(made, made.stands(), 1))).toEqual(['x/# qos2', 'x/y qos2']);
  });
});
