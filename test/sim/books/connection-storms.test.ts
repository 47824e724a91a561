import { describe, expect, it } from '@jest/globals';
import { ConnectionStorms } from './connection-storms.ts';
import { Findings } from './findings.ts';

describe('the books of connections that follow each other too closely', () => {
  it.each([
    ['object to more than 16 in a minute', 3_000, 100, 'connection-storm'],
    ['have nothing against as many over a longer time', 4_000, 100, undefined],
    [
      'have nothing against those that waited for the disk for a minute: more CONNECTs have led to them',
      0,
      60_000,
      undefined,
    ],
    ['object where they have waited for less', 0, 59_999, 'connection-storm'],
  ])('%s', (_what, pause, held, check) => {
    let now = 0;
    const findings = new Findings(new Set(), new Set(), () => now);
    const storms = new ConnectionStorms({ findings, clients: 1, now: () => now, heldByDisk: () => held });
    for (let count = 1; count <= 17; count++) {
      storms.connects('c0', undefined);
      now += pause;
    }
    expect(findings.first?.check).toBe(check);
  });
});
