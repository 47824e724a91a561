import { describe, expect, it } from '@jest/globals';
import { Random } from '../crash/random.ts';
import type { Expectation, Sent } from './account.ts';
import { Subject } from './subject.ts';
import type { Qos } from './topics.ts';

const SENT: Sent = { payload: 'p 1', publisher: 'p', place: 1, topic: 'a/c', qos: 1 };

/** What is to become of a message with QoS 1 for a client that has vanished, with these QoS for two filters that match. */
function expected(sameQos: boolean, isMissing: boolean, granted: readonly [Qos, Qos]): Expectation['is'] {
  const excuses = { copies: () => 0, withheld: () => false };
  const subject = new Subject({
    ...{ clientId: 'c', gatewayPort: 0, brokerUrl: '', retryInterval: 0, predefined: false, prefix: '', begun: 0 },
    ...{ random: new Random(1), rules: { rough: false, copies: false, excuses, sameQos }, sent: new Map() },
  });
  subject.filters.set('a/+', granted[0]).set('#', granted[1]);
  subject.isMissing = isMissing;
  return subject.expectation(SENT, false).is;
}

describe('what is to become of a message for a client that has vanished', () => {
  it('is open where the broker may have sent it with QoS 0 on the connection that the gateway still has for it', () => {
    expect(expected(true, true, [0, 2])).toBe('open');
  });

  it('is certain where no filter has QoS 0, where it has been missed, and where the clients share a connection', () => {
    expect(expected(true, true, [1, 2])).toBe('due');
    expect(expected(true, false, [0, 2])).toBe('due');
    expect(expected(false, true, [0, 2])).toBe('due');
  });
});
