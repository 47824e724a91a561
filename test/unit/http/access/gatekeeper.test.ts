import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Gatekeeper } from '../../../../src/http/access/gatekeeper.ts';
import type { Audience } from '../../../../src/http/route.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

/** What becomes of so many requests from one address at one moment: how many are let in. */
async function admitted(gatekeeper: Gatekeeper, audience: Audience, times: number): Promise<number> {
  const request = {
    headers: { host: '127.0.0.1' },
    headersDistinct: {},
    socket: { remoteAddress: '127.0.0.1' },
    method: 'GET',
  };
  let count = 0;
  for (let time = 0; time < times; time++) {
    count += await gatekeeper.admit(request as unknown as IncomingMessage, audience, 1).then(
      () => 1,
      ({ name }) => (name === 'HttpProblem' ? 0 : Number.NaN),
    );
  }
  return count;
}

describe('the rate of requests of an address', () => {
  it('leaves health to whoever supervises the gateway, though a page or a script there asks too often; and the other way round', async () => {
    const settings = { host: '127.0.0.1', users: [] };
    const gatekeeper = new Gatekeeper({ settings: () => settings, clock: new ManualClock(), blocked: () => {} });
    expect(await admitted(gatekeeper, 'viewers', 500)).toBe(400);
    expect(await admitted(gatekeeper, 'anybody', 500)).toBe(400);
    expect(await admitted(gatekeeper, 'viewers', 1)).toBe(0);
  });
});
