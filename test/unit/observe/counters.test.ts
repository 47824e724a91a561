import { describe, expect, it } from '@jest/globals';
import { Counters } from '../../../src/observe/counters.ts';
import { FanOut } from '../../../src/observe/fan-out.ts';
import { NOTES } from './notes.ts';

describe('counters', () => {
  it('are empty at the start', () => {
    expect(new Counters().snapshot()).toEqual({});
  });

  it('count each note by its type, and by what it is told apart by', () => {
    const counters = new Counters();
    for (const note of Object.values(NOTES)) {
      counters.note(note);
    }
    expect(counters.snapshot()).toEqual({
      'client-connected': 1,
      'client-refused.notSupported': 1,
      'connect-abandoned': 1,
      'client-moved': 1,
      'client-disconnected': 1,
      'client-asleep': 1,
      'client-awake': 1,
      'client-asleep-again': 1,
      'client-lost': 1,
      'frame-dropped.truncated': 1,
      'unknown-sender.answered': 1,
      'message-ignored.WILLMSG': 1,
      'request-rejected.SUBSCRIBE.notSupported': 1,
      'topic-registered': 1,
      subscribed: 1,
      unsubscribed: 1,
      'subscription-refused': 1,
      'subscription-moved': 1,
      'client-published.qos1': 1,
      'duplicate-absorbed.PUBLISH': 1,
      'client-publish-dropped.qos0': 1,
      'delivered.qos2': 1,
      'delivery-dropped.qos1': 1,
      'retransmitted.REGISTER': 1,
      'upstream-up': 1,
      'upstream-down': 1,
      'upstream-problem': 1,
      'poison-given-up.PUBLISH': 1,
      'qos0-unconfirmed': 25,
      'own-connection-contested': 1,
      'broker-answer-ignored.PUBCOMP': 1,
      'broker-without-qos2': 1,
      'shared-connection-up': 1,
      'shared-connection-down': 1,
      'shared-connection-contested': 1,
      'shared-protocol-changed': 1,
      'shared-session-ended': 1,
      'message-for-nobody.qos1': 1,
      'subscription-unknown': 1,
      'shared-session-unknown': 1,
      'status-refused': 1,
      'mode-change-waits': 1,
      'mode-changed': 1,
      'topic-prefix-changed': 1,
      'gateway-reachable.unreachable': 1,
      'gateway-started': 1,
      'outage-over': 1,
      'gateway-stopping': 1,
      'settings-reloaded': 1,
      'setting-changed': 1,
      'predefined-topic-changed': 1,
      'predefined-topics-changed': 1,
      'restart-needed': 1,
      'reload-refused': 1,
      'settings-problem': 1,
      'log-level-changed': 1,
      'gateway-stopped': 1,
      'capture-on': 1,
      'capture-problem': 1,
      'http-up': 1,
      'status-up': 1,
      'status-down': 1,
      'status-off': 1,
      'status-problem': 1,
      'http-problem.EADDRINUSE': 1,
      'http-login-blocked': 1,
      'operator-acted.forget': 1,
      'transport-up': 1,
      'frame-undelivered': 1,
      'transport-down.ENOENT': 1,
      'octets-discarded.noise': 1,
      'radio-signal': 1,
      'radio-node': 1,
      'radio-status': 1,
      'transport-problem.ENETUNREACH': 1,
      'store-problem': 1,
      'store-chosen': 1,
      'store-stalled': 1,
      'store-recovered': 1,
      'message-not-taken.frame': 1,
      'process-paused': 1,
      'running-as-root': 1,
      'service-manager-problem': 1,
      'sessions-restored': 1,
      'session-expired': 1,
      'session-forgotten': 1,
      'broker-session-ended': 1,
      'broker-session-left': 1,
      'session-failed': 1,
      'association-opened': 1,
      'associations-resumed': 1,
      'associations-refused.copied': 1,
      'association-moved': 1,
      'association-closed.idle': 1,
      'handshake-failed.wrong-key': 1,
      'record-dropped.replayed': 1,
      'secrets-exposed': 1,
      'observer-failed': 1,
    });
  });

  it('add up', () => {
    const counters = new Counters();
    counters.note(NOTES['client-published']);
    counters.note({ ...NOTES['client-published'], clientId: 'another' });
    counters.note({ ...NOTES['client-published'], qos: -1 });
    counters.note({ ...NOTES['unknown-sender'], answered: false });
    counters.note({ type: 'gateway-reachable', reachable: true });
    const before = counters.snapshot();
    counters.note(NOTES['client-published']);
    expect(before).toEqual({
      'client-published.qos1': 2,
      'client-published.qos-1': 1,
      'unknown-sender.silent': 1,
      'gateway-reachable.reachable': 1,
    });
    expect(counters.snapshot()).toMatchObject({ 'client-published.qos1': 3 });
  });

  it('are few, whatever happens', () => {
    const counters = new Counters();
    for (let i = 0; i < 1_000; i++) {
      counters.note({ ...NOTES['transport-problem'], code: `E${i}` });
      counters.note({ ...NOTES['client-refused'], clientId: `sensor-${i}`, reason: `reason ${i}` });
    }
    const snapshot = counters.snapshot();
    expect(Object.keys(snapshot)).toHaveLength(102);
    expect(snapshot['transport-problem.other']).toBe(900);
    expect(snapshot['client-refused.notSupported']).toBe(1_000);
  });

  it('do not ask for frames', () => {
    expect(new FanOut(new Counters()).wantsFrames).toBe(false);
  });
});
