import { describe, expect, it } from '@jest/globals';
import { ClientTraces, type ClientTracesParts } from '../../../../src/http/model/client-traces.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

describe('a trace that ends with its viewers', () => {
  it.each([
    ['ends where nobody comes in ten seconds, for who asked for it is gone', true, false],
    ['is there as long as was asked for, where it does not end with them', false, true],
  ])('%s', (_, untilLeft, isThere) => {
    const clock = new ManualClock(0);
    const unused = {} as Pick<ClientTracesParts, 'places' | 'frames'>;
    const observe = () => () => undefined;
    const traces = new ClientTraces({ ...unused, clock, wall: clock.now, observe, linkOf: () => 'udp:h:1' });
    traces.start('a', 60_000, untilLeft);
    clock.advance(9_999);
    expect(traces.until('a')).toBe(60_000);
    clock.advance(1);
    expect(traces.until('a') !== undefined).toBe(isThere);
    clock.advance(50_000);
    expect(traces.until('a')).toBeUndefined();
  });
});
