import { describe, expect, it } from '@jest/globals';
import type { TransportEffect, TransportInput } from '../../../../src/ports/transport.ts';
import { undelivered } from '../../../../src/transport/line/undelivered.ts';
import { octetsOf } from '../../../support/raw-sensor.ts';

const FRAME = octetsOf('02 17');

/** What is told of an effect: at once, and in the end. */
async function told(effect: TransportEffect): Promise<readonly (readonly TransportInput[])[]> {
  const inputs: TransportInput[] = [];
  undelivered((input) => inputs.push(input), effect, 'the port was closed');
  const atOnce = [...inputs];
  await Promise.resolve();
  return [atOnce, inputs];
}

describe('a frame that a line does not carry', () => {
  it('is told of with its link and the reason, but never at once: it may be the listener who sends', async () => {
    expect(await told({ type: 'send', transport: 'serial', link: 'serial:line', frame: FRAME })).toEqual([
      [],
      [{ type: 'frame-undelivered', link: 'serial:line', frame: FRAME, reason: 'the port was closed' }],
    ]);
  });

  it('is nobody’s business where it was a broadcast', async () => {
    expect(await told({ type: 'broadcast', transport: 'serial', radius: 0, frame: FRAME })).toEqual([[], []]);
  });
});
