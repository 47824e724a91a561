/** Clients on a slow radio. */
import { expect } from '@jest/globals';
import type { TransportOpened } from '../../src/core/contract/input.ts';
import { type BenchOptions, CoreBench, publishLine } from './core-bench.ts';

export const A = 'xbee:a';
export const B = 'xbee:b';
export const C = 'xbee:c';

/** A PUBLISH of one octet of payload takes (8 + 3) / 100 s = 110 ms; of three, 330 ms, there are less than 250 ms left after 80 ms. */
export const speed = { octetsPerSecond: 100, overhead: 3 };

/** A QoS 0 message as the client gets it. */
export const qos0 = (client: string, text: string) => publishLine(client, '00', 0, text);

/** Clients on a slow radio, each with "c/d" as topic id 1, on #1, #2, …; the medium is idle. */
export function onRadio(
  clients: readonly string[],
  options: BenchOptions = {},
  medium: Partial<TransportOpened> = { speed },
): CoreBench {
  const bench = new CoreBench(options);
  bench.open('xbee', medium);
  for (const client of clients) {
    bench.subscriber(client);
  }
  bench.pass(10_000);
  return bench;
}

/** Three messages of QoS 0 for a client, which fill the medium for 330 ms. */
export function fill(bench: CoreBench, connection: number): string[] {
  return ['x', 'y', 'z'].flatMap((text) => bench.message(connection, 'c/d', text));
}

/** Nothing happens until just before `at`, then these lines come (within a millisecond). */
export function expectAt(bench: CoreBench, at: number, lines: readonly string[]): void {
  expect(bench.pass(at - 1 - bench.now)).toEqual([]);
  expect(bench.pass(2)).toEqual(lines);
}
