import { describe, expect, it } from '@jest/globals';
import { Calm, FULL_DISK } from './calm.ts';
import { SharedOutage } from './shared-outage.ts';

const GRACE = 30_000;

describe('the books of the shared connection that was away for longer than the grace time (3.5 item 7)', () => {
  it.each([
    [undefined, false],
    [60_000, true],
  ])('know it later, behind a shorter outage, where the disk has been full for %s ms: %s', (full, isOver) => {
    let now = 1_000_000;
    const calm = new Calm(() => now);
    calm.runs(true);
    const outage = new SharedOutage(calm, () => now, GRACE);
    outage.gatewayStarted();
    const ends = full === undefined ? undefined : calm.begins(FULL_DISK);
    now += GRACE;
    expect(outage.isOver).toBe(true);
    const lost = { type: 'upstream-lost', connection: 1, reason: 'closed', takenOver: false } as const;
    outage.heard({ type: 'upstream-connected', connection: 1, sessionPresent: true });
    now += 10_000;
    outage.heard(lost);
    now += 5_000;
    outage.heard({ type: 'upstream-connected', connection: 2, sessionPresent: true });
    now += 10_000;
    ends?.();
    expect(outage.isOver).toBe(isOver);
  });
});
