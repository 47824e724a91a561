import { describe, expect, it } from '@jest/globals';
import { transportOpened } from '../../../src/transport/transport-opened.ts';

const MEDIUM = { maxFrame: 84, broadcast: true, speed: { octetsPerSecond: 2_000, overhead: 18 } };

describe('a transport that works', () => {
  it('says what its medium carries, and what the settings say of its clients', () => {
    expect(transportOpened({ name: 'attic', retryInterval: 15_000, forwarders: [] }, MEDIUM)).toStrictEqual({
      ...{ type: 'transport-opened', transport: 'attic', maxFrame: 84, broadcast: true },
      ...{ speed: { octetsPerSecond: 2_000, overhead: 18 }, retryInterval: 15_000, forwarders: [] },
    });
  });

  it('says nothing of what no setting names', () => {
    const opened = transportOpened({ name: 'udp', retryInterval: undefined, forwarders: undefined }, MEDIUM);
    expect(opened).toStrictEqual({ type: 'transport-opened', transport: 'udp', ...MEDIUM });
  });
});
