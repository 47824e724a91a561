import { describe, expect, it } from '@jest/globals';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';

describe('defaults (appendix B, design 4)', () => {
  it('are those of the protocol reference', () => {
    expect(DEFAULT_CORE_SETTINGS).toMatchObject({
      gateway: { id: 1, advertiseInterval: 900_000, answerWithoutUpstream: false },
      timing: { retryInterval: 10_000, retryCount: 3, idleProbeAfter: 3_600_000 },
      clients: {
        emptyClientId: 'reject',
        maxClientIdOctets: 64,
        addressBinding: 'any',
        willUpdate: 'local',
        maxTopics: 256,
        maxInflight: 16,
        qosMinus1: true,
        qosMinus1LongNames: false,
      },
      sessions: {
        limit: 10_000,
        cleanConnectWhileAsleep: 'clean',
        sleepBufferMessages: 100,
        sleepBufferOctets: 65_536,
        maxAwakeTime: 60_000,
        maxAwakeMessages: 0,
      },
      upstream: { grace: 30_000, reconnectMin: 1_000, reconnectMax: 60_000 },
      frames: { trailing: 'drop', tolerateLength255: true },
    });
  });
});
