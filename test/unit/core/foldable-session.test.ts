import { describe, expect, it } from '@jest/globals';
import { directPath } from '../../../src/core/state/path.ts';
import { Session } from '../../../src/core/state/session.ts';
import { viewOf } from '../../../src/core/state/session-view.ts';
import { peerOf } from '../../support/peer-of.ts';

describe('a session that is folded up, and looked at', () => {
  it('shows what there is, and stays folded up: a list of all clients does not unfold them all', () => {
    const session = sleeping();
    const before = viewOf(session, true);
    session.fold(1_000);
    expect(session.isFolded).toBe(true);
    expect(session.glance(() => viewOf(session, true))).toEqual(before);
    expect(session.isFolded).toBe(true);
  });

  it('stays open where it was not folded up', () => {
    const session = sleeping();
    session.glance(() => viewOf(session, true));
    expect(session.isFolded).toBe(false);
  });

  it('is unfolded by whoever does change something, and keeps that', () => {
    const session = sleeping();
    session.fold(1_000);
    session.counters.delivered++;
    expect(session.isFolded).toBe(false);
    session.fold(2_000);
    expect(session.glance(() => viewOf(session, true)).counters.delivered).toBe(1);
  });
});

function sleeping(): Session {
  const session = new Session('c', directPath('udp:h:1', peerOf('udp:h:1')), 5, 0);
  session.enter('asleep', 1);
  session.topics.register('a/b');
  session.topics.tracked.settle();
  session.subscribing.subscriptions.restore({ filter: 'a/b', qos: 1, predefinedId: undefined, short: false });
  return session;
}
