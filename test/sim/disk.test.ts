import { describe, expect, it } from '@jest/globals';
import { Disk } from './disk.ts';
import { Random } from './streams.ts';
import { Timeline } from './timeline.ts';

describe('the disk of the simulation', () => {
  it('has a batch as a whole or not at all after a loss of power', () => {
    const left = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const timeline = new Timeline();
      const disk = new Disk(timeline, new Random(seed), () => {});
      const writes = [1, 2, 3].map((millis) => ({
        key: `runtime/${millis}`,
        record: { kind: 'runtime', millis } as const,
      }));
      void disk.write(writes, true);
      disk.crash(true);
      left.add(disk.records().length);
    }
    expect([...left].sort()).toEqual([0, 3]);
  });
});
